package import Checkpoints
package import Datasets
package import Layers
package import Models
import Objectives

extension Recipe {
    /// The frozen encoder that the run is bound to; nil before that, and where the objective binds itself to none.
    package var encoder: Digest? {
        guard case .mvpSeg(let configuration) = objective else { return nil }
        return configuration.encoder
    }

    /// The recipe with the digest of its frozen encoder, where the objective binds itself to one; else the recipe itself.
    ///
    /// - Parameter tree: with all parameters of both towers, as the run starts.
    /// - Throws: `RecipeError.invalid` where the recipe was written for another encoder; it names both.
    package func bound(to tree: ParameterTree, model: ModelConfiguration) throws -> Recipe {
        guard case .mvpSeg(var configuration) = objective else { return self }
        let found = try EncoderDigest.digest(of: tree, vision: model.vision, text: model.textTower())
        if let wanted = configuration.encoder, wanted != found {
            let problem = SettingProblem(
                key: "objective.encoder",
                value: wanted.description,
                allowed: "\(found), the digest of the weights that the run starts from, or null"
            )
            throw RecipeError.invalid(recipe: name, problems: [problem])
        }
        configuration.encoder = found
        var bound = self
        bound.objective = .mvpSeg(configuration)
        return bound
    }

    /// The recipe with the classes that its labels speak of, where the objective learns classes; else the recipe itself.
    ///
    /// - Parameter classes: the dataset's; nil where its samples have no labels.
    /// - Throws: `RecipeError.invalid` where the recipe names other classes than the labels have, or the dataset has none.
    package func bound(to classes: ClassList?) throws -> Recipe {
        guard case .mvpSeg(var configuration) = objective else { return self }
        func refuse(_ key: String, _ value: String, _ allowed: String) -> RecipeError {
            .invalid(recipe: name, problems: [SettingProblem(key: key, value: value, allowed: allowed)])
        }
        guard let classes else {
            throw refuse("data", "a dataset without labels", "one whose pictures have labels of 254 classes at most")
        }
        if configuration.classes.isEmpty { configuration.classes = classes.text }
        let marked = try configuration.classList()
        guard marked.names == classes.names else {
            let place = zip(marked.names, classes.names).enumerated().first { $1.0 != $1.1 }
            let difference = place.map { "class \($0) is \($1.0), and the labels' \($1.1)" }
            throw refuse(
                "objective.classes",
                difference ?? "a list of \(marked.count) classes",
                "the \(classes.count) classes of the dataset in their order, or left out"
            )
        }
        (configuration.classes, configuration.unseen) = (marked.text, [])
        var bound = self
        bound.objective = .mvpSeg(configuration)
        return bound
    }
}
