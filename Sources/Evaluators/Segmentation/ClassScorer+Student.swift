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
    ///   - learned: the class that words do not describe, and the vector `[E]` that stands for it.
    /// - Throws: `ModelsError` for a name that is empty, there twice or too long, or a text tower of another width.
    package init(
        _ list: ClassList,
        background: [String] = [],
        student prompts: SegmentationPrompts,
        scale: Double,
        learned: (name: String, vector: [Float])? = nil,
        tower: TextTransformer,
        on backend: any Backend
    ) throws(ModelsError) {
        let fused = try ClassScorer(list, background: background, prompts: prompts, tower: tower, on: backend)
        var vectors = fused.vectors.map { $0 / Float(prompts.count) }
        if let learned, let id = list.id(of: learned.name) {
            for row in fused.rows(of: id) {
                vectors.replaceSubrange(row * fused.size..<(row + 1) * fused.size, with: learned.vector)
            }
        }
        self.init(
            vectors: vectors,
            classes: fused.classes,
            count: fused.classes.count,
            scale: scale
        )
    }
}
