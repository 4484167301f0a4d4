import CKernels

extension CPUBackend {
    private typealias UnaryKernel = (UnsafePointer<Float>?, UnsafeMutablePointer<Float>?, Int) -> Void
    private typealias BinaryKernel = (
        UnsafePointer<Float>?, UnsafePointer<Float>?, UnsafeMutablePointer<Float>?, Int
    ) -> Void

    private func map(_ x: TensorValue, _ kernel: @escaping UnaryKernel) -> TensorValue {
        let result = empty(x.shape)
        let (x, y) = (x.pointer, result.mutablePointer)
        forEachTile(result.count) { kernel(x + $0.lowerBound, y + $0.lowerBound, $0.count) }
        return result
    }

    private func map(_ a: TensorValue, _ b: TensorValue, _ kernel: @escaping BinaryKernel) -> TensorValue {
        let result = empty(a.shape)
        let (a, b, y) = (a.pointer, b.pointer, result.mutablePointer)
        forEachTile(result.count) {
            kernel(a + $0.lowerBound, b + $0.lowerBound, y + $0.lowerBound, $0.count)
        }
        return result
    }

    package func add(_ a: TensorValue, _ b: TensorValue) -> TensorValue { map(a, b, kernel_add) }
    package func subtract(_ a: TensorValue, _ b: TensorValue) -> TensorValue { map(a, b, kernel_subtract) }
    package func multiply(_ a: TensorValue, _ b: TensorValue) -> TensorValue { map(a, b, kernel_multiply) }

    package func scaled(_ value: TensorValue, by factor: Double) -> TensorValue {
        map(value) { kernel_scale($0, Float(factor), $1, $2) }
    }

    package func accumulate(_ value: TensorValue, scaledBy factor: Double, into target: inout TensorValue) {
        if factor == 1, !target.isUnique() {
            target = add(target, value)
            return
        }
        target.makeUnique()
        let (x, y) = (value.pointer, target.mutablePointer)
        forEachTile(target.count) { kernel_axpy(Float(factor), x + $0.lowerBound, y + $0.lowerBound, $0.count) }
    }

    package func gelu(_ x: TensorValue) -> TensorValue { map(x, kernel_gelu) }
    package func geluVJP(_ gradient: TensorValue, at x: TensorValue) -> TensorValue {
        map(gradient, x, kernel_gelu_vjp)
    }

    package func quickGELU(_ x: TensorValue) -> TensorValue { map(x, kernel_quick_gelu) }
    package func quickGELUVJP(_ gradient: TensorValue, at x: TensorValue) -> TensorValue {
        map(gradient, x, kernel_quick_gelu_vjp)
    }
}
