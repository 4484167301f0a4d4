package import Layers
import Tensors

/// Who trains, and how fast: an ordered list in which the first pattern that fits a parameter decides all about it.
///
/// - SeeAlso: the masks of big_vision's optimizer, which one list of patterns serves likewise.
package struct ParameterRules: Hashable, Sendable {
    package struct Rule: Hashable, Sendable {
        package let pattern: PathPattern
        package let isFrozen: Bool
        package let learningRateScale: Double
        /// nil leaves the default by rank.
        package let weightDecay: Double?

        package init(
            _ pattern: String,
            isFrozen: Bool = false,
            learningRateScale: Double = 1,
            weightDecay: Double? = nil
        ) {
            self.pattern = PathPattern(pattern)
            self.isFrozen = isFrozen
            self.learningRateScale = learningRateScale
            self.weightDecay = weightDecay
        }
    }

    package let rules: [Rule]
    /// Decay of tensors of two or more dimensions; vectors (biases, norms, class token) have none unless a rule says so.
    package let weightDecay: Double

    package init(_ rules: [Rule] = [], weightDecay: Double) {
        self.rules = rules
        self.weightDecay = weightDecay
    }

    /// Settles every slice of a layout.
    ///
    /// - Throws: `OptimizersError.patternWithoutParameter` for a pattern that fits no path of the layout, whether or not
    ///   an earlier rule would have decided: a misspelt rule must not pass for one that had nothing to do.
    package func resolved(for layout: ParameterLayout) throws -> ParameterDecisions {
        for rule in rules where !layout.paths.contains(where: rule.pattern.matches) {
            throw OptimizersError.patternWithoutParameter(
                pattern: rule.pattern.text,
                examples: Array(layout.paths.prefix(3))
            )
        }
        let decisions = layout.slices.map { slice in
            let rule = rules.first { $0.pattern.matches(slice.path) }
            return ParameterDecisions.Decision(
                slice: slice,
                rule: rule,
                weightDecay: rule?.weightDecay ?? (slice.shape.rank >= 2 ? weightDecay : 0)
            )
        }
        return try ParameterDecisions(decisions)
    }
}
