import Checkpoints
import Stores
import Telemetry
import Transfers

/// Hands in a gradient step by step, for tests that want the instants between the steps or bytes that are damaged.
/// Otherwise parts and manifest are one pipeline, in which there is no such instant.
struct Drill: Sendable {
    private let gradient: EncodedGradient
    private let faults: FaultInjector

    /// - Returns: nil when no test wants any of this.
    init?(_ flat: [Float], damage: DataFault.Payload?, _ faults: FaultInjector) {
        guard damage != nil || faults.awaits(.workerUploading) || faults.awaits(.workerUploaded) else { return nil }
        gradient = EncodedGradient(flat).damaged(damage)
        self.faults = faults
    }

    func deliver(
        _ token: FencingToken,
        as submission: GradientSubmission,
        to gradients: GradientStore
    ) async throws -> GradientStore.SubmitAnswer {
        if faults.awaits(.workerUploading) {
            _ = try await gradients.put(token, parts: Array(gradient.parts.prefix(1)))
            faults.reach(.workerUploading)
        }
        guard try await gradients.put(token, parts: gradient.parts) else { return .fenced }
        faults.reach(.workerUploaded)
        var submission = submission
        submission.partCount = gradient.parts.count
        submission.digest = gradient.digest.bytes
        return try await gradients.submit(token, submission)
    }
}

extension EncodedGradient {
    /// What a test makes of a payload on its way; nil leaves it as it is.
    fileprivate func damaged(_ damage: DataFault.Payload?) -> EncodedGradient {
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
