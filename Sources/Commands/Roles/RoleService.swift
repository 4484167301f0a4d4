import Foundation
import Logging
import ServiceLifecycle
import Telemetry
import UnixSignals

/// Runs a role as a daemon: SIGTERM, SIGINT and SIGHUP drain it, a second signal ends the process at once.
///
/// A service manager that asks for it is told when the role is ready, stopping and alive.
struct RoleService {
    /// How long coordinator and aggregator may take for the transaction in hand; a database that is away would hold them
    /// up for much longer.
    static let leaderDrainLimit = Duration.seconds(20)
    /// How long the second signal waits for the database to take back what the role holds. On a busy machine five
    /// seconds were too few once; a lease that has to lapse instead costs twenty.
    private static let farewellLimit = Duration.seconds(10)

    let logger: Logger
    /// How long the role may take after the first signal before it is cancelled; nil for one that limits itself.
    var drainLimit: Duration?
    var notifier = ServiceNotifier(environment: ProcessEnvironment.all)

    /// Returns when the role has finished or drained.
    ///
    /// - Parameters:
    ///   - opening: connects and makes the role; a signal meanwhile ends it.
    ///   - leavingAtOnce: gives back what the role holds, on the second signal; the process ends without waiting for more.
    func run<Role: Service>(
        opening: @escaping @Sendable () async throws -> Role,
        leavingAtOnce: @escaping @Sendable (Role) async -> Void = { _ in }
    ) async throws {
        // A reader of our log or socket that went away is an error of one write, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        let drainSignals = Self.drainSignals()
        let signals = await UnixSignalsSequence(trapping: drainSignals)
        let opened = OpenedRole(opening, notifier: notifier, logger: logger)
        var configuration = ServiceGroupConfiguration(
            services: [
                .init(
                    service: opened,
                    successTerminationBehavior: .gracefullyShutdownGroup,
                    failureTerminationBehavior: .gracefullyShutdownGroup
                )
            ],
            gracefulShutdownSignals: drainSignals,
            logger: logger
        )
        configuration.maximumGracefulShutdownDuration = drainLimit
        let group = ServiceGroup(configuration: configuration)
        try await withThrowingTaskGroup(of: Void.self) { [notifier] tasks in
            tasks.addTask {
                await Self.waitForSecond(of: signals)
                try Task.checkCancellation()
                await Self.leave { if let role = opened.role { await leavingAtOnce(role) } }
            }
            tasks.addTask {
                await notifier.keepWatchdogQuiet()
            }
            // The service ends by itself; the watches only when they are cancelled.
            defer { tasks.cancelAll() }
            try await group.run()
        }
    }

    /// Those that drain. A hang-up counts only when nobody asked for it to be ignored, as nohup does.
    private static func drainSignals() -> [UnixSignal] {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let ignored = status.firstMatch(of: /SigIgn:\s*([0-9a-f]+)/).flatMap { UInt64($0.1, radix: 16) } ?? 0
        let isHangUpIgnored = ignored & (1 << UInt64(SIGHUP - 1)) != 0
        return isHangUpIgnored ? [.sigterm, .sigint] : [.sigterm, .sigint, .sighup]
    }

    /// Returns at the second signal. Several hang-ups count as one: a closing terminal may send more.
    private static func waitForSecond(of signals: UnixSignalsSequence) async {
        var count = 0
        var hasHungUp = false
        for await signal in signals {
            if signal == .sighup && hasHungUp { continue }
            hasHungUp = hasHungUp || signal == .sighup
            count += 1
            if count == 2 { return }
        }
    }

    /// Ends the process without waiting for what it computes, nor for long for a database that does not answer.
    private static func leave(_ farewell: @escaping @Sendable () async -> Void) async -> Never {
        Task {
            try? await Task.sleep(for: farewellLimit)
            _exit(ExitStatus.temporary.rawValue)
        }
        StandardError.write("Stopped by a second signal; what was in hand goes to others.")
        await farewell()
        _exit(ExitStatus.temporary.rawValue)
    }
}
