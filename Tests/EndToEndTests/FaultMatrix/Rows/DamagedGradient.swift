import Postgres
import Stores

/// F16: a worker hands in what cannot be right; it is refused for the right reason, and the job is done elsewhere.
struct DamagedGradient: FaultRow {
    /// As `STILLHOUSE_FAULT_POINT` has it.
    let damage: String
    /// With what the gate's reason begins; nil where database or worker refuse before the gate.
    let reason: String?

    init(_ damage: String, reason: String?) { (self.damage, self.reason) = (damage, reason) }

    var name: String { "F16 \(damage)" }
    var fault: String { "one worker damages its second gradient: \(damage)" }
    /// Nothing else may be charged to a job.
    var stretch: Double { 5 }

    func play(_ scene: FaultScene) async throws {
        try scene.coordinator()
        try scene.worker(fault: "\(damage):2")
        try scene.aggregator()
        if let reason {
            try await scene.until("a gradient is rejected") { try await scene.rejections().count > 0 }
            let reasons = try await scene.rejections()
            scene.demand(reasons.count == 1 && reasons[0].hasPrefix(reason), "rejected for \(reasons)")
            scene.struck("rejected: \(reason)")
        } else {
            try await scene.untilAttempts(ended: "failed")
            scene.struck("refused before the gate")
        }
        try scene.worker()
        try await scene.untilNextVersion()
        scene.recovered()
        try await scene.untilOver()
    }
}

extension FaultScene {
    /// Why gradients of this run were refused.
    fileprivate func rejections() async throws -> [String] {
        try await fleet.database.query(
            "SELECT reason FROM stillhouse.gradient WHERE run_id = \(run.id) AND state::text = 'rejected'",
            retry: .idempotent
        ).map { try $0.decode("reason") }
    }
}
