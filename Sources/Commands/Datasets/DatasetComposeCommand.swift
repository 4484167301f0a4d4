import ArgumentParser
import Datasets
import Foundation
import Images

/// `stillhouse dataset compose`
struct DatasetComposeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compose",
        abstract: "Compose scenes from cut-outs, and write them as pictures, masks and COCO JSON.",
        discussion: """
            --root has cut-outs with transparency in sprites/<noun>/<style>-<n>.png and, if there are any, photographs \
            in backgrounds/. Written are images/*.jpg, masks/*.png (with a palette: the number of the class in \
            classes.txt, counted from 0, and 255 where there is none) and scenes.json with boxes, run lengths and \
            captions. `dataset index --layout folders --labels masks --classes …/classes.txt` reads them. Every noun is the main one equally often; equal \
            settings give equal scenes.
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
        let root = try ImageRoot(root)
        let scan = try await ScenesDataset(root: root, size: size).scan()
        let names = scan.index.samples.map { $0.key.replacing("_", with: " ") }
        let classes = try ClassList(names: names, source: "sprites")
        let parts = try await SceneParts(scan.index, root: root)
        let composer = SceneComposer(parts, size: size, difficulty: .constant(difficulty))
        for folder in ["images", "masks"] { try OutputFile.makeDirectory(output + "/" + folder) }
        var (pictures, annotations): ([String], [String]) = ([], [])
        var line = ProgressLine("composing", total: count, unit: "scenes")
        for number in 0..<count {
            try Task.checkCancellation()
            let (epoch, position) = number.quotientAndRemainder(dividingBy: names.count)
            let noun = EpochOrder(runSeed: seed, epoch: epoch, count: names.count)[position]
            let scene = composer.compose(Int(noun), seed: SampleSeed(run: seed, epoch: epoch, sample: noun))
            let record = try write(scene, number + 1, firstAnnotation: annotations.count + 1)
            pictures.append(record.picture)
            annotations += record.annotations
            line.update(number + 1)
        }
        line.finish()
        let text = SceneRecord.file(
            categories: try SceneRecord.categories(names),
            pictures: pictures,
            annotations: annotations
        )
        try OutputFile.write(text.utf8, to: output + "/scenes.json")
        try OutputFile.write(classes.text.utf8, to: output + "/classes.txt")
        let report = Report(
            scenes: count,
            objects: annotations.count - count,
            nouns: names.count,
            rejected: scan.rejections
        )
        if json { try JSONOutput.print(report) } else { print(report.text) }
    }

    private func write(_ scene: Scene, _ number: Int, firstAnnotation: Int) throws -> SceneRecord {
        let digits = String(number)
        let stem = String(repeating: "0", count: max(0, 6 - digits.count)) + digits
        let picture = try JPEGEncoder(quality: quality, hasFullChroma: true).encode(scene.image)
        try OutputFile.write(picture, to: "\(output)/images/\(stem).jpg")
        let labels = scene.labelMap
        let mask = try PNGEncoder().encode(indices: labels.values, width: labels.width, height: labels.height)
        try OutputFile.write(mask, to: "\(output)/masks/\(stem).png")
        return try SceneRecord(scene, number: number, fileName: stem + ".jpg", firstAnnotation: firstAnnotation)
    }

    private struct Report: Encodable {
        let scenes: Int
        let objects: Int
        let nouns: Int
        let rejected: [String]

        var text: String {
            let counts = "\(Units.count(scenes)) scenes, \(Units.count(objects)) objects of \(Units.count(nouns)) nouns"
            return ([counts] + rejected.map { "left out: \($0)" }).joined(separator: "\n")
        }
    }
}
