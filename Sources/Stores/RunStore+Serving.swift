extension RunStore {
    /// The run that a role should serve now: the named one until it is over, else the oldest active one.
    package func next(named name: String?) async throws -> Run? {
        guard let name else { return try await oldestActive() }
        let run = try await run(named: name)
        return run.head.state.isOver ? nil : run
    }
}
