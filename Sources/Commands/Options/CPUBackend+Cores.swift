import Foundation
import Tensors

extension CPUBackend {
    /// A backend with a thread for each core; results do not depend on how many there are.
    static func onAllCores() -> CPUBackend {
        CPUBackend(threadCount: ProcessInfo.processInfo.activeProcessorCount)
    }
}
