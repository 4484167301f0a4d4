/// Everything about a training that is decided when it is created, and never changed.
package struct NewRun: Sendable {
    package var name: String
    package var seed: UInt64
    /// The resolved recipe, as JSON.
    package var recipe: String
    /// The model in open_clip's own JSON.
    package var model: String
    /// The canonical order of trainable slices, as JSON.
    package var layout: String
    /// Numbers of a job's payload: the trainable slices together, and behind them what statistics the objective wants;
    /// fixes how many parts a payload has.
    package var parameterCount: Int
    /// SHA-256 digests that each worker computes for itself and must agree on.
    package var digests: RunDigests
    /// Length of an epoch's permutation.
    package var epochSamples: Int
    /// The run is finished with the version that applies the last of these.
    package var totalSteps: Int
    package var durability: RunDurability

    package init(
        name: String,
        seed: UInt64,
        recipe: String,
        model: String,
        layout: String,
        parameterCount: Int,
        digests: RunDigests,
        epochSamples: Int,
        totalSteps: Int,
        durability: RunDurability = .checkpointed
    ) {
        (self.name, self.seed) = (name, seed)
        (self.recipe, self.model, self.layout) = (recipe, model, layout)
        (self.parameterCount, self.digests) = (parameterCount, digests)
        (self.epochSamples, self.totalSteps, self.durability) = (epochSamples, totalSteps, durability)
    }
}
