import Crypto
package import Images

/// An index together with the place its pictures are read from on this machine.
package struct Dataset: Sendable {
    package let index: DatasetIndex
    package let root: ImageRoot
    package let limits: ImageLimits
    /// Pictures with a shorter side are bad samples.
    package let minimumSide: Int

    /// As in CLIPSelf's data pipeline.
    package static let standardMinimumSide = 10

    package init(
        index: DatasetIndex,
        root: ImageRoot,
        limits: ImageLimits = .standard,
        minimumSide: Int = Dataset.standardMinimumSide
    ) {
        self.index = index
        self.root = root
        self.limits = limits
        self.minimumSide = minimumSide
    }

    package var count: Int { index.count }

    /// What loading a sample gives: pixels, or the reason why nobody will ever get them.
    package enum Outcome: Sendable {
        case loaded(LoadedSample)
        case bad(BadSample)
    }

    /// - Throws: whatever another machine, or another attempt, might not meet: a missing or unreadable file, a server that
    ///   fails, no memory, or a picture that is not the one indexed.
    package func load(_ id: Int64) async throws(DatasetError) -> Outcome {
        switch try await read(id) {
        case .bad(let bad): .bad(bad)
        case .read(let sample, bytes: let bytes): try decode(sample, bytes)
        }
    }

    /// What reading a sample's file gives.
    package enum File: Sendable {
        case read(Sample, bytes: [UInt8])
        case bad(BadSample)
    }

    /// The first half of loading: the picture as it is stored.
    package func read(_ id: Int64) async throws(DatasetError) -> File {
        let sample = try index.sample(id)
        do {
            return .read(sample, bytes: try await root.bytes(of: sample))
        } catch {
            guard case .tooManyBytes(_, let limit) = error else { throw error }
            return .bad(BadSample(sampleID: id, key: sample.key, reason: .tooManyBytes(limit: limit)))
        }
    }

    /// The second half.
    package func decode(_ sample: Sample, _ bytes: [UInt8]) throws(DatasetError) -> Outcome {
        func bad(_ reason: BadSample.Reason) -> Outcome {
            .bad(BadSample(sampleID: sample.id, key: sample.key, reason: reason))
        }
        let image: Image
        do {
            image = try ImageDecoder.decode(bytes: bytes, limits: limits, key: sample.key)
        } catch {
            guard error.liesInTheBytes else { throw .outOfMemory(key: sample.key) }
            return bad(.undecodable(error.reason))
        }
        guard image.width == sample.width && image.height == sample.height else {
            let cause = "\(image.width) × \(image.height) instead of \(sample.width) × \(sample.height)"
            throw .changed(key: sample.key, root: root.name, cause: cause)
        }
        if min(image.width, image.height) < minimumSide {
            return bad(.tooSmall(width: image.width, height: image.height, minimumSide: minimumSide))
        }
        return .loaded(LoadedSample(sample: sample, image: image, fileMark: Self.mark(of: bytes)))
    }

    private static func mark(of bytes: [UInt8]) -> UInt64 {
        SHA256.hash(data: bytes).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}
