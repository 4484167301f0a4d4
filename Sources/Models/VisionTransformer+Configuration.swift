import Layers
package import Tensors

extension VisionTransformer {
    /// The image tower's sizes and choices: `vision_cfg` with open_clip's defaults filled in.
    package struct Configuration: Hashable, Sendable {
        /// Which token, or mean of tokens, becomes the image's embedding.
        package enum Pooling: String, Hashable, Sendable {
            case classToken = "tok"
            /// The mean of the patch tokens.
            case average = "avg"
        }

        /// Length of the joint space shared with the text tower.
        package var embeddingSize: Int
        /// The native side lengths, on whose grid the position embedding was learned.
        package var imageHeight: Int
        package var imageWidth: Int
        package var patchSize: Int
        package var width: Int
        package var layers: Int
        package var headCount: Int
        /// Hidden size of each block's MLP.
        package var hidden: Int
        package var activation: Activation
        package var normEpsilon: Float
        /// Start value of the layer scales; nil in CLIP's own models, which have none.
        package var layerScale: Float?
        package var hasPreNorm: Bool
        package var pooling: Pooling
        package var normalizesAfterPooling: Bool

        /// The native grid.
        package var grid: Grid {
            Grid(rows: imageHeight / patchSize, columns: imageWidth / patchSize)
        }

        /// The grid of images of another size, whose positions are resampled.
        ///
        /// - Throws: `ModelsError.indivisibleImage`
        package func grid(height: Int, width: Int) throws(ModelsError) -> Grid {
            guard height > 0, width > 0, height % patchSize == 0, width % patchSize == 0 else {
                throw .indivisibleImage(height: height, width: width, patchSize: patchSize)
            }
            return Grid(rows: height / patchSize, columns: width / patchSize)
        }

        var block: ResidualAttentionBlock.Configuration {
            ResidualAttentionBlock.Configuration(
                channels: width,
                headCount: headCount,
                hidden: hidden,
                activation: activation,
                normEpsilon: normEpsilon,
                layerScale: layerScale,
                depth: layers
            )
        }
    }
}
