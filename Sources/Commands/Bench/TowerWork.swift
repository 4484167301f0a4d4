import Layers
import Models
import Objectives
import Optimizers
import OrderedCollections
import Tensors

/// Forward and backward of the whole image tower, and an AdamW update of every tensor where asked for.
final class TowerWork: PreparedWork {
    private let model: VisionTransformer.Configuration
    private let images: Tensor  // [B, 3, S, S]
    private let targets: Tensor  // [B, E], unit rows
    private let paths: [String]
    private let updates: Bool
    // Each tensor is held once, so that its update happens in place.
    private var weights: [Tensor]
    private var moments1: [Tensor] = []
    private var moments2: [Tensor] = []
    private var step = 0

    init(
        _ model: VisionTransformer.Configuration,
        images count: Int,
        size: Int,
        updates: Bool,
        on backend: any Backend
    ) throws {
        var sized = model
        // Positions of the size itself, as a model made for it would have.
        (sized.imageHeight, sized.imageWidth) = (size, size)
        let tree = try BenchNumbers.tree(sized, on: backend)
        self.model = sized
        self.updates = updates
        images = BenchNumbers.uniform([count, 3, size, size], seed: 2, on: backend)
        targets = BenchNumbers.uniform([count, model.embeddingSize], seed: 3, on: backend)
            .l2Normalized(epsilon: 1e-12)
        paths = tree.paths
        weights = tree.tensors.values.map { $0 }
        if updates {
            moments1 = weights.map { Tensor.zeros($0.shape, on: backend) }
            moments2 = moments1.map { Tensor.zeros($0.shape, on: backend) }
        }
    }

    func repetition() throws {
        let gradients = try gradients()
        guard updates else { return }
        step += 1
        for (index, gradient) in gradients.enumerated() {
            weights[index].applyAdamW(
                gradient: gradient,
                moment1: &moments1[index],
                moment2: &moments2[index],
                step: AdamWStep(
                    learningRate: 1e-5,
                    weightDecay: gradient.shape.rank > 1 ? 0.1 : 0,
                    number: step
                )
            )
        }
    }

    private func gradients() throws -> [Tensor] {
        let variables = weights.map { $0.asVariable() }
        let tree = ParameterTree(tensors: .init(uniqueKeysWithValues: zip(paths, variables)))
        let tower = try VisionTransformer(ParameterScope(TreeSource(tree)), model)
        return CosineDistance.sum(tower.encodeImage(images), targets).total.gradients(of: variables)
    }
}
