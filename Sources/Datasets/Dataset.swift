package import Images

/// An index together with the place its pictures are read from on this machine.
package struct Dataset: Sendable {
    package let index: DatasetIndex
    package let root: ImageRoot
    package let limits: ImageLimits
    /// Pictures with a shorter side are bad samples.
    package let minimumSide: Int
    /// What makes the pictures, where they are not stored but composed.
    package let composer: SceneComposer?

    /// As in CLIPSelf's data pipeline.
    package static let standardMinimumSide = 10

    package init(
        index: DatasetIndex,
        root: ImageRoot,
        limits: ImageLimits = .standard,
        minimumSide: Int = Dataset.standardMinimumSide,
        composer: SceneComposer? = nil
    ) {
        self.composer = composer
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

    /// Loads a sample for one use of it. Pixels of stored pictures are the same for every use; composed ones depend on it.
    ///
    /// - Parameter seed: nil for the first epoch of a run of seed 0, for those who look at a dataset without a run.
    /// - Throws: whatever another machine, or another attempt, might not meet: a missing or unreadable file, a server that
    ///   fails, no memory, or a picture that is not the one indexed.
    package func load(_ id: Int64, seed: SampleSeed? = nil) async throws(DatasetError) -> Outcome {
        if let composer {
            let sample = try index.sample(id)
            let seed = seed ?? SampleSeed(run: 0, epoch: 0, sample: id)
            let scene = composer.compose(Int(id), seed: seed)
            return .loaded(LoadedSample(scene, of: sample, hasLabels: composer.hasLabels))
        }
        if index.kind == .scenes { throw .invalidIndex(path: root.name, cause: "scenes, opened without their parts") }
        return switch try await read(id) {
        case .bad(let bad): .bad(bad)
        case .read(let sample, bytes: let bytes): try await labelled(decode(sample, bytes))
        }
    }

    /// With the labels of its pixels, where the dataset has such.
    private func labelled(_ outcome: Outcome) async throws(DatasetError) -> Outcome {
        guard case .loaded(let loaded) = outcome, let labelling = index.labelling else { return outcome }
        let sample = loaded.sample
        guard let file = sample.labelFile else { return outcome }
        switch try await LabelReader(root: root, limits: limits, labelling: labelling).labels(of: sample, in: file) {
        case .labels(let labels): return .loaded(loaded.labelled(labels))
        case .bad(let reason): return .bad(BadSample(sampleID: sample.id, key: sample.key, reason: reason))
        }
    }

    private enum File {
        case read(Sample, bytes: [UInt8])
        case bad(BadSample)
    }

    private func read(_ id: Int64) async throws(DatasetError) -> File {
        let sample = try index.sample(id)
        do {
            return .read(sample, bytes: try await root.bytes(of: sample))
        } catch {
            guard case .tooManyBytes(_, let limit) = error else { throw error }
            return .bad(BadSample(sampleID: id, key: sample.key, reason: .tooManyBytes(limit: limit)))
        }
    }

    private func decode(_ sample: Sample, _ bytes: [UInt8]) throws(DatasetError) -> Outcome {
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
        return .loaded(LoadedSample(sample: sample, image: image, content: bytes))
    }
}

extension LoadedSample {
    /// A composed picture with its boxes and its caption.
    fileprivate init(_ scene: Scene, of sample: Sample, hasLabels: Bool) {
        let composed = Sample(
            id: sample.id,
            key: sample.key,
            width: scene.image.width,
            height: scene.image.height,
            boxes: scene.objects.map(\.box),
            captions: [scene.caption]
        )
        self.init(
            sample: composed,
            image: scene.image,
            content: scene.image.pixels,
            labels: hasLabels ? scene.labelMap : nil
        )
    }
}
