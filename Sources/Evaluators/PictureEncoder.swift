package import Datasets
package import Images
package import Models
import Objectives
package import Tensors

/// Embeds whole pictures by an image tower, several at a time.
package struct PictureEncoder {
    /// Side of the tower's native pictures in pixels.
    package let side: Int
    private let tower: VisionTransformer
    private let preparation: ImagePreparation
    /// Pictures in one pass of the tower.
    let batch: Int
    private let backend: any Backend

    /// - Parameter batch: pictures in one pass of the tower; it bounds memory and changes no result.
    /// - Throws: `EvaluatorsError.notSquare` for a tower with other pictures than square ones.
    package init(
        _ tower: VisionTransformer,
        preparation: ImagePreparation = .crop,
        batch: Int = 8,
        on backend: any Backend
    ) throws(EvaluatorsError) {
        let configuration = tower.configuration
        guard configuration.imageWidth == configuration.imageHeight else {
            throw .notSquare(width: configuration.imageWidth, height: configuration.imageHeight)
        }
        precondition(batch > 0, "a batch has at least one picture")
        side = configuration.imageHeight
        self.tower = tower
        self.preparation = preparation
        self.batch = batch
        self.backend = backend
    }

    /// E, the length of an embedding.
    package var size: Int { tower.configuration.embeddingSize }

    /// - Returns: `[B, E]`, unit rows.
    package func encode(_ images: [Image]) -> Tensor { encode(prepared: images.map(prepared)) }

    /// Embeds the samples of a dataset in the order of their ids.
    ///
    /// - Parameters:
    ///   - progress: called after every picture with how many are done, the unusable ones among them.
    ///   - receive: called with the samples of a batch, as they were loaded, and their embeddings, `[B, E]`, unit rows.
    /// - Returns: pictures that could not be used; all others have been received.
    /// - Throws: `DatasetError` for what lies in this machine rather than in a picture.
    package func encode(
        _ dataset: Dataset,
        _ ids: [Int64],
        progress: (Int) -> Void = { _ in },
        receive: ([Sample], Tensor) throws -> Void
    ) async throws -> [UnusablePicture] {
        var unusable: [UnusablePicture] = []
        var pending: (samples: [Sample], images: [Image]) = ([], [])
        for (position, id) in ids.enumerated() {
            try Task.checkCancellation()
            switch try await load(id, of: dataset) {
            case .success(let loaded):
                pending.samples.append(loaded.sample)
                pending.images.append(prepared(loaded.image))
            case .failure(let failure): unusable.append(failure.picture)
            }
            let isFull = pending.samples.count == batch
            if isFull || (position == ids.count - 1 && !pending.samples.isEmpty) {
                try receive(pending.samples, encode(prepared: pending.images))
                pending = ([], [])
            }
            progress(position + 1)
        }
        return unusable
    }

    private struct Unusable: Error {
        let picture: UnusablePicture
    }

    private func load(_ id: Int64, of dataset: Dataset) async throws -> Result<LoadedSample, Unusable> {
        do {
            switch try await dataset.load(id) {
            case .loaded(let loaded): return .success(loaded)
            case .bad(let bad):
                return .failure(Unusable(picture: UnusablePicture(key: bad.key, reason: "\(bad.reason)")))
            }
        } catch {
            switch error {
            case .notFound(let key, _), .unreadable(let key, _, _), .changed(let key, _, _):
                return .failure(Unusable(picture: UnusablePicture(key: key, reason: "\(error)")))
            default: throw error
            }
        }
    }

    private func prepared(_ image: Image) -> Image { preparation.image(of: image, side: side) }

    private func encode(prepared images: [Image]) -> Tensor {
        tower.encodeImage(Image.normalized(images[...], on: backend)).l2Normalized()
    }
}
