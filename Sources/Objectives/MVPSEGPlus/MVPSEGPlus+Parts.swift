import Datasets
import Foundation
import Layers
package import Models
package import Tensors

extension MVPSEGPlus {
    /// What the parent's prompts make of the class names, computed once and constant for the whole run.
    package struct ClassVectors {
        /// First name of these parameters, which no model file has.
        package static let scope = "classes"
        package static let segmentationPath = "\(scope).segmentation"
        package static let globalPath = "\(scope).global"
        package static let logScalePath = "\(scope).log_scale"
        package static let logTemperaturePath = "\(scope).log_gate_temperature"

        /// w, `[C, E]`: the mean of the segmentation prompts' unit vectors, not normalised again.
        let segmentation: Tensor
        /// The global prompt's, `[C, E]`, unit rows.
        let global: Tensor
        /// ln(k·τ₁), by which cosines with w become the prompts' own logits.
        let logScale: Tensor
        /// θ₂ = ln τ₂
        let logTemperature: Tensor

        /// - Parameter root: the top of the tree.
        init(_ root: ParameterScope, classes: Int, size: Int) throws {
            let scope = root(Self.scope)
            segmentation = try scope.parameter("segmentation", [classes, size], .zeros)
            global = try scope.parameter("global", [classes, size], .zeros)
            logScale = try scope.parameter("log_scale", [], .zeros)
            logTemperature = try scope.parameter("log_gate_temperature", [], .zeros)
        }

        /// The values of these parameters, by path.
        ///
        /// - Parameter features: of all classes, as `SegmentationPrompts.features` gives them: `[1 + k, C, E]`.
        package static func values(
            of prompts: SegmentationPrompts,
            features: Tensor
        ) -> [(path: String, values: [Float], shape: [Int])] {
            let (classes, size) = (features.shape[1], features.shape[2])
            let (all, count) = (features.floats, classes * size)
            var mean = [Double](repeating: 0, count: count)
            for prompt in 1...prompts.count {
                for index in 0..<count { mean[index] += Double(all[prompt * count + index]) }
            }
            let segmentation = mean.map { Float($0 / Double(prompts.count)) }
            let logScale = Float(Double(prompts.logScale) + log(Double(prompts.count)))
            return [
                (segmentationPath, segmentation, [classes, size]),
                (globalPath, Array(all[..<count]), [classes, size]),
                (logScalePath, [logScale], []),
                (logTemperaturePath, [prompts.logGateTemperature], []),
            ]
        }
    }

    /// What one tree holds.
    struct Parts {
        let tower: VisionTransformer
        let classes: ClassVectors
        let decoder: DenseDecoder

        init(_ objective: MVPSEGPlus, _ scope: ParameterScope) throws {
            tower = try VisionTransformer(scope, objective.vision)
            classes = try ClassVectors(
                scope,
                classes: objective.classes.count,
                size: objective.vision.embeddingSize
            )
            decoder = try DenseDecoder(scope, objective.decoder)
        }
    }
}
