import Foundation
import Postgres
import Testing

@Suite("Thread executor")
struct ThreadExecutorTests {
    private actor Counter {
        private let executor = ThreadExecutor(name: "counter")
        nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
        private(set) var count = 0

        func increment() -> String? {
            count += 1
            return Thread.current.name
        }

        func wait(for semaphore: DispatchSemaphore) { semaphore.wait() }
    }

    @Test("an actor's work runs on its own named thread, one piece at a time")
    func ownThread() async {
        let counter = Counter()
        await withTaskGroup { group in
            for _ in 0..<200 { group.addTask { #expect(await counter.increment() == "counter") } }
        }
        #expect(await counter.count == 200)
    }

    @Test("more blocked actors than cores do not stop other tasks")
    func blocking() async {
        let semaphore = DispatchSemaphore(value: 0)
        let counters = (0..<4 * ProcessInfo.processInfo.activeProcessorCount).map { _ in Counter() }
        await withTaskGroup { group in
            for counter in counters { group.addTask { await counter.wait(for: semaphore) } }
            // Would never run if the blocked actors sat on the cooperative pool.
            group.addTask { for _ in counters { semaphore.signal() } }
        }
    }
}
