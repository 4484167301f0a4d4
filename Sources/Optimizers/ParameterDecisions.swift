package import Layers

/// What the rules came to for one layout: the vector that trains, its settings, and a line for each parameter.
package struct ParameterDecisions: Hashable, Sendable {
    package struct Decision: Hashable, Sendable {
        package let slice: ParameterSlice
        /// nil where no pattern fitted and the defaults hold.
        package let rule: ParameterRules.Rule?
        package let weightDecay: Double

        package var isFrozen: Bool { rule?.isFrozen ?? false }
        package var learningRateScale: Double { rule?.learningRateScale ?? 1 }
    }

    package let decisions: [Decision]
    /// The slices that train; shorter than the layout asked about if a rule froze some.
    package let layout: ParameterLayout
    /// One entry a slice of `layout`, with ranges in its flat vector.
    package let settings: [SliceSettings]

    init(_ decisions: [Decision]) throws(LayersError) {
        let trained = decisions.filter { !$0.isFrozen }
        let layout = try ParameterLayout(trained.map(\.slice))
        self.decisions = decisions
        self.layout = layout
        self.settings = trained.indices.map { index in
            SliceSettings(
                range: layout.range(of: index),
                learningRateScale: trained[index].learningRateScale,
                weightDecay: trained[index].weightDecay
            )
        }
    }

    /// One line a slice: what happens to it, and which rule decided.
    package var report: String {
        decisions.map { decision in
            let fate =
                decision.isFrozen
                ? "frozen" : "lr × \(decision.learningRateScale), decay \(decision.weightDecay)"
            let rows =
                decision.slice.coversParameter
                ? "" : " rows \(decision.slice.rows.lowerBound)..<\(decision.slice.rows.upperBound)"
            return "\(decision.slice.path)\(rows): \(fate) (\(decision.rule?.pattern.text ?? "default"))"
        }.joined(separator: "\n")
    }
}
