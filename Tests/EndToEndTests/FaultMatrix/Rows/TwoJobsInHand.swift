import Foundation
import Stores

/// A worker that uploads one gradient while it computes the next holds two jobs: whatever strikes it then strikes both.
struct TwoJobsInHand: FaultRow {
    enum Blow: String, CaseIterable {
        case killed, silent, crashedServer, signalled
    }

    let blow: Blow

    init(_ blow: Blow) { self.blow = blow }

    var name: String {
        switch blow {
        case .killed: "F1 two jobs in hand"
        case .silent: "F2 two jobs in hand"
        case .crashedServer: "F9 two jobs in hand"
        case .signalled: "F20 SIGTERM two jobs in hand"
        }
    }

    var fault: String {
        switch blow {
        case .killed: "a worker is killed between two parts of one gradient, the next job begun"
        case .silent: "a worker is stopped there for two leases, then continued"
        case .crashedServer: "PostgreSQL crashes while a worker has stored one part of a gradient, the next job begun"
        case .signalled: "a worker gets SIGTERM there"
        }
    }

    let recipe = SmallRecipe.severalParts
    var server: FaultServer.Choice { blow == .crashedServer ? .own() : .shared }
    var stretch: Double {
        switch blow {
        case .killed, .silent: 1
        case .crashedServer: 2
        case .signalled: 5
        }
    }
    var recoveryLimit: Double? { blow == .killed ? 25 : nil }

    func play(_ scene: FaultScene) async throws {
        let coordinator = try scene.coordinator()
        let worker = try scene.worker(fault: "worker.uploading:2")
        try scene.aggregator()
        try await scene.stopped(worker)
        let held = try await scene.jobs.counts(of: scene.run.id)[.running] ?? 0
        scene.demand(held == 2, "\(held) jobs are held")
        let parts = try await scene.storedParts()
        scene.demand(parts.stored == 1 && parts.needed > 1, "parts stored: \(parts)")
        switch blow {
        case .killed: try await kill(worker, scene)
        case .silent: try await keepSilent(worker, scene)
        case .crashedServer: try await crash(worker, coordinator, scene)
        case .signalled: try await signal(worker, scene)
        }
    }

    private func kill(_ worker: RoleUnderTest, _ scene: FaultScene) async throws {
        try await scene.kill(worker)
        scene.struck("killed with two jobs, one part stored")
        try await scene.untilAttempts(ended: "lost", 2)
        scene.recovered()
        try scene.worker()
        try scene.worker()
    }

    private func keepSilent(_ worker: RoleUnderTest, _ scene: FaultScene) async throws {
        scene.struck("stopped, both jobs given away, continued")
        try await scene.untilAttempts(ended: "lost", 2)
        scene.recovered()
        worker.signal(SIGCONT)
        // By an answer of the store or by that to a beat, whichever comes first, and each of the two.
        try await scene.until("both results are dropped") {
            worker.text.components(separatedBy: "no longer ours").count > 2
        }
    }

    private func crash(_ worker: RoleUnderTest, _ coordinator: RoleUnderTest, _ scene: FaultScene) async throws {
        try await scene.crash(.killedPostmaster, before: coordinator)
        let parts = try await scene.storedParts()
        scene.demand(parts.stored == 0, "\(parts.stored) parts have outlived the crash")
        scene.struck("sentinel missing, the stored part gone")
        coordinator.signal(SIGCONT)
        worker.signal(SIGCONT)
        try await scene.until("the crash is reconciled") { try await scene.events("database_crashed") > 0 }
        try await scene.untilNextVersion()
        scene.recovered()
    }

    private func signal(_ worker: RoleUnderTest, _ scene: FaultScene) async throws {
        worker.signal(SIGTERM)
        scene.struck("signalled while stopped there")
        worker.signal(SIGCONT)
        try await scene.until("the worker has left") { !worker.isRunning }
        scene.recovered()
        let submitted = try await scene.submissions()
        scene.demand(submitted == 3, "\(submitted) jobs were submitted: one before, and the two in hand make 3")
        try scene.worker()
        try await scene.untilOver()
        let charges = try await scene.rescues() + scene.errors()
        scene.demand(charges == 0, "\(charges) charges")
    }
}
