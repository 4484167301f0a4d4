/// Runs what must still be said to the database when the task that says it is cancelled already; gives up after `limit`.
@discardableResult
func lastWord<R: Sendable>(within limit: Duration, _ work: @escaping @Sendable () async throws -> R) async throws -> R {
    let task = Task { try await work() }
    let watch = Task {
        try await Task.sleep(for: limit)
        task.cancel()
    }
    defer { watch.cancel() }
    return try await task.value
}
