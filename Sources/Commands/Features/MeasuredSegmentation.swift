import Evaluators

/// A segmentation's scores together with all that they depend on; in JSON these stand beside the scores' own keys.
struct MeasuredSegmentation: Encodable {
    let weights: MeasuredWeights.Origin
    let made: SegmentationRecord
    let datasetSHA256: String
    /// Patches without direction, over all pictures.
    let deadCells: Int
    let unusable: [UnusablePicture]
    let program: String
    let result: SegmentationEvaluation

    private enum CodingKeys: String, CodingKey {
        case weights, made, unusable, program
        case datasetSHA256 = "dataset_sha256"
        case deadCells = "dead_cells"
    }

    func encode(to encoder: any Encoder) throws {
        try result.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(weights, forKey: .weights)
        try container.encode(made, forKey: .made)
        try container.encode(datasetSHA256, forKey: .datasetSHA256)
        try container.encode(deadCells, forKey: .deadCells)
        try container.encode(unusable, forKey: .unusable)
        try container.encode(program, forKey: .program)
    }

    /// For a terminal: what was measured, the table, and the first ten pictures that were left out.
    var text: String {
        let window = made.window.map { ", windows of \($0) every \(made.stride ?? $0)" } ?? ", whole pictures"
        var lines = [
            weights.text,
            "read-out \(made.readout), size \(made.size)\(window), \(made.texts), background \(made.background)",
        ]
        let refinements = [
            made.denoisesPrompts ? "prompts denoised" : nil, made.keySmoothing.map { "keys smoothed (\($0.rawValue))" },
        ]
        lines += refinements.compactMap(\.self)
        lines += ["", result.table]
        if deadCells > 0 { lines.append("\(deadCells) patches had a feature without direction") }
        lines += unusable.prefix(10).map { "left out: \($0.key): \($0.reason)" }
        if unusable.count > 10 { lines.append("and \(unusable.count - 10) more; --json lists them all") }
        return lines.joined(separator: "\n")
    }
}
