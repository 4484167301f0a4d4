/// For each output position of one axis, the four input positions and weights of cubic convolution.
///
/// Kernel a = −0.75, source `(i + 0.5)·in/out − 0.5`, indices clamped to the border, no antialias: what PyTorch's
/// `interpolate(mode="bicubic", align_corners=False)` computes (Keys 1981 for the kernel).
struct CubicTaps {
    /// Four per output position.
    let indices: [Int]
    let weights: [Float]

    init(from source: Int, to target: Int) {
        var indices: [Int] = []
        var weights: [Float] = []
        for position in 0..<target {
            let centre = (Double(position) + 0.5) * Double(source) / Double(target) - 0.5
            let first = centre.rounded(.down)
            let t = centre - first
            for tap in -1...2 {
                indices.append(min(max(Int(first) + tap, 0), source - 1))
                weights.append(Float(Self.kernel(abs(Double(tap) - t))))
            }
        }
        (self.indices, self.weights) = (indices, weights)
    }

    private static func kernel(_ x: Double) -> Double {
        let a = -0.75
        if x <= 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
        return x < 2 ? a * (((x - 5) * x + 8) * x - 4) : 0
    }

    /// Calls `body(output, input, weight)` for every tap in order.
    func forEach(_ body: (_ output: Int, _ input: Int, _ weight: Float) -> Void) {
        for tap in indices.indices { body(tap / 4, indices[tap], weights[tap]) }
    }
}
