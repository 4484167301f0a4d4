import Datasets
package import Models

extension MVPSEG.Configuration {
    /// What is wrong whatever the model; `key` is prefixed with `prefix`.
    package func problems(under prefix: String) -> [SettingProblem] {
        var problems: [SettingProblem] = []
        func require(_ isValid: Bool, _ key: CodingKeys, _ value: some Any, _ allowed: String) {
            problems.require(isValid, "\(prefix).\(key.rawValue)", value, allowed)
        }
        require((1...16).contains(prompts), .prompts, prompts, "from 1 to 16")
        require((1...64).contains(contexts), .contexts, contexts, "from 1 to 64")
        require(
            initialDeviation > 0 && initialDeviation <= 10,
            .initialDeviation,
            initialDeviation,
            "above 0, as equal prompts stay equal, and at most 10"
        )
        require((10...300).contains(initialScale ?? 100), .initialScale, initialScale ?? 0, "from 10 to 300, or null")
        for (key, weight) in [
            (CodingKeys.segmentationWeight, segmentationWeight), (.classificationWeight, classificationWeight),
            (.orthogonalityWeight, orthogonalityWeight),
        ] {
            require((0...1000).contains(weight), key, weight, "from 0 to 1000")
        }
        require((0.01...10_000).contains(gateSharpness), .gateSharpness, gateSharpness, "from 0.01 to 10000")
        require(
            MVPSEG.readouts.contains(readout),
            .readout,
            readout,
            "one of \(MVPSEG.readouts.joined(separator: ", "))"
        )
        require((8...4096).contains(viewSize), .viewSize, viewSize, "from 8 to 4096 pixels")
        require((0...1).contains(flip), .flip, flip, "from 0 to 1")
        require(
            averageMomentum > 0 && averageMomentum < 1,
            .averageMomentum,
            averageMomentum,
            "above 0 and below 1, where the average would stay at the start"
        )
        require(averageReferenceBatch > 0, .averageReferenceBatch, averageReferenceBatch, "1 or more samples")
        require((1...4096).contains(studentBatch), .studentBatch, studentBatch, "from 1 to 4096")
        require((1...254).contains(classBatch), .classBatch, classBatch, "from 1 to 254")
        addWordProblems(require)
        addClassProblems(to: &problems, under: prefix)
        return problems
    }

    private func addWordProblems(_ require: (Bool, CodingKeys, Any, String) -> Void) {
        guard let words = initialWords else { return }
        let count = CLIPTokenizer().encode(words).count
        require(
            count == contexts,
            .initialWords,
            "\(words.debugDescription), \(count) tokens",
            "words of \(contexts) tokens, one a context (\(CodingKeys.contexts.rawValue)), or null for a random start"
        )
    }

    private func addClassProblems(to problems: inout [SettingProblem], under prefix: String) {
        // Those of the dataset take their place before anything is computed.
        if classes.isEmpty { return }
        let key = "\(prefix).\(CodingKeys.classes.rawValue)"
        do throws(DatasetError) {
            let list = try classList()
            problems.require(
                list.seen.count > 1,
                key,
                "\(list.count) classes, \(list.seen.count) of them seen",
                "a list with two seen classes or more: with one every cell would get it"
            )
        } catch {
            problems.append(SettingProblem(key: key, value: "no class list", allowed: "a class a line: \(error)"))
        }
    }

    /// The same, and what does not suit the model.
    package func problems(under prefix: String, for model: ModelConfiguration) -> [SettingProblem] {
        var problems = problems(under: prefix)
        let (tower, side) = (model.vision, "\(prefix).\(CodingKeys.viewSize.rawValue)")
        problems.require(
            viewSize % tower.patchSize == 0,
            side,
            viewSize,
            "a multiple of the patch size \(tower.patchSize)"
        )
        problems.require(tower.layers > 0, "model", "without blocks", "one with blocks, for the dense read-out")
        let text: TextTransformer.Configuration
        do {
            text = try model.textTower()
            try text.checkVocabulary()
        } catch {
            let allowed = "one with a text tower that can be computed: \(error)"
            return problems + [SettingProblem(key: "model", value: "without text", allowed: allowed)]
        }
        problems.require(text.layers > 0, "model", "a text tower without blocks", "one whose text tower has blocks")
        if let list = try? classList() {
            do throws(ModelsError) {
                // Unseen names too: whoever trains prompts will want to use them.
                _ = try PromptNames(list.names, contexts: contexts, contextLength: text.contextLength)
            } catch {
                let key = "\(prefix).\(CodingKeys.classes.rawValue)"
                problems.append(SettingProblem(key: key, value: "a list with a name", allowed: "usable: \(error)"))
            }
        }
        return problems
    }
}
