/// Why a job has no gradient to offer.
package enum TrainingError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A loss or a gradient that is no number; nothing of it may be submitted.
    case nonFinite(samples: [Int64])
    case positionsOutsideEpoch(Range<Int>, count: Int)
    case wrongLength(vector: String, expected: Int, found: Int)
    /// Samples without rows in the set that they are to be compared with.
    case peersMissing(samples: [Int64])
    /// Weights that give no numbers.
    case metricNotFinite(set: String, metric: String)

    package var description: String {
        switch self {
        case .nonFinite(let samples):
            "The gradient of samples \(samples.map(String.init).joined(separator: ", ")) is not finite. Look at them with "
                + "`stillhouse inspect`, and at the learning rate."
        case .positionsOutsideEpoch(let positions, let count):
            "Positions \(positions.lowerBound)..<\(positions.upperBound) lie outside the epoch of \(count) samples. The "
                + "job belongs to a run over another dataset."
        case .wrongLength(let vector, let expected, let found):
            "The \(vector) weights have \(found) numbers, the recipe and model want \(expected). They belong to another run."
        case .peersMissing(let samples):
            "Samples \(samples.map(String.init).joined(separator: ", ")) have no embeddings among those of their update, or "
                + "not in this order: their pictures could not be used when these were computed. Were they repaired since?"
        case .metricNotFinite(let set, let metric):
            "The evaluation \(set) gives no number for \(metric): the version's weights are broken. Look at the run's loss."
        }
    }
}
