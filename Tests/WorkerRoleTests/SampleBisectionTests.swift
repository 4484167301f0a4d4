import Testing
import WorkerRole

@Suite("Bisection")
struct SampleBisectionTests {
    @Test("any one, two or three bad samples are found exactly, in order", arguments: 1...9)
    func patterns(count: Int) async throws {
        let samples = (0..<count).map { Int64(100 - 7 * $0) }
        var patterns = 0
        for bits in 0..<(1 << count) where bits.nonzeroBitCount <= 3 {
            let bad = samples.indices.filter { bits & 1 << $0 != 0 }.map { samples[$0] }
            let bisection = SampleBisection { $0.first(where: bad.contains).map { "bad \($0)" } }
            let found = try await bisection.defects(among: samples)
            #expect(found.map(\.sample) == bad)
            #expect(found.map(\.defect) == bad.map { "bad \($0)" })
            patterns += 1
        }
        #expect(patterns >= 2)
    }

    @Test("one bad sample among many costs few examinations")
    func cost() async throws {
        var examinations = 0
        let bisection = SampleBisection { samples -> Bool? in
            examinations += 1
            return samples.contains(37) ? true : nil
        }
        #expect(try await bisection.defects(among: Array(0..<64)).map(\.sample) == [37])
        #expect(examinations == 13)
    }

    @Test("nobody is to blame for what happens in company only, nor among no samples")
    func company() async throws {
        let bisection = SampleBisection { samples -> Bool? in
            samples.contains(0) && samples.contains(5) ? true : nil
        }
        #expect(try await bisection.defects(among: Array(0..<6)).isEmpty)
        #expect(try await bisection.defects(among: []).isEmpty)
    }

    @Test("an error that is no sample's ends the search")
    func error() async throws {
        let bisection = SampleBisection<Bool> { samples in
            if samples.count < 3 { throw CancellationError() }
            return true
        }
        await #expect(throws: CancellationError.self) { try await bisection.defects(among: Array(0..<6)) }
    }
}
