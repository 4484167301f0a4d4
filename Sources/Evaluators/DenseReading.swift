import Images
package import Layers
package import Models
import Objectives
import Tensors

/// Weights whose dense features are measured, and the size in which they see pictures.
package struct DenseReading {
    /// Side S of the picture from which features are read.
    package let size: Int
    private let student: VisionTransformer

    /// - Throws: `EvaluatorsError.studentSize` for a size that patches do not divide.
    package init(_ student: ParameterTree, tower: VisionTransformer.Configuration, size: Int) throws {
        guard size > 0, size % tower.patchSize == 0 else {
            throw EvaluatorsError.studentSize(size, patchSize: tower.patchSize)
        }
        self.size = size
        self.student = try VisionTransformer(ParameterScope(TreeSource(student)), tower)
    }

    /// The picture as the tower sees it, and the features of its cells.
    func features(of image: Image, on backend: any Backend) -> (view: StudentView, dense: DenseFeatures) {
        let view = StudentView(of: image, size: size)
        return (view, student.denseFeatures(Image.normalized([view.image], on: backend)))
    }
}
