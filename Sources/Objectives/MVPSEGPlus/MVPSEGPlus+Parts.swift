import Datasets
import Foundation
package import Layers
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

        /// The values of these parameters, by path, and what the class begins with that learns its own.
        ///
        /// - Parameters:
        ///   - features: of all classes, as `SegmentationPrompts.features` gives them: `[1 + k, C, E]`.
        ///   - learned: place of that class.
        package static func values(
            of prompts: SegmentationPrompts,
            features: Tensor,
            learned: Int? = nil
        ) -> [(path: String, values: [Float], shape: [Int])] {
            let (classes, size) = (features.shape[1], features.shape[2])
            let (all, count) = (features.floats, classes * size)
            var mean = [Double](repeating: 0, count: count)
            for prompt in 1...prompts.count {
                for index in 0..<count { mean[index] += Double(all[prompt * count + index]) }
            }
            let segmentation = mean.map { Float($0 / Double(prompts.count)) }
            let logScale = Float(Double(prompts.logScale) + log(Double(prompts.count)))
            let begun = learned.map { Array(segmentation[$0 * size..<($0 + 1) * size]) }
            return [
                (segmentationPath, segmentation, [classes, size]),
                (globalPath, Array(all[..<count]), [classes, size]),
                (logScalePath, [logScale], []),
                (logTemperaturePath, [prompts.logGateTemperature], []),
            ] + (begun.map { [(DenseDecoder.learnedVectorPath, $0, [1, size])] } ?? [])
        }
    }

    /// What the student adds to its tower, as a tree has it.
    package func decoder(in tree: ParameterTree) throws -> DenseDecoder {
        try DenseDecoder(ParameterScope(TreeSource(tree)), decoder)
    }

    /// What the student compares with, `[E]` for each of `classes`.
    package func classVectors(in tree: ParameterTree) throws -> [[Float]] {
        let size = vision.embeddingSize
        let said = try ClassVectors(ParameterScope(TreeSource(tree)), classes: classes.count, size: size)
        let rows = classifier(said, try decoder(in: tree)).floats
        return (0..<classes.count).map { Array(rows[$0 * size..<($0 + 1) * size]) }
    }

    /// `[C, E]`: what prompts make of the names, but for the class that learns its own.
    private func classifier(_ said: ClassVectors, _ decoder: DenseDecoder) -> Tensor {
        guard let place = learnedClass, let own = decoder.learnedVector else { return said.segmentation }
        let others = [0..<place, place + 1..<classes.count]
        let rows = others.map { $0.isEmpty ? nil : said.segmentation.sliced(axis: 0, $0) }
        return Tensor.concatenated([rows[0], own, rows[1]].compactMap(\.self), axis: 0)
    }

    /// What one tree holds.
    struct Parts {
        let tower: VisionTransformer
        let classes: ClassVectors
        let decoder: DenseDecoder
        private let objective: MVPSEGPlus

        /// What cells are compared with, `[C, E]`.
        var classifier: Tensor { objective.classifier(classes, decoder) }

        init(_ objective: MVPSEGPlus, _ scope: ParameterScope) throws {
            tower = try VisionTransformer(scope, objective.vision)
            classes = try ClassVectors(
                scope,
                classes: objective.classes.count,
                size: objective.vision.embeddingSize
            )
            decoder = try DenseDecoder(
                scope,
                objective.decoder,
                scale: objective.configuration.initialScale ?? 100
            )
            self.objective = objective
        }
    }
}
