import Checkpoints
import Foundation
import TestSupport
import Transfers

extension FuzzDecoder {
    /// Chunks of gradients and weights: their length, their digests, and files of the weight cache.
    ///
    /// An input is the length of the place the chunk is for, an expected digest and a payload.
    static let chunk = FuzzDecoder(
        name: "chunk",
        memoryBound: 256,
        corpus: {
            [0, 1, 5, 1000].map { count in
                let payload = FloatChunk.bytes(of: (0..<count).map { Float($0) / 7 }, in: 0..<count)
                return [UInt8(count >> 8), UInt8(count & 0xFF)] + Digest(of: payload).bytes + payload
            }
        },
        mutate: ByteMutation.apply,
        decode: { bytes, workspace in
            guard bytes.count >= 34, let digest = Digest(bytes: Array(bytes[2..<34])) else {
                return .refused("tooShort")
            }
            let payload = Array(bytes[34...])
            var values = [Float](repeating: .nan, count: Int(bytes[0]) << 8 | Int(bytes[1]))
            let fits = values.withUnsafeMutableBufferPointer { FloatChunk.decode(payload, into: $0) }
            if fits, FloatChunk.bytes(of: values, in: 0..<values.count) != payload {
                return .wrong("changed on the way")
            }
            do {
                let directory = workspace.path("cache")
                try? FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
                _ = try workspace.write(payload, to: "cache/\(digest)")
                let cache = try WeightCache(directory: URL(fileURLWithPath: directory), capacity: 1 << 20)
                let isRight = Digest(of: payload) == digest
                guard (cache.read(digest) == payload) == isRight else {
                    return .wrong("the cache took the wrong bytes")
                }
                try? FileManager.default.removeItem(atPath: "\(directory)/\(digest)")
                return !fits ? .refused("wrongLength") : !isRight ? .refused("wrongDigest") : .accepted
            } catch {
                return .wrong("\(error)")
            }
        }
    )
}
