import Datasets
package import Images
package import Models
package import Tensors

/// Says of every pixel of a picture which of some classes it shows, by comparing dense features with vectors of text.
///
/// A picture's way: resized by a rule, normalised, padded, one feature a patch, one score a class, scores brought bilinearly
/// to the view, cut, brought to the picture's own size, and the class with the greatest one; of equal ones the first. Scores
/// are resampled, not probabilities. Memory grows with the pixels and with classes × patches, not with classes × pixels.
/// - SeeAlso: Zhou et al. 2022 (MaskCLIP), arXiv:2112.01071; Guo et al. 2023 (MVP-SEG), arXiv:2304.06957.
package struct SemanticSegmenter {
    /// Sides below this are refused.
    package static let smallestSide = 8
    /// Patches of one pass, and pixels of a whole view: beyond them a strip of a picture would take all memory there is.
    static let patchLimit = 1 << 14
    static let pixelLimit = 1 << 26

    package let configuration: Configuration
    package let scorer: ClassScorer
    private let tower: VisionTransformer
    /// Of a dense student; nil where patches speak for themselves.
    private let decoder: DenseDecoder?
    private let backend: any Backend

    /// - Parameter decoder: of a dense student, whose finer vectors are compared in place of the patches'.
    /// - Throws: `EvaluatorsError.wrongEmbeddingSize`, `.oneClass`, or for choices that exclude each other.
    package init(
        _ tower: VisionTransformer,
        decoder: DenseDecoder? = nil,
        scorer: ClassScorer,
        _ configuration: Configuration = Configuration(),
        on backend: any Backend
    ) throws(EvaluatorsError) {
        guard scorer.size == tower.configuration.embeddingSize else {
            throw .wrongEmbeddingSize(expected: tower.configuration.embeddingSize, found: scorer.size)
        }
        let needsAnother =
            if case .threshold = configuration.background { false } else { scorer.classCount < 2 }
        if needsAnother { throw .oneClass("class 0") }
        try configuration.validate()
        if decoder != nil, configuration.denoisesPrompts || configuration.keySmoothing != nil {
            throw .refinedStudent
        }
        self.tower = tower
        self.decoder = decoder
        self.scorer = scorer
        self.configuration = configuration
        self.backend = backend
    }

    /// Why a picture of this size cannot be segmented: `EvaluatorsError.tinyPicture` or `.largeView`; nil if it can.
    package func refusal(width: Int, height: Int) -> EvaluatorsError? {
        guard min(width, height) >= Self.smallestSide else { return .tinyPicture(width: width, height: height) }
        let patch = tower.configuration.patchSize
        let view = configuration.size.size(width: width, height: height, patchSize: patch)
        let shown = configuration.window?.side ?? .max
        func patches(_ side: Int) -> Int { (min(side, shown) + patch - 1) / patch }
        let fits =
            view.width <= Self.pixelLimit / view.height
            && patches(view.width) <= Self.patchLimit / patches(view.height)
        if fits { return nil }
        return .largeView(
            width: width,
            height: height,
            rule: configuration.size.description,
            viewWidth: view.width,
            viewHeight: view.height
        )
    }

    /// - Throws: `EvaluatorsError.notFinite`, or the refusal of its size.
    package func segment(_ image: Image) throws(EvaluatorsError) -> SegmentedPicture {
        if let refusal = refusal(width: image.width, height: image.height) { throw refusal }
        let view = view(of: image)
        let products = try products(of: view)
        let gates = products.globalCosines.map { logGates(of: $0, view) }
        let planes = planes(of: products, gates: gates, view)
        var decision = PixelDecision(view, background: configuration.background, classCount: scorer.classCount)
        for (id, rows) in planes.enumerated() { decision.consider(class: id, rows) }
        return SegmentedPicture(
            labels: LabelMap(width: image.width, height: image.height, values: decision.labels()),
            viewWidth: view.width,
            viewHeight: view.height,
            grid: view.grid,
            gates: gates.map { gates in (0..<scorer.classCount).map { Self.gate(gates[scorer.rows(of: $0)]) } },
            deadCells: products.deadCells
        )
    }

    /// Scores of one text at the picture's own size, row by row: the cosine of its vector and the features, brought up like
    /// a class's.
    ///
    /// - Parameter vector: `[E]`, of length 1.
    package func similarity(_ image: Image, to vector: [Float]) throws(EvaluatorsError) -> [Float] {
        if let refusal = refusal(width: image.width, height: image.height) { throw refusal }
        let view = view(of: image)
        let one = ClassScorer(vectors: vector, count: 1, scale: 1)
        let cells = try products(of: view, by: one).rows[0]
        var resampling = PlaneResampling(rows: view.rows, columns: view.columns)
        var pixels = [Float](repeating: 0, count: image.width * image.height)
        pixels.withUnsafeMutableBufferPointer { pixels in
            cells.withUnsafeBufferPointer { resampling.resample($0, into: pixels) }
        }
        return pixels
    }

    private func view(of image: Image) -> SegmentationView {
        SegmentationView(
            image,
            configuration,
            patchSize: tower.configuration.patchSize,
            cellsPerPatch: decoder == nil ? 1 : DenseDecoder.cellsPerPatch
        )
    }

    /// g, of a class with several names that of the best.
    private static func gate(_ logarithms: ArraySlice<Double>) -> Double {
        ClassScorer.Gate.value(ofLogarithm: logarithms.max() ?? 0)
    }

    // MARK: Cells

    /// What is known of the cells of all windows.
    private struct Products {
        /// Scaled products of each of the scorer's rows.
        var rows: [[Float]]
        var globalCosines: [[Float]]?
        /// The last block's keys, `[N, D]`, where they are wanted.
        var keys: Tensor?
        var deadCells = 0
    }

    private func products(of view: SegmentationView, by scorer: ClassScorer? = nil) throws(EvaluatorsError) -> Products
    {
        let wanted = scorer ?? self.scorer
        let empty = [Float](repeating: 0, count: view.assembledGrid.count)
        var products = Products(rows: [[Float]](repeating: empty, count: wanted.classes.count))
        if wanted.gate != nil { products.globalCosines = products.rows }
        for row in view.tops.indices {
            for column in view.lefts.indices {
                let pixels = view.pixels(window: row, column, on: backend)
                let (features, keys) = features(pixels)
                guard backend.isFinite(features.value) else { throw .notFinite }
                products.keys = keys
                products.deadCells += Self.deadRows(features)
                func place(_ table: Tensor, in rows: inout [[Float]]) {
                    let (values, count) = (table.floats, view.grid.count)
                    for index in rows.indices {
                        view.place(values[index * count..<(index + 1) * count], window: row, column, in: &rows[index])
                    }
                }
                place(wanted.products(with: features), in: &products.rows)
                if let cosines = wanted.globalCosines(with: features), var rows = products.globalCosines {
                    products.globalCosines = nil
                    place(cosines, in: &rows)
                    products.globalCosines = rows
                }
            }
        }
        return products
    }

    /// `[N, E]` of one window, and its keys where they are wanted.
    private func features(_ pixels: Tensor) -> (features: Tensor, keys: Tensor?) {
        func flat(_ x: Tensor) -> Tensor { x.reshaped(to: [x.shape[1], x.shape[2]]) }
        if let decoder {
            let (features, tokens) = tower.denseFeaturesAndTokens(pixels, readout: configuration.readout)
            return (decoder(tokens: flat(tokens), features: flat(features.tokens), grid: features.grid), nil)
        }
        guard let smoothing = configuration.keySmoothing else {
            return (flat(tower.denseFeatures(pixels, readout: configuration.readout).tokens), nil)
        }
        let (features, keys) = tower.denseFeaturesAndKeys(
            pixels,
            readout: configuration.readout,
            isProjected: smoothing.projectsKeys
        )
        return (flat(features.tokens), flat(keys))
    }

    private static func deadRows(_ features: Tensor) -> Int {
        features.rowDots(features).floats.count { $0 == 0 }
    }

    // MARK: Gate, denoising, smoothing

    /// ln g of each of the scorer's rows: pooled over the patches of the whole picture, or over the pixels of the view that
    /// windows make together.
    private func logGates(of cosines: [[Float]], _ view: SegmentationView) -> [Double] {
        guard let gate = scorer.gate else { return cosines.map { _ in 0 } }
        var resampling = PlaneResampling(rows: view.viewRows, columns: view.viewColumns)
        var pixels = [Float](repeating: 0, count: view.isWhole ? 0 : view.width * view.height)
        return cosines.map { cells in
            if !view.isWhole {
                pixels.withUnsafeMutableBufferPointer { pixels in
                    cells.withUnsafeBufferPointer { resampling.resample($0, into: pixels) }
                }
            }
            // Rounding the view up to whole patches leaves no patch that is padding alone.
            return gate.logarithm(ofScore: gate.score(view.isWhole ? cells : pixels))
        }
    }

    /// The planes of each class, one a name, with what is added to each of them.
    private func planes(of products: Products, gates: [Double]?, _ view: SegmentationView) -> [[PixelDecision.Plane]] {
        let isRefined = configuration.denoisesPrompts || configuration.keySmoothing != nil
        guard isRefined else {
            return (0..<scorer.classCount).map { id in
                scorer.rows(of: id).map { PixelDecision.Plane(products.rows[$0], offset: Float(gates?[$0] ?? 0)) }
            }
        }
        let classes = (0..<scorer.classCount).map { id in Self.best(of: scorer.rows(of: id), products.rows, gates) }
        return refined(classes, keys: products.keys).map { [PixelDecision.Plane($0, offset: 0)] }
    }

    /// A class's score at each cell: that of its best name.
    private static func best(of rows: Range<Int>, _ products: [[Float]], _ gates: [Double]?) -> [Float] {
        products[rows.lowerBound].indices.map { cell in
            rows.map { products[$0][cell] + Float(gates?[$0] ?? 0) }.max() ?? 0
        }
    }

    /// Denoised first, smoothed then; by probabilities of `PromptDenoising.scale` times the cosine, whatever the scorer's
    /// own scale.
    private func refined(_ classes: [[Float]], keys: Tensor?) -> [[Float]] {
        var cosines = classes.map { $0.map { $0 / Float(scorer.scale) } }
        if configuration.denoisesPrompts {
            let kept = PromptDenoising.kept(cosines)
            for id in cosines.indices where !kept[id] { cosines[id] = cosines[id].map { _ in -100 } }
        }
        guard let smoothing = configuration.keySmoothing, let keys else {
            return cosines.map { $0.map { $0 * Float(scorer.scale) } }
        }
        return smoothing.smoothed(PromptDenoising.probabilities(cosines), keys: keys)
    }
}
