import Tensors

/// All pairs that a graph's pairs are compared with, the graph's own among them; nothing of it has a history.
struct ContrastiveSet {
    /// `[B, D]` for each view that captions are matched to.
    let images: [Tensor]
    let texts: Tensor  // [B, D]
    /// The graph's pairs.
    let own: Range<Int>
    private let marks: [PeerRows.Mark]

    /// The largest difference between what was published of a pair and what is computed of it again.
    private static let tolerance: Float = 1e-4

    /// - Parameter peers: nil where the graph's pairs are the whole set.
    /// - Throws: `ObjectivesError.embeddingMismatch`
    init(
        _ embeddings: SILC.Embeddings,
        _ views: [SILC.Views],
        _ peers: PeerSet?,
        on backend: any Backend
    ) throws(ObjectivesError) {
        let computed = embeddings.images.map { $0.detached() } + [embeddings.texts.detached()]
        guard let peers else {
            (images, texts) = (Array(computed.dropLast()), computed[computed.count - 1])
            own = 0..<views.count
            marks = views.map(\.mark)
            return
        }
        let size = embeddings.texts.shape[1]
        let parts = (0..<computed.count).map { part in
            Tensor([peers.rows.count, size], on: backend) { values in
                for row in 0..<peers.rows.count {
                    let numbers = peers.rows[row].dropFirst(part * size).prefix(size)
                    _ = UnsafeMutableBufferPointer(rebasing: values[row * size..<(row + 1) * size])
                        .update(fromContentsOf: numbers)
                }
            }
        }
        (images, texts) = (Array(parts.dropLast()), parts[parts.count - 1])
        own = peers.own
        marks = peers.rows.marks
        for (again, published) in zip(computed, parts) {
            try Self.compare(again, published.sliced(axis: 0, peers.own), views)
        }
    }

    /// B
    var count: Int { texts.shape[0] }

    /// Copies of a picture, and equal captions, are no negatives of each other.
    func isNegative(_ i: Int, _ k: Int) -> Bool {
        marks[i].image != marks[k].image && marks[i].caption != marks[k].caption
    }

    private static func compare(_ again: Tensor, _ published: Tensor, _ views: [SILC.Views]) throws(ObjectivesError) {
        let size = again.shape[1]
        for (index, (a, b)) in zip(again.floats, published.floats).enumerated() {
            // Not a number differs from everything.
            guard abs(a - b) <= tolerance else {
                throw .embeddingMismatch(sample: views[index / size].sample, difference: Double(abs(a - b)))
            }
        }
    }
}
