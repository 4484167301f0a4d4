import Layers
import Tensors
import Testing

@Suite("Initialization")
struct InitializationTests {
    let generator = RandomGenerator(run: 7, epoch: 0, sample: 0, view: 0)

    @Test("normal draws have the deviation asked for")
    func normal() {
        let values = Initialization.normal(deviation: 0.5).values(count: 20_000, generator: generator)
        let mean = values.reduce(0.0) { $0 + Double($1) } / 20_000
        let variance = values.reduce(0.0) { $0 + Double($1 * $1) } / 20_000 - mean * mean
        #expect(abs(mean) < 0.015)
        #expect(abs(variance.squareRoot() - 0.5) < 0.01)
    }

    @Test("uniform draws fill the range and stay inside it")
    func uniform() {
        let values = Initialization.fanIn(4).values(count: 10_000, generator: generator)
        #expect(values.allSatisfy { $0 >= -0.5 && $0 < 0.5 })
        #expect((values.min() ?? 0) < -0.49 && (values.max() ?? 0) > 0.49)
    }

    @Test("constants ignore the generator")
    func constant() {
        #expect(Initialization.ones.values(count: 3, generator: generator) == [1, 1, 1])
        #expect(Initialization.zeros.values(count: 2, generator: generator) == [0, 0])
    }
}
