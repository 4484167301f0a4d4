package import Datasets
import Foundation
package import Models
package import Tensors

extension ClassScorer {
    /// Vectors by which a dense student's classes are told apart: the mean of what its segmentation prompts make of a name.
    ///
    /// There is no gate, as the student has learned what a picture shows.
    /// - Parameters:
    ///   - background: as for templates.
    ///   - scale: σ
    /// - Throws: `ModelsError` for a name that is empty, there twice or too long, or a text tower of another width.
    package init(
        _ list: ClassList,
        background: [String] = [],
        student prompts: SegmentationPrompts,
        scale: Double,
        tower: TextTransformer,
        on backend: any Backend
    ) throws(ModelsError) {
        let fused = try ClassScorer(list, background: background, prompts: prompts, tower: tower, on: backend)
        self.init(
            vectors: fused.vectors.map { $0 / Float(prompts.count) },
            classes: fused.classes,
            count: fused.classes.count,
            scale: scale
        )
    }
}
