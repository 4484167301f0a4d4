import Foundation

/// Leaves out classes that are nowhere likely in a picture.
///
/// - SeeAlso: Zhou et al. 2022 (MaskCLIP), arXiv:2112.01071, section 3.3.
package enum PromptDenoising {
    /// Below this probability at its best place a class is left out.
    static let threshold = 0.5
    /// Of cosines in the softmax.
    package static let scale = 100.0

    /// - Parameters:
    ///   - cosines: of each class at each place, `[C][N]`.
    /// - Returns: the classes that stay; if none is likely anywhere, the one that comes nearest to it.
    package static func kept(_ cosines: [[Float]]) -> [Bool] {
        let best = largestProbabilities(cosines)
        let kept = best.map { $0 >= threshold }
        if kept.contains(true) { return kept }
        let strongest = best.indices.reduce(0) { best[$1] > best[$0] ? $1 : $0 }
        return best.indices.map { $0 == strongest }
    }

    /// Of each class at its best place.
    package static func largestProbabilities(_ cosines: [[Float]]) -> [Double] {
        probabilities(cosines).map { $0.max() ?? 0 }
    }

    /// The softmax over the classes of each place, `[C][N]`.
    package static func probabilities(_ cosines: [[Float]]) -> [[Double]] {
        var values = cosines.map { $0.map(Double.init) }
        for place in values.first?.indices ?? 0..<0 {
            let largest = values.map { $0[place] }.max() ?? 0
            var sum = 0.0
            for id in values.indices {
                values[id][place] = exp(scale * (values[id][place] - largest))
                sum += values[id][place]
            }
            for id in values.indices { values[id][place] /= sum }
        }
        return values
    }
}
