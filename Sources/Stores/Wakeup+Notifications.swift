package import Logging
package import Postgres

extension Wakeup {
    /// Rings whenever the database says that something about a run has changed, until the task is cancelled.
    ///
    /// What is said does not matter: whoever wakes looks for itself. Needs a direct connection, as a pooler in
    /// transaction mode forgets LISTEN.
    package func listen(to run: RunID, at configuration: PostgresConfiguration, logger: Logger) async {
        let listener = NotificationListener(configuration, channels: [run.channel], logger: logger)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await listener.run() }
            for await _ in listener.events { ring() }
        }
    }
}
