/// The element type of a backend's tensors: a backend computes in one of them throughout.
package enum DType: Sendable {
    case float32
    case float64

    /// Bytes of one element.
    package var byteCount: Int {
        switch self {
        case .float32: MemoryLayout<Float>.size
        case .float64: MemoryLayout<Double>.size
        }
    }
}
