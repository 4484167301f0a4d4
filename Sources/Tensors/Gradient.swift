extension Tensor {
    /// Gradients of a scalar with respect to `variables`, in their order; zeros where a variable was not reached.
    ///
    /// Reverse-mode differentiation (see Baydin et al. 2018, arXiv:1502.05767). The graph is consumed: intermediate
    /// values are released as the walk passes them.
    package func gradients(of variables: [Tensor]) -> [Tensor] {
        precondition(shape.count == 1, "gradients start at a scalar, not at \(shape)")
        return gradients(of: variables, seed: Tensor(backend.filled(shape, with: 1)))
    }

    /// The vector-Jacobian product: as `gradients(of:)`, from any tensor, given the gradient of what follows it.
    package func gradients(of variables: [Tensor], seed: Tensor) -> [Tensor] {
        var found = [Tensor?](repeating: nil, count: variables.count)
        propagate(seed, to: variables) { found[$0] = $1 }
        return zip(found, variables).map { gradient, variable in
            gradient ?? Tensor(variable.backend.filled(variable.shape, with: 0))
        }
    }

    /// Walks the graph backwards and hands each variable's gradient to `receive`, with the variable's index, as soon
    /// as it is complete; a variable that was not reached is passed over.
    ///
    /// Whoever does not keep the gradients lets one buffer serve them all.
    package func propagate(_ seed: Tensor, to variables: [Tensor], _ receive: (Int, Tensor) -> Void) {
        precondition(seed.shape == shape, "the seed \(seed.shape) has not the shape \(shape)")
        let wanted = Dictionary(grouping: variables.indices) { index -> ObjectIdentifier in
            guard let node = variables[index].node else {
                preconditionFailure("not a variable: a tensor without history")
            }
            return ObjectIdentifier(node)
        }
        guard let root = node else { return }
        var pending = [ObjectIdentifier(root): seed.value]
        var order = root.topologicalOrder()
        while let node = order.popLast() {
            let id = ObjectIdentifier(node)
            guard let gradient = pending.removeValue(forKey: id) else {
                node.release()
                continue
            }
            for index in wanted[id, default: []] { receive(index, Tensor(gradient)) }
            node.propagate(gradient, into: &pending)
        }
    }
}

extension Node {
    /// Hands a complete gradient on to the parents, adding where one of them already has a share, and lets go of values.
    fileprivate func propagate(_ gradient: consuming TensorValue, into pending: inout [ObjectIdentifier: TensorValue]) {
        guard let vjp else { return }
        let targets = parents
        let shares = vjp(gradient)
        precondition(shares.count == targets.count, "a VJP must answer for every parent")
        release()
        for case (let target?, let share?) in zip(targets, shares) {
            let id = ObjectIdentifier(target)
            if var sum = pending.removeValue(forKey: id) {
                sum.backend.accumulate(share, scaledBy: 1, into: &sum)
                pending[id] = sum
            } else {
                pending[id] = share
            }
        }
    }

    /// Every node reachable from this one, parents before children; an explicit stack, as graphs are deep.
    fileprivate func topologicalOrder() -> [Node] {
        var order: [Node] = []
        var seen: Set<ObjectIdentifier> = [ObjectIdentifier(self)]
        var stack: [(node: Node, nextParent: Int)] = [(self, 0)]
        while let (node, next) = stack.last {
            precondition(!node.isReleased, "this graph has already been used for gradients")
            guard next < node.parents.count else {
                order.append(node)
                stack.removeLast()
                continue
            }
            stack[stack.count - 1].nextParent = next + 1
            if let parent = node.parents[next], seen.insert(ObjectIdentifier(parent)).inserted {
                stack.append((parent, 0))
            }
        }
        return order
    }
}
