import Logging
import Postgres
import ServiceLifecycle
import Synchronization
import Telemetry

/// A role together with the making of it, which may wait for the database: a signal ends either.
final class OpenedRole<Role: Service>: Service {
    private let opening: @Sendable () async throws -> Role
    private let notifier: ServiceNotifier
    private let logger: Logger
    private let current = Mutex<Role?>(nil)

    init(_ opening: @escaping @Sendable () async throws -> Role, notifier: ServiceNotifier, logger: Logger) {
        (self.opening, self.notifier, self.logger) = (opening, notifier, logger)
    }

    /// Nil until it is made.
    var role: Role? { current.withLock(\.self) }

    /// - Throws: `CommandFailure` when the role had to be cancelled because it did not stop in time after a signal.
    func run() async throws {
        notifier.notify(.status("waiting for the database"))
        guard let role = try await open() else { return logger.info("stopped before it was connected") }
        current.withLock { $0 = role }
        notifier.notify(.ready, .status("at work"))
        do {
            try await withGracefulShutdownHandler {
                try await role.run()
            } onGracefulShutdown: { [notifier] in
                notifier.notify(.stopping, .status("draining"))
            }
        } catch let error where Task.isCancelled && Self.isCancellation(error) {}
        if Task.isCancelled && Task.isShuttingDownGracefully {
            throw CommandFailure(.temporary, "What was in hand did not end in time; it was rolled back.")
        }
    }

    /// - Returns: nil when a signal came first.
    private func open() async throws -> Role? {
        do {
            return try await cancelWhenGracefulShutdown(opening)
        } catch let error where Task.isShuttingDownGracefully && Self.isCancellation(error) {
            return nil
        }
    }

    private static func isCancellation(_ error: any Error) -> Bool {
        error is CancellationError || (error as? PostgresError)?.kind == .cancelled
    }
}
