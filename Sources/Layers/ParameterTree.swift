package import OrderedCollections
package import Tensors

/// Named tensors in a fixed order; a dotted path is the parameter's key in an open_clip checkpoint.
package struct ParameterTree {
    package private(set) var tensors: OrderedDictionary<String, Tensor>

    package init(tensors: OrderedDictionary<String, Tensor> = [:]) {
        self.tensors = tensors
    }

    package var paths: [String] { Array(tensors.keys) }
    package var count: Int { tensors.count }

    package subscript(path: String) -> Tensor? {
        get { tensors[path] }
        set { tensors[path] = newValue }
    }

    /// The tensor at a path that the caller relies on.
    package func tensor(_ path: String) throws(LayersError) -> Tensor {
        guard let tensor = tensors[path] else { throw .missingParameter(path: path, expected: nil) }
        return tensor
    }
}

extension ParameterTree: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, Tensor)...) {
        self.init(tensors: OrderedDictionary(uniqueKeysWithValues: elements))
    }
}
