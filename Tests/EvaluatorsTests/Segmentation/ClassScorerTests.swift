import Evaluators
import Foundation
import Tensors
import Testing

@Suite("Class scorer")
struct ClassScorerTests {
    private let backend = CPUBackend(threadCount: 1)

    /// Two classes, two places, two prompts and a global one; worked out by hand.
    private func example() -> (scorer: ClassScorer, features: Tensor) {
        let prompts: [[Float]] = [[1, 0, 0, 1], [0.8, 0.6, 0.6, 0.8]]
        let scorer = ClassScorer(
            vectors: zip(prompts[0], prompts[1]).map(+),
            count: 2,
            scale: 2,
            gate: ClassScorer.Gate(vectors: [1, 0, 0, 1], sharpness: 5, temperature: 0.5)
        )
        return (scorer, Tensor([1, 0, 0.6, 0.8], [2, 2], on: backend))
    }

    private func isNear(_ found: [Double], _ expected: [Double]) -> Bool {
        found.count == expected.count && zip(found, expected).allSatisfy { abs($0 - $1) < 1e-5 }
    }

    @Test("the sum of the prompts' vectors scores like the prompts together")
    func products() {
        let (scorer, features) = example()
        let z = scorer.products(with: features).floats.map(Double.init)  // [C, N]
        #expect(isNear(z, [3.6, 3.12, 1.2, 3.6]))
        let shares = [0, 1].map { place in 1 / (1 + exp(z[2 + place] - z[place])) }
        #expect(isNear(shares, [0.916827, 0.382252]))
    }

    @Test("the gate is the sigmoid of the softly greatest cosine, and multiplies the probabilities")
    func gate() throws {
        let (scorer, features) = example()
        let gate = try #require(scorer.gate)
        let cosines = try #require(scorer.globalCosines(with: features)).floats
        let scores = [gate.score(Array(cosines[..<2])), gate.score(Array(cosines[2...]))]
        #expect(isNear(scores, [0.952319, 0.785611]))
        let gates = scores.map { ClassScorer.Gate.value(ofLogarithm: gate.logarithm(ofScore: $0)) }
        #expect(isNear(gates, [0.870416, 0.827958]))
        let z = scorer.products(with: features).floats.map(Double.init)
        let share = 1 / (1 + exp(z[2] - z[0]))
        #expect(isNear([share * gates[0], (1 - share) * gates[1]], [0.798021, 0.068863]))
    }

    @Test("adding ln g decides as multiplying by g does, and may turn a place to another class")
    func flip() {
        let gate = ClassScorer.Gate(vectors: [1], temperature: 0.3)
        let (shares, gates) = ([0.55, 0.45], [0.5, 0.9])
        let logarithms = gates.map { gate.logarithm(ofScore: 0.3 * log($0 / (1 - $0))) }
        #expect(isNear(zip(shares, logarithms).map { $0 * exp($1) }, [0.275, 0.405]))
        #expect(log(shares[0]) > log(shares[1]))
        #expect(log(shares[0]) + logarithms[0] < log(shares[1]) + logarithms[1])
    }

    @Test("a gate that all but vanishes has a finite logarithm")
    func smallGate() {
        let gate = ClassScorer.Gate(vectors: [1], temperature: 1e-4)
        #expect(gate.logarithm(ofScore: -1) == -10_000)
        #expect(gate.logarithm(ofScore: 1) == 0)
    }
}
