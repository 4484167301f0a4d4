/// The numbers of a tensor without its history: what backends compute on, and what may cross task boundaries.
///
/// Values are immutable to everyone who shares them. A leading slice or a reshape shares the storage of its source.
package struct TensorValue: Sendable {
    package let shape: Shape
    package let backend: any Backend
    /// Elements before the first one within `storage`.
    package private(set) var offset: Int
    package private(set) var storage: Storage

    package init(shape: Shape, backend: any Backend, storage: Storage, offset: Int = 0) {
        self.shape = shape
        self.backend = backend
        self.storage = storage
        self.offset = offset
    }

    package var dtype: DType { backend.dtype }
    package var count: Int { shape.count }

    /// The same elements under another shape of equal count; shares storage.
    package func reshaped(to shape: Shape) -> TensorValue {
        precondition(shape.count == count, "\(self.shape) cannot be reshaped to \(shape)")
        return TensorValue(shape: shape, backend: backend, storage: storage, offset: offset)
    }

    /// Steps `range` of the first axis; shares storage.
    package func leadingSlice(_ range: Range<Int>) -> TensorValue {
        precondition(range.lowerBound >= 0 && range.upperBound <= shape[0], "\(shape) has no rows \(range)")
        let width = shape.split(around: 0).inner
        return TensorValue(
            shape: shape.replacing(axis: 0, with: range.count),
            backend: backend,
            storage: storage,
            offset: offset + range.lowerBound * width
        )
    }

    /// Whether an in-place update would go unseen by others.
    package mutating func isUnique() -> Bool { isKnownUniquelyReferenced(&storage) }

    /// Prepares an in-place update: afterwards nobody else sees these elements.
    package mutating func makeUnique() {
        if !isUnique() { self = backend.copied(self) }
    }
}
