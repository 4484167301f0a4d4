import Configs
import Objectives

extension Recipe {
    /// What is wrong with the `evaluation` section, by itself and beside the others.
    func evaluationProblems() -> [SettingProblem] {
        var problems: [SettingProblem] = []
        problems.require(
            evaluation.regionsPerImage >= 1,
            "evaluation.regions_per_image",
            evaluation.regionsPerImage,
            "1 or more"
        )
        problems.require(
            (0...1_000_000_000).contains(evaluation.every),
            "evaluation.every",
            evaluation.every,
            "a number of versions, or 0 for no evaluation"
        )
        problems.require(
            (evaluation.every == 0) == evaluation.sets.isEmpty,
            "evaluation.sets",
            evaluation.sets.isEmpty ? "without an entry" : "given although evaluation.every is 0",
            "entries to evaluate, together with an evaluation.every above 0"
        )
        problems.require(
            evaluation.sets.count <= 16,
            "evaluation.sets",
            "of \(evaluation.sets.count) entries",
            "of 16 at most"
        )
        problems.require(
            !evaluation.teacher || objective.hasFollowingTeacher,
            "evaluation.teacher",
            evaluation.teacher,
            "false where no teacher follows the student"
        )
        for (index, set) in evaluation.sets.enumerated() {
            let key = "evaluation.sets[\(index)]"
            problems += set.problems(under: key)
            problems.require(
                !evaluation.sets[..<index].contains { $0.name == set.name },
                "\(key).name",
                set.name,
                "another than those before it"
            )
            addProblems(of: set, under: key, to: &problems)
        }
        return problems
    }

    /// What a set needs of the rest of the recipe.
    private func addProblems(of set: EvaluationSet, under key: String, to problems: inout [SettingProblem]) {
        let allowed = allowedKind(of: set)
        problems.require(allowed == nil, "\(key).kind", set.kind.rawValue, allowed ?? "")
        if set.kind == .scenes || set.kind == .segmentation && set.segmentation == nil {
            problems.require(
                set.root != nil || data.kind == .scenes,
                "\(key).root",
                "missing",
                "a folder of cut-outs where `data` composes no scenes"
            )
            problems.require(
                set.size != nil || data.scenes?.size != nil,
                "\(key).size",
                "missing",
                "a side in pixels where `data` composes no scenes"
            )
        }
        if set.kind == .segmentation { addProblems(ofSegmentation: set, under: key, to: &problems) }
        if set.kind == .regions {
            problems.require(
                evaluation.annotations != nil && evaluation.root != nil,
                "\(key).kind",
                set.kind.rawValue,
                "another unless evaluation.annotations and evaluation.root name held-out regions"
            )
        }
    }

    /// What the kind of a set must be for what the objective trains; nil where it may be what it is.
    private func allowedKind(of set: EvaluationSet) -> String? {
        if objective.silc != nil { return nil }
        guard case .clipSelf = objective else {
            return set.kind == .segmentation
                ? nil
                : "`segmentation` where prompts or a dense student train: pixels are all that they say anything of"
        }
        switch set.kind {
        case .regions: return nil
        case .segmentation where evaluation.classEmbeddings != nil: return nil
        case .segmentation:
            return "another unless evaluation.class_embeddings stand for the names: the objective has no text tower"
        case .scenes, .classification, .retrieval:
            return "`regions` for an objective without a text tower (with class_embeddings, if regions are to be named)"
        }
    }

    /// What says the names, and what reads the pictures, is the run's own where it trains prompts.
    private func addProblems(
        ofSegmentation set: EvaluationSet,
        under key: String,
        to problems: inout [SettingProblem]
    ) {
        guard let readout = objective.trainedReadout else {
            let hasText = objective.silc != nil
            return problems.require(
                hasText || set.templates == nil,
                "\(key).templates",
                set.templates ?? "",
                "absent where evaluation.class_embeddings stand for the names"
            )
        }
        problems.require(
            set.templates == nil,
            "\(key).templates",
            set.templates ?? "",
            "absent where the run's prompts say the names"
        )
        problems.require(
            set.readout == nil || set.readout == readout,
            "\(key).readout",
            set.readout ?? "",
            "absent, or the one that the prompts are trained for, \(readout)"
        )
    }
}

