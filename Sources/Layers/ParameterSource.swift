package import Tensors

/// Where a module's parameters come from: a checkpoint, a seed, or nowhere (to list shapes).
///
/// Modules are immutable values made from a source, so one initialiser per module loads, initialises and enumerates.
package protocol ParameterSource {
    /// - Parameters:
    ///   - path: the dotted path, equal to the parameter's key in an open_clip checkpoint.
    ///   - initialization: used only by sources that invent values.
    /// - Throws: `LayersError` when the source has no such parameter or has it with another shape.
    func tensor(_ path: String, _ shape: Shape, _ initialization: Initialization) throws -> Tensor
}
