package import Images
package import Tensors

extension Image {
    /// Pictures of one size, normalised by CLIP's constants: `[B, 3, H, W]`.
    package static func normalized(_ images: ArraySlice<Image>, on backend: any Backend) -> Tensor {
        let (width, height) = (images.first?.width ?? 0, images.first?.height ?? 0)
        return Tensor([images.count, 3, height, width], on: backend) { values in
            let size = 3 * height * width
            for (index, image) in zip(0..., images) {
                image.normalize(into: UnsafeMutableBufferPointer(rebasing: values[index * size..<(index + 1) * size]))
            }
        }
    }
}
