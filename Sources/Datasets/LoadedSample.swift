import Crypto
package import Images

/// A sample with its pixels, as stored (no EXIF turn), so that its boxes fit.
package struct LoadedSample: Sendable {
    package let sample: Sample
    package let image: Image
    /// Eight bytes of the SHA-256 of the stored file: equal for copies of a picture, whatever their names.
    package let fileMark: UInt64
    /// The whole of it; empty where nobody asked. Of a composed picture it is that of the pixels.
    package let fileDigest: [UInt8]
    /// The classes of its pixels; nil where the dataset has none.
    package let labels: LabelMap?

    package init(sample: Sample, image: Image, fileMark: UInt64 = 0, labels: LabelMap? = nil) {
        self.sample = sample
        self.image = image
        self.fileMark = fileMark
        fileDigest = []
        self.labels = labels
    }

    /// - Parameter content: what tells the picture from others: its file, or its pixels if it has none.
    init(sample: Sample, image: Image, content: [UInt8], labels: LabelMap? = nil) {
        self.sample = sample
        self.image = image
        self.labels = labels
        fileDigest = Array(SHA256.hash(data: content))
        fileMark = fileDigest.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    func labelled(_ labels: LabelMap) -> LoadedSample {
        LoadedSample(self, labels: labels)
    }

    private init(_ other: LoadedSample, labels: LabelMap) {
        (sample, image, fileMark, fileDigest) = (other.sample, other.image, other.fileMark, other.fileDigest)
        self.labels = labels
    }
}
