import Foundation
import Postgres
import Stores
import TestSupport
import Testing

/// What a row plays in: a run, the processes that serve it, and a record of what struck and when it was over.
final class FaultScene {
    let fleet: Fleet
    let run: Run
    private let server: FaultServer?
    private let start = ContinuousClock.now
    private var cast: [(role: RoleUnderTest, expected: Int32)] = []
    private var coordinators: [RoleUnderTest] = []
    private var struckAt: ContinuousClock.Instant?
    private(set) var outcome: FaultOutcome

    init(_ row: some FaultRow, on configuration: PostgresConfiguration, _ server: FaultServer?, timeScale: Double)
        async throws
    {
        fleet = try await Fleet(at: configuration, timeScale: timeScale)
        self.server = server
        outcome = FaultOutcome(name: row.name, fault: row.fault, stepsPlanned: row.recipe.steps)
        // Scaled times leave too little room for the pauses of a busy machine.
        outcome.recoveryLimit = timeScale == 1 ? row.recoveryLimit : nil
        run = try await fleet.createRun("harmed", row.recipe)
    }

    /// The row's own server.
    func ownServer() throws -> FaultServer { try #require(server, "this row has no server of its own") }

    var runs: RunStore { RunStore(fleet.database) }
    var jobs: JobStore { JobStore(fleet.database) }

    // MARK: Processes

    @discardableResult
    func coordinator(through proxy: FaultyProxy? = nil) throws -> RoleUnderTest {
        let role = try fleet.start(["coordinator", "start"], through: proxy)
        coordinators.append(role)
        return role
    }

    @discardableResult
    func aggregator(
        fault: String? = nil,
        through proxy: FaultyProxy? = nil,
        _ further: [String] = []
    ) throws -> RoleUnderTest {
        try add(["aggregator", "start", "--run", run.name] + further, fault, proxy)
    }

    @discardableResult
    func worker(
        fault: String? = nil,
        through proxy: FaultyProxy? = nil,
        _ further: [String] = [],
        environment: [String: String] = [:]
    ) throws -> RoleUnderTest {
        try add(["worker", "start", "--run", run.name, "--threads", "1"] + further, fault, proxy, environment)
    }

    private func add(
        _ arguments: [String],
        _ fault: String?,
        _ proxy: FaultyProxy?,
        _ environment: [String: String] = [:]
    ) throws -> RoleUnderTest {
        let role = try fleet.start(arguments, fault: fault, through: proxy, environment: environment)
        cast.append((role, 0))
        return role
    }

    /// Sends SIGKILL and waits for the end.
    func kill(_ role: RoleUnderTest) async throws {
        expect(-SIGKILL, of: role)
        role.signal(SIGKILL)
        try await until("the process is dead") { !role.isRunning }
    }

    /// How the process must have ended when all is over; 0 unless said otherwise.
    func expect(_ status: Int32, of role: RoleUnderTest) {
        for index in cast.indices where cast[index].role === role { cast[index].expected = status }
        coordinators.removeAll { $0 === role }
    }

    /// Waits until the process has stopped itself at its fault point.
    func stopped(_ role: RoleUnderTest) async throws {
        try await until("a process is stopped at its fault point") {
            if !role.isRunning { throw Ended(text: role.text) }
            return role.isStopped
        }
    }

    // MARK: The record

    /// The fault has struck, as seen by this evidence; recovery counts from here.
    func struck(_ evidence: String) {
        outcome.evidence = evidence
        struckAt = .now
    }

    func recovered() {
        guard let struckAt else { return }
        outcome.secondsToRecovery = (ContinuousClock.now - struckAt) / .seconds(1)
    }

    func complain(_ text: String) { outcome.complaints.append(text) }

    /// Demands something of the row that the matrix does not check by itself.
    func demand(_ isTrue: Bool, _ text: @autoclosure () -> String) { if !isTrue { complain(text()) } }

    // MARK: Waiting

    /// Waits, looking every few milliseconds; a server that is away for a while is no failure.
    func until(_ what: String, _ condition: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(60 + 600 * fleet.timeScale)
        while ContinuousClock.now < deadline {
            do {
                if try await condition() { return }
            } catch let error as PostgresError where error.category == .connectionLoss {}
            try await Task.sleep(for: .milliseconds(10))
        }
        throw NeverCame(what: what, logs: cast.map(\.role).suffix(3).map { $0.text.suffix(1500) }.joined())
    }

    var headNumber: Int { get async throws { try #require(try await runs.head(of: run.id)).number } }

    func untilVersion(_ number: Int) async throws {
        try await until("version \(number) is published") { try await headNumber >= number }
    }

    /// Waits until one more version is published than there is now.
    func untilNextVersion() async throws {
        let now = try await headNumber
        let isLast = now >= outcome.stepsPlanned
        if !isLast { try await untilVersion(now + 1) }
    }

    /// Waits until so many attempts of the run's jobs have ended like this.
    func untilAttempts(ended outcome: String, _ count: Int = 1) async throws {
        try await until("\(count) attempts ended as \(outcome)") {
            try await fleet.attempts(of: run, ended: outcome) >= count
        }
    }

    /// Waits until the run takes no more work, for rows that must not let go of something before.
    func untilOver() async throws {
        try await until("the run is over") {
            let head = try #require(try await runs.head(of: run.id))
            if head.state == .blocked { throw Ended(text: "the run is blocked: \(head.reason ?? "")") }
            return head.state == .finished
        }
        for (role, _) in cast { try await until("a process has ended") { !role.isRunning } }
    }

    // MARK: The end

    /// Waits for the run's end and checks what every row must leave behind.
    func conclude(expecting digest: [UInt8]) async throws {
        try await until("the run is finished") {
            let head = try #require(try await runs.head(of: run.id))
            outcome.stepsFinished = head.number
            if head.state == .blocked { throw Ended(text: "the run is blocked: \(head.reason ?? "")") }
            return head.state == .finished
        }
        outcome.versionsRewound = try await versions(in: "lost")
        let end = try #require(try await WeightStore(fleet.database).head(of: run.id))
        outcome.isDigestEqual = end.update.chainDigest == digest
        for (role, expected) in cast {
            try await until("a process has ended") { !role.isRunning }
            let status = await role.exitStatus() ?? .max
            demand(status == expected, "exit status \(status) instead of \(expected): \(role.text.suffix(3000))")
        }
        for role in coordinators {
            role.signal(SIGTERM)
            try await until("the coordinator has ended") { !role.isRunning }
            let status = await role.exitStatus() ?? .max
            demand(status == 0, "the coordinator ended with \(status): \(role.text.suffix(3000))")
        }
        for report in try await LedgerVerifier(fleet.database).verify(deep: true) where !report.isHonoured {
            complain("\(report.name): \(report.violations)")
        }
        outcome.seconds = (ContinuousClock.now - start) / .seconds(1)
    }

    /// Whatever happened, no process and no file stays behind.
    func remove() async {
        for role in cast.map(\.role) + coordinators where role.isRunning { role.signal(SIGKILL) }
        await fleet.database.close()
        try? fleet.remove()
    }

    struct NeverCame: Error, CustomStringConvertible {
        let what: String
        let logs: String
        var description: String { "never came: \(what)\n\(logs)" }
    }

    struct Ended: Error, CustomStringConvertible {
        let text: String
        var description: String { "ended before its time: \(text.suffix(3000))" }
    }
}
