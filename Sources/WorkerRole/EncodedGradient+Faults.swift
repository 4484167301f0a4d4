import Checkpoints
import Stores
import Telemetry
import Transfers

extension EncodedGradient {
    /// What a test makes of a payload on its way; nil leaves it as it is.
    func damaged(_ damage: DataFault.Payload?) -> EncodedGradient {
        guard let damage, let last = parts.last else { return self }
        var (data, digest) = (last.data, last.digest)
        switch damage {
        case .bitflip: data[data.count / 2] ^= 0x10
        case .truncate: data.removeLast(MemoryLayout<Float>.size)
        case .nan: data.replaceSubrange(0..<4, with: withUnsafeBytes(of: Float.nan, Array.init))
        }
        if damage != .bitflip { digest = Digest(of: data).bytes }
        return EncodedGradient(parts: parts.dropLast() + [GradientPart(index: last.index, digest: digest, data: data)])
    }
}
