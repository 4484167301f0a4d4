import Foundation

/// Watches the metrics of versions for the ways in which self-distillation fails: every picture gets the same opinion, or
/// none at all.
///
/// A single version proves nothing, so a sign must hold for a window of them; and at the beginning all signs are there,
/// hence the grace. What it says is a function of the metrics alone.
/// - SeeAlso: Caron et al. 2021 (DINO), arXiv:2104.14294, section 5.3, on both kinds of collapse.
package struct CollapseWatch: Sendable {
    /// A way to fail, with what one should change.
    package enum Collapse: String, Sendable, CaseIterable {
        /// The loss stays where chance puts it: the teacher says nothing.
        case uniform = "collapse_uniform"
        /// Few prototypes take everything: the centre does not hold them back.
        case onePrototype = "collapse_onehot"
        /// Teacher and student agree because neither says anything of its own.
        case agreement = "collapse_agreement"
        /// All pictures have the same embedding.
        case features = "feature_collapse"
    }

    /// K
    package let prototypes: Int
    /// Versions before which nothing is judged.
    package let grace: Int
    /// Versions in a row that must show a sign.
    package let window: Int
    private var lengths: [Collapse: Int] = [:]

    /// - Parameters:
    ///   - updates: of the whole run.
    ///   - heldUpdates: during which the prototypes stay as drawn.
    package init(prototypes: Int, updates: Int, heldUpdates: Int) {
        self.prototypes = prototypes
        grace = max(updates / 20, 50, heldUpdates)
        window = min(max(updates / 10, 10), 200)
    }

    /// Takes in the metrics of the next version.
    ///
    /// - Returns: what the window has shown, once, when it is full.
    package mutating func note(_ metrics: [String: Double], ofVersion number: Int) -> Collapse? {
        guard number > grace else { return nil }
        var found: Collapse?
        for collapse in Collapse.allCases {
            guard shows(metrics, collapse) else {
                lengths[collapse] = 0
                continue
            }
            lengths[collapse, default: 0] += 1
            if lengths[collapse] == window { found = found ?? collapse }
        }
        return found
    }

    private func shows(_ metrics: [String: Double], _ collapse: Collapse) -> Bool {
        let chance = log(Double(prototypes))
        return switch collapse {
        case .uniform:
            metrics["terms.self_distillation"].map { abs($0 - chance) < 0.02 } ?? false
                || metrics["terms.teacher_entropy"].map { $0 > 0.98 * chance } ?? false
        case .onePrototype: metrics["prototype_entropy"].map { $0 < 0.2 * chance } ?? false
        case .agreement: metrics["teacher_student_divergence"].map { $0 < 1e-3 } ?? false
        case .features: metrics["embedding_spread"].map { $0 < 0.1 } ?? false
        }
    }
}

extension CollapseWatch.Collapse: CustomStringConvertible {
    /// What is seen, and which lever to try, one at a time.
    package var description: String {
        switch self {
        case .uniform:
            "\(rawValue): the self-distillation loss stays at chance. Go back with `stillhouse run rewind`, or fork, with a "
                + "lower teacher_temperature (0.02), a longer prototypes_held_for, or half the learning rate."
        case .onePrototype:
            "\(rawValue): few prototypes take all pictures. Go back with `stillhouse run rewind`, or fork, with a "
                + "centre_momentum of 0.9, a longer prototypes_held_for, or half the learning rate."
        case .agreement:
            "\(rawValue): teacher and student agree on every view without telling pictures apart. Go back with "
                + "`stillhouse run rewind`, or fork, with half the learning rate or a slower teacher."
        case .features:
            "\(rawValue): all pictures have nearly the same embedding. Go back with `stillhouse run rewind`, or fork, with half "
                + "the learning rate and a longer warm-up."
        }
    }
}
