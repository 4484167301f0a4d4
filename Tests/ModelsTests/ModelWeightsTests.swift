import Checkpoints
import Configs
import Layers
import Models
import OrderedCollections
import Tensors
import Testing

@Suite("ModelWeights")
struct ModelWeightsTests {
    let backend = CPUBackend(threadCount: 1)

    func parameters() throws -> [Parameter] {
        try VisionTransformer.parameters(
            of: ModelConfiguration(json: try #require(Presets.models["stillhouse-tiny"])).vision
        )
    }

    /// A whole tiny checkpoint: the image tower from a seed, and something of a text tower.
    func checkpoint() throws -> Checkpoint {
        let source = InitializingSource(seed: 9, on: backend)
        var tree = ParameterTree()
        for parameter in try parameters() {
            tree[parameter.path] = try source.tensor(parameter.path, parameter.shape, .normal(deviation: 1))
        }
        var checkpoint = tree.checkpoint
        checkpoint.tensors["logit_scale"] = CheckpointTensor([4.6], shape: [])
        checkpoint.tensors["transformer.resblocks.0.ln_1.weight"] = CheckpointTensor([1, 1], shape: [2])
        return checkpoint
    }

    @Test("the model's tensors are read, the others carried")
    func parted() throws {
        let checkpoint = try checkpoint()
        let weights = try ModelWeights(checkpoint, named: "tiny", for: parameters(), on: backend)
        #expect(weights.parameters.paths == (try parameters().map(\.path)))
        #expect(weights.carried == ["logit_scale", "transformer.resblocks.0.ln_1.weight"])
        for (path, tensor) in weights.parameters.checkpoint.tensors { #expect(tensor == checkpoint.tensors[path]) }
    }

    @Test("every missing, surplus and misshapen key of the tower is reported at once")
    func mismatch() throws {
        var checkpoint = try checkpoint()
        checkpoint.tensors["visual.proj"] = nil
        checkpoint.tensors["visual.transformer.resblocks.0.ls_1.gamma"] = CheckpointTensor([1], shape: [1])
        checkpoint.tensors["visual.class_embedding"] = CheckpointTensor([1, 2], shape: [2])
        let error = #expect(throws: CheckpointError.self) {
            try ModelWeights(checkpoint, named: "tiny", for: parameters(), on: backend)
        }
        guard case .mismatch("tiny", let report)? = error else {
            Issue.record("\(String(describing: error)) is another error")
            return
        }
        #expect(report.missing.map(\.key) == ["visual.proj"])
        #expect(report.surplus.map(\.key) == ["visual.transformer.resblocks.0.ls_1.gamma"])
        #expect(report.mismatched.map(\.key) == ["visual.class_embedding"])
        #expect(report.mismatched.first?.expected == [64] && report.mismatched.first?.found == [2])
    }
}
