import Testing
import WorkerRole

@Suite struct PollPausesTests {
    @Test("pauses begin with a twentieth of the busy one, grow by half, and end at the idle one, each within a fifth")
    func pauses() {
        var pauses = PollPauses(busy: .seconds(1), idle: .seconds(5))
        var due = Duration.milliseconds(50)
        for _ in 0..<40 {
            let pause = pauses.next()
            #expect(pause >= due * 0.79 && pause <= due * 1.21, "\(pause) instead of about \(due)")
            due = min(due * 1.5, .seconds(5))
        }
        #expect(due == .seconds(5))
    }
}
