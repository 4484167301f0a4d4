import Objectives

extension PeerRows {
    /// The set from the view of a graph.
    ///
    /// - Parameter graph: its samples, which have consecutive rows.
    /// - Throws: `TrainingError.peersMissing`
    func set(of graph: [Int64]) throws(TrainingError) -> PeerSet {
        guard let first = graph.first else { return PeerSet(rows: self, own: 0..<0) }
        guard let start = samples.firstIndex(of: first), samples[start...].starts(with: graph) else {
            throw .peersMissing(samples: graph)
        }
        return PeerSet(rows: self, own: start..<start + graph.count)
    }
}