extension ObjectiveRecipe {
    /// Whether versions carry a teacher, or an average, that follows the student.
    fileprivate var hasFollowingTeacher: Bool {
        switch self {
        case .clipSelf: false
        case .mvpSegPlus(let student): student.selfTeacher == .average
        default: silc?.distils ?? true
        }
    }

    /// How patches are read out where prompts, or a student of theirs, are trained for one way; nil for others.
    var trainedReadout: String? {
        switch self {
        case .mvpSeg(let prompts): prompts.readout
        case .mvpSegPlus(let student): student.readout ?? MVPSEG.readouts[0]
        default: nil
        }
    }
}

extension Recipe.EvaluationSet {
    /// Keys that some kinds read and others do not: a key that nobody reads is a mistake.
    private var keys: [(key: String, value: String?, kinds: [Kind])] {
        [
            ("root", root, [.scenes, .classification, .retrieval, .segmentation]),
            ("table", table, [.classification, .retrieval]),
            ("templates", templates, [.scenes, .classification, .segmentation]),
            ("count", count.map { "\($0)" }, [.scenes, .segmentation]),
            ("difficulty", difficulty.map { "\($0)" }, [.scenes, .segmentation]),
            ("seed", seed.map { "\($0)" }, [.scenes, .segmentation]),
            ("size", size.map { "\($0)" }, [.scenes, .segmentation]),
            ("segmentation", segmentation.map { _ in "set" }, [.segmentation]),
            ("annotations", annotations, [.segmentation]),
            ("unseen", unseen?.joined(separator: ", "), [.segmentation]),
            ("readout", readout, [.segmentation]),
            ("size_rule", sizeRule, [.segmentation]),
            ("window", window.map { "\($0)" }, [.segmentation]),
            ("stride", stride.map { "\($0)" }, [.segmentation]),
        ]
    }

    /// What is wrong with the set by itself.
    func problems(under key: String) -> [SettingProblem] {
        var problems: [SettingProblem] = []
        problems.require(
            name.count <= 32 && name.wholeMatch(of: /[a-z][a-z0-9_-]*/) != nil,
            "\(key).name",
            name,
            "up to 32 small letters, digits, - and _, the first a letter"
        )
        for (name, value, kinds) in keys {
            let isRead = kinds.contains(kind)
            problems.require(
                isRead || value == nil,
                "\(key).\(name)",
                value ?? "",
                "absent for `kind: \(kind.rawValue)`"
            )
            // An empty list of unseen classes says that there are none.
            let mayBeEmpty = name == "unseen"
            if isRead { problems.require(mayBeEmpty || value != "", "\(key).\(name)", "empty", "absent, or a name") }
        }
        let shipped = Presets.templates.keys.sorted()
        problems.require(
            templates.map { shipped.contains($0) } ?? true,
            "\(key).templates",
            templates ?? "",
            "one of the shipped sets: \(shipped.joined(separator: ", "))"
        )
        switch kind {
        case .scenes: addSceneProblems(to: &problems, under: key)
        case .segmentation: addSegmentationProblems(to: &problems, under: key)
        case .classification:
            problems.require(
                table != nil || root != nil,
                "\(key).root",
                "missing",
                "a folder of pictures a class, or beside a `table`"
            )
        case .retrieval:
            problems.require(
                table != nil,
                "\(key).table",
                "missing",
                "a .csv, .tsv or .jsonl file of pictures and captions"
            )
        case .regions: break
        }
        return problems
    }

    func addSceneProblems(to problems: inout [SettingProblem], under key: String) {
        problems.require(
            (1...1_000_000).contains(count ?? 0),
            "\(key).count",
            count.map { "\($0)" } ?? "missing",
            "from 1 to 1000000 scenes"
        )
        problems.require((0...1).contains(difficulty ?? 1), "\(key).difficulty", difficulty ?? 1, "from 0 to 1")
        problems.require((8...2048).contains(size ?? 8), "\(key).size", size ?? 8, "from 8 to 2048 pixels")
        problems.require(seed ?? 0 <= UInt64(Int64.max), "\(key).seed", seed ?? 0, "at most \(Int64.max)")
    }
}
