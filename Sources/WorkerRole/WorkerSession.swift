import Postgres
import Stores
import Synchronization

/// What one session knows about itself, shared by its heartbeat and its work: the jobs it holds and what it was told.
final class WorkerSession: Sendable {
    private struct State {
        var held: [FencingToken] = []
        var revoked: Set<FencingToken> = []
        var isDraining = false
        var isPaused = false
        var isOver = false
        var refusal: PostgresError?
        var number: Int?
        var statistics = WorkerStatistics()
        var lastAnsweredBeat: ContinuousClock.Instant
    }

    let id: SessionID
    /// Rung when a reply changes what the worker may do.
    let wakeup: Wakeup
    private let selfFence: Duration
    private let state: Mutex<State>

    init(id: SessionID, selfFence: Duration, wakeup: Wakeup) {
        self.id = id
        self.wakeup = wakeup
        self.selfFence = selfFence
        state = Mutex(State(lastAnsweredBeat: .now))
    }

    // MARK: For the work

    /// Whether to ask for a job now. A worker that could not beat for a while asks for nothing: its jobs may already be
    /// someone else's. What it has computed it still offers; the fence decides.
    var mayClaim: Bool {
        state.withLock { state in
            !state.isDraining && !state.isPaused && !state.isOver
                && ContinuousClock.now - state.lastAnsweredBeat < selfFence
        }
    }

    var isDraining: Bool { state.withLock { $0.isDraining } }
    /// The run takes no more work, or the database does not know the session any more.
    var isOver: Bool { state.withLock { $0.isOver } }

    /// Why the database does not let this login in any more.
    var refusal: PostgresError? { state.withLock { $0.refusal } }

    func isRevoked(_ token: FencingToken) -> Bool { state.withLock { $0.revoked.contains(token) } }

    func hold(_ token: FencingToken, number: Int) {
        state.withLock { state in
            state.held.append(token)
            state.number = number
        }
    }

    func drop(_ token: FencingToken) {
        state.withLock { state in
            state.held.removeAll { $0 == token }
            state.revoked.remove(token)
        }
    }

    func note(_ change: (inout WorkerStatistics) -> Void) { state.withLock { change(&$0.statistics) } }

    func drain() {
        state.withLock { $0.isDraining = true }
        wakeup.ring()
    }

    // MARK: For the heartbeat

    var beat: Beat {
        state.withLock { state in
            Beat(
                held: state.held,
                number: state.number,
                isDraining: state.isDraining,
                statistics: state.statistics.values
            )
        }
    }

    /// The login was revoked, or lost its rights: no attempt will mend that.
    func end(because refusal: PostgresError) {
        state.withLock { state in
            state.refusal = refusal
            state.isOver = true
        }
        wakeup.ring()
    }

    /// - Parameter sentAt: liveness counts from the sending of a beat that was answered, not from the answer.
    func take(_ reply: BeatReply?, sentAt: ContinuousClock.Instant) {
        state.withLock { state in
            guard let reply else {
                state.isOver = true
                return
            }
            state.lastAnsweredBeat = sentAt
            state.isPaused = reply.isPaused
            state.isDraining = state.isDraining || reply.mustDrain
            state.isOver = reply.runState == .finished || reply.runState == .cancelled
            state.revoked.formUnion(reply.revoked.filter(state.held.contains))
        }
        wakeup.ring()
    }
}
