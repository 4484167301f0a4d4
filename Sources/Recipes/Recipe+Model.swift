import Configs
import Foundation
package import Models
import Objectives

extension Recipe {
    /// The model that the recipe names: a shipped preset, or a file in open_clip's JSON.
    ///
    /// A run stores the JSON (`ModelConfiguration.json`), so only its creation reads this.
    /// - Throws: `RecipeError.invalid` for a name that is neither; `ModelsError` for a file that describes no model.
    package func loadModel() throws -> ModelConfiguration {
        if let preset = Presets.models[model] {
            return try ModelConfiguration(json: preset)
        }
        guard Self.isRegularFile(model), let data = FileManager.default.contents(atPath: model) else {
            let shipped = Presets.models.keys.sorted().joined(separator: ", ")
            let problem = SettingProblem(
                key: "model",
                value: model,
                allowed: "a file, or one of the shipped models (\(shipped))"
            )
            throw RecipeError.invalid(recipe: name, problems: [problem])
        }
        return try ModelConfiguration(json: data)
    }

    /// A device or a pipe would be read without end.
    private static func isRegularFile(_ path: String) -> Bool {
        let url = URL(fileURLWithPath: path).resolvingSymlinksInPath()
        return (try? url.resourceValues(forKeys: [.isRegularFileKey]))?.isRegularFile == true
    }
}
