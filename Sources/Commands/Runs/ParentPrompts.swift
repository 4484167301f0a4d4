import Checkpoints
import Datasets
import Models
import Objectives
import Postgres
import Recipes
import Stores

/// The trained prompts that a run begins with: those of another run, or of a file.
struct ParentPrompts {
    let prompts: SegmentationPrompts
    /// `RUN@VERSION`; nil for a file.
    let parent: String?
    /// The class list that they were trained with, where it is known.
    let classes: String?

    /// - Returns: nil for a recipe whose objective begins without prompts.
    /// - Throws: `StoreError` for a run that is not there, `CommandFailure` for one that trains no prompts,
    ///   `CheckpointError` or `ModelsError` for a file that has none.
    static func find(for recipe: Recipe, in database: Database) async throws -> ParentPrompts? {
        guard case .mvpSegPlus(let objective) = recipe.objective else { return nil }
        if let file = objective.prompts {
            let prompts = try SegmentationPrompts(Checkpoint.read(file), source: file)
            return ParentPrompts(prompts: prompts, parent: nil, classes: nil)
        }
        let named = objective.parent ?? ""
        guard let argument = VersionArgument(argument: named) else {
            throw CommandFailure(.usage, "objective.parent is \(named); write NAME, or NAME@VERSION.")
        }
        let run = try await RunStore(database).run(named: argument.run)
        let version = argument.number ?? run.head.number
        guard let prompts = try await VersionExport(database: database).prompts(of: run, number: version) else {
            throw CommandFailure(
                .usage,
                """
                Run \(run.name) trains no prompts, so nothing can begin with them. Set objective.parent to a run whose \
                objective is mvpseg, or objective.prompts to a file that `weights pull` wrote of one.
                """
            )
        }
        let parents = try Recipe(json: run.recipe, source: "recipe of run \(run.name)")
        return ParentPrompts(
            prompts: prompts,
            parent: "\(run.name)@\(version)",
            classes: parents.objective.labelClasses?.text
        )
    }

    /// Refuses classes that were taken from the dataset and are not those that the prompts were trained with: what one side
    /// withholds, the other might have seen.
    ///
    /// - Parameters:
    ///   - named: as it was given.
    ///   - bound: with its classes.
    func checkClasses(_ named: Recipe, _ bound: Recipe) throws {
        guard let given = named.objective.labelClasses, given.text.isEmpty, given.unseen.isEmpty,
            let list = try bound.objective.labelClasses?.list(), list.digestText != prompts.facts.classList
        else { return }
        throw CommandFailure(
            .usage,
            """
            The prompts were trained with the class list \(prompts.facts.classList), and the dataset has \
            \(list.digestText). Say with objective.classes or objective.unseen which classes training must not see.
            """
        )
    }
}
