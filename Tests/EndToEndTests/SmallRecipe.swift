/// Trainings that take seconds: overlays of a shipped recipe. Equal recipes end in equal weights.
enum SmallRecipe: String, Hashable, Sendable, CaseIterable {
    /// Twenty steps of four jobs of two pictures each, with a tower of two blocks.
    case twentySteps
    /// The same, cut short.
    case eightSteps
    /// Three steps of a tower whose gradients have several parts.
    case severalParts
    /// Twenty steps over annotated boxes, which recur in each epoch, so that targets are cached.
    case cachedTargets
    /// Eight steps whose pairs are all negatives of each other: each embeds before it computes gradients.
    case twoPhases

    /// The recipe that is laid over.
    var base: String { self == .twoPhases ? "silc-small" : "clipself-tiny" }

    /// Of each kind.
    var jobsPerStep: Int { 4 }

    var steps: Int {
        switch self {
        case .twentySteps, .cachedTargets: 20
        case .eightSteps, .twoPhases: 8
        case .severalParts: 3
        }
    }

    /// What `--set` takes.
    var settings: [String] {
        if self == .twoPhases { return pairSettings }
        let model = self == .severalParts ? "stillhouse-ViT-Ti-16" : "stillhouse-tiny"
        let further =
            switch self {
            case .severalParts: ["schedule.warmup_updates=1"]
            case .cachedTargets: ["objective.regions=proposals", "objective.crop_scale=1.5"]
            case .twentySteps, .eightSteps, .twoPhases: [String]()
            }
        return further + [
            "model=\(model)", "objective.student_size=64", "objective.unlocked_groups=2",
            "schedule.updates=\(steps)", "aggregation.images_per_job=2",
        ]
    }

    private var pairSettings: [String] {
        [
            "model=stillhouse-tiny", "objective.contrastive=softmax", "objective.prototypes=16",
            "objective.head_hidden=16", "objective.head_bottleneck=8", "objective.views.global.size=32",
            "objective.views.local.count=2", "objective.views.local.size=16",
            "schedule.updates=\(steps)", "schedule.warmup_updates=2",
            "aggregation.images_per_job=2", "aggregation.jobs_per_step=\(jobsPerStep)",
        ]
    }
}
