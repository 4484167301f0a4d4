import Layers
import Tensors
import Testing

@Suite("ValueAndGradient")
struct ValueAndGradientTests {
    let backend = CPUBackend(threadCount: 1)

    func tree() -> ParameterTree {
        [
            "w": Tensor([1, 2, 3, 4, 5, 6], [3, 2], on: backend),
            "frozen": Tensor([10, 10], [1, 2], on: backend),
            "b": Tensor([7], [1], on: backend),
        ]
    }

    func squares(_ tree: ParameterTree) throws -> Tensor {
        let w = try tree.tensor("w")
        return (w * w).sum() + (try tree.tensor("b")).sum()
    }

    @Test("gradients come in layout order, the listed rows only")
    func slices() throws {
        let layout = try ParameterLayout([
            ParameterSlice(Parameter(path: "b", shape: [1])),
            ParameterSlice(path: "w", shape: [3, 2], rows: 2..<3),
            ParameterSlice(path: "w", shape: [3, 2], rows: 0..<1),
        ])
        let trained = try ValueAndGradient(tree(), trains: layout)
        let (value, gradient) = try trained { try squares(trained.parameters) }
        #expect(value == 98)
        #expect(gradient == [1, 10, 12, 2, 4])
    }

    @Test("the sum over several losses needs no new variables")
    func accumulation() throws {
        let trained = try ValueAndGradient(
            tree(),
            trains: try ParameterLayout([Parameter(path: "w", shape: [3, 2])])
        )
        var sum: [Float] = [100, 0, 0, 0, 0, 0]
        try trained(addingTo: &sum) { try squares(trained.parameters) }
        try trained(addingTo: &sum) { try squares(trained.parameters) }
        #expect(sum == [104, 8, 12, 16, 20, 24])
    }

    @Test("what the layout leaves out is no variable")
    func frozen() throws {
        let layout = try ParameterLayout([Parameter(path: "b", shape: [1])])
        let trained = try ValueAndGradient(tree(), trains: layout)
        #expect(trained.parameters["frozen"]?.node == nil)
        #expect(trained.parameters["w"]?.node == nil)
        #expect(trained.parameters["b"]?.node != nil)
    }

    @Test("an empty layout still evaluates the loss")
    func nothingTrains() throws {
        let trained = try ValueAndGradient(tree(), trains: try ParameterLayout([ParameterSlice]()))
        let (value, gradient) = try trained { try squares(trained.parameters) }
        #expect(value == 98)
        #expect(gradient.isEmpty)
    }

    @Test("an unreached parameter's gradient is zero")
    func unreached() throws {
        let layout = try ParameterLayout([Parameter(path: "frozen", shape: [1, 2]), Parameter(path: "b", shape: [1])])
        let trained = try ValueAndGradient(tree(), trains: layout)
        #expect(try trained { try squares(trained.parameters) }.gradient == [0, 0, 1])
    }

    @Test("a layout of another model, or a sum of another length, is refused")
    func misfit() throws {
        let foreign = try ParameterLayout([Parameter(path: "w", shape: [2, 2])])
        #expect(throws: LayersError.wrongShape(path: "w", expected: [2, 2], found: [3, 2])) {
            try ValueAndGradient(tree(), trains: foreign)
        }
        let trained = try ValueAndGradient(tree(), trains: try ParameterLayout([Parameter(path: "b", shape: [1])]))
        var sum: [Float] = []
        #expect(throws: LayersError.wrongLength(expected: 1, found: 0)) {
            try trained(addingTo: &sum) { try squares(trained.parameters) }
        }
    }
}
