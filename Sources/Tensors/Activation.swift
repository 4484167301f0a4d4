/// A function of single elements that a product can apply to its result.
package enum Activation: Sendable {
    /// x·Φ(x) with the exact erf.
    case gelu
    /// x·σ(1.702·x), as OpenAI's weights want it.
    case quickGELU
}
