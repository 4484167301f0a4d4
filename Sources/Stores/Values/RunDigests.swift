/// What a worker and its run must mean alike: recipe, parameter layout and dataset index, each as SHA-256.
package struct RunDigests: Hashable, Sendable {
    package let recipe: [UInt8]
    package let layout: [UInt8]
    package let dataset: [UInt8]

    package init(recipe: [UInt8], layout: [UInt8], dataset: [UInt8]) {
        (self.recipe, self.layout, self.dataset) = (recipe, layout, dataset)
    }
}
