/// One row of the protocol's fault matrix: what is harmed, how one sees that it was, and what must be true afterwards.
///
/// A row starts the processes, waits until its fault has struck where it was meant to, and says so with
/// `FaultScene.struck`; then it waits for what recovery means for it, and says so with `recovered`. The matrix does the
/// rest: the run must end in the undisturbed run's weights, every process with the status it should, and `verify` clean.
protocol FaultRow: Sendable {
    /// The protocol's name and the case, such as `F1 worker.computed`.
    var name: String { get }
    /// What happens to whom, in a few words.
    var fault: String { get }
    var recipe: SmallRecipe { get }
    /// Settings of a PostgreSQL of the row's own; nil for a database on the server that the tests share.
    var server: FaultServer.Choice { get }
    /// Of the scaled time constants. A row in which nobody may be taken for dead wants leases that outlast the pauses of
    /// a busy machine.
    var stretch: Double { get }
    /// Within how many seconds recovery must come at the protocol's own time constants; nil where it says nothing.
    var recoveryLimit: Double? { get }
    /// Whether only root can bring the fault about.
    var takesRoot: Bool { get }
    func play(_ scene: FaultScene) async throws
}

extension FaultRow {
    var recipe: SmallRecipe { .eightSteps }
    var server: FaultServer.Choice { .shared }
    var stretch: Double { 1 }
    var recoveryLimit: Double? { nil }
    var takesRoot: Bool { false }
}
