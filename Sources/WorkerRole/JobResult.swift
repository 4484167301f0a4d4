import Recipes
import Stores

/// What a job comes to: a gradient that is a number, and which samples had to be left out to get it.
struct JobResult: Sendable {
    var gradient: [Float]
    var report: StepReport
    /// Found by bisecting; samples that cannot be decoded are in the report.
    var quarantined: [BadSample] = []
    /// How long fetching the weights took; zero when they were at hand.
    var pull = Duration.zero
}
