package import Tensors

/// Draws every parameter from a generator keyed by the seed and the parameter's own path.
///
/// The order in which modules are built, or a module more or less elsewhere, never changes a parameter's values.
package struct InitializingSource: ParameterSource {
    private let seed: UInt64
    private let backend: any Backend

    package init(seed: UInt64, on backend: any Backend) {
        self.seed = seed
        self.backend = backend
    }

    package func tensor(_ path: String, _ shape: Shape, _ initialization: Initialization) throws -> Tensor {
        let generator = RandomGenerator(run: seed, epoch: 0, sample: Self.hash(of: path), view: 0)
        return Tensor(initialization.values(count: shape.count, generator: generator), shape, on: backend)
    }

    /// FNV-1a over the UTF-8 bytes: Swift's own `Hasher` differs from process to process.
    private static func hash(of path: String) -> UInt64 {
        path.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}
