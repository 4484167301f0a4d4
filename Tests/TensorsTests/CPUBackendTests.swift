import Foundation
import TestSupport
import Tensors
import Testing

@Suite struct CPUBackendTests {
    /// A small transformer-like graph with odd extents: every kind of loop, product and reduction is in it.
    private func results(on backend: any Backend, tokens: Int, width: Int, hidden: Int) -> [Tensor] {
        let shapes: [Shape] = [
            [2, 3, 28, 21], [width, 147], [width], [tokens, width], [width], [width], [3 * width, width], [3 * width],
            [hidden, width], [hidden], [width, hidden], [width, 5],
        ]
        let regions = (0..<9).map { index in
            let start = Float(index) * 0.3
            return RegionOfInterest(imageIndex: index % 2, x0: start, y0: 0.2, x1: start + 1.3, y1: 3.1)
        }
        return BackendComparison.results(on: backend, shapes, 21) { p in
            var x = p[0].patches(size: 7).linear(weight: p[1])
            x = x.prepending(token: p[2]).adding(positions: p[3])
            let normal = x.layerNorm(weight: p[4], bias: p[5], epsilon: 1e-5)
            x =
                x
                + normal.linear(weight: p[6], bias: p[7]).scaled(by: 0.2).attention(headCount: 3).multiplied(row: p[2])
            x = x + x.linear(weight: p[8], bias: p[9]).gelu().quickGELU().linear(weight: p[10])
            let features = x.sliced(axis: 1, 1..<tokens).matmul(p[11]).l2Normalized()
            let pooled = features.roiAligned(regions, rows: 4, columns: 3).l2Normalized()
            return pooled.rowDots(pooled.adding(row: p[9].sliced(axis: 0, 0..<5)))
        }
    }

    @Test("one, two and three threads give the same bits, forward and backward")
    func threadCounts() {
        let one = results(on: CPUBackend(threadCount: 1), tokens: 13, width: 579, hidden: 1027)
        for count in [2, 3] {
            let many = results(on: CPUBackend(threadCount: count), tokens: 13, width: 579, hidden: 1027)
            for (a, b) in zip(one, many) {
                #expect(a.floats.map(\.bitPattern) == b.floats.map(\.bitPattern), "\(a.shape) with \(count) threads")
            }
        }
    }

    @Test("attention over several query blocks and key tiles gives the same bits with any thread count")
    func attentionThreads() {
        let shapes: [Shape] = [[1, 1031, 3 * 66]]
        let expression: ([Tensor]) -> Tensor = { $0[0].attention(headCount: 2) }
        let one = BackendComparison.results(on: CPUBackend(threadCount: 1), shapes, 5, expression)
        let two = BackendComparison.results(on: CPUBackend(threadCount: 2), shapes, 5, expression)
        for (a, b) in zip(one, two) { #expect(a.floats.map(\.bitPattern) == b.floats.map(\.bitPattern)) }
    }

    @Test("tasks that share a backend get the numbers they would get alone")
    func concurrentCallers() async {
        let backend = CPUBackend(threadCount: 2)
        @Sendable func work(_ seed: UInt64) -> [UInt32] {
            let a = Tensor.random([300, 211], seed: seed, on: backend)
            let b = Tensor.random([211, 700], seed: seed + 1, on: backend)
            return a.matmul(b).gelu().floats.map(\.bitPattern)
        }
        let alone = (0..<6).map { work(UInt64($0)) }
        await withTaskGroup(of: (Int, [UInt32]).self) { group in
            for index in 0..<6 { group.addTask { (index, work(UInt64(index))) } }
            for await (index, bits) in group { #expect(bits == alone[index]) }
        }
    }

    @Test("the whole graph agrees with plain loops in Float64")
    func reference() {
        let found = results(on: CPUBackend(threadCount: 2), tokens: 13, width: 39, hidden: 50)
        let expected = results(on: ReferenceBackend(), tokens: 13, width: 39, hidden: 50)
        for (a, b) in zip(found, expected) {
            let numbers = b.value.doubles
            let magnitude = numbers.reduce(1) { max($0, abs($1)) }
            let largest = zip(a.floats, numbers).reduce(0) { max($0, abs(Double($1.0) - $1.1)) }
            #expect(largest < 3e-5 * magnitude, "\(b.shape)")
        }
    }

    #if os(Linux)
    @Test("a hundred training steps leave memory flat")
    func memoryIsFlat() async {
        // A process of its own, since other tests run beside this one.
        await #expect(processExitsWith: .success) {
            func resident() throws -> Int {
                let fields = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
                return try #require(Int(fields[1])) * Int(sysconf(Int32(_SC_PAGESIZE)))
            }
            let backend = CPUBackend(threadCount: 2)
            let width = 96
            var weight = Tensor.random([3 * width, width], seed: 1, on: backend)
            func step(_ number: Int) {
                // The number of tokens varies, as the number of regions does from job to job.
                let x = Tensor.random([2, 50 + number % 7, width], seed: UInt64(number), on: backend)
                let variable = weight.asVariable()
                let loss = x.linear(weight: variable).attention(headCount: 2).gelu().sum()
                weight.accumulate(loss.gradients(of: [variable])[0], scaledBy: -1e-6)
            }
            for number in 0..<10 { step(number) }
            let before = try resident()
            let bytes = backend.pool.byteCounts
            for number in 10..<110 { step(number) }
            let after = backend.pool.byteCounts
            #expect(after.live == bytes.live)
            // Whether two threads need their scratch at once is a matter of timing: allow for a few such buffers.
            #expect(after.kept - bytes.kept <= 512 << 10)
            // One step touches about 2 MB; the growth allowed for a hundred is 4 MB, for the allocator's own use.
            let growth = try resident() - before
            #expect(growth < 4 << 20, "grew by \(growth) bytes")
        }
    }
    #endif
}
