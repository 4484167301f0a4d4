/// How hard composed scenes are in the course of a run, from 0 (one large upright object on near-white) to 1.
///
/// A function of the update alone, straight between its points and level beyond them, so that a job done twice sees the
/// same pictures.
package struct SceneDifficulty: Sendable, Hashable {
    package struct Point: Sendable, Hashable {
        package let update: Int
        package let value: Double

        package init(update: Int, value: Double) {
            (self.update, self.value) = (update, value)
        }
    }

    package let points: [Point]

    /// - Precondition: at least one point, updates that grow, values from 0 to 1.
    package init(_ points: [Point]) {
        precondition(!points.isEmpty, "a schedule has a point")
        precondition(zip(points, points.dropFirst()).allSatisfy { $0.update < $1.update }, "updates grow")
        precondition(points.allSatisfy { (0...1).contains($0.value) }, "difficulties are from 0 to 1")
        self.points = points
    }

    package static func constant(_ value: Double) -> SceneDifficulty {
        SceneDifficulty([Point(update: 0, value: value)])
    }

    package func value(at update: Int) -> Double {
        guard let next = points.firstIndex(where: { $0.update > update }) else { return points[points.count - 1].value }
        guard next > 0 else { return points[0].value }
        let (low, high) = (points[next - 1], points[next])
        let share = Double(update - low.update) / Double(high.update - low.update)
        return low.value + (high.value - low.value) * share
    }
}
