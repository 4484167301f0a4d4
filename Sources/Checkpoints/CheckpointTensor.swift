/// One stored array as a file holds it: little-endian elements in row-major order, not yet bound to a backend.
///
/// Sendable and free of numerics, so that files, the parameter store and the network share one type.
package struct CheckpointTensor: Sendable, Hashable {
    package let dtype: DType
    /// Sizes from the slowest axis to the fastest; `[]` is a scalar with one element.
    package let shape: [Int]
    /// `elementCount · dtype.byteCount` bytes.
    package let bytes: [UInt8]

    /// Binds bytes from outside to a type and shape.
    ///
    /// - Throws: `CheckpointError.wrongByteCount` when the three do not fit together.
    package init(dtype: DType, shape: [Int], bytes: [UInt8]) throws(CheckpointError) {
        guard let byteCount = dtype.byteCount(of: shape), byteCount == bytes.count else {
            throw .wrongByteCount(dtype: dtype, shape: shape, found: bytes.count)
        }
        self.init(trusted: dtype, shape, bytes)
    }

    /// For callers in this module that have computed `bytes` from `shape` themselves.
    init(trusted dtype: DType, _ shape: [Int], _ bytes: [UInt8]) {
        self.dtype = dtype
        self.shape = shape
        self.bytes = bytes
    }

    /// 1 for a scalar; the parameter count when the tensor is a weight.
    package var elementCount: Int { shape.reduce(1, *) }
}
