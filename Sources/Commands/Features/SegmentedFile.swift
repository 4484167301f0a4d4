import Datasets
import Evaluators
import Foundation
import Images
import Tensors

/// What `segment` wrote of a picture, and the note beside it that says what the numbers mean and how they were made.
struct SegmentedFile: Encodable {
    struct Entry: Encodable {
        let id: Int
        let name: String
        let synonyms: [String]
        /// As in the PNG's palette: `#rrggbb`.
        let color: String
        /// Of the picture's pixels.
        let share: Double
        /// How much the picture as a whole shows the class; absent without a gate.
        let gate: Double?
    }

    struct Size: Encodable {
        let width: Int
        let height: Int
    }

    struct Cells: Encodable {
        let rows: Int
        let columns: Int
    }

    let picture: String
    let overlay: String
    let labels: String
    let note: String
    let size: Size
    /// As the tower was shown it.
    let view: Size
    let grid: Cells
    /// The label of pixels that are none of the classes.
    let none: Int
    let noneShare: Double
    let classes: [Entry]
    let weights: MeasuredWeights.Origin
    let made: SegmentationRecord
    let program: String
    let command: String

    init(
        picture: String,
        image: Image,
        _ result: SegmentedPicture,
        classes: ClassList,
        record: SegmentationRecord,
        weights: MeasuredWeights.Origin,
        stem: String
    ) {
        self.picture = picture
        overlay = "\(stem)-overlay.png"
        labels = "\(stem)-labels.png"
        note = "\(stem)-labels.json"
        size = Size(width: image.width, height: image.height)
        view = Size(width: result.viewWidth, height: result.viewHeight)
        grid = Cells(rows: result.grid.rows, columns: result.grid.columns)
        none = Int(LabelMap.void)
        let (counts, total) = (result.labels.pixelCounts, Double(image.width * image.height))
        noneShare = Double(counts[none]) / total
        self.classes = classes.entries.enumerated().map { id, entry in
            Entry(
                id: id,
                name: entry.name,
                synonyms: Array(entry.synonyms.dropFirst()),
                color: Self.hexadecimal(.label(UInt8(id))),
                share: Double(counts[id]) / total,
                gate: result.gates?[id]
            )
        }
        self.weights = weights
        made = record
        program = "stillhouse \(Build.version)"
        let arguments = CommandLine.arguments.dropFirst().map(Self.quoted).joined(separator: " ")
        command = SecretPattern.redacted("stillhouse \(arguments)")
    }

    /// The classes by area, the largest first.
    var summary: String {
        let shown = classes.filter { $0.share >= 0.005 }.sorted { ($1.share, $0.id) < ($0.share, $1.id) }
        let texts = shown.prefix(6).map { "\($0.name) \(Self.percent($0.share))" }
        let rest = noneShare >= 0.005 ? ["none \(Self.percent(noneShare))"] : []
        return (texts + (shown.count > 6 ? ["..."] : []) + rest).joined(separator: ", ")
    }

    func write(overlay picture: Image, labels map: LabelMap) throws {
        try OutputFile.write(PNGEncoder().encode(picture), to: overlay)
        let indexed = try PNGEncoder().encode(indices: map.values, width: map.width, height: map.height)
        try OutputFile.write(indexed, to: labels)
        try OutputFile.write((JSONOutput.text(self) + "\n").utf8, to: note)
    }

    /// As a shell wants it back.
    private static func quoted(_ argument: String) -> String {
        let isPlain = argument.allSatisfy { $0.isLetter || $0.isNumber || "-_./:=+,@%".contains($0) }
        return isPlain && !argument.isEmpty ? argument : "'\(argument.replacing("'", with: "'\\''"))'"
    }

    private static func percent(_ share: Double) -> String { String(format: "%.0f %%", share * 100) }

    private static func hexadecimal(_ color: Color) -> String {
        String(format: "#%02x%02x%02x", color.red, color.green, color.blue)
    }
}
