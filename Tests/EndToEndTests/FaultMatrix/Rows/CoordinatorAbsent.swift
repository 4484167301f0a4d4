/// F7: without a coordinator training continues on the plan.
struct CoordinatorAbsent: FaultRow {
    let name = "F7 coordinator absent"
    let fault = "the coordinator is killed and stays away"
    let recipe = SmallRecipe.twentySteps

    func play(_ scene: FaultScene) async throws {
        let coordinator = try scene.coordinator()
        try scene.worker()
        try scene.aggregator()
        try await scene.untilVersion(1)
        try await scene.kill(coordinator)
        let number = try await scene.headNumber
        scene.struck("killed after the plan was made")
        try await scene.untilVersion(number + 3)
        scene.recovered()
    }
}
