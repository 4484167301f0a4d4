import Checkpoints
import CoordinatorRole
import Datasets
import Layers
import Models
import Objectives
import Postgres
import Recipes
import Stores
import Tensors
import Transfers

/// Turns a recipe into a run: start weights as version 0, layouts, digests, and the number of steps.
///
/// Chunks are stored before the run that names them is entered, in one transaction, so an interrupted creation leaves
/// nothing but chunks that retention deletes.
struct RunCreation {
    let database: Database
    let backend: any Backend

    /// What was created, and what indexing the images found.
    struct Outcome {
        let id: RunID
        let plan: TrainingPlan
        let scan: DatasetScan
        let totalSteps: Int
        /// Keys of the start weights that the model does not read.
        let carried: [String]
    }

    func create(
        name: String,
        recipe named: Recipe,
        durability: RunDurability = .checkpointed
    ) async throws -> Outcome {
        let model = try named.loadModel()
        try named.validate(for: model)
        // Before the pictures are read: a mistake here should not cost that.
        let parent = try await ParentPrompts.find(for: named, in: database)
        let begun = try parent.map { try named.bound(to: $0.prompts, parent: $0.parent, classes: $0.classes) } ?? named
        let (scan, dataset) = try await begun.data.open()
        let recipe = try begun.bound(to: dataset.index.classes)
        try parent?.checkClasses(named, recipe)
        let plan = try TrainingPlan(recipe, model: model)
        guard plan.student.count > 0 else {
            throw CommandFailure(
                .usage,
                """
                Recipe \(recipe.name): nothing trains. Raise objective.unlocked_groups, or remove the parameter rules \
                that freeze everything.
                """
            )
        }
        var start = try StartWeights(recipe, plan, on: backend)
        let bound = try recipe.bound(to: start.encoder(plan, on: backend), model: model)
        if let parent { try start.begin(with: parent.prompts, plan, on: backend) }
        let layout = RunLayout(student: plan.student, frozen: plan.frozen, carried: try start.carriedLayout())

        let chunks = try await store(start, plan)
        let epochSamples = try recipe.checkedEpochSamples(of: dataset.count)
        let planner = EpochPlanner(recipe: recipe, epochSamples: epochSamples)
        let run = NewRun(
            name: name,
            seed: recipe.seed,
            recipe: try bound.canonicalJSON(),
            model: model.json,
            layout: try layout.json(),
            parameterCount: plan.payloadCount,
            digests: RunDigests(
                recipe: try RecipeFingerprint(of: bound).digest.bytes,
                layout: plan.layoutDigest.bytes,
                dataset: dataset.index.digest
            ),
            epochSamples: epochSamples,
            totalSteps: planner.totalSteps,
            durability: durability
        )
        let update = VersionUpdate(chunks: chunks)
        let id = try await RunStore(database).create(run, startingFrom: chunks, update: update)
        return Outcome(
            id: id,
            plan: plan,
            scan: scan,
            totalSteps: planner.totalSteps,
            carried: start.carriedKeys
        )
    }

    /// Version 0, chunk by chunk.
    private func store(_ start: StartWeights, _ plan: TrainingPlan) async throws -> [ChunkReference] {
        let writer = WeightWriter(WeightStore(database))
        var chunks = try await writer.write(try plan.student.flattened(start.tree), as: .student)
        chunks += try await writer.write(try plan.frozen.flattened(start.tree), as: .frozen)
        chunks += try await writer.write(try start.carriedFloats(), as: .carried)
        // A moving teacher sets out where the student does, and a centre at zero.
        if plan.teacherSize > 0 {
            chunks += try await writer.write(try plan.teacher.flattened(start.tree), as: .teacher)
        }
        return try await chunks + writer.write([Float](repeating: 0, count: plan.centreSize), as: .centre)
    }
}
