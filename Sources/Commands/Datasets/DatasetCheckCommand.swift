import ArgumentParser
import Datasets
import Recipes

/// `stillhouse dataset check`
struct DatasetCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Decode every picture of an index, and say which cannot be used.",
        discussion: """
            Indexing reads headers only; this reads everything, as training would. The status is 64 when a picture is \
            bad, missing, or not the one indexed.
            """
    )

    @Argument(help: "An index by `dataset index`.")
    var index: String

    @Option(help: ArgumentHelp("Directory or http(s) address of the pictures.", valueName: "root"))
    var images: String

    @Flag(help: "Print the report as JSON.")
    var json = false

    func run() async throws {
        let dataset = try await opened()
        var problems: [Problem] = []
        var line = ProgressLine("decoding", total: dataset.count, unit: "pictures")
        for sample in dataset.index.samples {
            try Task.checkCancellation()
            do {
                if case .bad(let bad) = try await dataset.load(sample.id) {
                    problems.append(Problem(id: sample.id, key: sample.key, reason: bad.reason.description))
                }
            } catch DatasetError.cancelled {
                throw CancellationError()
            } catch {
                problems.append(Problem(id: sample.id, key: sample.key, reason: "\(error)"))
            }
            line.update(Int(sample.id) + 1)
        }
        line.finish()
        let report = Report(
            digest: dataset.index.digestText,
            pictures: dataset.count,
            captions: dataset.index.captionCount,
            problems: problems
        )
        if json { try JSONOutput.print(report) } else { print(report.text) }
        guard problems.isEmpty else { throw ExitCode(ExitStatus.usage.rawValue) }
    }

    /// Of scenes, every part is read, and every noun composed once.
    private func opened() async throws -> Dataset {
        let (index, root) = (try DatasetIndex.read(from: index), try ImageRoot(images))
        guard index.kind == .scenes else { return Dataset(index: index, root: root) }
        let size = index.samples.first?.width ?? 1
        let composer = SceneComposer(try await SceneParts(index, root: root), size: size, difficulty: .constant(1))
        return Dataset(index: index, root: root, composer: composer)
    }

    private struct Problem: Encodable {
        let id: Int64
        let key: String
        let reason: String
    }

    private struct Report: Encodable {
        let digest: String
        let pictures: Int
        let captions: Int
        let problems: [Problem]

        var text: String {
            let verdict =
                problems.isEmpty ? "all can be used" : "\(Units.count(problems.count)) cannot be used"
            let lines = problems.map { "sample \($0.id) (\($0.key)): \($0.reason)" }
            let texts = captions == 0 ? "" : ", \(Units.count(captions)) captions"
            return (["\(Units.count(pictures)) pictures, \(verdict)\(texts)", "digest \(digest)"] + lines)
                .joined(separator: "\n")
        }
    }
}
