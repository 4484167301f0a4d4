import Logging
import Stores
import Telemetry

/// Gives the jobs of silent workers, and those past their deadline, back to the queue.
struct JobRescuer: Chore {
    let name = "rescue jobs"
    let jobs: JobStore
    let logger: Logger

    private static let pageSize = 500

    func perform(_ settings: Settings, under term: Term) async throws {
        while true {
            let page = try await jobs.rescue(limit: Self.pageSize, under: term)
            if page.count > 0 {
                logger.notice("jobs rescued", metadata: [LogKeys.count: .value(page.count)])
            }
            if page.deadCount > 0 {
                logger.error("jobs reached their limit", metadata: [LogKeys.count: .value(page.deadCount)])
            }
            guard page.count == Self.pageSize else { return }
        }
    }
}
