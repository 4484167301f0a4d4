/// Trainings that take seconds: overlays of the recipe `quickstart`. Equal recipes end in equal weights.
enum SmallRecipe: String, Hashable, Sendable, CaseIterable {
    /// Twenty steps of four jobs of two pictures each, with a tower of two blocks.
    case twentySteps
    /// The same, cut short.
    case eightSteps
    /// Three steps of a tower whose gradients have several parts.
    case severalParts
    /// Twenty steps over annotated boxes, which recur in each epoch, so that targets are cached.
    case cachedTargets

    var steps: Int {
        switch self {
        case .twentySteps, .cachedTargets: 20
        case .eightSteps: 8
        case .severalParts: 3
        }
    }

    /// What `--set` takes.
    var settings: [String] {
        let model = self == .severalParts ? "stillhouse-ViT-Ti-16" : "stillhouse-tiny"
        let further =
            switch self {
            case .severalParts: ["schedule.warmup_updates=1"]
            case .cachedTargets: ["objective.regions=proposals", "objective.crop_scale=1.5"]
            case .twentySteps, .eightSteps: [String]()
            }
        return further + [
            "model=\(model)", "objective.student_size=64", "objective.unlocked_groups=2",
            "schedule.updates=\(steps)", "aggregation.images_per_job=2",
        ]
    }
}
