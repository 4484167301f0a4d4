import Checkpoints
import CoordinatorRole
import Datasets
import Layers
import Models
import Objectives
package import Postgres
import Recipes
package import Stores
import Transfers

/// Turns a version of one run into version 0 of another, which names the very same chunks.
package struct RunFork {
    private let database: Database

    package init(database: Database) { self.database = database }

    package struct Outcome {
        package let id: RunID
        package let origin: RunOrigin
        package let totalSteps: Int
        /// What indexing the images found, when the recipe names others.
        package let warnings: [String]
    }

    /// - Parameter settings: laid over the origin's recipe; they may change neither model nor layout.
    package func create(name: String, from source: VersionArgument, settings: [String] = []) async throws -> Outcome {
        let parent = try await RunStore(database).run(named: source.run)
        let version = try await version(source.number, of: parent)
        let recipe = try recipe(of: parent, settings)
        let plan = try TrainingPlan(recipe, model: ModelConfiguration(json: Array(parent.model.utf8)))
        guard plan.layoutDigest.bytes == parent.digests.layout else {
            throw CommandFailure(
                .usage,
                """
                With these settings other parameters would train than in run \(parent.name), so its weights do not \
                fit. Leave objective.unlocked_groups and the parameter rules as they are, or pull the version and \
                create a run from the file: stillhouse weights pull \(parent.name) --version \(version.number)
                """
            )
        }
        let images = try await images(of: recipe, parent)
        let epochSamples = try recipe.checkedEpochSamples(of: images.count)
        let planner = EpochPlanner(recipe: recipe, epochSamples: epochSamples)
        let run = NewRun(
            name: name,
            seed: recipe.seed,
            recipe: try recipe.canonicalJSON(),
            model: parent.model,
            layout: parent.layout,
            parameterCount: plan.payloadCount,
            digests: RunDigests(
                recipe: try RecipeFingerprint(of: recipe).digest.bytes,
                layout: parent.digests.layout,
                dataset: images.digest
            ),
            epochSamples: epochSamples,
            totalSteps: planner.totalSteps
        )
        let origin = RunOrigin(
            run: parent.name,
            number: version.number,
            content: Digest(bytes: version.update.contentDigest)?.description ?? ""
        )
        let chunks = try await chunks(of: version, parent, for: plan)
        let id = try await RunStore(database)
            .create(run, startingFrom: chunks, update: VersionUpdate(chunks: chunks), origin: origin)
        return Outcome(id: id, origin: origin, totalSteps: planner.totalSteps, warnings: images.warnings)
    }

    private func version(_ number: Int?, of run: Run) async throws -> Version {
        let weights = WeightStore(database)
        let found =
            if let number { try await weights.version(number: number, of: run.id) } else {
                try await weights.head(of: run.id)
            }
        guard let found else {
            throw CommandFailure(
                .usage,
                """
                Run \(run.name) has no version \(number.map(String.init) ?? "yet"); its newest is \(run.head.number). \
                See `stillhouse weights list \(run.name)`.
                """
            )
        }
        guard found.state == .published else { throw StoreError.versionGone(run: run.name, number: found.number) }
        return found
    }

    private func recipe(of run: Run, _ settings: [String]) throws -> Recipe {
        let own = try Recipe(json: run.recipe, source: "recipe of run \(run.name)")
        let recipe = try RecipeLoader().parse(own.yaml(), file: "recipe of run \(run.name)", settings: settings)
        guard recipe.model == own.model else {
            throw CommandFailure(
                .usage,
                "A fork keeps the model of run \(run.name), \(own.model). For another one use `stillhouse run create`."
            )
        }
        guard recipe.start == own.start else {
            throw CommandFailure(
                .usage,
                "A fork starts from a version, not from start.*. For other weights use `stillhouse run create`."
            )
        }
        guard recipe.encoder == own.encoder else {
            throw CommandFailure(
                .usage,
                "A fork keeps the encoder of run \(run.name). Leave objective.encoder as it is, or use `stillhouse run create`."
            )
        }
        guard recipe.boundInputs == own.boundInputs else {
            throw CommandFailure(
                .usage,
                """
                A fork keeps the prompts and the classes that run \(run.name) began with. Leave objective.parent, \
                objective.prompts, objective.classes and objective.unseen as they are, or use `stillhouse run create`.
                """
            )
        }
        return recipe
    }

    private struct Images {
        let count: Int
        let digest: [UInt8]
        var warnings: [String] = []
    }

    /// The same images need not be there, as their index is known; others are indexed here.
    private func images(of recipe: Recipe, _ parent: Run) async throws -> Images {
        if try recipe.data == Recipe(json: parent.recipe).data {
            return Images(count: parent.epochSamples, digest: parent.digests.dataset)
        }
        let (scan, dataset) = try await recipe.data.open()
        _ = try recipe.bound(to: dataset.index.classes)
        return Images(
            count: dataset.count,
            digest: dataset.index.digest,
            warnings: scan.rejectedImages.map { "image left out: \($0)" }
                + scan.rejectedAnnotations.map { "annotation left out: \($0)" }
                + scan.rejectedRecords.map { "record left out: \($0)" } + scan.warnings.map { "\($0)" }
        )
    }

    /// Without moments; a moving teacher and a centre as they are at the version.
    private func chunks(of version: Version, _ parent: Run, for plan: TrainingPlan) async throws -> [ChunkReference] {
        let recipe = try Recipe(json: parent.recipe, source: "recipe of run \(parent.name)")
        let origin = try TrainingPlan(recipe, model: ModelConfiguration(json: Array(parent.model.utf8)))
        var roles: [ChunkRole] = [.student, .frozen, .carried]
        if plan.teacherSize > 0 || plan.centreSize > 0 {
            guard origin.teacherSize > 0, origin.teacher == plan.teacher, origin.centreSize == plan.centreSize else {
                throw CommandFailure(
                    .usage,
                    """
                    With these settings the fork would want another moving teacher or centre than run \(parent.name) \
                    has. Leave the settings of its objective's teacher as they are, or pull the version and create a \
                    run from the file: stillhouse weights pull \(parent.name) --version \(version.number)
                    """
                )
            }
            roles += [.teacher, .centre]
        }
        let chunks = try await WeightStore(database).chunks(of: version.id, roles: roles)
        guard plan.teacherPolicy == .frozen else { return chunks }
        return try await chunks + frozenTeacher(of: version, parent, inherits: origin.teacherPolicy == .frozen)
    }

    /// The teacher of the run at the root, unless that is where the fork starts.
    private func frozenTeacher(of version: Version, _ parent: Run, inherits: Bool) async throws -> [ChunkReference] {
        let weights = WeightStore(database)
        guard let root = try await weights.version(number: 0, of: parent.id) else {
            throw StoreError.versionGone(run: parent.name, number: 0)
        }
        let inherited = inherits ? try await weights.chunks(of: root.id, roles: [.teacher]) : []
        guard inherited.isEmpty, version.number > 0 else { return inherited }
        return try await weights.chunks(of: root.id, roles: [.student]).map { student in
            ChunkReference(role: .teacher, ordinal: student.ordinal, digest: student.digest)
        }
    }
}
