import Commands
import Testing

@Suite("Statistics of benchmarks") struct InterleavedTests {
    private final class Journal {
        var entries: [String] = []
    }

    @Test("cases take turns, after a round of warming up that does not count")
    func turns() async {
        let journal = Journal()
        var calls = 0.0
        func measure(_ name: String) -> Double {
            journal.entries.append(name)
            calls += 1
            return calls
        }
        let results = await Interleaved.measurements(rounds: 2, [{ measure("A") }, { measure("B") }])
        #expect(journal.entries == ["A", "B", "A", "B", "A", "B"])
        #expect(results == [[3, 5], [4, 6]])
    }

    @Test("what a case throws ends the rounds")
    func failing() async {
        struct Failure: Error {}
        await #expect(throws: Failure.self) {
            _ = try await Interleaved.seconds(rounds: 2, [{ () async throws(Failure) in throw Failure() }])
        }
    }

    @Test("times are never zero, so that rates exist")
    func nothing() async {
        let times = await Interleaved.seconds(rounds: 3, [{}])
        #expect(times[0].count == 3)
        #expect(times[0].allSatisfy { $0 > 0 })
    }

    @Test("the median is the middle, or the mean of the two in the middle")
    func medians() {
        #expect(Spread([3, 1, 2]).median == 2)
        #expect(Spread([4, 1, 2, 3]).median == 2.5)
        let spread = Spread([5, 1, 9])
        #expect((spread.lowest, spread.highest, spread.count) == (1, 9, 3))
    }

    @Test("the reciprocal of a spread has its ends in order")
    func reciprocal() {
        let rates = Spread([1, 2, 4]).map { 8 / $0 }
        #expect((rates.median, rates.lowest, rates.highest, rates.count) == (4, 2, 8, 3))
    }

    @Test("the floor is the larger of operations and bytes")
    func floors() {
        let peak = MeasuredPeak(
            threads: 2,
            operationsPerSecondOneThread: Spread([50]),
            operationsPerSecond: Spread([100]),
            bytesPerSecond: Spread([10])
        )
        #expect(Floor(operations: 200, bytes: 10).seconds(at: peak) == 2)
        #expect(Floor(operations: 200, bytes: 30).seconds(at: peak) == 3)
        #expect(Floor(operations: 1, bytes: 2) + Floor(operations: 3, bytes: 4) == Floor(operations: 4, bytes: 6))
    }
}
