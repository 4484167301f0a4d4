import Stores

extension DatabaseOptions {
    /// Does something to a run by name, and tells whether that changed anything and where the run stands afterwards.
    func steer(
        _ name: String,
        _ change: @escaping @Sendable (RunStore, RunID) async throws -> Bool
    ) async throws -> (hasChanged: Bool, head: RunHead) {
        try await withDatabase { database in
            let store = RunStore(database)
            let run = try await store.run(named: name)
            let hasChanged = try await change(store, run.id)
            return (hasChanged, try await store.head(of: run.id) ?? run.head)
        }
    }
}
