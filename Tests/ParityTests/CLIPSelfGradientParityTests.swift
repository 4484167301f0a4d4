import Checkpoints
import Layers
import Models
import Objectives
import OrderedCollections
import Tensors
import Testing

@Suite("CLIPSelf's loss and gradients against PyTorch")
struct CLIPSelfGradientParityTests {
    private let backend = CPUBackend(threadCount: 2)

    @Test(
        "loss and every gradient agree, one picture or both in a graph",
        arguments: ["patch8-quick", "patch14-scale", "patch8-bare"],
        [1, 2]
    )
    func gradients(name: String, samplesPerGraph: Int) throws {
        let dump = try CLIPSelfFixture("clipself-\(name)", on: backend)
        let layout = try dump.objective.trainableLayout()
        let differentiation = try ValueAndGradient(dump.start, trains: layout)
        var gradient = [Float](repeating: 0, count: layout.count)
        var (sum, units) = (0.0, 0)
        for first in stride(from: 0, to: 2, by: samplesPerGraph) {
            let loss = try dump.objective.loss(
                of: (first..<first + samplesPerGraph).map { try dump.views($0) },
                student: differentiation.parameters,
                teacher: dump.start,
                on: backend
            )
            let total = try #require(loss.total)
            try differentiation(addingTo: &gradient) { total }
            sum += loss.terms[0].sum
            units += loss.units
        }
        let expectedLoss = try Double(#require(dump.fixture.floats("loss").first))
        print("\(name): loss \(sum), expected \(expectedLoss), \(units) boxes")
        #expect(units == 13)
        #expect(abs(sum - expectedLoss) / 13 < 1e-5)

        let expectedPaths = dump.fixture.checkpoint.tensors.keys.filter { $0.hasPrefix("gradients.") }
        #expect(Set(layout.paths.map { "gradients.\($0)" }) == Set(expectedPaths))
        for (index, slice) in layout.slices.enumerated() {
            let expected = Array(try dump.fixture.floats("gradients.\(slice.path)")[slice.elements])
            let found = gradient[layout.range(of: index)]
            let difference = Difference(found, from: expected)
            let relative = relativeL2(found, expected)
            print("\(name), \(slice.path) \(slice.rows): \(difference), relative L2 \(relative)")
            #expect(relative < 1e-3, "\(slice.path)")
            #expect(difference.cosine > 0.9999, "\(slice.path)")
        }
    }

    @Test("what the layout leaves out has no gradient in PyTorch either")
    func unusedRows() throws {
        let dump = try CLIPSelfFixture("clipself-patch14-scale", on: backend)
        let width = dump.objective.tower.width
        let path = "visual.transformer.resblocks.1.attn.in_proj_weight"
        let expected = try dump.fixture.floats("gradients.\(path)")
        #expect(expected[..<(2 * width * width)].allSatisfy { $0 == 0 })
        let rows = try dump.objective.trainableLayout().slices.filter { $0.path == path }.map(\.rows)
        #expect(rows == [2 * width..<3 * width])
    }
}

/// ‖a − b‖ / ‖b‖ in fp64.
func relativeL2(_ found: some Collection<Float>, _ expected: some Collection<Float>) -> Double {
    let squares = zip(found, expected).reduce(into: (0.0, 0.0)) { sums, pair in
        let (a, b) = (Double(pair.0), Double(pair.1))
        sums.0 += (a - b) * (a - b)
        sums.1 += b * b
    }
    return (squares.0 / squares.1).squareRoot()
}
