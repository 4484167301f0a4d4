import Layers
package import Tensors

extension TextTransformer {
    /// The text tower's sizes and choices: `text_cfg` with open_clip's defaults filled in.
    package struct Configuration: Hashable, Sendable {
        /// Length of the joint space shared with the image tower.
        package var embeddingSize: Int
        /// Most tokens of a row, start and end among them.
        package var contextLength: Int
        package var vocabularySize: Int
        package var width: Int
        package var layers: Int
        package var headCount: Int
        /// Hidden size of each block's MLP.
        package var hidden: Int
        package var activation: Activation
        package var normEpsilon: Float
        /// Start value of the layer scales; nil in CLIP's own models, which have none.
        package var layerScale: Float?

        /// The token that ends a text: the last of the vocabulary, 49407 in CLIP's.
        package var endOfText: Int32 { Int32(vocabularySize - 1) }

        /// Throws unless the tower's tokens are those of `CLIPTokenizer`.
        package func checkVocabulary() throws(ModelsError) {
            guard vocabularySize == CLIPTokenizer.vocabularySize else {
                throw .unsupportedField(
                    "text_cfg.vocab_size",
                    value: "\(vocabularySize)",
                    supported: "\(CLIPTokenizer.vocabularySize), the tokens of CLIP"
                )
            }
        }

        var block: ResidualAttentionBlock.Configuration {
            ResidualAttentionBlock.Configuration(
                channels: width,
                headCount: headCount,
                hidden: hidden,
                activation: activation,
                isCausal: true,
                normEpsilon: normEpsilon,
                layerScale: layerScale,
                depth: layers
            )
        }
    }
}
