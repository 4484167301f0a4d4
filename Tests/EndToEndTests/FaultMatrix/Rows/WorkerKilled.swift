import Stores
import Telemetry

/// F1: kill -9 of a worker at a named point; its job goes to others within a lease and a scan.
struct WorkerKilled: FaultRow {
    let point: FaultPoint
    let recipe: SmallRecipe

    init(at point: FaultPoint, _ recipe: SmallRecipe = .eightSteps) { (self.point, self.recipe) = (point, recipe) }

    var name: String { "F1 \(point.rawValue)" + (recipe == .twoPhases ? " of two phases" : "") }
    var fault: String { "a worker is killed at \(point.rawValue)" }

    /// A lease of 20 s and a scan of 5.
    var recoveryLimit: Double? { isAfterSubmission ? nil : 25 }

    private var isAfterSubmission: Bool { point == .workerSubmitted || point == .workerArtifactSubmitted }

    func play(_ scene: FaultScene) async throws {
        try scene.coordinator()
        let victim = try scene.worker(fault: "\(point.rawValue):2")
        try scene.aggregator()
        // Without another worker it reaches the point for certain; recovery then needs one.
        try await scene.stopped(victim)
        let submitted = try await scene.fleet.attempts(of: scene.run, ended: "submitted")
        if point == .workerUploading {
            let stored = try await scene.storedParts()
            scene.demand(stored.stored == 1 && stored.needed > 1, "parts stored: \(stored)")
        }
        try await scene.kill(victim)
        scene.struck("killed while stopped there")
        if isAfterSubmission {
            // The job is done, only its worker is gone: nothing is to be rescued.
            let embedded = recipe == .twoPhases && point == .workerSubmitted ? recipe.jobsPerStep : 0
            scene.demand(submitted == embedded + 2, "\(submitted) attempts were submitted")
            try scene.worker()
            try await scene.untilNextVersion()
            scene.recovered()
        } else {
            try await scene.untilAttempts(ended: "lost")
            scene.recovered()
            try scene.worker()
        }
        try scene.worker()
    }
}
