import Checkpoints
import Dispatch
import Foundation

/// The digests of a vector's chunks, each computed once, on all cores, a few chunks ahead of whoever asks for them.
///
/// `@unchecked Sendable` holds because `chunks` and `begunCount` are touched only under `condition`'s lock.
final class ChunkDigests: @unchecked Sendable {
    private enum Chunk {
        case waiting
        case running
        case done(Digest)
    }

    private let flat: [Float]
    private let layout: ChunkLayout
    private let condition = NSCondition()
    private var chunks: [Chunk]
    private var begunCount = 0

    /// Chunks that are hashed ahead: enough for every core to have one while another is being sent.
    private static let lookahead = 2 * ProcessInfo.processInfo.activeProcessorCount

    init(of flat: [Float]) {
        self.flat = flat
        layout = ChunkLayout(parameterCount: flat.count)
        chunks = Array(repeating: .waiting, count: layout.chunkCount)
    }

    /// Computes the digest unless another thread has, or is at it.
    func digest(ofChunk ordinal: Int) -> Digest {
        condition.lock()
        defer { condition.unlock() }
        while begunCount < min(layout.chunkCount, ordinal + 1 + Self.lookahead) {
            if begunCount != ordinal { lend(begunCount) }
            begunCount += 1
        }
        // Nobody waits for work that no thread has taken up: all of them might wait.
        compute(ordinal)
        while true {
            if case .done(let digest) = chunks[ordinal] { return digest }
            condition.wait()
        }
    }

    /// All of them, in order.
    var all: [Digest] { (0..<layout.chunkCount).map(digest(ofChunk:)) }

    private func lend(_ ordinal: Int) {
        DispatchQueue.global().async { [self] in
            condition.lock()
            compute(ordinal)
            condition.unlock()
        }
    }

    /// Call with the lock, which is let go while it computes; does nothing when somebody else was first.
    private func compute(_ ordinal: Int) {
        guard case .waiting = chunks[ordinal] else { return }
        chunks[ordinal] = .running
        condition.unlock()
        let digest = flat[layout.range(ofChunk: ordinal)].withUnsafeBytes { Digest(of: $0) }
        condition.lock()
        chunks[ordinal] = .done(digest)
        condition.broadcast()
    }
}
