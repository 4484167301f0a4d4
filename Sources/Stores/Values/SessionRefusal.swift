/// Why a worker may not join a run.
package enum SessionRefusal: Hashable, Sendable {
    case protocolVersion(own: Int, minimum: Int, current: Int)
    /// The run is unknown, finished or cancelled.
    case run(RunID)
    case recipeDiffers
    case layoutDiffers
    case datasetDiffers
    /// Nine tenths of the server's connections are taken.
    case connectionsExhausted
    /// The session was closed before, or belongs to another login or run.
    case sessionTaken
    /// A reason that this build does not know.
    case other(String)
}

extension SessionRefusal: CustomStringConvertible {
    package var description: String {
        switch self {
        case .protocolVersion(let own, let minimum, let current):
            "This build speaks protocol \(own), the database \(minimum) to \(current). "
                + (own < minimum ? "Upgrade this worker." : "Run `stillhouse migrate up` first.")
        case .run(let run):
            "Run \(run) takes no workers: it is unknown, finished or cancelled. See `stillhouse run list`."
        case .recipeDiffers:
            "This build reads the run's recipe differently. Use the build that created the run."
        case .layoutDiffers:
            "This build orders the model's parameters differently. Use the build that created the run."
        case .datasetDiffers:
            "The images here are not those of the run: the index digests differ. Compare `stillhouse dataset index`."
        case .connectionsExhausted:
            "The database server is short of connections. Raise max_connections, put PgBouncer before it, or wait."
        case .sessionTaken:
            "The session is closed or belongs to someone else. Start the worker again."
        case .other(let reason):
            "The database refuses this worker: \(reason). Upgrade this worker."
        }
    }
}
