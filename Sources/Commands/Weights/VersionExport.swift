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
    private let reader: WeightReader

    /// How often a head that retired while it was read is followed by the next one.
    private static let attempts = 5

    package init(database: Database, cache: WeightCache? = nil) {
        weights = WeightStore(database)
        reader = WeightReader(weights, cache: cache)
    }

    /// The whole model as fp32: trained and frozen tensors and those that the run only carries.
    ///
    /// - Parameters:
    ///   - number: along the run's history; nil for its head.
    ///   - alpha: share of the student in `alpha · student + (1 − alpha) · start weights`; nil for the recipe's, 0 for
    ///     the teacher, 1 for the raw student.
    ///   - progress: called with parameters read so far and in all; it starts again when the head has moved on.
    /// - Throws: `TransferError.versionRetired` when the head retired under each of five attempts.
    package func checkpoint(
        of run: Run,
        number: Int? = nil,
        alpha: Double? = nil,
        progress: (Int, Int) -> Void = { _, _ in }
    ) async throws -> Checkpoint {
        let recipe = try Recipe(json: run.recipe, source: "recipe of run \(run.name)")
        let mix = try AlphaMix(alpha: alpha ?? recipe.export.alpha)
        let layout = try RunLayout(json: run.layout)
        var attempt = 1
        while true {
            let version = try await version(number, of: run)
            do {
                var checkpoint = try await read(version, of: run, layout, mix, progress)
                checkpoint.metadata = try metadata(of: version, run, recipe, mix, base: await start(of: run))
                return checkpoint
            } catch TransferError.versionRetired where number == nil && attempt < Self.attempts {
                attempt += 1
            } catch TransferError.versionRetired where number != nil {
                throw Self.retired(version, of: run)
            }
        }
    }

    private func version(_ number: Int?, of run: Run) async throws -> Version {
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

    private func start(of run: Run) async throws -> Version { try await version(0, of: run) }

    private func read(
        _ version: Version,
        of run: Run,
        _ layout: RunLayout,
        _ mix: AlphaMix,
        _ progress: (Int, Int) -> Void
    ) async throws -> Checkpoint {
        let start = try await start(of: run)
        // A fork's teacher is that of the run at its root, not its own start.
        let isFork = try await !weights.chunks(of: start.id, roles: [.teacher]).isEmpty
        let needsTeacher = mix.alpha < 1 && (version.number > 0 || isFork)
        let total = layout.student.count * (needsTeacher ? 2 : 1) + layout.frozen.count + layout.carried.count
        var done = 0
        progress(done, total)
        func flat(_ role: ChunkRole, _ layout: ParameterLayout, of version: Version) async throws -> [Float] {
            guard layout.count > 0 else { return [] }
            var traffic = WeightReader.Traffic()
            let flat = try await reader.read(role, of: version.id, count: layout.count, traffic: &traffic)
            done += layout.count
            progress(done, total)
            return flat
        }
        var common = VersionAssembly()
        try common.place(try await flat(.frozen, layout.frozen, of: version), by: layout.frozen)
        try common.place(try await flat(.carried, layout.carried, of: version), by: layout.carried)
        var student = common
        try student.place(try await flat(.student, layout.student, of: version), by: layout.student)
        guard needsTeacher else { return student.checkpoint }
        var teacher = common
        try teacher.place(
            try await flat(isFork ? .teacher : .student, layout.student, of: start),
            by: layout.student
        )
        let trained = layout.student.slices.map { slice in
            AlphaMix.TrainedSlice(key: slice.path, rows: slice.coversParameter ? nil : slice.rows)
        }
        return try mix(student: student.checkpoint, teacher: teacher.checkpoint, trained: trained)
    }

    /// The strings of the file's header: where the weights come from, and how they want to be read.
    private func metadata(
        of version: Version,
        _ run: Run,
        _ recipe: Recipe,
        _ mix: AlphaMix,
        base: Version
    ) throws -> [String: String] {
        var metadata = [
            "format": "pt",
            "run": run.name,
            "step": String(version.number),
            "alpha": String(min(mix.alpha, 1)),
            "recipe_sha256": Self.hexadecimal(run.digests.recipe),
            "base_content_sha256": Self.hexadecimal(base.update.contentDigest),
            "version_content_sha256": Self.hexadecimal(version.update.contentDigest),
            "version_chain_sha256": Self.hexadecimal(version.update.chainDigest),
        ]
        switch recipe.objective {
        case .clipSelf(let objective):
            metadata["objective"] = "clipself"
            metadata["mode"] = objective.regions.rawValue
            metadata["grid_limit"] = String(objective.gridLimit)
            metadata["student_size"] = String(objective.studentSize)
            metadata["dense_readout"] = "value path of the last block"
        }
        return metadata
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String { Digest(bytes: bytes)?.description ?? "" }

    private static func retired(_ version: Version, of run: Run) -> CommandFailure {
        CommandFailure(
            .usage,
            """
            Version \(version.number) of run \(run.name) is \(version.state.rawValue): its weights are gone. \
            `weights list \(run.name)` shows the versions that can still be pulled.
            """
        )
    }
}
