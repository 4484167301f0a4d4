import Foundation
package import Tensors

/// Every primitive as the plainest loop that computes it, in Float64 and on one thread.
///
/// It is the oracle of `CPUBackend` and its C kernels, and precise enough for finite differences. It shares no code
/// with what it checks: weights, taps and formulas are written out again.
package final class ReferenceBackend: Backend {
    package let dtype = DType.float64
    private let pool = StoragePool()

    package init() {}

    /// A value holding `numbers` row-major.
    package func value(_ numbers: [Double], _ shape: Shape) -> TensorValue {
        precondition(numbers.count == shape.count, "\(shape) takes \(shape.count) numbers, not \(numbers.count)")
        let storage = Storage(byteCount: numbers.count * MemoryLayout<Double>.size, from: pool)
        storage.address.bindMemory(to: Double.self, capacity: numbers.count)
            .update(from: numbers, count: numbers.count)
        return TensorValue(shape: shape, backend: self, storage: storage)
    }

    /// A value whose element at each row-major index is what `number` says.
    func value(_ shape: Shape, _ number: (Int) -> Double) -> TensorValue {
        value((0..<shape.count).map(number), shape)
    }

    // MARK: Memory

    package func value(
        _ shape: Shape,
        initializing body: (UnsafeMutableBufferPointer<Float>) throws -> Void
    ) rethrows -> TensorValue {
        var floats = [Float](repeating: 0, count: shape.count)
        try floats.withUnsafeMutableBufferPointer { try body($0) }
        return value(floats.map(Double.init), shape)
    }

    package func withFloats<R>(
        of value: TensorValue,
        _ body: (UnsafeBufferPointer<Float>) throws -> R
    ) rethrows -> R {
        try value.doubles.map { Float($0) }.withUnsafeBufferPointer(body)
    }

    package func filled(_ shape: Shape, with number: Double) -> TensorValue { value(shape) { _ in number } }

    package func copied(_ value: TensorValue) -> TensorValue { self.value(value.doubles, value.shape) }

    package func concatenated(_ values: [TensorValue], axis: Int) -> TensorValue {
        let extents = values.map { $0.shape[axis] }
        let shape = values[0].shape.replacing(axis: axis, with: extents.reduce(0, +))
        var starts: [Int] = [0]
        for extent in extents { starts.append(starts[starts.count - 1] + extent) }
        let parts = values.map(\.doubles)
        return value(shape) { flat in
            var index = shape.indices(of: flat)
            let part = starts.lastIndex { $0 <= index[axis] && $0 < shape[axis] } ?? 0
            index[axis] -= starts[part]
            return parts[part][values[part].shape.flat(index)]
        }
    }

    package func sliced(_ x: TensorValue, axis: Int, _ range: Range<Int>) -> TensorValue {
        let shape = x.shape.replacing(axis: axis, with: range.count)
        let numbers = x.doubles
        return value(shape) { flat in
            var index = shape.indices(of: flat)
            index[axis] += range.lowerBound
            return numbers[x.shape.flat(index)]
        }
    }

    package func placed(_ x: TensorValue, axis: Int, _ range: Range<Int>, extent: Int) -> TensorValue {
        let shape = x.shape.replacing(axis: axis, with: extent)
        let numbers = x.doubles
        return value(shape) { flat in
            var index = shape.indices(of: flat)
            guard range.contains(index[axis]) else { return 0 }
            index[axis] -= range.lowerBound
            return numbers[x.shape.flat(index)]
        }
    }

    package func repeated(_ row: TensorValue, rows: Int) -> TensorValue {
        let numbers = row.doubles
        return value(Shape([rows] + row.shape.dimensions)) { numbers[$0 % numbers.count] }
    }

    // MARK: Elementwise

    private func map(_ a: TensorValue, _ b: TensorValue, _ body: (Double, Double) -> Double) -> TensorValue {
        value(zip(a.doubles, b.doubles).map(body), a.shape)
    }

    private func map(_ x: TensorValue, _ body: (Double) -> Double) -> TensorValue {
        value(x.doubles.map(body), x.shape)
    }

    package func add(_ a: TensorValue, _ b: TensorValue) -> TensorValue { map(a, b) { $0 + $1 } }
    package func subtract(_ a: TensorValue, _ b: TensorValue) -> TensorValue { map(a, b) { $0 - $1 } }
    package func multiply(_ a: TensorValue, _ b: TensorValue) -> TensorValue { map(a, b) { $0 * $1 } }
    package func scaled(_ value: TensorValue, by factor: Double) -> TensorValue { map(value) { $0 * factor } }

    package func accumulate(_ value: TensorValue, scaledBy factor: Double, into target: inout TensorValue) {
        target = map(target, value) { $0 + factor * $1 }
    }

    package func gelu(_ x: TensorValue) -> TensorValue { map(x) { $0 * Self.cumulative($0) } }

    package func geluVJP(_ gradient: TensorValue, at x: TensorValue) -> TensorValue {
        map(gradient, x) { $0 * (Self.cumulative($1) + $1 * exp(-$1 * $1 / 2) / (2 * .pi).squareRoot()) }
    }

    package func quickGELU(_ x: TensorValue) -> TensorValue { map(x) { $0 * Self.sigmoid(1.702 * $0) } }

    package func quickGELUVJP(_ gradient: TensorValue, at x: TensorValue) -> TensorValue {
        map(gradient, x) {
            let gate = Self.sigmoid(1.702 * $1)
            return $0 * (gate + 1.702 * $1 * gate * (1 - gate))
        }
    }

    private static func cumulative(_ x: Double) -> Double { 0.5 * (1 + erf(x / 2.squareRoot())) }
    private static func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

    // MARK: Reductions and updates

    package func sum(_ x: TensorValue) -> Double { x.doubles.reduce(0, +) }
    package func sumOfSquares(_ x: TensorValue) -> Double { x.doubles.reduce(0) { $0 + $1 * $1 } }
    package func isFinite(_ x: TensorValue) -> Bool { x.doubles.allSatisfy(\.isFinite) }

    package func adamW(
        _ parameters: inout TensorValue,
        moment1: inout TensorValue,
        moment2: inout TensorValue,
        gradient: TensorValue,
        range: Range<Int>,
        step: AdamWStep
    ) {
        var (p, m, v) = (parameters.doubles, moment1.doubles, moment2.doubles)
        let g = gradient.doubles
        for i in range {
            let scaled = g[i] * step.gradientScale
            p[i] -= step.learningRate * step.weightDecay * p[i]
            m[i] = step.beta1 * m[i] + (1 - step.beta1) * scaled
            v[i] = step.beta2 * v[i] + (1 - step.beta2) * scaled * scaled
            let first = m[i] / (1 - pow(step.beta1, Double(step.number)))
            let second = v[i] / (1 - pow(step.beta2, Double(step.number)))
            p[i] -= step.learningRate * first / (second.squareRoot() + step.epsilon)
        }
        parameters = value(p, parameters.shape)
        moment1 = value(m, moment1.shape)
        moment2 = value(v, moment2.shape)
    }

    package func updateAverage(_ average: inout TensorValue, with value: TensorValue, weight: Float) {
        average = map(average, value) { $0 + Double(weight) * ($1 - $0) }
    }
}

extension TensorValue {
    /// The elements of a Float64 value, row-major.
    package var doubles: [Double] {
        precondition(dtype == .float64, "only a ReferenceBackend holds doubles")
        let start = storage.address.assumingMemoryBound(to: Double.self) + offset
        return withExtendedLifetime(self) { Array(UnsafeBufferPointer(start: start, count: count)) }
    }
}

extension Shape {
    /// The index along each axis of a row-major position.
    func indices(of flat: Int) -> [Int] {
        var rest = flat
        var result = [Int](repeating: 0, count: rank)
        for axis in (0..<rank).reversed() {
            result[axis] = rest % dimensions[axis]
            rest /= dimensions[axis]
        }
        return result
    }

    /// The row-major position of an index along each axis.
    func flat(_ indices: [Int]) -> Int {
        zip(dimensions, indices).reduce(0) { $0 * $1.0 + $1.1 }
    }
}
