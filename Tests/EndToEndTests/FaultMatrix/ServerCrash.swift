/// How a PostgreSQL is brought down without a chance to write down what it has not.
enum ServerCrash: String, Sendable, CaseIterable {
    case immediateStop = "immediate stop"
    case killedBackend = "kill -9 of a backend"
    case killedPostmaster = "kill -9 of the postmaster"
}
