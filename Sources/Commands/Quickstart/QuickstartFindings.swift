/// What a quickstart found out about the weights that it started from and those that it made.
struct QuickstartFindings {
    var regions: [RegionComparison.Result] = []
    /// Of each kind of pictures that has labels: its title, the names of its classes, and some examples.
    var labels: [(title: String, names: [String], examples: [LabelComparison.Example])] = []
    var similarities: [RegionComparison.Example] = []
}
