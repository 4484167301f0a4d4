import AggregatorRole
import Foundation
import Stores
import Testing

@Suite("The acceptance gate")
struct GradientGateTests {
    /// Norms about 2, as a healthy run has them.
    private let history = (0..<200).map { 2 * exp(0.3 * sin(Double($0))) }

    private func manifest(units: Int = 12, samples: Int = 4, norm: Double = 2, loss: Double = 1) -> GradientManifest {
        GradientManifest(
            job: JobID(rawValue: 1),
            attempt: 1,
            ordinal: 0,
            samples: samples,
            units: units,
            partCount: 1,
            digest: [1, 2, 3],
            loss: loss,
            norm: norm
        )
    }

    private func verdict(
        norms: [Double],
        _ manifest: GradientManifest,
        sumNorm: Double? = nil,
        outliers: Set<[UInt8]> = []
    ) -> GradientGate.Verdict {
        GradientGate(norms: norms).verdict(
            on: manifest,
            sumNorm: sumNorm ?? manifest.norm * Double(manifest.units),
            maximumUnits: 20 * manifest.samples,
            outliers: outliers
        )
    }

    private func reason(_ verdict: GradientGate.Verdict) -> GradientRejection.Reason? {
        if case .rejected(let rejection) = verdict { rejection.reason } else { nil }
    }

    @Test("what healthy training does is admitted as it is", arguments: [0.25, 1, 2, 5, 20])
    func healthy(norm: Double) {
        #expect(verdict(norms: history, manifest(norm: norm)) == .admitted(scale: 1))
        #expect(verdict(norms: [], manifest(norm: norm)) == .admitted(scale: 1))
    }

    @Test("counts beyond the recipe's bound are refused", arguments: [-1, 81, 1 << 40])
    func counts(units: Int) {
        #expect(reason(verdict(norms: history, manifest(units: units))) == .counts)
    }

    @Test("a job without a unit is legal if its gradient is nothing")
    func empty() {
        #expect(verdict(norms: history, manifest(units: 0, samples: 0, norm: 0)) == .admitted(scale: 1))
        #expect(verdict(norms: history, manifest(units: 0, norm: 0), sumNorm: 0) == .admitted(scale: 1))
        #expect(reason(verdict(norms: history, manifest(units: 0, norm: 0), sumNorm: 1)) == .counts)
        #expect(reason(verdict(norms: history, manifest(units: 1, samples: 0))) == .counts)
        #expect(reason(verdict(norms: history, manifest(units: 1, samples: -1))) == .counts)
    }

    @Test("no value may be no number", arguments: [Double.nan, .infinity])
    func nonfinite(value: Double) {
        #expect(reason(verdict(norms: history, manifest(), sumNorm: value)) == .nonfinite)
        #expect(reason(verdict(norms: history, manifest(loss: value))) == .nonfinite)
        #expect(reason(verdict(norms: history, manifest(norm: value), sumNorm: 24)) == .nonfinite)
    }

    @Test("a reported norm that is not the payload's is refused, rounding is not")
    func report() {
        #expect(reason(verdict(norms: history, manifest(norm: 2), sumNorm: 24.001)) == .report)
        #expect(verdict(norms: history, manifest(norm: 2), sumNorm: 24 * (1 + 1e-9)) == .admitted(scale: 1))
    }

    @Test("a norm far out of line is refused, above and below", arguments: [1e30, 100, 0.01, 1e-30, 0])
    func outlier(norm: Double) {
        #expect(reason(verdict(norms: history, manifest(norm: norm))) == .norm)
    }

    @Test("the same bytes again are the data's: admitted, and clipped to three medians")
    func confirmed() throws {
        let median = exp([Double](history.map { log($0) }).sorted()[99...100].reduce(0, +) / 2)
        guard case .admitted(let scale) = verdict(norms: history, manifest(norm: 400), outliers: [[1, 2, 3]]) else {
            Issue.record("refused")
            return
        }
        #expect(abs(scale * 400 - 3 * median) < 1e-9)
        // A small one needs no clipping; other bytes confirm nothing.
        #expect(verdict(norms: history, manifest(norm: 0.01), outliers: [[1, 2, 3]]) == .admitted(scale: 1))
        #expect(reason(verdict(norms: history, manifest(norm: 400), outliers: [[3, 2, 1]])) == .norm)
    }

    @Test("below fifty known norms only an absolute cap holds")
    func young() {
        let young = Array(history.prefix(49))
        #expect(verdict(norms: young, manifest(norm: 9e5)) == .admitted(scale: 1))
        #expect(reason(verdict(norms: young, manifest(norm: 1.1e6))) == .norm)
        #expect(verdict(norms: [], manifest(norm: 4e6), outliers: [[1, 2, 3]]) == .admitted(scale: 0.25))
        #expect(verdict(norms: [2], manifest(norm: 6e6), outliers: [[1, 2, 3]]) == .admitted(scale: 6 / 6e6))
        #expect(reason(verdict(norms: young + [2], manifest(norm: 9e5))) == .norm)
    }

    @Test("equal norms in the past do not refuse what is near them")
    func equalNorms() {
        let equal = [Double](repeating: 2, count: 200)
        #expect(verdict(norms: equal, manifest(norm: 20)) == .admitted(scale: 1))
        #expect(reason(verdict(norms: equal, manifest(norm: 25))) == .norm)
    }

    @Test("the verdict does not depend on the order of the history")
    func order() {
        for norm in [0.1, 0.2, 2, 15, 30] {
            let forwards = verdict(norms: history, manifest(norm: norm))
            #expect(verdict(norms: history.reversed(), manifest(norm: norm)) == forwards)
        }
    }
}
