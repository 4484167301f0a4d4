import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Recycles buffers by size class, so that a training step reuses the pages the step before has touched.
///
/// Fresh large buffers cost page faults that can exceed the arithmetic done in them. Size classes are an eighth of a
/// power of two apart, so at most an eighth of a buffer is waste. What is kept is bounded: live and kept bytes together
/// never exceed one and a quarter times the most that has been live at once (plus 16 MiB).
package final class StoragePool: Sendable {
    private struct State {
        var free: [Int: [UnsafeBlock]] = [:]
        var freeByteCount = 0
        var liveByteCount = 0
        var peakByteCount = 0
    }

    /// A block nobody uses; ownership passes with it, which is what makes the transfer between threads safe.
    private struct UnsafeBlock: @unchecked Sendable {
        let address: UnsafeMutableRawPointer
    }

    private static let alignment = 64
    private static let slack = 16 << 20
    private let state = Mutex(State())

    package init() {}

    /// Bytes held from the system now: those in use and those kept for reuse.
    package var byteCounts: (live: Int, kept: Int) { state.withLock { ($0.liveByteCount, $0.freeByteCount) } }

    func take(byteCount: Int) -> (address: UnsafeMutableRawPointer, capacity: Int) {
        let capacity = Self.capacity(for: byteCount)
        let block = state.withLock { state -> UnsafeBlock? in
            state.liveByteCount += capacity
            state.peakByteCount = max(state.peakByteCount, state.liveByteCount)
            guard let block = state.free[capacity]?.popLast() else {
                Self.trim(&state)
                return nil
            }
            state.freeByteCount -= capacity
            return block
        }
        if let block { return (block.address, capacity) }
        return (Self.allocate(capacity), capacity)
    }

    private static func allocate(_ capacity: Int) -> UnsafeMutableRawPointer {
        var address: UnsafeMutableRawPointer?
        let isLarge = capacity >= HugePages.size
        let status = posix_memalign(&address, isLarge ? HugePages.size : alignment, capacity)
        guard status == 0, let address else {
            preconditionFailure("no memory for a tensor of \(capacity) bytes")
        }
        if isLarge { HugePages.advise(UnsafeMutableRawBufferPointer(start: address, count: capacity)) }
        return address
    }

    func giveBack(_ address: UnsafeMutableRawPointer, capacity: Int) {
        let block = UnsafeBlock(address: address)
        state.withLock { state in
            state.liveByteCount -= capacity
            state.freeByteCount += capacity
            state.free[capacity, default: []].append(block)
            Self.trim(&state)
        }
    }

    deinit {
        state.withLock { state in
            for block in state.free.values.joined() { free(block.address) }
        }
    }

    /// Returns kept blocks to the system, largest first, until the bound holds.
    private static func trim(_ state: inout State) {
        let bound = state.peakByteCount + state.peakByteCount / 4 + slack
        guard state.liveByteCount + state.freeByteCount > bound else { return }
        for capacity in state.free.keys.sorted(by: >) {
            while state.liveByteCount + state.freeByteCount > bound, let block = state.free[capacity]?.popLast() {
                free(block.address)
                state.freeByteCount -= capacity
            }
        }
    }

    /// The size class of a request: multiples of an eighth of the power of two below it, at least 256 bytes.
    static func capacity(for byteCount: Int) -> Int {
        guard byteCount > 256 else { return 256 }
        let step = max(1 << (Int.bitWidth - 1 - (byteCount - 1).leadingZeroBitCount - 3), alignment)
        return (byteCount + step - 1) / step * step
    }
}
