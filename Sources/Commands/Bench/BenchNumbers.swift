import Layers
import Models
import Tensors

/// Numbers that weights and pictures of benchmarks are drawn from.
enum BenchNumbers {
    /// Weights as a run would draw them.
    static func tree(_ model: VisionTransformer.Configuration, on backend: any Backend) throws -> ParameterTree {
        let source = RecordingSource(InitializingSource(seed: 1, on: backend))
        _ = try VisionTransformer(ParameterScope(source), model)
        return source.tree
    }

    /// Uniform from −1 to 1.
    static func uniform(_ shape: Shape, seed: UInt64, on backend: any Backend) -> Tensor {
        let generator = RandomGenerator(run: seed, epoch: 0, sample: 0, view: 0)
        return Tensor((0..<shape.count).map { Float(2 * generator.uniform(at: $0) - 1) }, shape, on: backend)
    }
}
