import Foundation
import Layers
import Tensors
import Testing

@Suite("MultiHeadAttention and ResidualAttentionBlock")
struct MultiHeadAttentionTests {
    let backend = CPUBackend(threadCount: 1)
    let configuration = ResidualAttentionBlock.Configuration(
        channels: 8,
        headCount: 2,
        hidden: 12,
        layerScale: 0.5,
        depth: 2
    )

    func attention() throws -> MultiHeadAttention {
        let scope = ParameterScope(InitializingSource(seed: 5, on: backend))
        return try MultiHeadAttention(scope, channels: 8, headCount: 2, residualDepth: 2)
    }

    func tokens(_ shape: Shape) -> Tensor {
        let random = RandomGenerator(run: 11, epoch: 0, sample: 0, view: 0)
        return Tensor((0..<shape.count).map { Float(random.normal(at: $0)) }, shape, on: backend)
    }

    @Test("attention equals softmax(QKᵀ/√d)·V written out, head by head")
    func writtenOut() throws {
        let layer = try attention()
        let x = tokens([2, 5, 8])
        let qkv = x.linear(weight: layer.inputWeight, bias: layer.inputBias).floats.map(Double.init)  // [2, 5, 24]
        var mixed = [Float](repeating: 0, count: 2 * 5 * 8)
        for image in 0..<2 {
            func row(_ token: Int, _ third: Int, _ channel: Int) -> Double {
                qkv[(image * 5 + token) * 24 + third * 8 + channel]
            }
            for head in 0..<2 {
                for query in 0..<5 {
                    let channels = head * 4..<head * 4 + 4
                    let scores = (0..<5).map { key in
                        channels.reduce(0) { $0 + row(query, 0, $1) * row(key, 1, $1) } / 2
                    }
                    let largest = scores.max() ?? 0
                    let weights = scores.map { exp($0 - largest) }
                    let total = weights.reduce(0, +)
                    for channel in channels {
                        let sum = (0..<5).reduce(0) { $0 + weights[$1] * row($1, 2, channel) }
                        mixed[(image * 5 + query) * 8 + channel] = Float(sum / total)
                    }
                }
            }
        }
        let expected = layer.output(Tensor(mixed, [2, 5, 8], on: backend)).floats
        let found = layer(x).floats
        #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-5 })
    }

    @Test("a token alone in its image attends to itself, so both paths agree")
    func singleToken() throws {
        let layer = try attention()
        let x = tokens([3, 1, 8])
        #expect(zip(layer(x).floats, layer.valuePath(x).floats).allSatisfy { abs($0 - $1) < 1e-6 })
        let block = try ResidualAttentionBlock(
            ParameterScope(InitializingSource(seed: 6, on: backend)),
            configuration
        )
        #expect(zip(block(x).floats, block.valuePath(x).floats).allSatisfy { abs($0 - $1) < 1e-6 })
    }

    @Test("on the value path no token sees another")
    func independence() throws {
        let block = try ResidualAttentionBlock(
            ParameterScope(InitializingSource(seed: 6, on: backend)),
            configuration
        )
        let x = tokens([1, 4, 8])
        let all = block.valuePath(x).floats
        let some = block.valuePath(x.sliced(axis: 1, 2..<4)).floats
        #expect(zip(all[16...], some).allSatisfy { abs($0 - $1) < 1e-6 })
    }

    @Test("on the value path queries and keys get no gradient")
    func unusedRows() throws {
        let recorder = RecordingSource(InitializingSource(seed: 6, on: backend))
        _ = try ResidualAttentionBlock(ParameterScope(recorder), configuration)
        let layout = try ParameterLayout([
            ParameterSlice(Parameter(path: "attn.in_proj_weight", shape: [24, 8])),
            ParameterSlice(Parameter(path: "attn.in_proj_bias", shape: [24])),
        ])
        let trained = try ValueAndGradient(recorder.tree, trains: layout)
        let block = try ResidualAttentionBlock(ParameterScope(TreeSource(trained.parameters)), configuration)
        let (_, gradient) = try trained { block.valuePath(tokens([1, 3, 8])).sum() }
        #expect(gradient[..<128].allSatisfy { $0 == 0 })
        #expect(gradient[128..<192].contains { $0 != 0 })
        #expect(gradient[192..<208].allSatisfy { $0 == 0 })
        #expect(gradient[208...].contains { $0 != 0 })
    }

    @Test("a block's parameters carry open_clip's names")
    func names() throws {
        let paths = try Parameter.all { try ResidualAttentionBlock($0, configuration) }.map(\.path)
        #expect(
            paths == [
                "ln_1.weight", "ln_1.bias", "attn.in_proj_weight", "attn.in_proj_bias", "attn.out_proj.weight",
                "attn.out_proj.bias", "ls_1.gamma", "ln_2.weight", "ln_2.bias", "mlp.c_fc.weight", "mlp.c_fc.bias",
                "mlp.c_proj.weight", "mlp.c_proj.bias", "ls_2.gamma",
            ]
        )
    }
}
