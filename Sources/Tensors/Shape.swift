/// The extents of a row-major tensor, slowest axis first; a scalar has none.
package struct Shape: Hashable, Sendable, ExpressibleByArrayLiteral, CustomStringConvertible {
    package let dimensions: [Int]

    package init(_ dimensions: [Int]) {
        precondition(dimensions.allSatisfy { $0 >= 0 }, "a shape has no negative extents: \(dimensions)")
        self.dimensions = dimensions
    }

    package init(arrayLiteral elements: Int...) {
        self.init(elements)
    }

    /// Elements in all; 1 for a scalar.
    package var count: Int { dimensions.reduce(1, *) }

    package var rank: Int { dimensions.count }

    /// The extent of an axis; negative axes count from the end, so `-1` is the last one.
    package subscript(axis: Int) -> Int { dimensions[resolved(axis: axis)] }

    /// `[rows, columns]` extents of the tensor seen as a matrix whose columns are the last axis.
    package var rowCount: Int { dimensions.dropLast().reduce(1, *) }

    package var description: String { "[\(dimensions.map(String.init).joined(separator: ", "))]" }

    /// An axis as an index from the front.
    package func resolved(axis: Int) -> Int {
        let index = axis < 0 ? axis + rank : axis
        precondition(dimensions.indices.contains(index), "\(self) has no axis \(axis)")
        return index
    }

    /// The same shape but for one axis.
    package func replacing(axis: Int, with extent: Int) -> Shape {
        var changed = dimensions
        changed[resolved(axis: axis)] = extent
        return Shape(changed)
    }

    /// Elements before `axis` (blocks) and after it (width of one step along it).
    func split(around axis: Int) -> (outer: Int, extent: Int, inner: Int) {
        let index = resolved(axis: axis)
        return (
            dimensions[..<index].reduce(1, *), dimensions[index], dimensions[(index + 1)...].reduce(1, *)
        )
    }
}
