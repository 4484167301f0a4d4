package import Images

/// A sample with its pixels, as stored (no EXIF turn), so that its boxes fit.
package struct LoadedSample: Sendable {
    package let sample: Sample
    package let image: Image
    /// Eight bytes of the SHA-256 of the stored file: equal for copies of a picture, whatever their names.
    package let fileMark: UInt64

    package init(sample: Sample, image: Image, fileMark: UInt64 = 0) {
        self.sample = sample
        self.image = image
        self.fileMark = fileMark
    }
}
