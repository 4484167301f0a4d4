import CKernels
import COpenBLAS

extension CPUBackend {
    /// What decides the last bit here: processor architecture, OpenBLAS's version and the kernels it chose.
    ///
    /// Two machines with equal profiles are promised equal weights; with unequal ones, weights equal to rounding.
    package static var numericProfile: String {
        #if arch(x86_64)
        let architecture = "x86-64"
        #else
        let architecture = "arm64"
        #endif
        let version = String(cString: stillhouse_blas_configuration()).split(separator: " ").prefix(2)
        return "cpu \(architecture) \(version.joined(separator: " ")) \(String(cString: stillhouse_blas_core()))"
    }

    /// Which of our own kernels' builds the loader chose, such as `x86-64-v4`.
    package static var kernelLevel: String {
        switch kernel_level() {
        case 4: "x86-64-v4"
        case 3: "x86-64-v3"
        case 1: "x86-64"
        default: "arm64"
        }
    }

    /// Whether OpenBLAS was built for OpenMP's threads, which spin at barriers.
    package static var usesOpenMP: Bool { String(cString: stillhouse_blas_configuration()).contains("USE_OPENMP") }
}
