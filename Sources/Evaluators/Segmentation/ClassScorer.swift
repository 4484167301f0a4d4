import Foundation
package import Tensors

/// What a patch's feature is compared with: vectors of classes, the scale of their products, and perhaps a gate.
///
/// A class may have several vectors, one a synonym; it then has the score of the best. Where a class's score is the sum of
/// several prompts' (MVP-SEG), its vector is the sum of theirs and not of length 1: products are linear.
/// - SeeAlso: Guo et al. 2023 (MVP-SEG), arXiv:2304.06957.
package struct ClassScorer: Sendable, Hashable {
    /// Lowers classes that a picture as a whole does not show: ln sigmoid(s/τ), where s is the mean over the picture of a
    /// class's cosines, each weighed by softmax(γ · cosine).
    package struct Gate: Sendable, Hashable {
        /// `[R, E]`, unit rows: what the global prompt makes of the names.
        package let vectors: [Float]
        /// γ: how much the best places count.
        package let sharpness: Double
        /// τ
        package let temperature: Double

        package init(vectors: [Float], sharpness: Double = 100, temperature: Double) {
            precondition(temperature > 0 && sharpness >= 0, "a gate's temperature is above 0")
            (self.vectors, self.sharpness, self.temperature) = (vectors, sharpness, temperature)
        }

        /// s of one class.
        ///
        /// - Parameter cosines: one for each place of the picture.
        package func score(_ cosines: [Float]) -> Double {
            let largest = Double(cosines.max() ?? 0)
            var (weights, sum) = (0.0, 0.0)
            for cosine in cosines {
                let weight = exp(sharpness * (Double(cosine) - largest))
                weights += weight
                sum += weight * Double(cosine)
            }
            return sum / weights
        }

        /// ln g of a score, also where g itself would vanish.
        package func logarithm(ofScore score: Double) -> Double {
            let x = -score / temperature
            return -(max(x, 0) + log1p(exp(-x.magnitude)))
        }

        /// g
        package static func value(ofLogarithm logarithm: Double) -> Double { exp(logarithm) }
    }

    /// `[R, E]`, row by row.
    package let vectors: [Float]
    /// The class of each row, in ascending order without gaps.
    package let classes: [Int]
    package let scale: Double
    package let gate: Gate?

    package var classCount: Int { (classes.last ?? -1) + 1 }
    /// E.
    package var size: Int { vectors.count / classes.count }

    /// - Parameters:
    ///   - classes: of each row; nil for one row a class.
    ///   - scale: of the products; decides how sure a pixel is of its class, and how much a gate weighs.
    package init(vectors: [Float], classes: [Int]? = nil, count: Int, scale: Double, gate: Gate? = nil) {
        let classes = classes ?? Array(0..<count)
        precondition(classes.count == count && count > 0 && vectors.count % count == 0, "one class a row")
        precondition(zip(classes, classes.dropFirst()).allSatisfy { $1 - $0 == 0 || $1 - $0 == 1 }, "ascending classes")
        precondition(classes.first == 0, "classes are counted from 0")
        precondition(gate.map { $0.vectors.count == vectors.count } ?? true, "one global vector a row")
        self.vectors = vectors
        self.classes = classes
        self.scale = scale
        self.gate = gate
    }

    /// The rows of a class.
    package func rows(of id: Int) -> Range<Int> {
        let first = classes.firstIndex(of: id) ?? 0
        return first..<(classes.lastIndex(of: id) ?? first) + 1
    }

    /// Scaled products, `[R, N]`.
    ///
    /// - Parameter features: `[N, E]`, unit rows.
    package func products(with features: Tensor) -> Tensor {
        Tensor(vectors, [classes.count, size], on: features.backend).linear(weight: features).scaled(by: Float(scale))
    }

    /// What the gate is made of, `[R, N]`; nil without one.
    package func globalCosines(with features: Tensor) -> Tensor? {
        gate.map { Tensor($0.vectors, [classes.count, size], on: features.backend).linear(weight: features) }
    }
}
