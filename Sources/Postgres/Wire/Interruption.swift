import Foundation
import Synchronization

/// Lets any thread wake the one that waits in poll(2) for the server, because its task was cancelled.
///
/// A connection numbers its operations, so that a cancellation which arrives late meets nobody else's statement.
final class Interruption: Sendable {
    private struct State {
        var operation = 0
        var isInterrupted = false
    }

    private let state = Mutex(State())
    /// Readable when somebody has something to say; goes into the set of poll(2).
    let wakeDescriptor: Int32
    private let writeDescriptor: Int32

    init() throws(PostgresError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw PostgresError(
                .misconfigured,
                "no pipe for a database connection: \(String(cString: strerror(errno)))",
                nextStep: "Raise the limit of open files (ulimit -n)",
                isUnexecuted: true
            )
        }
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        (wakeDescriptor, writeDescriptor) = (ends[0], ends[1])
    }

    deinit {
        close(wakeDescriptor)
        close(writeDescriptor)
    }

    /// From here on interruptions of this operation count, and of no other.
    func begin(_ operation: Int) {
        drain()
        state.withLock { $0 = State(operation: operation) }
    }

    func interrupt(_ operation: Int) {
        let isCurrent = state.withLock { state in
            guard state.operation == operation else { return false }
            state.isInterrupted = true
            return true
        }
        if isCurrent { wake() }
    }

    var isInterrupted: Bool { state.withLock(\.isInterrupted) }

    func wake() {
        var byte: UInt8 = 1
        // A full pipe wakes as well as one byte more would.
        _ = write(writeDescriptor, &byte, 1)
    }

    func drain() {
        var bytes = [UInt8](repeating: 0, count: 64)
        while read(wakeDescriptor, &bytes, bytes.count) > 0 {}
    }
}
