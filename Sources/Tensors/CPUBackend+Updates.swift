import CKernels

extension CPUBackend {
    package func sum(_ x: TensorValue) -> Double { reduced(x) { kernel_sum($0, $1) } }

    package func sumOfSquares(_ x: TensorValue) -> Double { reduced(x) { kernel_sum_of_squares($0, $1) } }

    package func isFinite(_ x: TensorValue) -> Bool {
        reduced(x) { kernel_all_finite($0, $1) ? 0 : 1 } == 0
    }

    package func adamW(
        _ parameters: inout TensorValue,
        moment1: inout TensorValue,
        moment2: inout TensorValue,
        gradient: TensorValue,
        range: Range<Int>,
        step: AdamWStep
    ) {
        parameters.makeUnique()
        moment1.makeUnique()
        moment2.makeUnique()
        let numbers = kernel_adamw_step(
            decay: Float(1 - step.learningRate * step.weightDecay),
            gradient_scale: Float(step.gradientScale),
            one_minus_beta1: Float(1 - step.beta1),
            beta2: Float(step.beta2),
            one_minus_beta2: Float(1 - step.beta2),
            step_size: Float(step.learningRate / step.firstCorrection),
            correction2_root: Float(step.secondCorrection.squareRoot()),
            epsilon: Float(step.epsilon)
        )
        let start = range.lowerBound
        let (ps, gs) = (parameters.mutablePointer + start, gradient.pointer + start)
        let (ms, vs) = (moment1.mutablePointer + start, moment2.mutablePointer + start)
        forEachTile(range.count) {
            let i = $0.lowerBound
            kernel_adamw(ps + i, ms + i, vs + i, gs + i, numbers, $0.count)
        }
    }

    package func updateAverage(_ average: inout TensorValue, with value: TensorValue, weight: Float) {
        average.makeUnique()
        let (xs, ys) = (value.pointer, average.mutablePointer)
        forEachTile(average.count) { kernel_ema(ys + $0.lowerBound, xs + $0.lowerBound, weight, $0.count) }
    }

    /// Reduces fixed tiles on any thread, then adds their results in order.
    private func reduced(_ x: TensorValue, _ kernel: @escaping (UnsafePointer<Float>, Int) -> Double) -> Double {
        let tiles = (x.count + Self.elementTile - 1) / Self.elementTile
        let parts = UnsafeMutablePointer<Double>.allocate(capacity: max(tiles, 1))
        defer { parts.deallocate() }
        let xs = x.pointer
        forEachTile(x.count) { parts[$0.lowerBound / Self.elementTile] = kernel(xs + $0.lowerBound, $0.count) }
        return withExtendedLifetime(x) { (0..<tiles).reduce(0) { $0 + parts[$1] } }
    }
}
