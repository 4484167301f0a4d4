package import Models
import Objectives

extension Recipe {
    /// Throws all problems of the values at once; `validate(for:)` looks at the model as well.
    package func validate() throws(RecipeError) {
        let problems = self.problems()
        if !problems.isEmpty {
            throw .invalid(recipe: name, problems: problems)
        }
    }

    /// Throws all problems at once, those of the values and those of a model they do not suit.
    package func validate(for model: ModelConfiguration) throws(RecipeError) {
        var problems = self.problems()
        switch objective {
        case .clipSelf(let configuration):
            let suited = configuration.problems(under: "objective", for: model.vision)
            problems += suited.filter { !problems.contains($0) }
        case .silc(let configuration):
            let suited = configuration.problems(under: "objective", for: model)
            problems += suited.filter { !problems.contains($0) }
        case .mvpSeg(let configuration):
            let suited = configuration.problems(under: "objective", for: model)
            problems += suited.filter { !problems.contains($0) }
        case .mvpSegPlus(let configuration):
            let suited = configuration.problems(under: "objective", for: model)
            problems += suited.filter { !problems.contains($0) }
        case .combined(let configuration):
            let suited = configuration.problems(under: "objective", for: model)
            problems += suited.filter { !problems.contains($0) }
        }
        problems += evaluationProblems(for: model)
        if !problems.isEmpty {
            throw .invalid(recipe: name, problems: problems)
        }
    }

    /// What is wrong with the values, whatever the model.
    func problems() -> [SettingProblem] {
        var problems: [SettingProblem] = []
        problems.require(!name.isEmpty, "name", name, "a name")
        problems.require(!model.isEmpty, "model", model, "a model's name or the path of its JSON file")
        problems.require(seed <= UInt64(Int64.max), "seed", seed, "at most \(Int64.max)")
        problems.require(
            (start.weights == nil) != (start.initialize == nil),
            "start",
            start.weights == nil ? "without a source" : "given twice",
            "exactly one of `weights` and `initialize`"
        )
        addDataProblems(to: &problems)
        addOptimizationProblems(to: &problems)
        addParameterProblems(to: &problems)
        problems += evaluationProblems()
        problems.require(
            export.alpha >= 0 && export.alpha.isFinite,
            "export.alpha",
            export.alpha,
            "0 or more (1 and more export the student as it is)"
        )
        switch objective {
        case .clipSelf(let configuration): problems += configuration.problems(under: "objective")
        case .silc(let configuration): problems += configuration.problems(under: "objective")
        case .combined(let configuration): problems += configuration.problems(under: "objective")
        case .mvpSeg(let configuration): problems += configuration.problems(under: "objective")
        case .mvpSegPlus(let configuration): problems += configuration.problems(under: "objective")
        }
        if let batch = contrastiveBatch {
            problems.require(
                batch >= 2,
                "aggregation.images_per_job",
                aggregation.imagesPerJob,
                "such that a contrastive set has 2 pairs or more"
            )
        }
        return problems
    }

    private func addDataProblems(to problems: inout [SettingProblem]) {
        problems += data.problems()
        if case .clipSelf(let configuration) = objective, !data.kind.hasBoxes {
            problems.require(
                configuration.regions == .patches,
                "objective.regions",
                configuration.regions.rawValue,
                "`patches` for `data.kind: \(data.kind.rawValue)`, which has no boxes"
            )
        }
        if objective.labelClasses != nil {
            problems.require(
                data.kind.hasLabels,
                "data.kind",
                data.kind.rawValue,
                "one with a label for each pixel: segmentation or scenes"
            )
        }
        if objective.silc != nil {
            problems.require(
                data.kind.hasCaptions,
                "data.kind",
                data.kind.rawValue,
                "one with captions: coco, pairs, webdataset or scenes"
            )
        }
    }

    private func addOptimizationProblems(to problems: inout [SettingProblem]) {
        let rate = schedule.learningRate
        problems.require(rate > 0 && rate <= 10, "schedule.learning_rate", rate, "above 0 and at most 10")
        // Bounded, as it is multiplied by the images of a step.
        problems.require(
            (1...1_000_000_000).contains(schedule.updates),
            "schedule.updates",
            schedule.updates,
            "from 1 to 1000000000"
        )
        problems.require(
            schedule.warmupUpdates >= 0 && schedule.warmupUpdates <= schedule.updates,
            "schedule.warmup_updates",
            schedule.warmupUpdates,
            "from 0 to schedule.updates (\(schedule.updates))"
        )
        for (key, beta) in [("beta1", optimizer.beta1), ("beta2", optimizer.beta2)] {
            problems.require((0..<1).contains(beta), "optimizer.\(key)", beta, "from 0 to below 1")
        }
        problems.require(
            optimizer.epsilon > 0 && optimizer.epsilon <= 1,
            "optimizer.epsilon",
            optimizer.epsilon,
            "above 0 and at most 1"
        )
        problems.require(
            (0...10).contains(optimizer.weightDecay),
            "optimizer.weight_decay",
            optimizer.weightDecay,
            "from 0 to 10"
        )
        if let clipNorm = optimizer.clipNorm {
            problems.require(
                clipNorm > 0 && clipNorm.isFinite,
                "optimizer.clip_norm",
                clipNorm,
                "above 0, or null for no clipping"
            )
        }
        problems.require(
            (1...4096).contains(aggregation.imagesPerJob),
            "aggregation.images_per_job",
            aggregation.imagesPerJob,
            "from 1 to 4096"
        )
        problems.require(
            (1...4096).contains(aggregation.jobsPerStep),
            "aggregation.jobs_per_step",
            aggregation.jobsPerStep,
            "from 1 to 4096"
        )
    }

    private func addParameterProblems(to problems: inout [SettingProblem]) {
        for (index, rule) in parameters.enumerated() {
            let key = "parameters[\(index)]"
            problems.require(!rule.pattern.isEmpty, "\(key).pattern", rule.pattern, "a pattern such as `visual.*`")
            if let scale = rule.learningRateScale {
                problems.require((0...1000).contains(scale), "\(key).learning_rate_scale", scale, "from 0 to 1000")
            }
            if let decay = rule.weightDecay {
                problems.require((0...10).contains(decay), "\(key).weight_decay", decay, "from 0 to 10")
            }
        }
    }
}
