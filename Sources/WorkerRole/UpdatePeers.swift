import Objectives

/// What a gradient of a two-phase step is computed among.
struct UpdatePeers: Sendable {
    /// Of all samples of the update, in the order of the jobs' ordinals.
    let rows: PeerRows
    /// Those that have a row, by the ordinal of the job that embedded them; a gradient job is about these and no others.
    let samples: [Int: [Int64]]

    /// - Parameter parts: of each job that has embedded some.
    init(_ parts: [(ordinal: Int, rows: PeerRows)], width: Int) {
        rows = parts.reduce(PeerRows(width: width)) { $0 + $1.rows }
        samples = Dictionary(parts.map { ($0.ordinal, $0.rows.samples) }) { first, _ in first }
    }
}
