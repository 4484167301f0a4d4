import Stores
import Testing

@Suite struct WakeupTests {
    @Test("a ring before the wait ends it at once, and only one wait")
    func keptRing() async {
        let wakeup = Wakeup()
        wakeup.ring()
        wakeup.ring()
        await wakeup.wait(atMost: .seconds(3600))
        await wakeup.wait(atMost: .zero)
    }

    @Test("a ring ends a wait that is under way")
    func ring() async {
        let wakeup = Wakeup()
        async let wait: Void = wakeup.wait(atMost: .seconds(3600))
        await Task.yield()
        wakeup.ring()
        await wait
    }

    @Test("cancelling the task ends the wait")
    func cancel() async {
        let wakeup = Wakeup()
        let task = Task { await wakeup.wait(atMost: .seconds(3600)) }
        task.cancel()
        await task.value
    }
}
