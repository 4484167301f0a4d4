import ArgumentParser
import Tensors

/// How much of this machine computes.
struct BackendOptions: ParsableArguments {
    @Option(help: "Threads that compute; by default one a core. Results do not depend on it.")
    var threads: Int?

    func validate() throws {
        if let threads, !(1...1024).contains(threads) {
            throw ValidationError("--threads is \(threads); it must be from 1 to 1024.")
        }
    }

    func backend() -> CPUBackend {
        threads.map(CPUBackend.init(threadCount:)) ?? .onAllCores()
    }
}
