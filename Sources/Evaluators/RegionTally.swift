import Tensors

/// The running sums of an evaluation.
struct RegionTally {
    var images = 0
    var skippedRegions = 0
    var badImages: [String] = []
    private var emptyMasks = 0
    private var regions: [Float] = []
    private var crops: [Float] = []
    private var size = 0
    private var boxAccuracy: ClassAccuracy
    private var maskAccuracy: ClassAccuracy
    private var cropAccuracy: ClassAccuracy

    init(classCount: Int) {
        boxAccuracy = ClassAccuracy(classCount: classCount)
        maskAccuracy = ClassAccuracy(classCount: classCount)
        cropAccuracy = ClassAccuracy(classCount: classCount)
    }

    mutating func add(_ features: RegionFeatures) {
        size = features.boxes.shape[1]
        regions += features.boxes.floats
        crops += features.crops.floats
        if features.masks != nil {
            emptyMasks += features.hasMask.count { !$0 }
        }
    }

    /// - Parameters:
    ///   - labels: the class of each region.
    ///   - table: `[C, E]`, unit rows.
    mutating func classify(_ features: RegionFeatures, labels: [Int], against table: Tensor) {
        Self.record(features.boxes, labels, table, in: &boxAccuracy)
        Self.record(features.crops, labels, table, in: &cropAccuracy)
        if let masks = features.masks {
            Self.record(masks, labels, table, in: &maskAccuracy) { features.hasMask[$0] }
        }
    }

    private static func record(
        _ features: Tensor,
        _ labels: [Int],
        _ table: Tensor,
        in accuracy: inout ClassAccuracy,
        where isCounted: (Int) -> Bool = { _ in true }
    ) {
        let scores = features.linear(weight: table).floats  // [R, C]
        let count = table.shape[0]
        for (row, label) in labels.enumerated() where isCounted(row) {
            accuracy.record(scores: scores[row * count..<(row + 1) * count], label: label)
        }
    }

    func result(dataset: String, on backend: any Backend) throws(EvaluatorsError) -> RegionEvaluation {
        guard size > 0 else { throw .noRegions(dataset: dataset) }
        let count = regions.count / size
        let cosines = zip(regions, crops).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
        let hits = RegionRetrieval.hits(queries: regions, gallery: crops, size: size, on: backend)
        return RegionEvaluation(
            images: images,
            regions: count,
            meanCosine: cosines / Double(count),
            retrievalTop1: Double(hits) / Double(count),
            boxes: Self.summary(boxAccuracy),
            masks: Self.summary(maskAccuracy),
            crops: Self.summary(cropAccuracy),
            emptyMasks: emptyMasks,
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
