package import Models

extension ViewSettings {
    /// What is wrong whatever the model; keys are prefixed with `prefix`, as in `objective.views`.
    package func problems(under prefix: String) -> [SettingProblem] {
        var problems: [SettingProblem] = []
        problems.require(
            aspectRange.lies(in: 0.1...10) && aspectRange.low > 0,
            "\(prefix).aspect_range",
            aspectRange,
            "[low, high] from 0.1 to 10"
        )
        problems.require(
            sigmaRange.lies(in: 0...64),
            "\(prefix).sigma_range",
            sigmaRange,
            "[low, high] from 0 to 64 pixels"
        )
        problems.requireProbability(flip, "\(prefix).flip")
        problems.requireProbability(gray, "\(prefix).gray")
        problems.append(contentsOf: jitter.problems(under: "\(prefix).jitter"))
        problems.append(contentsOf: global.problems(under: "\(prefix).global", counts: 1...2))
        problems.append(contentsOf: local.problems(under: "\(prefix).local", counts: 0...64))
        problems.append(contentsOf: stageProblems(under: "\(prefix).stages"))
        if local.count > 0 {
            problems.require(
                local.size < global.size,
                "\(prefix).local.size",
                local.size,
                "smaller than the global size, \(global.size)"
            )
        }
        return problems
    }

    /// The same, and what does not suit the model.
    package func problems(under prefix: String, for tower: VisionTransformer.Configuration) -> [SettingProblem] {
        problems(under: prefix, patchSize: tower.patchSize)
    }

    /// The same for a model of which only the patch size is known.
    package func problems(under prefix: String, patchSize: Int) -> [SettingProblem] {
        var problems = problems(under: prefix)
        let rule = "a multiple of the model's patch size, \(patchSize)"
        func check(_ size: Int, _ key: String) { problems.require(size % patchSize == 0, key, size, rule) }
        check(global.size, "\(prefix).global.size")
        if local.count > 0 { check(local.size, "\(prefix).local.size") }
        for (index, stage) in stages.enumerated() {
            check(stage.globalSize, "\(prefix).stages[\(index)].global_size")
            if local.count > 0 { check(stage.localSize, "\(prefix).stages[\(index)].local_size") }
        }
        return problems
    }

    private func stageProblems(under prefix: String) -> [SettingProblem] {
        var problems: [SettingProblem] = []
        var begin = 0
        for (index, stage) in stages.enumerated() {
            let key = "\(prefix)[\(index)]"
            problems.requireSize(stage.globalSize, "\(key).global_size")
            if local.count > 0 {
                problems.requireSize(stage.localSize, "\(key).local_size")
                problems.require(
                    stage.localSize < stage.globalSize,
                    "\(key).local_size",
                    stage.localSize,
                    "smaller than the stage's global size, \(stage.globalSize)"
                )
            }
            if let end = stage.untilUpdate {
                problems.require(end > begin, "\(key).until_update", end, "more than \(begin), where the stage begins")
                begin = max(begin, end)
            } else {
                problems.require(
                    index == stages.count - 1,
                    "\(key).until_update",
                    "",
                    "a number, as only the last stage lasts to the end"
                )
            }
        }
        return problems
    }
}

extension ViewSettings.Group {
    fileprivate func problems(under prefix: String, counts: ClosedRange<Int>) -> [SettingProblem] {
        var problems: [SettingProblem] = []
        problems.require(
            counts.contains(count),
            "\(prefix).count",
            count,
            "from \(counts.lowerBound) to \(counts.upperBound)"
        )
        problems.requireSize(size, "\(prefix).size")
        problems.require(
            areaRange.lies(in: 0...1) && areaRange.low > 0,
            "\(prefix).area_range",
            areaRange,
            "[low, high] above 0 and up to 1"
        )
        problems.requireProbabilities(blur, "\(prefix).blur")
        problems.requireProbabilities(solarise, "\(prefix).solarise")
        return problems
    }
}

extension ViewSettings.Jitter {
    fileprivate func problems(under prefix: String) -> [SettingProblem] {
        var problems: [SettingProblem] = []
        problems.requireProbability(probability, "\(prefix).probability")
        for (key, strength) in [("brightness", brightness), ("contrast", contrast), ("saturation", saturation)] {
            problems.require((0...1).contains(strength), "\(prefix).\(key)", strength, "from 0 to 1")
        }
        problems.require((0...0.5).contains(hue), "\(prefix).hue", hue, "from 0 to 0.5 of the circle")
        return problems
    }
}

extension [SettingProblem] {
    fileprivate mutating func requireProbability(_ value: Double, _ key: String) {
        require((0...1).contains(value), key, value, "a probability, from 0 to 1")
    }

    fileprivate mutating func requireProbabilities(_ values: [Double], _ key: String) {
        require(
            !values.isEmpty && values.allSatisfy { (0...1).contains($0) },
            key,
            values,
            "a list of probabilities from 0 to 1, one a view, the last for all that follow"
        )
    }

    fileprivate mutating func requireSize(_ value: Int, _ key: String) {
        require((1...8192).contains(value), key, value, "from 1 to 8192 pixels")
    }
}
