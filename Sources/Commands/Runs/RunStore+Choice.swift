import Stores

extension RunStore {
    /// The run that a command means: the one named, else the oldest active one, else the newest.
    ///
    /// - Throws: `StoreError.runUnknown`; `CommandFailure` when there is no run at all.
    func chosen(_ name: String?) async throws -> Run {
        if let name { return try await run(named: name) }
        if let run = try await oldestActive() { return run }
        guard let run = try await list().last else {
            throw CommandFailure(.usage, "The database has no run yet. Make one: stillhouse run create RECIPE")
        }
        return run
    }
}
