/// Which of the two tables of its kind a chunk is written to; readers see both as one.
package enum ChunkStorage: CaseIterable, Sendable {
    /// Outlives a crash of the database.
    case logged
    /// Emptied by a crash of the database, and cheaper to write, as nothing of it goes through the write-ahead log.
    case unlogged

    /// The table of gradients' parts.
    var gradients: String {
        switch self {
        case .logged: "stillhouse.gradient_chunk"
        case .unlogged: "stillhouse.gradient_chunk_unlogged"
        }
    }

    /// The table of weights chunks.
    var weights: String {
        switch self {
        case .logged: "stillhouse.weights_chunk"
        case .unlogged: "stillhouse.weights_chunk_unlogged"
        }
    }
}
