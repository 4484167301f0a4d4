import Foundation
import Synchronization

/// A fixed set of threads that share out the indices of one loop at a time.
///
/// A caller works along and returns when every index is done. If the pool is busy with another caller's loop, the loop
/// runs on the calling thread alone: by the rule that no result depends on the thread count, nobody can tell.
final class ThreadPool: Sendable {
    /// A loop in progress.
    ///
    /// `@unchecked Sendable`, because each index is handed out once, bodies write only to places that belong to their
    /// index, and `parallelFor` returns when all of them are done.
    private final class Loop: @unchecked Sendable {
        let body: (Int) -> Void
        let count: Int
        let next = Atomic(0)
        let finished = Atomic(0)

        init(count: Int, body: @escaping (Int) -> Void) {
            self.count = count
            self.body = body
        }

        /// Takes indices until none is left; true for whoever finished the last one.
        func work() -> Bool {
            var done = 0
            while true {
                let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard index < count else { break }
                body(index)
                done += 1
            }
            guard done > 0 else { return false }
            return finished.wrappingAdd(done, ordering: .acquiringAndReleasing).newValue == count
        }
    }

    private final class Shared: Sendable {
        struct State {
            var loop: Loop?
            var generation = 0
            var isStopping = false
        }

        let state = Mutex(State())
        let condition = NSCondition()

        func run() {
            var seen = 0
            while let loop = waitForLoop(after: &seen) {
                if loop.work() { wakeEveryone() }
            }
        }

        func wakeEveryone() {
            condition.lock()
            condition.broadcast()
            condition.unlock()
        }

        private func waitForLoop(after seen: inout Int) -> Loop? {
            condition.lock()
            defer { condition.unlock() }
            while true {
                let (loop, generation, isStopping) = state.withLock { ($0.loop, $0.generation, $0.isStopping) }
                if isStopping { return nil }
                if let loop, generation != seen {
                    seen = generation
                    return loop
                }
                condition.wait()
            }
        }
    }

    let threadCount: Int
    private let shared = Shared()
    private let isBusy = Atomic(false)

    init(threadCount: Int) {
        precondition(threadCount >= 1, "a pool has at least the calling thread")
        self.threadCount = threadCount
        for index in 1..<max(threadCount, 1) {
            let thread = Thread { [shared] in shared.run() }
            thread.name = "tensor-\(index)"
            thread.start()
        }
    }

    deinit {
        shared.state.withLock { $0.isStopping = true }
        shared.wakeEveryone()
    }

    /// Calls `body` once for every index below `count`, on any thread, in any order.
    ///
    /// `body` escapes because a thread that wakes late may still hold the finished loop for a moment; let it capture
    /// addresses rather than tensors.
    func parallelFor(_ count: Int, _ body: @escaping (Int) -> Void) {
        guard threadCount > 1, count > 1, !isBusy.exchange(true, ordering: .acquiring) else {
            for index in 0..<count { body(index) }
            return
        }
        defer { isBusy.store(false, ordering: .releasing) }
        let loop = Loop(count: count, body: body)
        shared.state.withLock {
            $0.loop = loop
            $0.generation += 1
        }
        shared.wakeEveryone()
        if !loop.work() { waitUntilFinished(loop) }
        shared.state.withLock { $0.loop = nil }
    }

    private func waitUntilFinished(_ loop: Loop) {
        shared.condition.lock()
        defer { shared.condition.unlock() }
        while loop.finished.load(ordering: .acquiring) < loop.count { shared.condition.wait() }
    }
}
