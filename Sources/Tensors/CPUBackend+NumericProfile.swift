import CKernels

extension CPUBackend {
    /// What decides the last bit here: the build of the kernels that this processor runs.
    ///
    /// Two machines with equal profiles are promised equal weights; with unequal ones, weights equal to rounding.
    package static var numericProfile: String { "cpu \(kernelLevel)" }

    /// Which build of the kernels that is, such as `x86-64-v4`.
    package static var kernelLevel: String {
        switch kernel_level() {
        case 4: "x86-64-v4"
        case 3: "x86-64-v3"
        case 1: "x86-64"
        default: "arm64"
        }
    }
}
