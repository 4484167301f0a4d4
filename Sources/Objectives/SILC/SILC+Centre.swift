import Foundation
import Models
import Tensors

/// What jobs sum up beside their gradient: the teacher's cosines (K), its distributions (K), the pictures' embeddings
/// (D), then how many rows the first two and the third are sums of.
extension SILC {
    package var centreSize: Int { configuration.distils ? configuration.prototypes : 0 }

    package var statisticCount: Int {
        configuration.distils ? 2 * configuration.prototypes + model.vision.embeddingSize + 2 : 0
    }

    /// - Parameter cosines: of the teacher, `[rows, K]`.
    func teacherStatistics(_ cosines: Tensor, _ target: SelfDistillationLoss.Target) -> [Float] {
        Self.columnSums(cosines) + Self.columnSums(target.views)
    }

    func embeddingStatistics(_ embeddings: Embeddings) -> [Float] {
        let rows = embeddings.texts.shape[0]
        let teacherRows = rows * configuration.views.global.count
        let sums = embeddings.images.first.map { Self.columnSums($0.detached()) } ?? []
        return sums + [Float(teacherRows), Float(rows)]
    }

    /// In double precision: a centre is a small difference of large sums.
    private static func columnSums(_ x: Tensor) -> [Float] {
        let columns = x.shape[-1]
        var sums = [Double](repeating: 0, count: columns)
        x.withUnsafeFloats { values in
            for start in stride(from: 0, to: values.count, by: columns) {
                for column in 0..<columns { sums[column] += Double(values[start + column]) }
            }
        }
        return sums.map { Float($0) }
    }

    /// c ← c + (1 − m^(n/B)) · (Σ cosines / count − c), from the teacher that the update was computed with.
    package func conclude(_ update: UpdateSummary, centre: inout [Float]) -> [String: Double] {
        let (prototypes, size) = (configuration.prototypes, model.vision.embeddingSize)
        guard configuration.distils, update.statistics.count == statisticCount, update.samples > 0 else { return [:] }
        let sums = update.statistics
        let (teacherRows, imageRows) = (Double(sums[sums.count - 2]), Double(sums[sums.count - 1]))
        guard teacherRows > 0, imageRows > 0 else { return [:] }
        let share = Double(update.samples) / Double(update.samplesPerUpdate)
        // At m = 0 nothing of the old centre stays.
        let weight = configuration.centreMomentum > 0 ? -expm1(log(configuration.centreMomentum) * share) : 1
        var largest = 0.0
        for index in centre.indices {
            let old = Double(centre[index])
            let new = old + weight * (Double(sums[index]) / teacherRows - old)
            centre[index] = Float(new)
            largest = max(largest, abs(new))
        }
        let marginal = sums[prototypes..<2 * prototypes].map { Double($0) / teacherRows }
        let entropy = marginal.reduce(0) { $1 > 0 ? $0 - $1 * log($1) : $0 }
        let mean = sums[2 * prototypes..<2 * prototypes + size].map { Double($0) / imageRows }
        var metrics = [
            "centre_maximum": largest,
            "prototype_entropy": entropy,
            "prototypes_used": exp(entropy),
            // Unit vectors that all point one way have a mean of length 1.
            "embedding_spread": max(1 - mean.reduce(0) { $0 + $1 * $1 }, 0).squareRoot(),
        ]
        let terms = Dictionary(update.terms.map { ($0.name, $0) }) { first, _ in first }
        if let loss = terms["self_distillation"]?.mean, let own = terms["teacher_entropy"]?.mean {
            metrics["teacher_student_divergence"] = loss - own
        }
        return metrics
    }
}
