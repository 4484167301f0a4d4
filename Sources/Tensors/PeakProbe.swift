import CKernels

/// What this machine can do at best, measured on a backend's own threads: the ceiling that speeds are held against.
///
/// It holds two buffers, larger than caches should be, for as long as it lives.
package final class PeakProbe {
    private let backend: CPUBackend
    private let source: TensorValue
    private let target: TensorValue

    /// - Parameter byteCount: of each of the two buffers.
    package init(_ backend: CPUBackend, byteCount: Int = 128 << 20) {
        self.backend = backend
        let shape: Shape = [max(byteCount / MemoryLayout<Float>.size, 1)]
        // Filled, so that every page exists before the first measurement.
        source = backend.filled(shape, with: 1)
        target = backend.filled(shape, with: 0)
    }

    /// Operations a second, two a multiply-add, while every thread multiplies and adds within its registers.
    ///
    /// - Parameter roundCount: per thread; a thousand are roughly half a millisecond.
    package func fmaRate(roundCount: Int = 20_000) -> Double {
        let tasks = backend.threadCount * 8
        let operations = UnsafeMutablePointer<Int>.allocate(capacity: tasks)
        defer { operations.deallocate() }
        let seconds = Self.seconds {
            backend.threads.parallelFor(tasks) { task in
                var numbers: [Float] = [0.5, 0.25, 0]
                operations[task] = kernel_fma_peak(max(roundCount / 8, 1), &numbers)
            }
        }
        return Double((0..<tasks).reduce(0) { $0 + operations[$1] }) / seconds
    }

    /// Bytes a second, those read and those written, while every thread copies tiles of the size that kernels work on.
    package func copyRate() -> Double {
        let (x, y) = (source.pointer, target.mutablePointer)
        let seconds = Self.seconds {
            backend.forEachTile(source.count) { kernel_copy(x + $0.lowerBound, y + $0.lowerBound, $0.count) }
        }
        return Double(2 * source.count * MemoryLayout<Float>.size) / seconds
    }

    private static func seconds(_ body: () -> Void) -> Double {
        max(ContinuousClock().measure(body) / .seconds(1), .leastNormalMagnitude)
    }
}
