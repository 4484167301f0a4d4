package import Images

extension Image {
    /// The picture at the size at which a tower is asked what its patches show: bilinear with antialias, bit for bit as Pillow 10.
    ///
    /// Training of prompts and segmentation by them share it, so that prompts are asked about pictures such as they were
    /// trained on.
    package func resizedForPatches(width: Int, height: Int) -> Image {
        resized(width: width, height: height, by: .bilinear)
    }
}
