import Layers
import Tensors
import Testing

@Suite("Parameter sources")
struct ParameterSourceTests {
    let backend = CPUBackend(threadCount: 1)

    @Test("a parameter's start depends on seed and path, not on who asked before")
    func initializingSource() throws {
        let source = InitializingSource(seed: 3, on: backend)
        let normal = Initialization.normal(deviation: 1)
        let first = try source.tensor("a.weight", [4], normal).floats
        _ = try source.tensor("b.weight", [9], normal)
        #expect(try source.tensor("a.weight", [4], normal).floats == first)
        #expect(try source.tensor("b.weight", [4], normal).floats != first)
        #expect(try InitializingSource(seed: 4, on: backend).tensor("a.weight", [4], normal).floats != first)
    }

    @Test("a tree serves what it has and names what it lacks")
    func treeSource() throws {
        let tree: ParameterTree = ["a.weight": Tensor([1, 2], [2], on: backend)]
        let source = TreeSource(tree)
        #expect(try source.tensor("a.weight", [2], .zeros).floats == [1, 2])
        #expect(throws: LayersError.missingParameter(path: "a.bias", expected: [2])) {
            try source.tensor("a.bias", [2], .zeros)
        }
        #expect(throws: LayersError.wrongShape(path: "a.weight", expected: [3], found: [2])) {
            try source.tensor("a.weight", [3], .zeros)
        }
    }

    @Test("scopes join names with dots")
    func scope() throws {
        let collector = ShapeCollector()
        let scope = ParameterScope(collector)("visual")("blocks")(3)
        _ = try scope.parameter("weight", [2, 3], .zeros)
        #expect(scope.path == "visual.blocks.3")
        #expect(collector.parameters == [Parameter(path: "visual.blocks.3.weight", shape: [2, 3])])
    }

    @Test("recording a build from a seed yields the tree that rebuilds it")
    func recording() throws {
        let recorder = RecordingSource(InitializingSource(seed: 1, on: backend))
        let linear = try Linear(ParameterScope(recorder)("head"), inputs: 3, outputs: 2)
        let again = try Linear(ParameterScope(TreeSource(recorder.tree))("head"), inputs: 3, outputs: 2)
        #expect(recorder.tree.paths == ["head.weight", "head.bias"])
        #expect(again.weight.floats == linear.weight.floats)
    }
}
