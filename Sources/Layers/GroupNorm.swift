package import Tensors

/// Normalises groups of channels over all places of one picture, then scales and shifts by channel.
///
/// Unlike batch statistics these do not depend on what else is in a batch, so any cut into jobs computes the same.
/// - SeeAlso: Wu and He 2018, "Group Normalization", arXiv:1803.08494.
package struct GroupNorm {
    package let weight: Tensor
    package let bias: Tensor
    package let groups: Int
    package let epsilon: Float

    /// The most groups; fewer where 32 do not divide the channels.
    private static let usualGroups = 32

    package init(_ scope: ParameterScope, channels: Int, epsilon: Float = 1e-5) throws {
        weight = try scope.parameter("weight", [channels], .ones)
        bias = try scope.parameter("bias", [channels], .zeros)
        groups = (1...min(Self.usualGroups, channels)).last { channels % $0 == 0 } ?? 1
        self.epsilon = epsilon
    }

    /// `[N, channels]` of one picture, shape kept.
    package func callAsFunction(_ x: Tensor) -> Tensor {
        x.groupNormalized(groups: groups, epsilon: epsilon).multiplied(row: weight).adding(row: bias)
    }
}
