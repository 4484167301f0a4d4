package import Tensors

/// A source together with the dotted path at which a module stands; children append one name each.
package struct ParameterScope {
    package let path: String
    private let source: any ParameterSource

    package init(_ source: any ParameterSource, path: String = "") {
        self.source = source
        self.path = path
    }

    /// The scope of a child module: `scope("attn")` of `visual` is `visual.attn`.
    package func callAsFunction(_ name: String) -> ParameterScope {
        ParameterScope(source, path: joined(name))
    }

    /// The scope of the n-th element of a list of modules, as in `resblocks.3`.
    package func callAsFunction(_ index: Int) -> ParameterScope {
        self(String(index))
    }

    package func parameter(_ name: String, _ shape: Shape, _ initialization: Initialization) throws -> Tensor {
        try source.tensor(joined(name), shape, initialization)
    }

    private func joined(_ name: String) -> String {
        path.isEmpty ? name : "\(path).\(name)"
    }
}
