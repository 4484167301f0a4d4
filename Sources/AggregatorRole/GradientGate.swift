import Foundation
package import Stores

/// Decides whether a gradient may enter the sum. A pure function of the gradient and of what earlier versions consist
/// of, so that neither the order of arrival nor the aggregator's own past can change a verdict.
///
/// It guards against faults, not against malice: a wrong scale, a broken device, damaged bytes. What healthy training
/// does must pass, hence the wide limits.
package struct GradientGate: Sendable {
    package enum Verdict: Equatable {
        /// - Parameter scale: what the gradient is multiplied by; below 1 for a confirmed outlier.
        case admitted(scale: Double)
        case rejected(GradientRejection)
    }

    /// Norms are judged by the history from so many on, and by the absolute cap until then.
    package static let minimumHistory = 50
    package static let deviations = 6.0
    /// Of ln norm. Six of it are a factor of 11: jobs with few units, whose norms scatter more, shall pass, and so shall
    /// everything while the history is one value.
    package static let smallestDeviation = 0.4
    /// A mean gradient with such a norm is none of any loss that we know.
    package static let absoluteCap = 1e6
    /// A confirmed outlier counts as so many medians.
    package static let clippedMedians = 3.0
    /// Relative difference between the worker's norm and ours. Both are sums of squares in fp64, which differ by 1e-12
    /// at most between kernels; the rest is for codecs to come.
    package static let normTolerance = 1e-6

    /// Of ln norm; nil without any history.
    private let median: Double?
    /// Of ln norm; nil while there is too little history to judge by.
    private let deviation: Double?

    /// - Parameter norms: of gradients applied in earlier versions, at most 200 of them.
    package init(norms: [Double]) {
        let logarithms = norms.filter { $0 > 0 && $0.isFinite }.map { log($0) }
        let median = Self.median(logarithms)
        self.median = median
        guard logarithms.count >= Self.minimumHistory, let median else {
            deviation = nil
            return
        }
        deviation = Self.median(logarithms.map { abs($0 - median) }).map { max($0, Self.smallestDeviation) }
    }

    /// - Parameters:
    ///   - sumNorm: of the decoded payload; not finite when one of its values is not.
    ///   - maximumUnits: what the recipe can make of the manifest's samples.
    ///   - outliers: digests of this job's results that were refused for their norm.
    package func verdict(
        on manifest: GradientManifest,
        sumNorm: Double,
        maximumUnits: Int,
        outliers: Set<[UInt8]> = []
    ) -> Verdict {
        guard manifest.samples >= 0, 0...max(0, maximumUnits) ~= manifest.units else {
            let claim = "\(manifest.units) units of \(manifest.samples) samples"
            return .rejected(.init(.counts, "\(claim), which make \(maximumUnits) at most"))
        }
        guard sumNorm.isFinite, manifest.loss.isFinite, manifest.norm.isFinite else {
            return .rejected(.init(.nonfinite, "a value of the gradient, or its loss, is not a number"))
        }
        guard manifest.units > 0 else {
            guard sumNorm != 0 || manifest.norm != 0 else { return .admitted(scale: 1) }
            return .rejected(.init(.counts, "a gradient of norm \(sumNorm) for no unit"))
        }
        let norm = sumNorm / Double(manifest.units)
        guard abs(norm - manifest.norm) <= Self.normTolerance * max(norm, manifest.norm) else {
            return .rejected(.init(.report, "norm \(manifest.norm) is reported, the payload has \(norm)"))
        }
        guard let limits = outlying(norm) else { return .admitted(scale: 1) }
        // The same bytes from another attempt: not the machine, but the data.
        guard outliers.contains(manifest.digest) else { return .rejected(.init(.norm, limits.detail)) }
        return .admitted(scale: min(1, limits.clipped / norm))
    }

    /// nil for a norm within the limits.
    private func outlying(_ norm: Double) -> (detail: String, clipped: Double)? {
        let clipped = median.map { Self.clippedMedians * exp($0) } ?? Self.absoluteCap
        guard let median, let deviation else {
            return norm > Self.absoluteCap ? ("norm \(norm) is above \(Self.absoluteCap)", clipped) : nil
        }
        let width = Self.deviations * deviation
        guard norm <= 0 || abs(log(norm) - median) > width else { return nil }
        return ("norm \(norm) lies outside of \(exp(median - width)) ... \(exp(median + width))", clipped)
    }

    private static func median(_ values: [Double]) -> Double? {
        guard !values.isEmpty else { return nil }
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }
}
