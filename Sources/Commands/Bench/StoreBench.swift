import Foundation
import Postgres
import Stores
import Transfers

/// Moves a vector of parameters through the store in every way that training does, beside the least that libpq and
/// SHA-256 allow.
struct StoreBench {
    let bench: BenchDatabase
    let megabytes: Int
    let rounds: Int

    /// What is measured, in the order in which it is printed.
    enum Case: String, CaseIterable, Codable {
        case push
        case gradientRead = "gradient read"
        case pull = "pull, cold"
        case pullTenth = "pull, one chunk of ten changed"
        case pullUnchanged = "pull, unchanged"
        case publication
        case publicationTenth = "publication, one chunk of ten changed"
        case bareInsert = "libpq, bare insert"
        case bareSelect = "libpq, bare select"
        case hash = "SHA-256 on all cores"

        /// The rate that the machine would allow: the bare loop's where bytes travel.
        var yardstick: Case? {
            switch self {
            case .push, .publication: .bareInsert
            case .gradientRead, .pull: .bareSelect
            default: nil
            }
        }
    }

    func run() async throws -> StoreReport {
        let count = megabytes * 1_000_000 / MemoryLayout<Float>.size
        var vector = Self.vector(count)
        let database = bench.connect("bench")
        let yardstick = StoreYardstick(database)
        try await yardstick.prepare()
        // Each round is two steps, and one round is thrown away.
        let run = try await BenchRun.create(vector, stepCount: 2 * (rounds + 1), in: database)
        let bare = try BareConnection(bench.configuration)
        var seconds: [Case: [Double]] = [:]
        for round in 0...rounds {
            let times = try await measure(&vector, run, database, bare)
            guard round > 0 else { continue }
            for (name, values) in times { seconds[name, default: []] += values }
        }
        await database.close()
        return StoreReport(parameterCount: count, rounds: rounds, seconds: seconds)
    }

    /// One round: the bare loops, then two steps of training without the training.
    private func measure(
        _ vector: inout [Float],
        _ run: BenchRun,
        _ database: Database,
        _ bare: BareConnection
    ) async throws -> [Case: [Double]] {
        let (weights, yardstick) = (WeightStore(database), StoreYardstick(database))
        let reader = WeightReader(weights)
        var (times, traffic) = ([Case: [Double]](), WeightReader.Traffic())
        let (count, flat) = (vector.count, vector)
        let chunks = Self.chunks(of: flat)
        try await yardstick.clear()
        times[.bareInsert] = [try await timed { try await bare.insert(StoreYardstick.insertion, chunks) }]
        let manifest = try await push(flat, run, database, &times)
        times[.hash] = [await timed { _ = WeightWriter.references(to: flat, as: .student) }]
        times[.bareSelect] = [
            try await timed {
                let read = try await bare.select(StoreYardstick.selection)
                guard read == 4 * count else { throw Self.incomplete("the bare select") }
            }
        ]
        let head = try await Self.head(of: run, weights)
        var held: HeldVector?
        times[.pull] = [
            try await timed {
                try await reader.refresh(&held, .student, to: head.id, count: count, traffic: &traffic)
            }
        ]
        times[.gradientRead] = [
            try await timed {
                let read = try await GradientReader(GradientStore(database)).read(manifest, count: count)
                guard read?.count == count else { throw Self.incomplete("the gradient") }
            }
        ]
        times[.publication] = [try await publish(&vector, every: 1, [manifest], run, database)]
        let next = try await push(vector, run, database, &times)
        let parent = try await Self.head(of: run, weights)
        try await reader.refresh(&held, .student, to: parent.id, count: count, traffic: &traffic)
        times[.publicationTenth] = [try await publish(&vector, every: 10, [next], run, database)]
        let child = try await Self.head(of: run, weights)
        times[.pullTenth] = [
            try await timed {
                try await reader.refresh(&held, .student, to: child.id, count: count, traffic: &traffic)
            }
        ]
        guard held?.flat == vector else { throw Self.incomplete("the head") }
        times[.pullUnchanged] = [
            try await timed {
                try await reader.refresh(&held, .student, to: child.id, count: count, traffic: &traffic)
            }
        ]
        return times
    }

    /// Claims the open step's only job and hands in its gradient.
    private func push(
        _ flat: [Float],
        _ run: BenchRun,
        _ database: Database,
        _ times: inout [Case: [Double]]
    ) async throws -> GradientManifest {
        let gradients = GradientStore(database)
        try await StoreYardstick(database).clearGradients()
        guard let job = try await JobStore(database).claim(for: run.session).first else {
            throw Self.incomplete("the plan")
        }
        times[.push, default: []].append(
            try await timed {
                let answer = try await GradientWriter(gradients)
                    .deliver(flat, for: job.token, as: BenchRun.manifest)
                guard answer == .ok else { throw Self.incomplete("the push, answered \(answer),") }
            }
        )
        let manifests = try await gradients.manifests(of: run.run, step: job.arguments.step)
        guard let manifest = manifests.first else { throw Self.incomplete("the ledger") }
        return manifest
    }

    /// Changes some chunks and makes the result the head.
    /// - Returns: seconds from the vector in memory to the new head.
    private func publish(
        _ vector: inout [Float],
        every stride: Int,
        _ members: [GradientManifest],
        _ run: BenchRun,
        _ database: Database
    ) async throws -> Double {
        let weights = WeightStore(database)
        let parent = try await Self.head(of: run, weights)
        let layout = ChunkLayout(parameterCount: vector.count)
        for ordinal in Swift.stride(from: 0, to: layout.chunkCount, by: stride) {
            vector[layout.range(ofChunk: ordinal).lowerBound] += 1
        }
        let flat = vector
        return try await timed {
            let chunks = try await WeightWriter(weights).write(flat, as: .student, in: .unlogged)
            let update = VersionUpdate(
                samples: 1,
                units: 1,
                members: members,
                chunks: chunks,
                parentChain: parent.update.chainDigest
            )
            let draft = try await weights.draft(
                childOf: parent.id,
                applying: parent.number,
                update: update,
                chunks: chunks,
                under: run.aggregator
            )
            guard try await weights.publish(draft, members: members, under: run.aggregator) else {
                throw Self.incomplete("the publication")
            }
        }
    }

    private static func head(of run: BenchRun, _ weights: WeightStore) async throws -> Version {
        guard let head = try await weights.head(of: run.run) else { throw incomplete("the run") }
        return head
    }

    private static func incomplete(_ what: String) -> CommandFailure {
        CommandFailure(.broken, "\(what) is not what it must be; report this with the command and its output.")
    }

    private static func chunks(of flat: [Float]) -> [ArraySlice<Float>] {
        let layout = ChunkLayout(parameterCount: flat.count)
        return (0..<layout.chunkCount).map { flat[layout.range(ofChunk: $0)] }
    }

    /// Numbers that do not repeat, so that every chunk has a name of its own.
    private static func vector(_ count: Int) -> [Float] {
        var state: UInt32 = 1
        return (0..<count).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return Float(Int32(bitPattern: state)) * 1e-9
        }
    }

    /// Seconds that a body takes, never zero.
    private func timed(_ body: () async throws -> Void) async rethrows -> Double {
        let start = ContinuousClock.now
        try await body()
        return max((ContinuousClock.now - start) / .seconds(1), 1e-9)
    }
}
