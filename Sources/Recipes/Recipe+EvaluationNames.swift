import Configs
import Datasets
import Evaluators
import Models
import Objectives

extension Recipe {
    /// Names of evaluations that the model cannot be told whole: better known before a run than after its first version.
    ///
    /// Nouns of scenes are not known yet; a name among them that does not fit fails its evaluation.
    func evaluationNameProblems(for model: ModelConfiguration) -> [SettingProblem] {
        guard let text = try? model.textTower() else { return [] }
        var problems: [SettingProblem] = []
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
        let (tokenizer, set) = (CLIPTokenizer(), set.templates ?? "simple")
        let templates = try PromptTemplates(text: Presets.templates[set] ?? "", source: set)
        for name in names {
            for prompt in templates.prompts(for: name) {
                let count = tokenizer.encode(prompt).count + 2
                if count > contextLength {
                    throw ModelsError.longText(prompt, tokens: count, contextLength: contextLength)
                }
            }
        }
    }
}
