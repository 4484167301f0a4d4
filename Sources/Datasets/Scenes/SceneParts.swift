import Crypto
package import Images

/// Everything that scenes are made of, decoded: cut-outs by noun and style, and backgrounds.
package struct SceneParts: Sendable {
    struct Noun: Sendable {
        /// As captions say it.
        let name: String
        /// Cut-outs by style, styles by name.
        let styles: [[Cutout]]
    }

    let nouns: [Noun]
    let backgrounds: SceneBackground

    /// Decoded parts stay in memory; larger collections are a mistake of the root.
    static let maximumPixelCount = 1 << 28
    /// Objects are drawn from copies no larger, backgrounds likewise.
    private static let largestCutout = 512
    private static let largestBackground = 512

    /// Reads what an index names, and nothing else.
    ///
    /// - Throws: `changed` where a file is not the one indexed, byte by byte.
    package init(_ index: DatasetIndex, root: ImageRoot, limits: ImageLimits = .standard) async throws(DatasetError) {
        var sprites: [String: [String: [Cutout]]] = [:]
        var photos: [Image] = []
        for file in index.files {
            let bytes = try await root.bytes(of: file.key)
            guard Array(SHA256.hash(data: bytes)) == file.digest else {
                throw .changed(key: file.key, root: root.name, cause: "its digest is another")
            }
            switch ScenePartKey(file.key) {
            case .background: photos.append(try Self.photo(bytes, limits, file.key))
            case .sprite(let noun, let style):
                sprites[noun, default: [:]][style, default: []].append(try Self.cutout(bytes, limits, file.key))
            case nil: throw .invalidIndex(path: file.key, cause: "no part of a scene")
            }
        }
        var nouns: [Noun] = []
        for sample in index.samples {
            guard let styles = sprites[sample.key] else {
                throw .invalidIndex(path: sample.key, cause: "a noun without a sprite")
            }
            let sorted = styles.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            nouns.append(Noun(name: sample.key.replacing("_", with: " "), styles: sorted.map(\.value)))
        }
        self.nouns = nouns
        backgrounds = SceneBackground(photos: photos)
    }

    /// - Throws: `changed` for bytes that indexing would not have let in.
    static func cutout(_ bytes: [UInt8], _ limits: ImageLimits, _ key: String) throws(DatasetError) -> Cutout {
        let decoded: Cutout
        do {
            decoded = try ImageDecoder.cutout(bytes: bytes, limits: limits, key: key)
        } catch {
            throw .changed(key: key, root: "the root", cause: "\(error.reason)")
        }
        guard var cutout = decoded.trimmed(alphaAbove: 32) else {
            throw .changed(key: key, root: "the root", cause: "nothing of it can be seen")
        }
        while max(cutout.width, cutout.height) > largestCutout { cutout = cutout.halved() }
        return cutout
    }

    private static func photo(_ bytes: [UInt8], _ limits: ImageLimits, _ key: String) throws(DatasetError) -> Image {
        let image: Image
        do {
            image = try ImageDecoder.decode(bytes: bytes, limits: limits, key: key)
        } catch {
            throw .changed(key: key, root: "the root", cause: "\(error.reason)")
        }
        let short = min(image.width, image.height)
        guard short > largestBackground else { return image }
        let scale = Double(largestBackground) / Double(short)
        func side(_ value: Int) -> Int { max(1, Int((Double(value) * scale).rounded())) }
        return image.resized(width: side(image.width), height: side(image.height))
    }
}
