import Optimizers
import Tensors
import Testing

@Suite("ExponentialMovingAverage")
struct ExponentialMovingAverageTests {
    let backend = CPUBackend(threadCount: 1)

    func moved(_ start: [Float], towards target: [Float], by samples: [Int], _ average: ExponentialMovingAverage)
        -> [Float]
    {
        var value = Tensor(start, [start.count], on: backend).value
        for count in samples {
            average.update(&value, towards: Tensor(target, [target.count], on: backend).value, samples: count)
        }
        return Tensor(value).floats
    }

    @Test("an update of the reference batch has the reference momentum")
    func reference() {
        let average = ExponentialMovingAverage(referenceMomentum: 0.9, referenceBatch: 100)
        let value = moved([1, -2], towards: [2, 0], by: [100], average)
        #expect(abs(value[0] - 1.1) < 1e-6 && abs(value[1] + 1.8) < 1e-6)
    }

    @Test("after the same samples the average is the same, in 10 updates or in 1,000")
    func samplesDecide() {
        let average = ExponentialMovingAverage(referenceMomentum: 0.966, referenceBatch: 16_384)
        let few = moved([0, 5], towards: [1, 3], by: [Int](repeating: 6400, count: 10), average)
        let many = moved([0, 5], towards: [1, 3], by: [Int](repeating: 64, count: 1000), average)
        #expect(zip(few, many).allSatisfy { abs($0 - $1) < 1e-5 })
        #expect(abs(few[0] - Float(1 - 0.873_53)) < 1e-4)
    }

    /// Computed in fp64 from φ ← φ + (1 − 0.966^(n/16384))·(θ − φ); the steps are rounded to fp32 here.
    @Test(
        "the reference values of 0.966 at 16,384 samples come out",
        arguments: [
            (1, 2, [1024], 1.002_159_63, 1e-6), (1, 2, [768], 1.001_620_12, 1e-6),
            (0, 1, [Int](repeating: 1024, count: 10), 0.021_387_62, 1e-6),
            (0, 1, [Int](repeating: 256, count: 40), 0.021_387_62, 1e-6),
            (1, 2, [Int](repeating: 64, count: 1000), 1.126_391, 1e-5),
        ] as [(Float, Float, [Int], Double, Double)]
    )
    func referenceValues(start: Float, target: Float, samples: [Int], expected: Double, tolerance: Double) {
        let average = ExponentialMovingAverage(referenceMomentum: 0.966, referenceBatch: 16_384)
        let value = moved([start], towards: [target], by: samples, average)[0]
        #expect(abs(Double(value) - expected) <= tolerance * expected)
    }

    @Test("a momentum of 1 freezes the average, and so do no samples")
    func frozen() {
        let frozen = ExponentialMovingAverage(referenceMomentum: 1, referenceBatch: 16)
        #expect(moved([3], towards: [9], by: [16, 1000], frozen) == [3])
        let slow = ExponentialMovingAverage(referenceMomentum: 0.5, referenceBatch: 16)
        #expect(moved([3], towards: [9], by: [0], slow) == [3])
    }

    @Test("a part moves as it does within the whole")
    func parts() {
        let average = ExponentialMovingAverage(referenceMomentum: 0.99, referenceBatch: 10)
        let random = RandomGenerator(run: 1, epoch: 0, sample: 0, view: 0)
        let start = (0..<101).map { Float(random.normal(at: $0)) }
        let target = (0..<101).map { Float(random.normal(at: 200 + $0)) }
        let whole = moved(start, towards: target, by: [7], average)
        let first = moved(Array(start[..<40]), towards: Array(target[..<40]), by: [7], average)
        let second = moved(Array(start[40...]), towards: Array(target[40...]), by: [7], average)
        #expect(whole == first + second)
    }
}
