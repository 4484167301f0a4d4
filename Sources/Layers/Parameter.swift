package import Tensors

/// A parameter's name and size, without its values.
package struct Parameter: Hashable, Sendable {
    /// Dotted, and equal to the key in an open_clip checkpoint.
    package let path: String
    package let shape: Shape

    package init(path: String, shape: Shape) {
        self.path = path
        self.shape = shape
    }

    /// What a module built by `build` asks for, in order.
    ///
    ///     let parameters = try Parameter.all { try VisionTransformer($0, configuration) }
    package static func all(of build: (ParameterScope) throws -> some Any) rethrows -> [Parameter] {
        let collector = ShapeCollector()
        _ = try build(ParameterScope(collector))
        return collector.parameters
    }
}
