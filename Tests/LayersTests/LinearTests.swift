import Layers
import Tensors
import Testing

@Suite("Linear, LayerNorm, LayerScale and MLP")
struct LinearTests {
    let backend = CPUBackend(threadCount: 1)

    func scope(_ tensors: [(String, [Float], Shape)]) -> ParameterScope {
        var tree = ParameterTree()
        for (path, values, shape) in tensors { tree[path] = Tensor(values, shape, on: backend) }
        return ParameterScope(TreeSource(tree))
    }

    @Test("a linear layer multiplies by the transposed weight and adds the bias")
    func linear() throws {
        let layer = try Linear(
            scope([("weight", [1, 2, 3, 4, 5, 6], [3, 2]), ("bias", [10, 20, 30], [3])]),
            inputs: 2,
            outputs: 3
        )
        let y = layer(Tensor([1, 1, 0, 2], [1, 2, 2], on: backend))
        #expect(y.shape == [1, 2, 3])
        #expect(y.floats == [13, 27, 41, 14, 28, 42])
    }

    @Test("a linear layer without bias asks for none")
    func withoutBias() throws {
        let layer = try Linear(scope([("weight", [2, 0, 0, 3], [2, 2])]), inputs: 2, outputs: 2, hasBias: false)
        #expect(layer.bias == nil)
        #expect(layer(Tensor([1, 1], [1, 2], on: backend)).floats == [2, 3])
    }

    @Test("layer norm uses the epsilon it was given")
    func layerNorm() throws {
        let parameters = scope([("weight", [2, 1], [2]), ("bias", [0, 5], [2])])
        let x = Tensor([-3, 3], [1, 2], on: backend)
        // Deviation 3; with epsilon 7 the divisor is √(9 + 7) = 4.
        let y = try LayerNorm(parameters, channels: 2, epsilon: 7)(x).floats
        #expect(abs(y[0] + 1.5) < 1e-6 && abs(y[1] - 5.75) < 1e-6)
    }

    @Test("layer scale multiplies each channel")
    func layerScale() throws {
        let layer = try LayerScale(scope([("gamma", [0.5, 2], [2])]), channels: 2, initialValue: 1)
        #expect(layer(Tensor([1, 1, 4, 4], [2, 2], on: backend)).floats == [0.5, 2, 2, 8])
    }

    @Test("layer scale starts at the configured value")
    func layerScaleStart() throws {
        let source = InitializingSource(seed: 0, on: backend)
        let layer = try LayerScale(ParameterScope(source), channels: 2, initialValue: 0.125)
        #expect(layer.gamma.floats == [0.125, 0.125])
    }

    @Test("an MLP applies the activation between its two layers", arguments: [Activation.gelu, .quickGELU])
    func mlp(activation: Activation) throws {
        let parameters = scope([
            ("c_fc.weight", [1, -1], [2, 1]), ("c_fc.bias", [0, 0], [2]),
            ("c_proj.weight", [1, 2], [1, 2]), ("c_proj.bias", [0.5], [1]),
        ])
        let mlp = try MLP(parameters, channels: 1, hidden: 2, activation: activation, residualDepth: 2)
        let y = mlp(Tensor([1], [1, 1], on: backend)).floats[0]
        // GELU(1) = 0.841345, GELU(−1) = −0.158655; quick: 0.845796, −0.154204.
        let expected: Float = activation == .gelu ? 0.841345 - 2 * 0.158655 + 0.5 : 0.845796 - 2 * 0.154204 + 0.5
        #expect(abs(y - expected) < 1e-5)
    }
}
