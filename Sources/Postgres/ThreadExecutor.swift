internal import CLibPQ
import Foundation

/// Runs an actor's work on one thread of its own, so that blocking C calls never occupy the cooperative pool.
///
/// The pool is only as wide as the cores: two actors blocked in libpq there would stop every task of the process.
package final class ThreadExecutor: SerialExecutor {
    private let jobs = JobQueue()

    /// - Parameter name: what `top -H` and a debugger show; Linux keeps 15 bytes.
    package init(name: String) {
        let executor = asUnownedSerialExecutor()
        let thread = Thread { [jobs] in
            stillhouse_name_current_thread(name)
            // Holds the queue, not the executor: an actor's last release may come from this very thread.
            while let job = jobs.next() { job.runSynchronously(on: executor) }
        }
        thread.name = name
        thread.start()
    }

    package func enqueue(_ job: consuming ExecutorJob) { jobs.append(UnownedJob(job)) }

    deinit { jobs.stop() }
}

/// First in, first out, with a reader that sleeps while there is nothing.
///
/// `@unchecked Sendable` holds because `waiting` and `isStopped` are touched only between `lock` and `unlock`.
private final class JobQueue: @unchecked Sendable {
    private let condition = NSCondition()
    private var waiting: [UnownedJob] = []
    private var isStopped = false

    func append(_ job: UnownedJob) {
        condition.lock()
        waiting.append(job)
        condition.signal()
        condition.unlock()
    }

    /// The oldest job, or nil once the executor is gone.
    func next() -> UnownedJob? {
        condition.lock()
        defer { condition.unlock() }
        while waiting.isEmpty {
            if isStopped { return nil }
            condition.wait()
        }
        return waiting.removeFirst()
    }

    func stop() {
        condition.lock()
        isStopped = true
        condition.signal()
        condition.unlock()
    }
}
