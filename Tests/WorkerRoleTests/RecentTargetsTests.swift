import Checkpoints
import Objectives
import Testing
import WorkerRole

@Suite("Targets in memory")
struct RecentTargetsTests {
    private func key(_ name: Int) -> TargetKey { TargetKey(digest: Digest(of: "\(name)".utf8)) }

    @Test("they stay within the bound, and the last met half of it is always there")
    func bound() throws {
        let target = try #require(RoundedTarget(rounding: [1] + [Float](repeating: 0, count: 119)))
        // 240 bytes of numbers and 160 of overhead: room for a hundred.
        var recent = RecentTargets(capacity: 40_000)
        for name in 0..<1000 {
            recent.insert(target, for: key(name))
            for met in max(0, name - 49)...name { #expect(recent.target(for: key(met)) != nil) }
        }
        let held = (0..<1000).filter { recent.target(for: key($0)) != nil }.count
        #expect(held <= 101)
    }

    @Test("what is met again stays, however much passes by")
    func favourite() throws {
        let target = try #require(RoundedTarget(rounding: [1] + [Float](repeating: 0, count: 119)))
        var recent = RecentTargets(capacity: 40_000)
        recent.insert(target, for: key(-1))
        for name in 0..<1000 {
            recent.insert(target, for: key(name))
            if name % 20 == 0 { #expect(recent.target(for: key(-1)) == target) }
        }
        #expect(recent.target(for: key(0)) == nil)
    }

    @Test("without room nothing is kept")
    func nothing() throws {
        let target = try #require(RoundedTarget(rounding: [1]))
        var recent = RecentTargets(capacity: 0)
        recent.insert(target, for: key(1))
        recent.insert(target, for: key(2))
        #expect(recent.target(for: key(1)) == nil)
    }
}
