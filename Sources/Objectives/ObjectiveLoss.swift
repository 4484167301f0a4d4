package import Tensors

/// What one graph came to: a scalar to differentiate, and the sums that a job reports.
package struct ObjectiveLoss {
    /// Scalar whose gradient is the *sum* of the units' gradients; nil when nothing was comparable.
    package var total: Tensor?
    package var units: Int
    /// Named parts of the loss, each as sum and count; the first is the loss itself, summed over units.
    package var terms: [LossTerm]
    /// Sums over the samples, as many as the objective's `statisticCount`; empty for none.
    package var statistics: [Float]

    package init(total: Tensor?, units: Int, terms: [LossTerm], statistics: [Float] = []) {
        self.total = total
        self.units = units
        self.terms = terms
        self.statistics = statistics
    }
}
