import Objectives
import Stores

/// What the manifests of one step add up to.
struct StepTotals: Sendable, Equatable {
    var members: [GradientManifest] = []
    var samples = 0
    var units = 0
    private var loss = 0.0
    private var terms: [String: GradientSubmission.Term] = [:]

    mutating func add(_ manifest: GradientManifest) {
        members.append(manifest)
        samples += manifest.samples
        units += manifest.units
        loss += manifest.loss
        for (name, term) in manifest.terms {
            terms[name, default: .init(sum: 0, count: 0)].sum += term.sum
            terms[name, default: .init(sum: 0, count: 0)].count += term.count
        }
    }

    /// Means by name, for the curve of the run; `loss` is missing where nothing was counted.
    var metrics: [String: Double] {
        var values = ["samples": Double(samples), "units": Double(units)]
        if units > 0 { values["loss"] = loss / Double(units) }
        for (name, term) in terms where term.count > 0 { values["terms.\(name)"] = term.sum / Double(term.count) }
        return values
    }

    /// The same as sums, in the order of their names.
    var lossTerms: [LossTerm] {
        terms.sorted { $0.key < $1.key }.map { LossTerm(name: $0.key, sum: $0.value.sum, count: $0.value.count) }
    }
}
