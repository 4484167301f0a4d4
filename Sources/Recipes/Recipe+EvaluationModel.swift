import Configs
import Datasets
import Evaluators
import Models
import Objectives

extension Recipe {
    /// What of the evaluations does not suit the model: windows that do not divide into patches, and names that it cannot be
    /// told whole. Better known before a run than after its first version.
    ///
    /// Nouns of scenes are not known yet; a name among them that does not fit fails its evaluation.
    func evaluationProblems(for model: ModelConfiguration) -> [SettingProblem] {
        var problems: [SettingProblem] = []
        for (index, set) in evaluation.sets.enumerated() {
            let patch = model.vision.patchSize
            problems.require(
                (set.window ?? 0) % patch == 0,
                "evaluation.sets[\(index)].window",
                set.window ?? 0,
                "a multiple of the patch size \(patch)"
            )
        }
        guard let text = try? model.textTower() else { return problems }
        for (index, set) in evaluation.sets.enumerated() {
            guard let classes = set.segmentation?.classes, let list = try? ClassList.named(classes) else { continue }
            do {
                try check(list.entries.flatMap(\.synonyms), of: set, contextLength: text.contextLength)
            } catch {
                let key = "evaluation.sets[\(index)].segmentation.classes"
                problems.append(SettingProblem(key: key, value: "a list with a name", allowed: "usable: \(error)"))
            }
        }
        return problems
    }

    private func check(_ names: [String], of set: EvaluationSet, contextLength: Int) throws {
        if case .mvpSeg(let prompts) = objective {
            _ = try PromptNames(names, contexts: prompts.contexts, contextLength: contextLength)
            return
        }
        guard objective.silc != nil else { return }
        let templates = set.templates ?? "simple"
        try PromptTemplates(text: Presets.templates[templates] ?? "", source: templates)
            .checkFit(of: names, contextLength: contextLength)
    }
}
