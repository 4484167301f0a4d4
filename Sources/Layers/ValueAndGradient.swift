package import Tensors

/// A loss and its gradient with respect to the slices of a layout, in layout order.
///
/// Build the model from `parameters`, whose trained tensors are variables; call with as many losses as there are
/// micro-batches. What the layout leaves out costs no gradient and no memory.
package struct ValueAndGradient {
    package let layout: ParameterLayout
    /// The tree given, with each tensor that the layout names turned into a variable.
    package let parameters: ParameterTree
    private let variables: [Tensor]
    /// The layout's slices of each variable.
    private let slices: [[Int]]

    package init(_ tree: ParameterTree, trains layout: ParameterLayout) throws(LayersError) {
        try layout.checkFit(of: tree)
        var parameters = tree
        var variables: [Tensor] = []
        let slicesByPath = Dictionary(grouping: layout.slices.indices) { layout.slices[$0].path }
        for path in layout.paths {
            let variable = try tree.tensor(path).detached().asVariable()
            parameters[path] = variable
            variables.append(variable)
        }
        self.layout = layout
        self.parameters = parameters
        self.variables = variables
        slices = layout.paths.map { slicesByPath[$0, default: []] }
    }

    /// Evaluates a scalar loss and adds its gradient to `sum`, in fp32 and in the order of the calls.
    ///
    /// - Parameter sum: `[layout.count]`.
    /// - Returns: the loss.
    @discardableResult
    package func callAsFunction(addingTo sum: inout [Float], _ loss: () throws -> Tensor) throws -> Float {
        guard sum.count == layout.count else {
            throw LayersError.wrongLength(expected: layout.count, found: sum.count)
        }
        let value = try loss()
        guard !variables.isEmpty else { return value.scalar }
        let backend = value.backend
        let seed = Tensor.filled(value.shape, with: 1, on: backend)
        sum.withUnsafeMutableBufferPointer { sum in
            value.propagate(seed, to: variables) { index, gradient in
                for slice in slices[index] {
                    let place = layout.range(of: slice)
                    backend.add(
                        gradient.value,
                        layout.slices[slice].elements,
                        to: UnsafeMutableBufferPointer(rebasing: sum[place])
                    )
                }
            }
        }
        return value.scalar
    }

    /// Evaluates a scalar loss and its gradient.
    package func callAsFunction(_ loss: () throws -> Tensor) throws -> (value: Float, gradient: [Float]) {
        var gradient = [Float](zeros: layout.count)
        let value = try self(addingTo: &gradient, loss)
        return (value, gradient)
    }
}
