import Postgres
import Stores
import Synchronization

/// What one session knows about itself, shared by its heartbeat and its work: the jobs it holds and what it was told.
final class WorkerSession: Sendable {
    private struct Held {
        let token: FencingToken
        /// Stops the work on the job.
        var abandon: (@Sendable () -> Void)?
        var isRevoked = false
        var isOffered = false
        var isAbandoned = false
    }

    private struct State {
        var held: [Held] = []
        var isPaused = false
        var isOver = false
        var isOutOfTime = false
        var refusal: PostgresError?
        var number: Int?
        var statistics = WorkerStatistics()
        var lastAnsweredBeat: ContinuousClock.Instant
    }

    let id: SessionID
    /// Rung when a reply changes what the worker may do.
    let wakeup: Wakeup
    /// Open from the moment when the worker was told to leave, by a signal or by a beat's reply.
    let drainBegun = Latch()
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
        !isDraining
            && state.withLock { state in
                !state.isPaused && !state.isOver && ContinuousClock.now - state.lastAnsweredBeat < selfFence
            }
    }

    var isDraining: Bool { drainBegun.isOpen }
    /// The run takes no more work, or the database does not know the session any more.
    var isOver: Bool { state.withLock { $0.isOver } }

    /// The database has told that the job is no longer this session's.
    func isRevoked(_ token: FencingToken) -> Bool {
        state.withLock { state in state.held.contains { $0.token == token && $0.isRevoked } }
    }

    /// Why the database does not let this login in any more.
    var refusal: PostgresError? { state.withLock { $0.refusal } }

    func hold(_ token: FencingToken, number: Int) {
        state.withLock { state in
            state.held.append(Held(token: token))
            state.number = number
        }
    }

    /// Says how to stop the work on a held job, should the database revoke it or a drain run out of time.
    func whenAbandoned(_ token: FencingToken, _ abandon: @escaping @Sendable () -> Void) {
        let isTooLate = state.withLock { state in
            guard let index = state.held.firstIndex(where: { $0.token == token }) else { return false }
            state.held[index].abandon = abandon
            return state.held[index].isAbandoned
        }
        if isTooLate { abandon() }
    }

    /// From here on the fence decides about the result. A beat that crossed the submission calls the job revoked,
    /// because it is submitted.
    func offer(_ token: FencingToken) {
        state.withLock { state in
            for index in state.held.indices where state.held[index].token == token {
                state.held[index].isOffered = true
            }
        }
    }

    func drop(_ token: FencingToken) {
        state.withLock { state in state.held.removeAll { $0.token == token } }
    }

    /// Does what is needless for a worker that leaves: a drain cancels it.
    /// - Returns: nil when the session drains.
    func unlessDraining<R: Sendable>(_ work: @escaping @Sendable () async throws -> R) async throws -> R? {
        try await withThrowingTaskGroup(of: R?.self) { group in
            group.addTask { try await work() }
            group.addTask { [drainBegun] in
                await drainBegun.wait()
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }

    func note(_ change: (inout WorkerStatistics) -> Void) { state.withLock { change(&$0.statistics) } }

    func drain() {
        drainBegun.open()
        wakeup.ring()
    }

    /// The drain has taken too long: stops the work on whatever is held.
    func runOutOfTime() {
        let held = state.withLock { state in
            state.isOutOfTime = !state.held.isEmpty
            return Self.abandon(in: &state) { _ in true }
        }
        for abandon in held { abandon?() }
    }

    /// Stops the work on whatever is held: none of it can be handed in.
    func abandonAll() {
        let held = state.withLock { state in Self.abandon(in: &state) { _ in true } }
        for abandon in held { abandon?() }
    }

    /// A job had to be given back because the drain took too long.
    var isOutOfTime: Bool { state.withLock(\.isOutOfTime) }

    // MARK: For the heartbeat

    var beat: Beat {
        state.withLock { state in
            Beat(
                held: state.held.map(\.token),
                number: state.number,
                isDraining: isDraining,
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

    /// - Parameters:
    ///   - reply: nil when the database has ended the session, or never knew it.
    ///   - sentAt: liveness counts from the sending of a beat that was answered, not from the answer.
    func take(_ reply: BeatReply?, sentAt: ContinuousClock.Instant) {
        let revoked = state.withLock { state -> [(@Sendable () -> Void)?] in
            guard let reply else {
                state.isOver = true
                // With the session went all that it held; what is offered already is left to the fence.
                for index in state.held.indices where !state.held[index].isOffered {
                    state.held[index].isRevoked = true
                }
                return Self.abandon(in: &state, where: \.isRevoked)
            }
            state.lastAnsweredBeat = sentAt
            state.isPaused = reply.isPaused
            state.isOver = reply.runState == .finished || reply.runState == .cancelled
            for index in state.held.indices where !state.held[index].isOffered {
                state.held[index].isRevoked = reply.revoked.contains(state.held[index].token)
            }
            return Self.abandon(in: &state, where: \.isRevoked)
        }
        for abandon in revoked { abandon?() }
        if reply?.mustDrain == true { drainBegun.open() }
        wakeup.ring()
    }

    private static func abandon(in state: inout State, where condition: (Held) -> Bool) -> [(@Sendable () -> Void)?] {
        var actions: [(@Sendable () -> Void)?] = []
        for index in state.held.indices where condition(state.held[index]) && !state.held[index].isAbandoned {
            state.held[index].isAbandoned = true
            actions.append(state.held[index].abandon)
        }
        return actions
    }
}
