internal import CLibPQ
import Foundation
import Synchronization

/// Asks the server to stop a session's statement, on a passing thread: the request opens a socket of its own, and a
/// network that swallows packets could hold it for minutes.
final class CancelRequest: Sendable {
    private let isDone = Mutex(false)

    /// - Parameter finished: called once the server has taken the request, or could not be reached.
    init(for connection: OpaquePointer, finished: @escaping @Sendable () -> Void) {
        // libpq documents PGcancel as usable from any thread; only the one below touches it.
        nonisolated(unsafe) let request = PQgetCancel(connection)
        let thread = Thread { [self] in
            var problem = [CChar](repeating: 0, count: 256)
            PQcancel(request, &problem, Int32(problem.count))
            PQfreeCancel(request)
            isDone.withLock { $0 = true }
            finished()
        }
        thread.start()
    }

    /// True once no late signal can hit the session's next statement: the server closes the request's socket only after
    /// it has signalled the backend, and an idle backend ignores the signal.
    var isFinished: Bool { isDone.withLock(\.self) }
}
