import Checkpoints
import Objectives
import Synchronization
import Testing
import WorkerRole

@Suite("Targets that a session keeps for itself")
struct OwnTargetsTests {
    private func key(_ name: Int) -> TargetKey { TargetKey(digest: Digest(of: "\(name)".utf8)) }

    @Test("what was kept is found until there is no room, and every question is counted")
    func bounded() async throws {
        let target = try #require(RoundedTarget(rounding: [1] + [Float](repeating: 0, count: 119)))
        let counts = Mutex((found: 0, missing: 0))
        // 240 bytes of numbers and 160 of overhead: room for ten.
        let targets = OwnTargets(capacity: 4000) { found, missing in
            counts.withLock { $0 = ($0.found + found, $0.missing + missing) }
        }
        #expect(await targets.known(among: [key(0), key(1)], size: 120).isEmpty)
        targets.keep([key(0): target])
        #expect(await targets.known(among: [key(0), key(1)], size: 120) == [key(0): target])
        for name in 2..<100 { targets.keep([key(name): target]) }
        let held = await targets.known(among: (0..<100).map(key), size: 120).count
        #expect(held >= 5 && held <= 11)
        let total = counts.withLock { $0 }
        #expect(total.found == 1 + held && total.missing == 3 + 100 - held)
    }
}
