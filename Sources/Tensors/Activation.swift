/// The non-linearity of an MLP; a checkpoint trained with one is wrong with the other.
package enum Activation: String, Sendable {
    /// Exact, by the error function: LAION's and DINOv2's weights.
    case gelu
    /// x·σ(1.702x): OpenAI's weights.
    case quickGELU

    package func callAsFunction(_ x: Tensor) -> Tensor {
        switch self {
        case .gelu: x.gelu()
        case .quickGELU: x.quickGELU()
        }
    }
}
