internal import CLibPQ
import Foundation

/// One libpq session and the loop that waits for it. Not Sendable: it stays on its connection's thread.
///
/// libpq runs in its non-blocking mode throughout, and every wait is a poll(2) that also watches for cancellation. While
/// it waits for the server to read, it reads what the server writes: both sides full at once would wait forever.
final class Wire {
    /// How long an operation may take, and whether cancelling its task reaches the server.
    struct Limit {
        var deadline: ContinuousClock.Instant?
        /// How long nothing may come or go while an answer is awaited; large transfers take as long as they need.
        var silence: Duration?
        var isInterruptible = true

        init(_ duration: Duration?, silence: Duration? = nil, isInterruptible: Bool = true) {
            deadline = duration.map { .now + $0 }
            self.silence = silence
            self.isInterruptible = isInterruptible
        }

        /// When waiting from now on becomes pointless.
        var nextDeadline: ContinuousClock.Instant? {
            let silenceEnd = silence.map { ContinuousClock.now + $0 }
            guard let deadline, let silenceEnd else { return deadline ?? silenceEnd }
            return min(deadline, silenceEnd)
        }
    }

    /// A server that does not answer a cancel request within this time has lost the session.
    static let cancelPatience: Duration = .seconds(5)
    /// The server ignores a cancel request that meets it between parsing and executing a statement, so one is repeated
    /// until the statement ends.
    static let cancelInterval: Duration = .milliseconds(250)

    let connection: OpaquePointer
    let interruption: Interruption
    private var cancelRequest: CancelRequest?
    private var cancelDeadline: ContinuousClock.Instant?
    private var nextCancel: ContinuousClock.Instant?
    private var isAbandoned = false

    init(owning connection: OpaquePointer, interruption: Interruption) {
        (self.connection, self.interruption) = (connection, interruption)
    }

    deinit { PQfinish(connection) }

    /// False once the session ended; a new wire is needed then.
    var isUsable: Bool { !isAbandoned && PQstatus(connection) == CONNECTION_OK }

    /// True when the task was cancelled and what is left of the operation should not be begun.
    var isCancelled: Bool { interruption.isInterrupted }

    /// Reads what came while nobody asked, such as the news that the server shut the session down.
    /// - Throws: `.connectionLost`, unexecuted, so that any statement may be repeated on a new session.
    func settle() throws(PostgresError) {
        while isUsable, wait(for: Int16(POLLIN), until: .now) == .ready, PQconsumeInput(connection) == 1 {}
        guard isUsable else {
            throw PostgresError(.connectionLost, "the connection to the database has ended", isUnexecuted: true)
        }
    }

    /// Takes the place of libpq's habit to print notices, and looks for the one that matters: an error that arrives while
    /// no statement runs says that the server ends the session, and may come a moment before the socket closes.
    func watchNotices() {
        // Unretained: `deinit` ends the connection, and with it the calls.
        let own = Unmanaged.passUnretained(self).toOpaque()
        PQsetNoticeReceiver(
            connection,
            { own, result in
                guard let own, let code = stillhouse_result_sqlstate(result) else { return }
                if SQLState(rawValue: String(cString: code)).meansConnectionLoss {
                    Unmanaged<Wire>.fromOpaque(own).takeUnretainedValue().isAbandoned = true
                }
            },
            own
        )
    }

    /// Sends what is buffered and reads until libpq has a result to hand out, or the session is over.
    ///
    /// - Parameter untilSent: return as soon as all is sent, too.
    /// - Returns: false when there is no result yet.
    @discardableResult
    func advance(_ limit: Limit, untilSent: Bool = false) throws(PostgresError) -> Bool {
        var deadline = limit.nextDeadline
        while isUsable {
            let isUnsent = PQflush(connection) == 1
            if PQisBusy(connection) == 0 { return true }
            if untilSent && !isUnsent { return false }
            switch wait(for: Int16(isUnsent ? POLLIN | POLLOUT : POLLIN), until: nextCancel ?? deadline) {
            case .ready:
                if PQconsumeInput(connection) == 0 { return true }
                deadline = limit.nextDeadline
            case .woken:
                if limit.isInterruptible && isCancelled { requestCancel() }
            case .expired:
                guard let cancelDeadline, cancelDeadline > .now else { throw abandon() }
                repeatCancel(before: cancelDeadline)
            }
        }
        return true
    }

    /// Waits until a cancel request under way can no longer hit the next statement.
    func concludeCancel() throws(PostgresError) {
        guard let cancelRequest else { return }
        while !cancelRequest.isFinished {
            if wait(for: 0, until: cancelDeadline) == .expired { throw abandon() }
        }
        (self.cancelRequest, cancelDeadline, nextCancel) = (nil, nil, nil)
    }

    /// True when the present statement was asked to stop.
    var isCancelRequested: Bool { cancelRequest != nil }

    /// Stops the server's work on the present statement; its answer then is an error or, if it was done, a result.
    func requestCancel() {
        guard cancelRequest == nil else { return }
        let deadline = ContinuousClock.now + Self.cancelPatience
        cancelDeadline = deadline
        repeatCancel(before: deadline)
    }

    /// Sends a request unless one is under way; there is never more than one that could hit a later statement.
    private func repeatCancel(before deadline: ContinuousClock.Instant) {
        nextCancel = min(.now + Self.cancelInterval, deadline)
        if cancelRequest?.isFinished == false { return }
        cancelRequest = CancelRequest(for: connection) { [interruption] in interruption.wake() }
    }

    /// Gives the session up: what the server did with the statement is unknown.
    func abandon() -> PostgresError {
        isAbandoned = true
        return isCancelRequested
            ? PostgresError(.cancelled, "cancelled; the server did not react, so the connection was closed")
            : PostgresError(
                .timedOut,
                "no answer within the time limit, so the connection was closed",
                nextStep: "Check the network, and pg_stat_activity for what the server is waiting for"
            )
    }

    enum Wakening {
        case ready
        case woken
        case expired
    }

    /// One poll(2) over the session's socket and the interruption's pipe.
    /// - Parameter events: none, to wait for the pipe alone.
    func wait(for events: Int16, until deadline: ContinuousClock.Instant?) -> Wakening {
        while true {
            var set = [
                pollfd(fd: events == 0 ? -1 : PQsocket(connection), events: events, revents: 0),
                pollfd(fd: interruption.wakeDescriptor, events: Int16(POLLIN), revents: 0),
            ]
            let count = poll(&set, nfds_t(set.count), Self.milliseconds(until: deadline))
            if count < 0 && errno == EINTR { continue }
            if count > 0 && set[1].revents != 0 {
                interruption.drain()
                return .woken
            }
            if count > 0 { return .ready }
            if let deadline, deadline <= .now { return .expired }
        }
    }

    /// Rounded up, so that poll(2) never returns just before the deadline, over and over.
    private static func milliseconds(until deadline: ContinuousClock.Instant?) -> Int32 {
        guard let deadline else { return -1 }
        let left = max(.zero, deadline - .now)
        let (seconds, attoseconds) = left.components
        return Int32(clamping: seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
