/// How many steps beyond the head are planned.
package enum PlanHorizon {
    /// Rows that one turn may add for a run whose steps are quick.
    package static let maximum = 4096

    /// - Parameters:
    ///   - minimum: what the settings ask for.
    ///   - applied: steps that the run has gone on since the planner's last look; negative after a rewind.
    package static func steps(atLeast minimum: Int, appliedSinceLastTurn applied: Int) -> Int {
        max(minimum, min(3 * applied, maximum))
    }
}
