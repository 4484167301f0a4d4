import Foundation
import TestSupport

/// F3: 0, 1, 0, 3 and 1 workers, and killings in between; the run completes and no healthy job is dead.
struct ChangingFleet: FaultRow {
    let name = "F3 changing fleet"
    let fault = "0, 1, 0, 3, 1 workers with random kills"
    let recipe = SmallRecipe.twentySteps

    func play(_ scene: FaultScene) async throws {
        var random = SeededGenerator(seed: 3)
        try scene.coordinator()
        try scene.aggregator()
        let first = try scene.worker()
        try await scene.untilVersion(2)
        try await scene.kill(first)
        let stuck = try await scene.headNumber
        var crew = [try scene.worker(), try scene.worker(), try scene.worker()]
        try await scene.untilVersion(stuck + 2)
        var kills = 1
        for round in 0..<4 {
            let victim = crew.remove(at: Int.random(in: 0..<crew.count, using: &random))
            try await scene.kill(victim)
            kills += 1
            scene.struck("\(kills) workers killed")
            if round < 3 { crew.append(try scene.worker()) }
            let now = try await scene.headNumber
            if now + 1 < recipe.steps { try await scene.untilVersion(now + 1) }
        }
        crew.removeFirst()
        for victim in crew { try await scene.kill(victim) }
        scene.struck("\(kills + crew.count) workers killed")
        try await scene.untilNextVersion()
        scene.recovered()
    }
}
