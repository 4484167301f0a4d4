package import Datasets
import Foundation
package import Models
package import Tensors

extension ClassScorer {
    /// Vectors that trained prompts make of class names: the sum of the segmentation prompts', gated by the global prompt's
    /// where it was trained to.
    ///
    /// - Parameter background: as for templates.
    /// - Throws: `ModelsError` for a name that is empty, there twice or too long, or a text tower of another width.
    /// - SeeAlso: Guo et al. 2023 (MVP-SEG), arXiv:2304.06957.
    package init(
        _ list: ClassList,
        background: [String] = [],
        prompts: SegmentationPrompts,
        tower: TextTransformer,
        on backend: any Backend
    ) throws(ModelsError) {
        let (names, classes) = Self.rows(of: list, background: background)
        let features = try prompts.features(of: names, by: tower, on: backend)  // [1 + k, R, E]
        let (size, values) = (names.count * features.shape[2], features.floats)
        var vectors = [Float](repeating: 0, count: size)
        for prompt in 1...prompts.count {
            for index in 0..<size { vectors[index] += values[prompt * size + index] }
        }
        let gate = Gate(
            vectors: Array(values[..<size]),
            sharpness: prompts.facts.gateSharpness,
            temperature: exp(Double(prompts.logGateTemperature))
        )
        self.init(
            vectors: vectors,
            classes: classes,
            count: names.count,
            scale: exp(Double(prompts.logScale)),
            gate: prompts.facts.isGated ? gate : nil
        )
    }

    /// All names and the class of each: synonyms of a class, then what is background as a class of its own.
    static func rows(of list: ClassList, background: [String]) -> (names: [String], classes: [Int]) {
        var (names, classes): ([String], [Int]) = ([], [])
        for (id, entry) in list.entries.enumerated() {
            names += entry.synonyms
            classes += entry.synonyms.map { _ in id }
        }
        return (names + background, classes + background.map { _ in list.count })
    }
}
