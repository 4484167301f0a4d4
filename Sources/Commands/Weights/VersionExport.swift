package import Checkpoints
import Layers
import Models
import Objectives
import OrderedCollections
package import Postgres
import Recipes
package import Stores
package import Transfers

/// Takes a version out of the database as one complete set of weights, in the native layout.
package struct VersionExport {
    private let weights: WeightStore
    let reader: WeightReader

    /// How often a head that retired while it was read is followed by the next one.
    private static let attempts = 5

    package init(database: Database, cache: WeightCache? = nil) {
        weights = WeightStore(database)
        reader = WeightReader(weights, cache: cache)
    }

    /// Whose weights are taken out.
    package enum Role: String, CaseIterable, Sendable {
        case student, teacher
    }

    /// What is to be taken out of which run.
    struct Request {
        let run: Run
        let role: Role
        let recipe: Recipe
        let plan: TrainingPlan
        let layout: RunLayout
        let mix: AlphaMix

        init(_ run: Run, _ role: Role, alpha: Double?) throws {
            (self.run, self.role) = (run, role)
            recipe = try Recipe(json: run.recipe, source: "recipe of run \(run.name)")
            plan = try TrainingPlan(recipe, model: ModelConfiguration(json: Array(run.model.utf8)))
            layout = try RunLayout(json: run.layout)
            mix = try AlphaMix(alpha: role == .teacher ? 1 : alpha ?? recipe.export.alpha)
        }
    }

    /// The whole model as fp32: trained and frozen tensors and those that the run only carries.
    ///
    /// Parameters of the objective, such as a distillation head, are no part of the model and left out.
    /// - Parameters:
    ///   - role: a moving teacher has its own numbers where it follows the student, and the student's elsewhere; a frozen
    ///     one is the start weights, in a fork those of the run at its root.
    ///   - number: along the run's history; nil for its head.
    ///   - alpha: share of the student in `alpha · student + (1 − alpha) · start weights`; nil for the recipe's, 0 for
    ///     the start weights, 1 for the raw student.
    ///   - progress: called with parameters read so far and in all; it starts again when the head has moved on.
    /// - Throws: `TransferError.versionRetired` when the head retired under each of five attempts.
    package func checkpoint(
        of run: Run,
        role: Role = .student,
        number: Int? = nil,
        alpha: Double? = nil,
        progress: (Int, Int) -> Void = { _, _ in }
    ) async throws -> Checkpoint {
        let request = try Request(run, role, alpha: alpha)
        let number = role == .teacher ? try Self.number(ofTeacher: request, number) : number
        return try await takeOut(number, of: run) { version in
            let whole = try await read(version, request, progress)
            var checkpoint = Checkpoint()
            checkpoint.tensors = whole.tensors.filter { !request.plan.objective.isAuxiliary($0.key) }
            checkpoint.metadata = try metadata(of: version, request, base: await start(of: run))
            return checkpoint
        }
    }

    /// What is read of a version; a head that retires meanwhile is followed by the next one.
    func takeOut<Taken>(
        _ number: Int?,
        of run: Run,
        _ read: (Version) async throws -> Taken
    ) async throws -> Taken {
        var attempt = 1
        while true {
            let version = try await version(number, of: run)
            do {
                return try await read(version)
            } catch TransferError.versionRetired where number == nil && attempt < Self.attempts {
                attempt += 1
            } catch TransferError.versionRetired where number != nil {
                throw Self.retired(version, of: run)
            }
        }
    }

    /// At which version a teacher is looked up: a frozen one at the run's start.
    static func number(ofTeacher request: Request, _ number: Int?) throws -> Int? {
        switch request.plan.teacherPolicy {
        case .movingAverage: return number
        case .frozen where number == nil: return 0
        case .frozen:
            throw CommandFailure(
                .usage,
                "The teacher of run \(request.run.name) is frozen, the same at every version. Leave --version out."
            )
        case .none:
            throw CommandFailure(
                .usage,
                "The objective of run \(request.run.name) has no teacher. Pull the student: leave --role out."
            )
        }
    }

    func version(_ number: Int?, of run: Run) async throws -> Version {
        let found =
            if let number { try await weights.version(number: number, of: run.id) } else {
                try await weights.head(of: run.id)
            }
        guard let found else {
            throw CommandFailure(
                .usage,
                "Run \(run.name) has no version \(number.map(String.init) ?? "yet"). See `weights list \(run.name)`."
            )
        }
        if number != nil, found.state != .published { throw Self.retired(found, of: run) }
        return found
    }

    func start(of run: Run) async throws -> Version { try await version(0, of: run) }

    func read(
        _ version: Version,
        _ request: Request,
        _ progress: (Int, Int) -> Void
    ) async throws -> Checkpoint {
        let (plan, layout) = (request.plan, request.layout)
        let start = try await start(of: request.run)
        // A fork's frozen teacher is that of the run at its root, not its own start.
        let hasTeacher = try await !weights.chunks(of: start.id, roles: [.teacher]).isEmpty
        let isFork = plan.teacherPolicy == .frozen && hasTeacher
        let isMixed = request.mix.alpha < 1 && (version.number > 0 || isFork)
        let movesAlong = request.role == .teacher && plan.teacherSize > 0
        let total =
            layout.student.count * (isMixed ? 2 : 1) + layout.frozen.count + layout.carried.count
            + (movesAlong ? plan.teacherSize : 0)
        var done = 0
        progress(done, total)
        func place(_ role: ChunkRole, _ layout: ParameterLayout, of version: Version, in model: inout VersionAssembly)
            async throws
        {
            guard layout.count > 0 else { return }
            var traffic = WeightReader.Traffic()
            let flat = try await reader.read(role, of: version.id, count: layout.count, traffic: &traffic)
            try model.place(flat, by: layout)
            done += layout.count
            progress(done, total)
        }
        var common = VersionAssembly()
        try await place(.frozen, layout.frozen, of: version, in: &common)
        try await place(.carried, layout.carried, of: version, in: &common)
        var model = common
        let isOfRoot = request.role == .teacher && isFork
        try await place(isOfRoot ? .teacher : .student, layout.student, of: version, in: &model)
        if movesAlong { try await place(.teacher, plan.teacher, of: version, in: &model) }
        guard isMixed else { return model.checkpoint }
        try await place(isFork ? .teacher : .student, layout.student, of: start, in: &common)
        let trained = layout.student.slices.map { slice in
            AlphaMix.TrainedSlice(key: slice.path, rows: slice.coversParameter ? nil : slice.rows)
        }
        return try request.mix(student: model.checkpoint, teacher: common.checkpoint, trained: trained)
    }

    /// The strings of the file's header: where the weights come from, and how they want to be read.
    private func metadata(
        of version: Version,
        _ request: Request,
        base: Version
    ) throws -> [String: String] {
        let run = request.run
        var metadata = [
            "format": "pt",
            "run": run.name,
            "role": request.role.rawValue,
            "step": String(version.number),
            "alpha": String(min(request.mix.alpha, 1)),
            "recipe_sha256": Self.hexadecimal(run.digests.recipe),
            "base_content_sha256": Self.hexadecimal(base.update.contentDigest),
            "version_content_sha256": Self.hexadecimal(version.update.contentDigest),
            "version_chain_sha256": Self.hexadecimal(version.update.chainDigest),
        ]
        switch request.recipe.objective {
        case .clipSelf(let objective):
            metadata["objective"] = "clipself"
            metadata["mode"] = objective.regions.rawValue
            metadata["grid_limit"] = String(objective.gridLimit)
            metadata["student_size"] = String(objective.studentSize)
            metadata["dense_readout"] = "value path of the last block"
        case .silc(let objective):
            metadata["objective"] = objective.distils ? "silc" : "contrastive"
            describe(objective, in: &metadata)
        case .combined(let objective):
            metadata["objective"] = "combined"
            metadata["dense_readout"] = "value path of the last block"
            describe(objective.silc, in: &metadata)
        case .mvpSeg(let objective):
            metadata["objective"] = "mvpseg"
            metadata["dense_readout"] = objective.readout
        case .mvpSegPlus(let objective):
            metadata["objective"] = "mvpseg-plus"
            metadata["dense_readout"] = objective.readout
        }
        return metadata
    }

    private func describe(_ objective: SILC.Configuration, in metadata: inout [String: String]) {
        metadata["mode"] = "\(objective.contrastive.rawValue), \(objective.negatives.rawValue) negatives"
        metadata["global_size"] = String(objective.views.global.size)
    }

    static func hexadecimal(_ bytes: [UInt8]) -> String { Digest(bytes: bytes)?.description ?? "" }

    static func retired(_ version: Version, of run: Run) -> CommandFailure {
        CommandFailure(
            .usage,
            """
            Version \(version.number) of run \(run.name) is \(version.state.rawValue): its weights are gone. \
            `weights list \(run.name)` shows the versions that can still be pulled.
            """
        )
    }
}
