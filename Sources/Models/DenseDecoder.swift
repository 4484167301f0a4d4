import Foundation
package import Layers
package import Tensors

/// What a dense student adds to an image tower: finer vectors than one a patch, near to those that the tower reads out.
///
/// Two of them along each side of a patch: the read-out brought up bilinearly, plus what a small convolutional decoder makes
/// of the tokens. The decoder begins at zero, so an untrained student says what the read-out says.
package struct DenseDecoder {
    /// Sizes of a decoder.
    package struct Configuration: Hashable, Sendable {
        /// W, the width of the tower's tokens.
        package var inputs: Int
        package var hidden: Int
        /// E
        package var embeddingSize: Int
        /// Whether one class has a vector of its own in place of words.
        package var learnsVector: Bool

        package init(inputs: Int, hidden: Int, embeddingSize: Int, learnsVector: Bool = false) {
            (self.inputs, self.hidden, self.embeddingSize) = (inputs, hidden, embeddingSize)
            self.learnsVector = learnsVector
        }
    }

    /// First name of the decoder's parameters, which no model file has.
    package static let scope = "decoder"
    package static let logScalePath = "\(scope).log_scale"
    package static let learnedVectorPath = "\(scope).learned_vector"
    /// Vectors along each side of a patch.
    package static let cellsPerPatch = 2

    /// θ = ln σ, by which cosines become logits.
    package let logScale: Tensor
    private let freeVector: Tensor?
    private let reduction: Linear
    private let reductionNorm: GroupNorm
    private let mixing: Convolution
    private let mixingNorm: GroupNorm
    private let expansion: Linear

    /// - Parameters:
    ///   - root: the top of the tree.
    ///   - scale: σ where none has trained.
    package init(_ root: ParameterScope, _ configuration: Configuration, scale: Double = 100) throws {
        let (scope, hidden) = (root(Self.scope), configuration.hidden)
        reduction = try Linear(scope("reduction"), inputs: configuration.inputs, outputs: hidden)
        reductionNorm = try GroupNorm(scope("reduction_norm"), channels: hidden)
        mixing = try Convolution(scope("mixing"), inputs: hidden, outputs: hidden)
        mixingNorm = try GroupNorm(scope("mixing_norm"), channels: hidden)
        expansion = try Linear(
            scope("expansion"),
            inputs: hidden,
            outputs: configuration.embeddingSize,
            weight: .zeros
        )
        logScale = try scope.parameter("log_scale", [], .constant(Float(log(scale))))
        let size = configuration.embeddingSize
        freeVector =
            configuration.learnsVector ? try scope.parameter("learned_vector", [1, size], .normal(deviation: 1)) : nil
    }

    /// `[1, E]`, of length 1: the class that no words describe, as background; nil without one.
    package var learnedVector: Tensor? { freeVector?.l2Normalized() }

    package static func parameters(of configuration: Configuration) throws -> [Parameter] {
        try Parameter.all { try DenseDecoder($0, configuration) }
    }

    /// The finer grid.
    package static func refined(_ grid: Grid) -> Grid {
        Grid(rows: grid.rows * cellsPerPatch, columns: grid.columns * cellsPerPatch)
    }

    /// Vectors of one picture, `[4·N, E]` on the refined grid, not normalised and without σ.
    ///
    /// - Parameters:
    ///   - tokens: `[N, W]`, behind the tower's last norm.
    ///   - features: `[N, E]`, unit rows: what the read-out makes of them.
    package func callAsFunction(tokens: Tensor, features: Tensor, grid: Grid) -> Tensor {
        let fine = Self.refined(grid)
        let coarse = reductionNorm(reduction(tokens)).gelu()  // [N, hidden]
        let mixed = mixingNorm(mixing(coarse.bilinearResized(from: grid, to: fine), grid: fine)).gelu()
        return features.bilinearResized(from: grid, to: fine) + expansion(mixed)  // [4·N, E]
    }
}
