/// What a tensor is without its bytes: enough to list, match and count.
package struct TensorSignature: Sendable, Hashable {
    package let dtype: CheckpointTensor.DType
    package let shape: [Int]

    package init(dtype: CheckpointTensor.DType, shape: [Int]) {
        self.dtype = dtype
        self.shape = shape
    }

    package var elementCount: Int { shape.reduce(1, *) }
}

extension CheckpointTensor {
    package var signature: TensorSignature { TensorSignature(dtype: dtype, shape: shape) }
}
