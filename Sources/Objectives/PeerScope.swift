/// Which samples a loss compares with each other, beyond those that share a graph.
package enum PeerScope: Hashable, Sendable {
    /// Every sample stands for itself.
    case none
    /// The samples of a job.
    case job
    /// All samples of an update: its jobs publish their rows before any of them computes a gradient.
    case update
}
