import Foundation

/// How slowly a moving teacher follows, whatever the size of an update.
///
/// An update of n samples has the momentum m_ref^(n / B_ref), so the teacher's pace depends on samples alone. In short runs
/// the teacher would stay at its start, hence the cap: a horizon of at most a twentieth of the run's updates.
/// - SeeAlso: Busbridge et al. 2023, "How to Scale Your EMA", arXiv:2307.13813.
package struct TeacherMomentum: Hashable, Sendable {
    /// Of one update of `referenceBatch` samples.
    package let reference: Double
    package let referenceBatch: Double
    /// Whether short runs move faster.
    package let isCapped: Bool

    package init(reference: Double, referenceBatch: Double, isCapped: Bool) {
        self.reference = reference
        self.referenceBatch = referenceBatch
        self.isCapped = isCapped
    }

    /// λ, the momentum of a full update.
    ///
    /// - Parameters:
    ///   - samples: of a full update, B.
    ///   - updates: planned for the run, U.
    package func ofFullUpdate(samples: Int, updates: Int) -> Double {
        let scaled = pow(reference, Double(samples) / referenceBatch)
        guard isCapped, updates > 20 else { return scaled }
        return min(scaled, 1 - 20 / Double(updates))
    }
}
