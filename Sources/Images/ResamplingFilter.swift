/// How a resized pixel weighs its neighbours in the stored picture.
package enum ResamplingFilter: Sendable {
    /// Keys' cubic with a = −0.5: what CLIP's towers are trained and shown pictures with.
    case bicubic
    /// A triangle: what segmentation protocols resize by.
    case bilinear

    /// The distance, in pixels, from which on nothing weighs any more.
    var reach: Double {
        switch self {
        case .bicubic: 2
        case .bilinear: 1
        }
    }

    func weight(_ distance: Double) -> Double {
        let x = abs(distance)
        switch self {
        case .bicubic:
            let a = -0.5
            if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
            if x < 2 { return (((x - 5) * x + 8) * x - 4) * a }
            return 0
        case .bilinear: return x < 1 ? 1 - x : 0
        }
    }
}
