import Tensors

/// The running sums of an evaluation: of the pictures and their crops, and of each reading of them.
struct RegionTally {
    /// What regions are named by: class embeddings `[C, E]`, unit rows, and the class of each region.
    typealias Naming = (table: Tensor, labels: [Int])

    var images = 0
    var skippedRegions = 0
    var badImages: [String] = []
    private var crops: [Float] = []
    private var size = 0
    private var cropAccuracy: ClassAccuracy
    private var readings: [Reading]

    private struct Reading {
        let size: Int
        var regions: [Float] = []
        var emptyMasks = 0
        var boxAccuracy: ClassAccuracy
        var maskAccuracy: ClassAccuracy
    }

    /// - Parameter sizes: of the picture in each reading.
    init(sizes: [Int], classCount: Int) {
        let empty = ClassAccuracy(classCount: classCount)
        cropAccuracy = empty
        readings = sizes.map { Reading(size: $0, boxAccuracy: empty, maskAccuracy: empty) }
    }

    /// Adds a picture's crops, `[R, E]`, unit rows.
    mutating func add(_ crops: Tensor, _ naming: Naming?) {
        size = crops.shape[1]
        self.crops += crops.floats
        if let naming { Self.record(crops, naming, in: &cropAccuracy) }
    }

    /// Adds what one reading made of the same picture.
    mutating func add(_ features: RegionFeatures, _ naming: Naming?, of reading: Int) {
        readings[reading].regions += features.boxes.floats
        if features.masks != nil { readings[reading].emptyMasks += features.hasMask.count { !$0 } }
        guard let naming else { return }
        Self.record(features.boxes, naming, in: &readings[reading].boxAccuracy)
        if let masks = features.masks {
            Self.record(masks, naming, in: &readings[reading].maskAccuracy) { features.hasMask[$0] }
        }
    }

    private static func record(
        _ features: Tensor,
        _ naming: Naming,
        in accuracy: inout ClassAccuracy,
        where isCounted: (Int) -> Bool = { _ in true }
    ) {
        let scores = features.linear(weight: naming.table).floats  // [R, C]
        let count = naming.table.shape[0]
        for (row, label) in naming.labels.enumerated() where isCounted(row) {
            accuracy.record(scores: scores[row * count..<(row + 1) * count], label: label)
        }
    }

    /// - Throws: `EvaluatorsError.noRegions` if no picture had any.
    func results(dataset: String, on backend: any Backend) throws(EvaluatorsError) -> [RegionEvaluation] {
        guard size > 0 else { throw .noRegions(dataset: dataset) }
        return readings.map { result(of: $0, on: backend) }
    }

    private func result(of reading: Reading, on backend: any Backend) -> RegionEvaluation {
        let count = reading.regions.count / size
        let cosines = zip(reading.regions, crops).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
        let hits = RegionRetrieval.hits(queries: reading.regions, gallery: crops, size: size, on: backend)
        return RegionEvaluation(
            size: reading.size,
            images: images,
            regions: count,
            meanCosine: cosines / Double(count),
            retrievalTop1: Double(hits) / Double(count),
            boxes: Self.summary(reading.boxAccuracy),
            masks: Self.summary(reading.maskAccuracy),
            crops: Self.summary(cropAccuracy),
            emptyMasks: reading.emptyMasks,
            skippedRegions: skippedRegions,
            badImages: badImages
        )
    }

    private static func summary(_ accuracy: ClassAccuracy) -> RegionEvaluation.Accuracy? {
        guard let first = accuracy.mean(at: 1), let fifth = accuracy.mean(at: 5) else { return nil }
        return RegionEvaluation.Accuracy(
            macc1: first,
            macc5: fifth,
            regions: accuracy.regionCount,
            classes: accuracy.classCount
        )
    }
}
