import Objectives
import Recipes
import Stores

/// What a job comes to: a gradient that is a number, or embeddings, and which samples had to be left out to get it; or
/// metrics.
struct JobResult: Sendable {
    /// Empty for jobs of other kinds.
    var gradient: [Float] = []
    /// Of an embed job.
    var rows: PeerRows?
    /// Of an evaluation.
    var metrics: [String: Double]?
    var report = StepReport()
    /// Found by bisecting; samples that cannot be decoded are in the report.
    var quarantined: [BadSample] = []
    /// How long fetching the weights took; zero when they were at hand.
    var pull = Duration.zero

    var badSamples: [BadSample] {
        report.badSamples.map { BadSample(sampleID: $0.id, key: $0.key, reason: $0.reason) } + quarantined
    }

    /// Whether some sample gives a number.
    var hasContent: Bool { report.units > 0 || (rows?.count ?? 0) > 0 }
}
