import Foundation
import TestSupport

/// F4: gradients arrive in any order, from five workers that stop and go; the sum has one order.
struct ShuffledArrivals: FaultRow {
    let name = "F4 shuffled arrivals"
    let fault = "five workers, stopped and continued at random"

    func play(_ scene: FaultScene) async throws {
        var random = SeededGenerator(seed: 4)
        try scene.coordinator()
        try scene.aggregator()
        let crew = try (0..<5).map { _ in try scene.worker() }
        try await scene.untilVersion(1)
        for _ in 0..<12 {
            let worker = crew[Int.random(in: 0..<crew.count, using: &random)]
            worker.signal(SIGSTOP)
            try await Task.sleep(for: .milliseconds(Int.random(in: 10...120, using: &random)))
            worker.signal(SIGCONT)
        }
        let inversions = try await scene.inversions()
        try await scene.untilNextVersion()
        let later = try await scene.inversions()
        if max(inversions, later) > 0 { scene.struck("gradients arrived out of order") }
        scene.recovered()
    }
}
