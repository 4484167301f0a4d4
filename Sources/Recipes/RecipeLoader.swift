import Configs
import Datasets
import Foundation
import Objectives
import Yams

/// Reads recipes: a YAML file over what it `extends`, over the defaults of its objective.
///
/// Nothing is executed and nothing is guessed: a key nobody knows is an error that names its line and the nearest
/// spelling. The result has every value, but is checked against its model only by `Recipe.validated(for:)`.
package struct RecipeLoader: Sendable {
    private let shipped: [String: String]
    private let defaults: [String: String]

    package init() {
        shipped = Presets.recipes
        defaults = Presets.recipeDefaults
    }

    /// Recipes that are part of the binary, sorted.
    package var shippedNames: [String] { shipped.keys.sorted() }

    /// Reads the shipped recipe of that name, or a file; write `./name` for a file that bears a shipped name.
    ///
    /// - Parameter settings: pairs such as `data.root=/data/coco`, laid over the recipe last.
    package func load(_ nameOrPath: String, settings: [String] = []) throws(RecipeError) -> Recipe {
        let source = try source(of: nameOrPath, askedBy: nil)
        return try resolve(source, settings: settings)
    }

    /// Reads a recipe given as text.
    package func parse(_ text: String, file: String = "recipe", settings: [String] = []) throws(RecipeError) -> Recipe {
        try resolve(Source(file: file, text: text), settings: settings)
    }

    // MARK: Layers

    private struct Source {
        var file: String
        var text: String
    }

    private func resolve(_ source: Source, settings: [String]) throws(RecipeError) -> Recipe {
        var layers: [(file: String, node: Node)] = []
        var next: Source? = source
        while let current = next {
            if layers.contains(where: { $0.file == current.file }) {
                throw .endlessOverlay(files: layers.reversed().map(\.file) + [current.file])
            }
            var node = try compose(current)
            next = try base(of: &node, file: current.file)
            layers.insert((current.file, node), at: 0)
        }
        for setting in settings {
            layers.append(("--set \(setting)", try node(of: setting)))
        }
        let kind = try objectiveKind(of: layers)
        var merged = try compose(Source(file: "defaults/\(kind)", text: defaults[kind] ?? ""))
        let overlay = RecipeOverlay(elementKeys: [
            "parameters": Recipe.ParameterRule.CodingKeys.allCases.map(\.rawValue),
            "evaluation.sets": Recipe.EvaluationSet.CodingKeys.allCases.map(\.rawValue),
            "evaluation.sets.segmentation": Recipe.DataSource.Segmentation.CodingKeys.allCases.map(\.rawValue),
            "objective.views.stages": ViewSettings.Stage.CodingKeys.allCases.map(\.rawValue),
            "objective.silc.views.stages": ViewSettings.Stage.CodingKeys.allCases.map(\.rawValue),
        ])
        for layer in layers {
            merged = try overlay.laying(layer.node, over: merged, file: layer.file)
        }
        return try decode(merged, file: source.file)
    }

    private func source(of nameOrPath: String, askedBy file: String?) throws(RecipeError) -> Source {
        var path = nameOrPath
        if let file, !path.hasPrefix("/"), let slash = file.lastIndex(of: "/") {
            path = file[...slash] + path
        }
        // A bare name means the shipped recipe even where a file bears it.
        if let text = shipped[nameOrPath] {
            return Source(file: nameOrPath, text: text)
        }
        if FileManager.default.fileExists(atPath: path) {
            return Source(file: path, text: try read(path))
        }
        if let file {
            throw .unknownBase(file: file, base: nameOrPath, shipped: shippedNames)
        }
        throw .unreadable(file: nameOrPath, reason: "there is no such file or shipped recipe")
    }

    private func read(_ path: String) throws(RecipeError) -> String {
        let data: Data
        do {
            // A device or a pipe in the file's place would be read without end.
            let url = URL(fileURLWithPath: path).resolvingSymlinksInPath()
            let values = try url.resourceValues(forKeys: [.isRegularFileKey, .fileSizeKey])
            guard values.isRegularFile == true else {
                throw RecipeError.unreadable(file: path, reason: "it is not a regular file")
            }
            guard let count = values.fileSize, count <= RecipeText.maximumByteCount else {
                throw RecipeError.unreadable(file: path, reason: "it is larger than any recipe needs to be")
            }
            data = try Data(contentsOf: url)
        } catch let error as RecipeError {
            throw error
        } catch {
            throw .unreadable(file: path, reason: error.localizedDescription)
        }
        guard let text = String(data: data, encoding: .utf8) else {
            throw .unreadable(file: path, reason: "it is not UTF-8 text")
        }
        return text
    }

    private func compose(_ source: Source) throws(RecipeError) -> Node {
        guard let node = try RecipeText(file: source.file, text: source.text).tree(), case .mapping = node else {
            throw .syntax(file: source.file, reason: "it holds no keys.")
        }
        return node
    }

    /// Takes `extends` out of the tree and finds what it names.
    private func base(of node: inout Node, file: String) throws(RecipeError) -> Source? {
        guard case .mapping(var mapping) = node, let extends = mapping[Node("extends")] else { return nil }
        guard let name = extends.string, extends.null == nil else {
            throw .unsuitableValue(file: file, key: "extends", reason: "must be the name or path of one recipe.")
        }
        mapping[Node("extends")] = nil
        node = .mapping(mapping)
        return try source(of: name, askedBy: file)
    }

    /// The uppermost layer that names one decides, since each objective has defaults of its own.
    private func objectiveKind(of layers: [(file: String, node: Node)]) throws(RecipeError) -> String {
        let kinds = ObjectiveRecipe.Kind.allCases.map(\.rawValue)
        for layer in layers.reversed() {
            guard let kind = layer.node["objective"]?["kind"] else { continue }
            guard let name = kind.string, kinds.contains(name) else {
                throw .unsuitableValue(
                    file: layer.file,
                    key: "objective.kind",
                    reason: "is \(kind.string ?? "no name"); it must be \(kinds.joined(separator: " or "))."
                )
            }
            return name
        }
        return ObjectiveRecipe.Kind.clipSelf.rawValue
    }

    /// `a.b=value` as a tree; the value is YAML, so numbers, true and null mean what they mean in a file.
    private func node(of setting: String) throws(RecipeError) -> Node {
        guard let equals = setting.firstIndex(of: "="), equals > setting.startIndex else {
            throw .syntax(file: "--set \(setting)", reason: "a setting reads key.path=value.")
        }
        let path = setting[..<equals].split(separator: ".").map(String.init)
        guard path.count <= RecipeText.maximumDepth else {
            throw .syntax(file: "--set \(setting.prefix(80))…", reason: "no key has so many parts.")
        }
        let text = String(setting[setting.index(after: equals)...])
        let value = try RecipeText(file: "--set \(setting)", text: text).tree() ?? Node("null")
        return path.reversed().reduce(value) { Node([(Node($1), $0)]) }
    }

    private func decode(_ node: Node, file: String) throws(RecipeError) -> Recipe {
        var recipe: Recipe
        do {
            recipe = try YAMLDecoder().decode(Recipe.self, from: node)
        } catch {
            throw RecipeError(error, file: file)
        }
        if var classes = recipe.objective.labelClasses {
            classes.text = try classList(classes.text, "objective.classes", askedBy: file)
            recipe.objective.labelClasses = classes
        }
        for index in recipe.evaluation.sets.indices {
            guard let classes = recipe.evaluation.sets[index].segmentation?.classes else { continue }
            let key = "evaluation.sets[\(index)].segmentation.classes"
            recipe.evaluation.sets[index].segmentation?.classes = try classList(classes, key, askedBy: file)
        }
        return recipe
    }

    /// The text of a class list that a recipe names, so that the run knows it on every machine; a list stays as it is.
    private func classList(
        _ nameOrText: String,
        _ key: String,
        askedBy file: String
    ) throws(RecipeError) -> String {
        // Those of the dataset, as soon as that is known.
        if nameOrText.isEmpty { return "" }
        do {
            return try ClassList.named(nameOrText).text
        } catch {
            let reason = "must be a class list, the path of one, or a shipped one. \(error)"
            throw .unsuitableValue(file: file, key: key, reason: reason)
        }
    }
}
