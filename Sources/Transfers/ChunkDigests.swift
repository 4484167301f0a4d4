import Checkpoints
import Dispatch
import Foundation

/// The digests of a vector's chunks, each computed once, on all cores, a few chunks ahead of whoever asks for them.
///
/// `@unchecked Sendable` holds because `digests` and `begunCount` are touched only under `condition`'s lock.
final class ChunkDigests: @unchecked Sendable {
    private let flat: [Float]
    private let layout: ChunkLayout
    private let condition = NSCondition()
    private var digests: [Digest?]
    private var begunCount = 0

    /// Chunks that are hashed ahead: enough for every core to have one while another is being sent.
    private static let lookahead = 2 * ProcessInfo.processInfo.activeProcessorCount

    init(of flat: [Float]) {
        self.flat = flat
        layout = ChunkLayout(parameterCount: flat.count)
        digests = Array(repeating: nil, count: layout.chunkCount)
    }

    /// Waits, if need be, until the chunk's digest is there.
    func digest(ofChunk ordinal: Int) -> Digest {
        condition.lock()
        defer { condition.unlock() }
        while begunCount < min(layout.chunkCount, ordinal + 1 + Self.lookahead) {
            begin(begunCount)
            begunCount += 1
        }
        while true {
            if let digest = digests[ordinal] { return digest }
            condition.wait()
        }
    }

    /// All of them, in order.
    var all: [Digest] { (0..<layout.chunkCount).map(digest(ofChunk:)) }

    private func begin(_ ordinal: Int) {
        let range = layout.range(ofChunk: ordinal)
        // Another thread would cost more than so few bytes do.
        if range.count < 4096 {
            digests[ordinal] = flat[range].withUnsafeBytes { Digest(of: $0) }
            return
        }
        DispatchQueue.global().async { [self] in
            let digest = flat[range].withUnsafeBytes { Digest(of: $0) }
            condition.lock()
            digests[ordinal] = digest
            condition.broadcast()
            condition.unlock()
        }
    }
}
