import Logging
import ServiceLifecycle
import UnixSignals

/// Runs a role as a daemon: SIGTERM and SIGINT drain it, a second one of either ends the process at once.
struct RoleService {
    let logger: Logger

    /// Returns when the role has finished or drained.
    func run(_ role: some Service) async throws {
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    .init(
                        service: role,
                        successTerminationBehavior: .gracefullyShutdownGroup,
                        failureTerminationBehavior: .gracefullyShutdownGroup
                    )
                ],
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger
            )
        )
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            tasks.addTask { try await Self.waitForSecondSignal() }
            // The group ends by itself; the watch for a second signal only by throwing.
            defer { tasks.cancelAll() }
            try await tasks.next()
        }
    }

    private static func waitForSecondSignal() async throws {
        var count = 0
        for await _ in await UnixSignalsSequence(trapping: .sigterm, .sigint) {
            count += 1
            if count == 2 {
                throw CommandFailure(.temporary, "Stopped by a second signal; what was in hand goes to others.")
            }
        }
        // The sequence ends only when the task is cancelled, which is how the other child's end reaches us.
        try await Task.sleep(for: .seconds(3600))
    }
}
