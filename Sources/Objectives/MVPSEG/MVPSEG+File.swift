package import Checkpoints
import Datasets
package import Layers
package import Models
import Tensors

extension MVPSEG {
    /// What trains, as those use it who segment: without the run, with all that it depends on.
    ///
    /// - Parameters:
    ///   - tree: everything that the objective reads; the average's tree for the average.
    ///   - encoder: `EncoderDigest` of the towers.
    ///   - origin: strings for the file's header, such as run and version.
    package func segmentationPrompts(
        in tree: ParameterTree,
        encoder: Digest,
        origin: [String: String] = [:]
    ) throws -> SegmentationPrompts {
        segmentationPrompts(
            contexts: try tree.tensor(Prompts.contextsPath).floats,
            logScale: try tree.tensor(Prompts.logScalePath).scalar,
            logGateTemperature: try tree.tensor(Prompts.logTemperaturePath).scalar,
            encoder: encoder,
            origin: origin
        )
    }

    /// The same of bare numbers.
    ///
    /// - Parameter contexts: `[1 + k, N, W]`.
    package func segmentationPrompts(
        contexts: [Float],
        logScale: Float,
        logGateTemperature: Float,
        encoder: Digest,
        origin: [String: String]
    ) -> SegmentationPrompts {
        SegmentationPrompts(
            contexts: contexts,
            count: configuration.prompts,
            length: configuration.contexts,
            width: text.width,
            logScale: logScale,
            logGateTemperature: logGateTemperature,
            facts: SegmentationPrompts.Facts(
                isGated: configuration.isGated,
                gateSharpness: configuration.gateSharpness,
                readout: configuration.readout,
                encoder: encoder,
                tokenizer: CLIPTokenizer.digest,
                classList: classes.digestText,
                origin: origin
            )
        )
    }
}
