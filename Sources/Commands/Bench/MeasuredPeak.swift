import Foundation
package import Tensors

/// The best that the machine did in the run that other numbers come from.
package struct MeasuredPeak: Codable, Hashable, Sendable {
    /// Threads of the backend measured.
    package let threads: Int
    /// Operations a second, two a multiply-add, in registers: one thread, and all of them.
    package let operationsPerSecondOneThread: Spread
    package let operationsPerSecond: Spread
    /// Bytes a second that a copy reads and writes, all threads, buffers larger than most caches.
    package let bytesPerSecond: Spread

    package init(
        threads: Int,
        operationsPerSecondOneThread: Spread,
        operationsPerSecond: Spread,
        bytesPerSecond: Spread
    ) {
        self.threads = threads
        self.operationsPerSecondOneThread = operationsPerSecondOneThread
        self.operationsPerSecond = operationsPerSecond
        self.bytesPerSecond = bytesPerSecond
    }

    /// A line for people.
    package var text: String {
        func rate(_ value: Spread) -> String { String(format: "%.1f", value.median / 1e9) }
        return """
            peak     \(threads == 1 ? "" : "\(rate(operationsPerSecond)) GFLOP/s on \(threads) threads, ")\
            \(rate(operationsPerSecondOneThread)) GFLOP/s on one; copy \(rate(bytesPerSecond)) GB/s read and written; medians of \
            \(operationsPerSecond.count)
            """
    }
}

extension MeasuredPeak {
    /// Takes the peak's measurements in turn with others.
    package final class Recorder {
        private let backend: CPUBackend
        private let byteCount: Int
        private let all: PeakProbe
        /// nil where all threads are one.
        private let one: PeakProbe?
        /// Made when the first copy is measured, so that it is not part of what others measure before.
        private lazy var copies = PeakProbe(backend, byteCount: byteCount)
        private var allRates: [Double] = []
        private var oneRates: [Double] = []
        private var copyRates: [Double] = []

        /// - Parameter byteCount: of each of the two buffers that are copied.
        package init(_ backend: CPUBackend, byteCount: Int = 128 << 20) {
            (self.backend, self.byteCount) = (backend, byteCount)
            all = PeakProbe(backend, byteCount: 64)
            one = backend.threadCount == 1 ? nil : PeakProbe(CPUBackend(threadCount: 1), byteCount: 64)
        }

        /// Some 50 ms; call it once in each round.
        package func measure() {
            measureOperations()
            copyRates.append(copies.copyRate())
        }

        /// The same without the copy and its memory.
        package func measureOperations() {
            let rate = all.fmaRate()
            allRates.append(rate)
            oneRates.append(one?.fmaRate() ?? rate)
        }

        /// What has been measured so far; what has not been, is measured now.
        package var peak: MeasuredPeak {
            if allRates.isEmpty { measureOperations() }
            while copyRates.count < allRates.count { copyRates.append(copies.copyRate()) }
            return MeasuredPeak(
                threads: backend.threadCount,
                operationsPerSecondOneThread: Spread(oneRates),
                operationsPerSecond: Spread(allRates),
                bytesPerSecond: Spread(copyRates)
            )
        }
    }
}
