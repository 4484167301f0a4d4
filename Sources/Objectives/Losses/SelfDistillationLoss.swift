import Foundation
package import Tensors

/// Local-to-global self-distillation: each local view of the student shall give the prototypes that the teacher gives to
/// the global views of the picture.
///
/// The loss is linear in the teacher's distributions, so their mean over the global views gives the mean over all
/// (teacher, student) pairs at once.
/// - SeeAlso: Naeem et al. 2023 (SILC), arXiv:2310.13355, section 3.2; Caron et al. 2021 (DINO), arXiv:2104.14294,
///   section 3.1.
package struct SelfDistillationLoss: Sendable, Hashable {
    /// τ_s
    package var studentTemperature: Double
    /// τ_t
    package var teacherTemperature: Double

    package init(studentTemperature: Double, teacherTemperature: Double) {
        self.studentTemperature = studentTemperature
        self.teacherTemperature = teacherTemperature
    }

    /// What the teacher says of some pictures.
    package struct Target {
        /// P_t of each global view, `[pictures · globals, K]`.
        package let views: Tensor
        /// The mean over each picture's views, `[pictures, K]`.
        package let pictures: Tensor

        /// Σ over views of the entropy of P_t, in nats.
        package var entropySum: Double {
            views.withUnsafeFloats { values in
                values.reduce(0) { $1 > 0 ? $0 - Double($1) * log(Double($1)) : $0 }
            }
        }
    }

    /// - Parameters:
    ///   - cosines: of the teacher, `[pictures · globals, K]`, picture by picture, without history.
    ///   - centre: `[K]`
    package func target(_ cosines: Tensor, centre: Tensor, globals: Int) -> Target {
        let views = cosines.softmax(minus: centre, scaledBy: 1 / teacherTemperature)
        let (count, prototypes) = (views.shape[0] / globals, views.shape[1])
        let values = views.reshaped(to: [count, globals * prototypes])
        let sums = (1..<globals).reduce(values.sliced(axis: 1, 0..<prototypes)) { sum, view in
            sum + values.sliced(axis: 1, view * prototypes..<(view + 1) * prototypes)
        }
        return Target(views: views, pictures: sums.scaled(by: 1 / Float(globals)))
    }

    /// The cross entropy of each local view: `[pictures · locals, K]`, picture by picture → `[pictures · locals]`.
    package func callAsFunction(_ student: Tensor, to target: Target) -> Tensor {
        student.crossEntropy(to: target.pictures, scaledBy: 1 / studentTemperature)
    }
}
