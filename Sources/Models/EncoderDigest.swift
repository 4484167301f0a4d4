package import Checkpoints
package import Layers
import Tensors

/// One value for both towers of a model: prompts belong to one of them and mean nothing to any other.
///
/// SHA-256 over the line `stillhouse encoder 1`, one line for each tower with the choices that its weights do not show, then
/// `path shape digest` for each parameter in canonical order, of its numbers as little-endian fp32. Temperature and bias are
/// no part of it.
package enum EncoderDigest {
    /// - Parameter tree: with all parameters of both towers.
    /// - Throws: `LayersError` for a tree that lacks one, or has it in another shape.
    package static func digest(
        of tree: ParameterTree,
        vision: VisionTransformer.Configuration,
        text: TextTransformer.Configuration
    ) throws -> Digest {
        var lines = "stillhouse encoder 1\n"
        lines += "vision \(vision.activation) patch \(vision.patchSize) heads \(vision.headCount) epsilon "
        lines += "\(vision.normEpsilon) pooling \(vision.pooling) size \(vision.imageWidth)x\(vision.imageHeight)\n"
        lines += "text \(text.activation) heads \(text.headCount) epsilon \(text.normEpsilon)\n"
        for parameter in try VisionTransformer.parameters(of: vision) + TextTransformer.parameters(of: text) {
            let tensor = try tree.tensor(parameter.path)
            guard tensor.shape == parameter.shape else {
                throw LayersError.wrongShape(path: parameter.path, expected: parameter.shape, found: tensor.shape)
            }
            let digest = tensor.withUnsafeFloats { Digest(of: UnsafeRawBufferPointer($0)) }
            lines += "\(parameter.path) \(parameter.shape.dimensions) \(digest)\n"
        }
        return Digest(of: lines.utf8)
    }
}
