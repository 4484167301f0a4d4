package import Tensors

/// Lists what a module asks for, in the order in which it asks, without allocating any of it.
///
/// A module built from a collector holds placeholders and must not be called.
package final class ShapeCollector: ParameterSource {
    package private(set) var parameters: [Parameter] = []
    private let placeholder: Tensor

    package init() {
        placeholder = Tensor([0], [], on: CPUBackend(threadCount: 1))
    }

    package func tensor(_ path: String, _ shape: Shape, _ initialization: Initialization) throws -> Tensor {
        parameters.append(Parameter(path: path, shape: shape))
        return placeholder
    }
}
