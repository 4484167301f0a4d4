/// A place in the graph that a forward pass leaves behind: the parents, and how a gradient reaches them.
///
/// Values live in the closure only, so that whatever the backward pass has walked past is released at once.
package final class Node {
    /// Given the gradient of this node, the gradients of its parents in order; nil where none is wanted.
    typealias VJP = (TensorValue) -> [TensorValue?]

    private(set) var parents: [Node?]
    private(set) var vjp: VJP?
    private(set) var isReleased = false

    init(parents: [Node?] = [], vjp: VJP? = nil) {
        self.parents = parents
        self.vjp = vjp
    }

    /// Drops parents and captured values; a graph serves one backward pass.
    func release() {
        isReleased = vjp != nil
        parents = []
        vjp = nil
    }

    // A chain as deep as a training graph must not be torn down by recursion.
    deinit {
        var orphans = parents.compactMap { $0 }
        parents = []
        while var orphan = orphans.popLast() {
            guard isKnownUniquelyReferenced(&orphan) else { continue }
            orphans.append(contentsOf: orphan.parents.lazy.compactMap { $0 })
            orphan.release()
        }
    }
}

extension TensorValue {
    /// The value as a tensor that remembers where it came from; without history if no parent has one.
    func recorded(from parents: [Tensor], vjp: @escaping Node.VJP) -> Tensor {
        guard parents.contains(where: { $0.node != nil }) else { return Tensor(self) }
        return Tensor(self, node: Node(parents: parents.map(\.node), vjp: vjp))
    }
}
