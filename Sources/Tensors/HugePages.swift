#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Large buffers in pages of 2 MiB where the system offers them on request.
///
/// The first touch of a buffer then costs a five-hundredth of the page faults, and its use as many fewer address
/// translations. A refusal costs speed, nothing else.
enum HugePages {
    static let size = 2 << 20

    /// Asks for huge pages within fresh memory, before anything is written there.
    static func advise(_ memory: UnsafeMutableRawBufferPointer) {
        #if os(Linux)
        guard let base = memory.baseAddress else { return }
        // Whole pages only, so that no memory is taken beyond the buffer.
        let start = base.alignedUp(toMultipleOf: size)
        let byteCount = (base + memory.count - start) / size * size
        if byteCount > 0 { madvise(start, byteCount, MADV_HUGEPAGE) }
        #endif
    }
}

extension [Float] {
    /// As many zeros, in huge pages if they are many: a job's gradient sum is as long as the model.
    package init(zeros count: Int) {
        self.init(unsafeUninitializedCapacity: count) { buffer, initializedCount in
            HugePages.advise(UnsafeMutableRawBufferPointer(buffer))
            buffer.initialize(repeating: 0)
            initializedCount = count
        }
    }
}
