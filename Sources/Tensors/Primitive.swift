/// The operations of `Backend`, by name: what a `MeteredBackend` counts.
///
/// `withFloats` is none of them: the time in it is its caller's.
package enum Primitive: String, CaseIterable, Codable, Sendable, CodingKeyRepresentable {
    case value, addToHost, filled, copied, concatenated, sliced, placed, repeated, gatheredRows, gatheredRowsVJP
    case add, subtract, multiply, scaled, accumulate
    case gelu, geluVJP, quickGELU, quickGELUVJP
    case addRow, multiplyRow, columnSums, columnDots, rowDots, scaledRows
    case product
    case layerNorm, layerNormVJP, l2Normalized, l2NormalizedVJP
    case softmax, crossEntropy, crossEntropyVJP
    case attention, attentionVJP
    case patches, unpatched, bicubicResized, bicubicResizedVJP, roiAligned, roiAlignedVJP
    case sum, sumOfSquares, isFinite
    case adamW, updateAverage

    /// Whether it is one of the kernels that should make up a step: products and attention.
    package var isProductOrAttention: Bool {
        switch self {
        case .product, .attention, .attentionVJP: true
        default: false
        }
    }
}
