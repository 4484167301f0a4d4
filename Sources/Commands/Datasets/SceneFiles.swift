import Datasets
import Foundation
import Images

/// Composes scenes from cut-outs and writes them as a data set in every form that the other commands read.
///
/// `images/*.jpg`, `masks/*.png` (indexed, with `classes.txt`), `scenes.json` (COCO: boxes, run lengths, captions) and
/// `labels.csv` (each scene's main noun). Equal settings give equal scenes.
struct SceneFiles {
    /// Has `sprites/` and perhaps `backgrounds/`.
    var root: String
    /// Side in pixels.
    var size = 128
    /// From 0 to 1.
    var difficulty = 1.0
    var seed: UInt64 = 0
    /// Of the JPEG files, from 1 to 100.
    var quality = 92

    /// What was written.
    struct Report: Encodable {
        let scenes: Int
        let objects: Int
        let nouns: Int
        let rejected: [String]

        var text: String {
            let counts = "\(Units.count(scenes)) scenes, \(Units.count(objects)) objects of \(Units.count(nouns)) nouns"
            return ([counts] + rejected.map { "left out: \($0)" }).joined(separator: "\n")
        }
    }

    /// - Parameter progress: told how many are written.
    func write(_ count: Int, to output: String, progress: (Int) -> Void = { _ in }) async throws -> Report {
        let root = try ImageRoot(root)
        let scan = try await ScenesDataset(root: root, size: size).scan()
        let names = scan.index.samples.map { $0.key.replacing("_", with: " ") }
        let classes = try ClassList(names: names, source: "sprites")
        let composer = SceneComposer(
            try await SceneParts(scan.index, root: root),
            size: size,
            difficulty: .constant(difficulty)
        )
        for folder in ["images", "masks"] { try OutputFile.makeDirectory(output + "/" + folder) }
        var (pictures, annotations, labels): ([String], [String], [String]) = ([], [], ["image,label"])
        for number in 0..<count {
            try Task.checkCancellation()
            let (epoch, position) = number.quotientAndRemainder(dividingBy: names.count)
            let noun = EpochOrder(runSeed: seed, epoch: epoch, count: names.count)[position]
            let scene = composer.compose(Int(noun), seed: SampleSeed(run: seed, epoch: epoch, sample: noun))
            let stem = try write(scene, number + 1, to: output)
            let record = try SceneRecord(
                scene,
                number: number + 1,
                fileName: stem + ".jpg",
                firstAnnotation: annotations.count + 1
            )
            pictures.append(record.picture)
            annotations += record.annotations
            labels.append("images/\(stem).jpg,\(names[Int(noun)])")
            progress(number + 1)
        }
        let text = SceneRecord.file(
            categories: try SceneRecord.categories(names),
            pictures: pictures,
            annotations: annotations
        )
        try OutputFile.write(text.utf8, to: output + "/scenes.json")
        try OutputFile.write(classes.text.utf8, to: output + "/classes.txt")
        try OutputFile.write((labels.joined(separator: "\n") + "\n").utf8, to: output + "/labels.csv")
        return Report(
            scenes: count,
            objects: annotations.count - count,
            nouns: names.count,
            rejected: scan.rejections
        )
    }

    /// - Returns: the name of its files.
    private func write(_ scene: Scene, _ number: Int, to output: String) throws -> String {
        let digits = String(number)
        let stem = String(repeating: "0", count: max(0, 6 - digits.count)) + digits
        let picture = try JPEGEncoder(quality: quality, hasFullChroma: true).encode(scene.image)
        try OutputFile.write(picture, to: "\(output)/images/\(stem).jpg")
        let labels = scene.labelMap
        let mask = try PNGEncoder().encode(indices: labels.values, width: labels.width, height: labels.height)
        try OutputFile.write(mask, to: "\(output)/masks/\(stem).png")
        return stem
    }
}
