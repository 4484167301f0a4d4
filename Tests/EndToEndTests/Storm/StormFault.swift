/// What a storm does to the processes of a training.
enum StormFault: String, CaseIterable, Hashable, Sendable {
    case killWorker = "kill -9 of a worker"
    case killAggregator = "kill -9 of the aggregator"
    case killCoordinator = "kill -9 of the coordinator"
    case stopWorker = "SIGSTOP of a worker, SIGCONT later"
    case stopAggregator = "SIGSTOP of an aggregator, SIGCONT later"
    case drainWorker = "SIGTERM of a worker"
    case endSession = "pg_terminate_backend of one session"
    case endSessions = "pg_terminate_backend of every session"
    case restartServer = "fast restart of PostgreSQL"
    case stopServerAtOnce = "immediate stop of PostgreSQL"
    case killBackend = "kill -9 of a PostgreSQL backend"
    case killPostmaster = "kill -9 of the postmaster"

    /// How often it comes, against the others.
    var weight: Int {
        switch self {
        case .killWorker: 40
        case .killAggregator: 20
        case .killCoordinator: 8
        case .stopWorker: 8
        case .stopAggregator: 6
        case .drainWorker: 6
        case .endSession: 8
        case .endSessions: 2
        case .restartServer: 2
        case .stopServerAtOnce, .killBackend, .killPostmaster: 1
        }
    }
}
