import CoordinatorRole
import Testing

@Suite struct PlanHorizonTests {
    @Test("a run of slow steps is planned as far as the settings say, a quick one for three turns, none without end")
    func horizon() {
        #expect(PlanHorizon.steps(atLeast: 64, appliedSinceLastTurn: 0) == 64)
        #expect(PlanHorizon.steps(atLeast: 64, appliedSinceLastTurn: 20) == 64)
        #expect(PlanHorizon.steps(atLeast: 64, appliedSinceLastTurn: 200) == 600)
        #expect(PlanHorizon.steps(atLeast: 64, appliedSinceLastTurn: 1_000_000) == PlanHorizon.maximum)
        #expect(PlanHorizon.steps(atLeast: 64, appliedSinceLastTurn: -30) == 64)
    }
}
