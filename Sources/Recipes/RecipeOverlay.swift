import Yams

/// Lays one YAML tree over another: mappings merge key by key, everything else is replaced.
///
/// The lower tree holds every key there is, which makes the defaults files the schema: what they do not name is
/// unknown.
struct RecipeOverlay {
    /// Keys of list elements, which no defaults file can show, by the path of the list; of a section within an element by the
    /// path of the list and the section's name.
    let elementKeys: [String: [String]]

    /// - Parameter file: where `overlay` was read, for messages.
    func laying(_ overlay: Node, over base: Node, file: String) throws(RecipeError) -> Node {
        try merge(overlay, over: base, path: [], file: file, root: base)
    }

    private func merge(
        _ overlay: Node,
        over base: Node,
        path: [String],
        file: String,
        root: Node
    ) throws(RecipeError) -> Node {
        if case .sequence(let elements) = overlay {
            try checkElements(elements, path: path, file: file)
        }
        guard case .mapping(let upper) = overlay, case .mapping(var lower) = base else {
            if case .mapping = base, overlay.null == nil {
                throw .unsuitableValue(
                    file: file,
                    key: path.joined(separator: "."),
                    reason: "is a section; its keys go below it."
                )
            }
            return overlay
        }
        for (keyNode, value) in upper {
            let key = keyNode.string ?? ""
            let keyPath = path + [key]
            guard let beneath = lower[Node(key)] else {
                throw .unknownKey(
                    file: file,
                    line: keyNode.mark?.line,
                    key: keyPath.joined(separator: "."),
                    nearest: nearest(to: key, under: path, in: lower, root: root)
                )
            }
            lower[Node(key)] = try merge(value, over: beneath, path: keyPath, file: file, root: root)
        }
        return .mapping(lower)
    }

    private func checkElements(_ elements: Node.Sequence, path: [String], file: String) throws(RecipeError) {
        let list = path.joined(separator: ".")
        for (index, element) in elements.enumerated() {
            try checkKeys(of: element, list: list, place: "\(list)[\(index)]", file: file)
        }
    }

    /// Also of sections within an element.
    private func checkKeys(of element: Node, list: String, place: String, file: String) throws(RecipeError) {
        guard let known = elementKeys[list], case .mapping(let mapping) = element else { return }
        for (keyNode, value) in mapping {
            let key = keyNode.string ?? ""
            guard known.contains(key) else {
                throw .unknownKey(
                    file: file,
                    line: keyNode.mark?.line,
                    key: "\(place).\(key)",
                    nearest: NearestSpelling.of(key, among: known).map { "\(place).\($0)" }
                )
            }
            try checkKeys(of: value, list: "\(list).\(key)", place: "\(place).\(key)", file: file)
        }
    }

    /// Looks beside the key first, then in the whole tree: a right key in the wrong section is a common slip.
    private func nearest(to key: String, under path: [String], in siblings: Node.Mapping, root: Node) -> String? {
        let beside = siblings.map { $0.key.string ?? "" }
        if let sibling = NearestSpelling.of(key, among: beside) {
            return (path + [sibling]).joined(separator: ".")
        }
        let everywhere = leaves(of: root, path: [])
        let named = everywhere.filter { $0.last == key }
        if let elsewhere = named.first {
            return elsewhere.joined(separator: ".")
        }
        let names = everywhere.compactMap(\.last)
        guard let name = NearestSpelling.of(key, among: names) else { return nil }
        return everywhere.first { $0.last == name }?.joined(separator: ".")
    }

    private func leaves(of node: Node, path: [String]) -> [[String]] {
        guard case .mapping(let mapping) = node else { return [path] }
        return mapping.flatMap { key, value in
            let below = path + [key.string ?? ""]
            return [below] + leaves(of: value, path: below)
        }
    }
}
