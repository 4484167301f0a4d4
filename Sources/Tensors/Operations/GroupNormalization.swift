extension Tensor {
    /// The channels of one picture in groups, each brought to mean 0 and variance 1 (biased) over all its places.
    ///
    /// - Parameter groups: a divisor of the channels, which are grouped in their order.
    /// - Returns: `[N, C]` as the receiver, whose N rows are the places of one picture.
    /// - SeeAlso: Wu and He 2018, "Group Normalization", arXiv:1803.08494.
    package func groupNormalized(groups: Int, epsilon: Float) -> Tensor {
        precondition(
            shape.rank == 2 && groups > 0 && shape[1] % groups == 0,
            "groupNormalized: \(shape) has no \(groups) groups of channels"
        )
        let (places, width) = (shape[0], shape[1] / groups)
        let count = places * width
        // Rows of one group's channels at one place, sorted by group: what belongs together then lies together.
        let sorted = (0..<groups).flatMap { group in (0..<places).map { Int32($0 * groups + group) } }
        let back = (0..<places).flatMap { place in (0..<groups).map { Int32($0 * places + place) } }
        return reshaped(to: [places * groups, width]).gatheredRows(sorted)
            .reshaped(to: [groups, count])
            .layerNorm(
                weight: .filled([count], with: 1, on: backend),
                bias: .zeros([count], on: backend),
                epsilon: epsilon
            )
            .reshaped(to: [groups * places, width]).gatheredRows(back)
            .reshaped(to: [places, groups * width])
    }
}
