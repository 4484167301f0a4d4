import Foundation

extension FuzzDecoder {
    /// Decoders with one fault each, by which the tests see that a fault is found. Nothing runs them unless named.
    static let faulty: [FuzzDecoder] = [
        faulty("faulty-trap") { bytes in _ = bytes[bytes.count] },
        faulty("faulty-hang") { _ in while !Task.isCancelled {} },
        faulty("faulty-hoard") { _ in
            let hoard = [UInt8](repeating: 1, count: 1 << 30)
            if hoard.isEmpty { throw CocoaError(.coderInvalidValue) }
        },
        faulty("faulty-error") { _ in throw CocoaError(.coderInvalidValue) },
    ]

    /// Fails at the input that is the number 3 alone, the fourth of its corpus, and takes all others.
    private static func faulty(_ name: String, _ fault: @escaping @Sendable ([UInt8]) throws -> Void) -> FuzzDecoder {
        FuzzDecoder(
            name: name,
            memoryBound: 64,
            corpus: { (0..<6).map { [$0] } },
            mutate: ByteMutation.apply,
            decode: { bytes, _ in
                await verdict(Never.self) { if bytes == [3] { try fault(bytes) } }
            }
        )
    }
}
