package import Images
package import Models

extension SemanticSegmenter {
    /// Everything that decides a segmentation beside weights and classes; a record of a figure has all of it.
    package struct Configuration: Hashable, Sendable {
        package var readout: DenseReadout
        package var size: SegmentationSize
        /// nil for the whole picture at once.
        package var window: SlidingWindow?
        package var normalization: Normalization
        package var background: SegmentationBackground
        /// Whether classes that are nowhere likely are left out.
        package var denoisesPrompts: Bool
        package var keySmoothing: KeySmoothing?

        package init(
            readout: DenseReadout = .valueResidual,
            size: SegmentationSize = .whole,
            window: SlidingWindow? = nil,
            normalization: Normalization = .clip,
            background: SegmentationBackground = .none,
            denoisesPrompts: Bool = false,
            keySmoothing: KeySmoothing? = nil
        ) {
            self.readout = readout
            self.size = size
            self.window = window
            self.normalization = normalization
            self.background = background
            self.denoisesPrompts = denoisesPrompts
            self.keySmoothing = keySmoothing
        }

        /// - Throws: `EvaluatorsError.needsWholePicture`, `.noProbabilities`
        func validate() throws(EvaluatorsError) {
            if window != nil, denoisesPrompts { throw .needsWholePicture("Prompt denoising") }
            if window != nil, keySmoothing != nil { throw .needsWholePicture("Key smoothing") }
            if keySmoothing != nil, case .threshold = background { throw .noProbabilities }
        }
    }
}
