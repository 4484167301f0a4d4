import CKernels

/// Float32 on the host's processors: kernels in C, and our own threads around them.
///
/// Sums are cut into parts whose size depends on shapes only, and each part is computed by one thread, in one order, so
/// the same CPU gives the same bits with any number of threads.
package final class CPUBackend: Backend {
    package let dtype = DType.float32
    /// Where this backend's buffers come from and return to.
    package let pool = StoragePool()
    let threads: ThreadPool

    /// - Parameter threadCount: threads that compute, the caller included.
    package init(threadCount: Int) {
        threads = ThreadPool(threadCount: threadCount)
    }

    package var threadCount: Int { threads.threadCount }

    /// A value with undefined contents.
    func empty(_ shape: Shape) -> TensorValue {
        let storage = Storage(byteCount: shape.count * MemoryLayout<Float>.size, from: pool)
        return TensorValue(shape: shape, backend: self, storage: storage)
    }

    /// Elements one thread handles at a time in a loop that touches each element once: some tens of microseconds.
    static let elementTile = 1 << 16

    /// Runs `body` over fixed tiles of `count` elements.
    func forEachTile(_ count: Int, of tile: Int = elementTile, _ body: @escaping (Range<Int>) -> Void) {
        threads.parallelFor((count + tile - 1) / tile) { index in
            body(index * tile..<min((index + 1) * tile, count))
        }
    }

    /// Rows of `columns` elements that make up about one element tile.
    static func rowTile(columns: Int) -> Int { max(1, elementTile / max(columns, 1)) }
}

extension TensorValue {
    /// The first element, for reading.
    var pointer: UnsafePointer<Float> { UnsafePointer(mutablePointer) }

    /// The first element, for the operation that creates this value or has made it unique.
    var mutablePointer: UnsafeMutablePointer<Float> {
        assert(dtype == .float32, "CPUBackend computes in float32")
        return storage.address.assumingMemoryBound(to: Float.self) + offset
    }
}
