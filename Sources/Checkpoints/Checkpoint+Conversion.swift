import OrderedCollections

extension Checkpoint {
    /// All floating-point tensors in one type, rounded to nearest even; integers stay.
    ///
    /// - Throws: `CheckpointError.beyondRange` or `.notExact`, naming the tensor.
    package func converted(to dtype: CheckpointTensor.DType) throws(CheckpointError) -> Checkpoint {
        var converted = self
        for (name, tensor) in tensors {
            do throws(CheckpointError) {
                converted.tensors[name] = try tensor.converted(to: dtype)
            } catch {
                throw .inTensor(name, error)
            }
        }
        return converted
    }
}
