import Checkpoints
import Dispatch
import Foundation
import Stores
import Synchronization

/// A flat vector that is put together from chunks as they arrive, each verified on whichever core is free.
///
/// Only bytes that match their digest enter the vector. A few chunks wait at most; then the one who brings them does.
final class VectorAssembly: Sendable {
    /// Why a chunk did not enter.
    enum Defect: Equatable, Sendable {
        case missing
        case digest
        case length(Int)
    }

    private struct State {
        var flat: [Float]
        var defects: [Int: Defect] = [:]
    }

    private let layout: ChunkLayout
    private let state: Mutex<State>
    private let verifications = DispatchGroup()
    private let places = DispatchSemaphore(value: 2 * ProcessInfo.processInfo.activeProcessorCount)

    /// - Parameter flat: what the vector is where no chunk arrives.
    init(startingFrom flat: consuming [Float]) {
        layout = ChunkLayout(parameterCount: flat.count)
        state = Mutex(State(flat: flat))
    }

    /// A vector of which every chunk is still to come.
    convenience init(parameterCount: Int) {
        // Not cleared: whoever finishes without a defect has written all of it.
        self.init(
            startingFrom: [Float](unsafeUninitializedCapacity: parameterCount) { buffer, count in
                Self.preferLargePages(UnsafeMutableRawBufferPointer(buffer))
                count = parameterCount
            }
        )
    }

    /// Memory that is touched for the first time comes page by page, and that took as long as hashing: ask for large ones.
    private static func preferLargePages(_ memory: UnsafeMutableRawBufferPointer) {
        #if os(Linux)
        let pageSize = 4096
        guard let start = memory.baseAddress, memory.count >= 4 << 20 else { return }
        let padding = (pageSize - Int(bitPattern: start) % pageSize) % pageSize
        // A hint: where it is refused, nothing is lost but time.
        madvise(start + padding, memory.count - padding, MADV_HUGEPAGE)
        #endif
    }

    /// Verifies and places a chunk, now or soon.
    ///
    /// - Parameter finished: called with the bytes once they are verified.
    /// - Returns: false when something is wrong already, so that more chunks would be in vain.
    func take(
        _ bytes: StoredBytes?,
        ordinal: Int,
        digest: Digest,
        verified: (@Sendable (UnsafeRawBufferPointer) -> Void)? = nil
    ) -> Bool {
        guard let bytes else {
            note(.missing, at: ordinal)
            return false
        }
        guard places.wait(timeout: .now()) == .success else {
            verify(bytes, ordinal: ordinal, digest: digest, verified)
            return !hasDefect
        }
        DispatchQueue.global().async(group: verifications) { [self] in
            defer { places.signal() }
            verify(bytes, ordinal: ordinal, digest: digest, verified)
        }
        return !hasDefect
    }

    private func verify(
        _ bytes: StoredBytes,
        ordinal: Int,
        digest: Digest,
        _ verified: ((UnsafeRawBufferPointer) -> Void)?
    ) {
        do {
            try bytes.withBytes { bytes in
                if let defect = place(bytes, ordinal: ordinal, digest: digest) {
                    note(defect, at: ordinal)
                } else {
                    verified?(bytes)
                }
            }
        } catch {
            note(.missing, at: ordinal)
        }
    }

    /// Copies bytes into their place, provided that they are those of the digest.
    /// - Returns: why not.
    func place(_ bytes: UnsafeRawBufferPointer, ordinal: Int, digest: Digest) -> Defect? {
        let range = layout.range(ofChunk: ordinal)
        guard Digest(of: bytes) == digest else { return .digest }
        let fits = state.withLock { state in
            state.flat.withUnsafeMutableBufferPointer { flat in
                FloatChunk.decode(bytes, into: UnsafeMutableBufferPointer(rebasing: flat[range]))
            }
        }
        return fits ? nil : .length(bytes.count)
    }

    func byteCount(ofChunk ordinal: Int) -> Int { layout.byteCount(ofChunk: ordinal) }

    private var hasDefect: Bool { state.withLock { !$0.defects.isEmpty } }

    private func note(_ defect: Defect, at ordinal: Int) {
        state.withLock { $0.defects[ordinal] = defect }
    }

    /// The vector, once everything that was taken is verified; or the first chunk that is not as it should be.
    func finish() async -> Result<[Float], Flaw> {
        await withCheckedContinuation { continuation in
            verifications.notify(queue: .global()) { continuation.resume() }
        }
        return state.withLock { state in
            if let (ordinal, defect) = state.defects.min(by: { $0.key < $1.key }) {
                return .failure(Flaw(ordinal: ordinal, defect: defect))
            }
            var flat: [Float] = []
            swap(&flat, &state.flat)
            return .success(flat)
        }
    }

    struct Flaw: Error {
        let ordinal: Int
        let defect: Defect
    }
}
