import ArgumentParser

/// `stillhouse dataset compose`
struct DatasetComposeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compose",
        abstract: "Compose scenes from cut-outs, and write them as pictures, masks and COCO JSON.",
        discussion: """
            --root has cut-outs with transparency in sprites/<noun>/<style>-<n>.png and, if there are any, photographs \
            in backgrounds/. Written are images/*.jpg, masks/*.png (with a palette: the number of the class in \
            classes.txt, counted from 0, and 255 where there is none), scenes.json with boxes, run lengths and captions, \
            and labels.csv with the main noun of each scene. `dataset index --layout folders --labels masks --classes \
            …/classes.txt` reads the masks. Every noun is the main one equally often; equal settings give equal scenes.
            """
    )

    @Option(help: ArgumentHelp("Directory with sprites/ and backgrounds/.", valueName: "directory"))
    var root: String

    @Option(help: "How many scenes.")
    var count: Int

    @Option(help: ArgumentHelp("Side of the pictures.", valueName: "pixels"))
    var size = 128

    @Option(help: "From 0, one large upright object on near-white, to 1.")
    var difficulty = 1.0

    @Option(help: "Seed of every random choice.")
    var seed: UInt64 = 0

    @Option(help: "Quality of the JPEG files, from 1 to 100.")
    var quality = 92

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Directory to write to; made unless it is there.", valueName: "directory")
    )
    var output: String

    @Flag(help: "Print the report as JSON.")
    var json = false

    func validate() throws {
        if count < 1 { throw ValidationError("--count is \(count); it must be 1 or more.") }
        if !(8...2048).contains(size) { throw ValidationError("--size is \(size); it must be from 8 to 2048.") }
        if !(0...1).contains(difficulty) {
            throw ValidationError("--difficulty is \(difficulty); it must be from 0 to 1.")
        }
        if !(1...100).contains(quality) { throw ValidationError("--quality is \(quality); it must be from 1 to 100.") }
    }

    func run() async throws {
        var line = ProgressLine("composing", total: count, unit: "scenes")
        let files = SceneFiles(root: root, size: size, difficulty: difficulty, seed: seed, quality: quality)
        let report = try await files.write(count, to: output) { line.update($0) }
        line.finish()
        if json { try JSONOutput.print(report) } else { print(report.text) }
    }
}
