package import Checkpoints
package import Datasets
package import Layers
package import Models
import Objectives

extension Recipe {
    /// The frozen encoder that the run is bound to; nil before that, and where the objective binds itself to none.
    package var encoder: Digest? {
        switch objective {
        case .clipSelf, .silc, .combined: nil
        case .mvpSeg(let configuration): configuration.encoder
        case .mvpSegPlus(let configuration): configuration.encoder
        }
    }

    /// What the run's constants were made of, beside the start weights: a fork cannot have others.
    package var boundInputs: [String] {
        guard case .mvpSegPlus(let configuration) = objective else { return [] }
        let digests = [configuration.encoder, configuration.promptsDigest].map { $0?.description ?? "" }
        return digests + [configuration.parent ?? "", configuration.prompts ?? "", configuration.classes]
            + configuration.unseen
    }

    /// The recipe with the digest of its frozen encoder, where the objective binds itself to one; else the recipe itself.
    ///
    /// - Parameter tree: with all parameters of both towers, as the run starts.
    /// - Throws: `RecipeError.invalid` where the recipe, or the prompts that it begins with, are for another encoder; it
    ///   names both.
    package func bound(to tree: ParameterTree, model: ModelConfiguration) throws -> Recipe {
        var bound = self
        switch objective {
        case .clipSelf, .silc, .combined: return self
        case .mvpSeg(var configuration):
            let found = try EncoderDigest.digest(of: tree, vision: model.vision, text: model.textTower())
            if let wanted = configuration.encoder, wanted != found {
                throw refuse(
                    "objective.encoder",
                    wanted.description,
                    "\(found), the digest of the weights that the run starts from, or null"
                )
            }
            configuration.encoder = found
            bound.objective = .mvpSeg(configuration)
        case .mvpSegPlus(let configuration):
            let found = try EncoderDigest.digest(of: tree, vision: model.vision, text: model.textTower())
            guard configuration.encoder == found else {
                throw refuse(
                    "start",
                    "an encoder with the digest \(found)",
                    "the one that the prompts were trained for, \(configuration.encoder?.description ?? "not known")"
                )
            }
        }
        return bound
    }

    /// The recipe with what prompts decide, where the objective begins with some; else the recipe itself.
    ///
    /// - Parameters:
    ///   - parent: the run that they come from, with its version; nil for a file.
    ///   - classes: what the parent was trained with, in place of a list that the recipe does not give.
    /// - Throws: `RecipeError.invalid` for prompts of another encoder than the recipe asks for.
    package func bound(to prompts: SegmentationPrompts, parent: String?, classes: String?) throws -> Recipe {
        guard case .mvpSegPlus(var configuration) = objective else { return self }
        if let wanted = configuration.encoder, wanted != prompts.facts.encoder {
            throw refuse(
                "objective.encoder",
                wanted.description,
                "\(prompts.facts.encoder), which the prompts were trained for, or null"
            )
        }
        let digest = try prompts.checkpoint.contentDigest()
        if let wanted = configuration.promptsDigest, wanted != digest {
            throw refuse("objective.prompts_sha256", wanted.description, "\(digest), that of the prompts, or null")
        }
        (configuration.encoder, configuration.promptsDigest) = (prompts.facts.encoder, digest)
        (configuration.readout, configuration.gateSharpness) = (prompts.facts.readout, prompts.facts.gateSharpness)
        configuration.isGated = configuration.isGated && prompts.facts.isGated
        if let parent { configuration.parent = parent }
        if let classes, configuration.classes.isEmpty { configuration.classes = classes }
        var bound = self
        bound.objective = .mvpSegPlus(configuration)
        return bound
    }

    /// The recipe with the classes that its labels speak of, where the objective learns classes; else the recipe itself.
    ///
    /// - Parameter classes: the dataset's; nil where its samples have no labels.
    /// - Throws: `RecipeError.invalid` where the recipe names other classes than the labels have, or the dataset has none.
    package func bound(to classes: ClassList?) throws -> Recipe {
        guard var wanted = objective.labelClasses else { return self }
        guard let classes else {
            throw refuse("data", "a dataset without labels", "one whose pictures have labels of 254 classes at most")
        }
        if wanted.text.isEmpty { wanted.text = classes.text }
        let marked = try wanted.list()
        guard marked.names == classes.names else {
            let place = zip(marked.names, classes.names).enumerated().first { $1.0 != $1.1 }
            let difference = place.map { "class \($0) is \($1.0), and the labels' \($1.1)" }
            throw refuse(
                "objective.classes",
                difference ?? "a list of \(marked.count) classes",
                "the \(classes.count) classes of the dataset in their order, or left out"
            )
        }
        var bound = self
        bound.objective.labelClasses = LabelClasses(marked.text)
        return bound
    }

    private func refuse(_ key: String, _ value: String, _ allowed: String) -> RecipeError {
        .invalid(recipe: name, problems: [SettingProblem(key: key, value: value, allowed: allowed)])
    }
}
