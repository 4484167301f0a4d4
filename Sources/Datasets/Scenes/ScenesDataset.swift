package import Images

/// Scenes that are composed when they are needed, from cut-outs under `sprites/<noun>/<style>-<n>.png` and, if there are
/// any, pictures under `backgrounds/`.
///
/// A sample is a main noun, not a picture: an epoch visits every noun once, and what is drawn around it depends on the epoch.
/// The index answers for every byte of every part.
package struct ScenesDataset: Sendable {
    package let root: ImageRoot
    /// Sides of the composed pictures.
    package let size: Int
    package let limits: ImageLimits

    package init(root: ImageRoot, size: Int, limits: ImageLimits = .standard) {
        precondition(size > 0, "a scene has pixels")
        self.root = root
        self.size = size
        self.limits = limits
    }

    /// Reads and decodes every part; what cannot be used is left out and recorded.
    ///
    /// - Throws: `invalidRoot` for an http root, which cannot be listed: index a copy on disk and bring the index along.
    package func scan() async throws(DatasetError) -> DatasetScan {
        guard let directory = root.directory else {
            throw .invalidRoot(root.name, cause: "an http root cannot be listed")
        }
        let keys = try DirectoryTree.files(below: directory) { _ in true }
        var nouns: Set<String> = []
        var files: [IndexedFile] = []
        var rejected: [DatasetScan.RejectedImage] = []
        var pixelCount = 0
        for key in keys {
            guard let part = ScenePartKey(key) else { continue }
            let bytes = try await root.bytes(of: key)
            switch Self.judge(bytes, part, limits, key) {
            case .failure(let rejection): rejected.append(.init(key: key, reason: rejection.reason))
            case .success(let count):
                pixelCount += count
                files.append(IndexedFile(key: key, bytes: bytes))
                if case .sprite(let noun, _) = part { nouns.insert(noun) }
            }
        }
        guard pixelCount <= SceneParts.maximumPixelCount else {
            throw .invalidRoot(root.name, cause: "its parts have \(pixelCount) pixels, too many to keep in memory")
        }
        let sorted = nouns.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        guard !sorted.isEmpty else {
            let first = rejected.first.map { "\($0)" } ?? "there is no sprites/<noun>/<style>-<n>.png."
            throw .noSamples(path: "sprites", root: root.name, rejected: rejected.count, first: first)
        }
        let samples = sorted.enumerated().map { Sample(id: Int64($0), key: $1, width: size, height: size) }
        return DatasetScan(
            index: DatasetIndex(kind: .scenes, samples: samples, files: files),
            rejectedImages: rejected
        )
    }

    private struct Rejection: Error {
        let reason: DatasetScan.RejectedImage.Reason
    }

    /// How many pixels a part will keep in memory.
    private static func judge(
        _ bytes: [UInt8],
        _ part: ScenePartKey,
        _ limits: ImageLimits,
        _ key: String
    ) -> Result<Int, Rejection> {
        do {
            guard case .sprite = part else {
                let image = try ImageDecoder.decode(bytes: bytes, limits: limits, key: key)
                return .success(image.width * image.height)
            }
            let cutout = try ImageDecoder.cutout(bytes: bytes, limits: limits, key: key)
            guard let seen = cutout.trimmed(alphaAbove: 32) else {
                return .failure(Rejection(reason: .record("nothing of it can be seen.")))
            }
            if cutout.isOpaque { return .failure(Rejection(reason: .record("no transparency; cut the object out."))) }
            return .success(seen.width * seen.height)
        } catch {
            return .failure(Rejection(reason: .bad(.undecodable(error.reason))))
        }
    }
}
