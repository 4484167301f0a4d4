package import Checkpoints
package import Layers
import OrderedCollections
import Tensors

extension ParameterTree {
    /// The tree as fp32 checkpoint tensors in the native layout, in the tree's order.
    package var checkpoint: Checkpoint {
        var checkpoint = Checkpoint()
        for (path, tensor) in tensors {
            checkpoint.tensors[path] = CheckpointTensor(tensor.floats, shape: tensor.shape.dimensions)
        }
        return checkpoint
    }
}
