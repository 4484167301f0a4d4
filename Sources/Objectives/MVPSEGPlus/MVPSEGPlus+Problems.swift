import Datasets
package import Models

extension MVPSEGPlus.Configuration {
    /// What is wrong whatever the model; `key` is prefixed with `prefix`.
    package func problems(under prefix: String) -> [SettingProblem] {
        var problems: [SettingProblem] = []
        func require(_ isValid: Bool, _ key: CodingKeys, _ value: some Any, _ allowed: String) {
            problems.require(isValid, "\(prefix).\(key.rawValue)", value, allowed)
        }
        require(
            (parent == nil) != (prompts == nil),
            .parent,
            parent.map { "\($0), beside a file of prompts" } ?? "null, as \(prefix).prompts is",
            "a run of prompts, NAME or NAME@VERSION, unless \(prefix).prompts names a file of them"
        )
        require((1...4096).contains(decoderWidth), .decoderWidth, decoderWidth, "from 1 to 4096")
        require((10...300).contains(initialScale ?? 100), .initialScale, initialScale ?? 0, "from 10 to 300, or null")
        require(unfreezeBlocks >= 0, .unfreezeBlocks, unfreezeBlocks, "0 or more")
        require((0...1).contains(guidedFraction), .guidedFraction, guidedFraction, "from 0 to 1")
        require((0..<1).contains(confidence), .confidence, confidence, "from 0, for none, to below 1")
        require(
            selfTeacher == .student || unfreezeBlocks == 0,
            .selfTeacher,
            selfTeacher.rawValue,
            "student where blocks of the tower train, as guidance then has the initial tower for a teacher"
        )
        require(
            averageMomentum > 0 && averageMomentum < 1,
            .averageMomentum,
            averageMomentum,
            "above 0 and below 1, where the average would stay at the start"
        )
        require(averageReferenceBatch > 0, .averageReferenceBatch, averageReferenceBatch, "1 or more samples")
        require((8...4096).contains(viewSize), .viewSize, viewSize, "from 8 to 4096 pixels")
        require(leastCrop > 0 && leastCrop <= 1, .leastCrop, leastCrop, "above 0 and at most 1")
        require((0...1).contains(flip), .flip, flip, "from 0 to 1")
        require((1...4096).contains(studentBatch), .studentBatch, studentBatch, "from 1 to 4096")
        if let readout {
            let isKnown = MVPSEG.readouts.contains(readout)
            require(isKnown, .readout, readout, "one of \(MVPSEG.readouts.joined(separator: ", "))")
            require(
                unfreezeBlocks == 0 || readout == MVPSEG.readouts[0],
                .unfreezeBlocks,
                unfreezeBlocks,
                "0 for prompts of the read-out \(readout); only \(MVPSEG.readouts[0]) can train"
            )
        }
        if let gateSharpness {
            require((0.01...10_000).contains(gateSharpness), .gateSharpness, gateSharpness, "from 0.01 to 10000")
        }
        addClassProblems(to: &problems, under: prefix)
        return problems
    }

    private func addClassProblems(to problems: inout [SettingProblem], under prefix: String) {
        // Those of the parent or of the dataset take their place before anything is computed.
        if classes.isEmpty { return }
        let key = "\(prefix).\(CodingKeys.classes.rawValue)"
        do throws(DatasetError) {
            let list = try classList()
            problems.require(
                list.count > 1 && !list.seen.isEmpty,
                key,
                "\(list.count) classes, \(list.seen.count) of them seen",
                "a list of two classes or more, one of them seen"
            )
            guard let learnedClass else { return }
            problems.require(
                list.id(of: learnedClass).map { !list.entries[$0].isUnseen } ?? false,
                "\(prefix).\(CodingKeys.learnedClass.rawValue)",
                learnedClass,
                "a seen class of the list: an unseen one has no pixels to learn from"
            )
        } catch {
            problems.append(SettingProblem(key: key, value: "no class list", allowed: "a class a line: \(error)"))
        }
    }

    /// The same, and what does not suit the model.
    package func problems(under prefix: String, for model: ModelConfiguration) -> [SettingProblem] {
        var problems = problems(under: prefix)
        let tower = model.vision
        problems.require(
            viewSize % tower.patchSize == 0,
            "\(prefix).\(CodingKeys.viewSize.rawValue)",
            viewSize,
            "a multiple of the patch size \(tower.patchSize)"
        )
        problems.require(tower.layers > 0, "model", "without blocks", "one with blocks, for the dense read-out")
        problems.require(
            unfreezeBlocks <= tower.layers,
            "\(prefix).\(CodingKeys.unfreezeBlocks.rawValue)",
            unfreezeBlocks,
            "at most the \(tower.layers) blocks of the image tower"
        )
        do {
            try model.textTower().checkVocabulary()
        } catch {
            let allowed = "one with a text tower that can be computed, as prompts have one: \(error)"
            problems.append(SettingProblem(key: "model", value: "without text", allowed: allowed))
        }
        return problems
    }

    /// What a run's creation has not filled in; without it there is nothing to train.
    func unboundProblems(under prefix: String) -> [SettingProblem] {
        var problems: [SettingProblem] = []
        problems.require(
            encoder != nil && readout != nil && gateSharpness != nil && promptsDigest != nil,
            "\(prefix).\(CodingKeys.encoder.rawValue)",
            "not known",
            "taken from the prompts, which `run create` does: this objective has no meaning apart from a run"
        )
        problems.require(
            !classes.isEmpty,
            "\(prefix).\(CodingKeys.classes.rawValue)",
            "",
            "the classes that the labels speak of; those of the parent take their place when a run is created"
        )
        return problems
    }
}
