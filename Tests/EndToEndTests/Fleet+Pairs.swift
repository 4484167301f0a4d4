import Foundation
import Stores
import Testing

extension Fleet {
    /// Six steps of three jobs of four pairs each, eight to an epoch: both towers, a teacher that moves visibly, a
    /// centre. A job has two graphs, so its pairs are compared beyond one.
    static let pairSettings = [
        "model=stillhouse-tiny", "objective.contrastive=softmax", "objective.negatives=job",
        "objective.prototypes=24", "objective.head_hidden=16", "objective.head_bottleneck=8",
        "objective.student_batch=2", "objective.teacher_momentum=0.7", "objective.teacher_reference_batch=12",
        "objective.prototypes_held_for=24", "objective.views.global.size=32", "objective.views.local.size=16",
        "objective.views.local.count=2", "schedule.warmup_updates=1", "schedule.updates=6",
        "aggregation.images_per_job=4", "aggregation.jobs_per_step=3",
    ]

    /// A run of both towers on the samples' pictures with captions.
    func createPairsRun(_ name: String, settings: [String] = []) async throws -> Run {
        let data = try ["data.kind=pairs", "data.root=\(samples)/training", "data.annotations=\(pairs())"]
        let overlay = (Self.pairSettings + data + settings).flatMap { ["--set", $0] }
        let creation = try start(["run", "create", name, "--recipe", "silc-small"] + overlay)
        #expect(await creation.exitStatus() == 0, "\(creation.text)")
        return try await RunStore(database).run(named: name)
    }

    /// The path of a table with a caption for each picture of the samples.
    private func pairs() throws -> String {
        let path = file("pairs.csv")
        let names = try FileManager.default.contentsOfDirectory(atPath: samples + "/training").sorted()
        let rows = names.enumerated().map { "\($1),picture \($0) of things on a table" }
        let table = (["image,caption"] + rows).map { $0 + "\n" }.joined()
        try table.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }
}
