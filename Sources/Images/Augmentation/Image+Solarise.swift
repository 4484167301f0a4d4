extension Image {
    /// Inverts the levels from the threshold on, each channel for itself, as `ImageOps.solarize` of Pillow 10.
    package func solarised(from threshold: Int = 128) -> Image {
        mapped(through: (0...255).map { UInt8($0 < threshold ? $0 : 255 - $0) })
    }
}
