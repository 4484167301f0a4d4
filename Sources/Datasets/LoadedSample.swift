package import Images

/// A sample with its pixels, as stored (no EXIF turn), so that its boxes fit.
package struct LoadedSample: Sendable {
    package let sample: Sample
    package let image: Image

    package init(sample: Sample, image: Image) {
        self.sample = sample
        self.image = image
    }
}
