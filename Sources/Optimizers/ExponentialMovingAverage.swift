import Foundation
package import Tensors

/// A slow copy φ of weights θ whose pace is set by samples, not by updates: φ ← φ + w·(θ − φ).
///
/// After the same samples the product of the momenta is the same, in however many updates they were applied.
/// - SeeAlso: Busbridge et al. 2023, "How to Scale Your EMA", arXiv:2307.13813.
package struct ExponentialMovingAverage: Hashable, Sendable {
    /// The momentum of one update of `referenceBatch` samples; 1 freezes the average.
    package let referenceMomentum: Double
    package let referenceBatch: Double

    package init(referenceMomentum: Double, referenceBatch: Double) {
        precondition(referenceMomentum > 0 && referenceMomentum <= 1, "a momentum lies in (0, 1]")
        precondition(referenceBatch > 0, "a reference batch counts samples")
        self.referenceMomentum = referenceMomentum
        self.referenceBatch = referenceBatch
    }

    /// w = 1 − m_ref^(samples / B_ref), without the cancellation of subtracting from 1.
    package func weight(samples: Int) -> Float {
        Float(-expm1(log(referenceMomentum) * Double(samples) / referenceBatch))
    }

    /// Moves an average, or a part of one, towards the new weights by `samples` samples, in place.
    ///
    /// Elementwise in fp32 without FMA, so every processor and every cut into parts gives equal bits.
    package func update(_ average: inout TensorValue, towards values: TensorValue, samples: Int) {
        precondition(average.shape == values.shape, "an average of \(average.shape) for \(values.shape)")
        values.backend.updateAverage(&average, with: values, weight: weight(samples: samples))
    }
}
