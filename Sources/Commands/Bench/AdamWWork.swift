import Layers
import Models
import Optimizers
import Tensors

/// One AdamW update of a tower's flat vectors, a slice a parameter, as the aggregator applies it.
final class AdamWWork: PreparedWork {
    private let settings: [SliceSettings]
    private let gradient: TensorValue
    private var part: AdamW.Part
    private var step = 0

    init(_ model: VisionTransformer.Configuration, on backend: any Backend) throws {
        let parameters = try VisionTransformer.parameters(of: model)
        let layout = try ParameterLayout(parameters)
        settings = parameters.enumerated().map { index, parameter in
            SliceSettings(range: layout.range(of: index), weightDecay: parameter.shape.rank > 1 ? 0.1 : 0)
        }
        let shape: Shape = [layout.count]
        gradient = backend.filled(shape, with: 1e-3)
        part = AdamW.Part(
            weights: backend.filled(shape, with: 0.02),
            moment1: backend.filled(shape, with: 0),
            moment2: backend.filled(shape, with: 0)
        )
    }

    func repetition() {
        step += 1
        AdamW().update(&part, gradient: gradient, step: step, learningRate: 1e-5, settings: settings)
    }
}
