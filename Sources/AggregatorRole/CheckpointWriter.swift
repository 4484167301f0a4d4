import Stores
import Telemetry
import Transfers

/// Makes a published version durable: everything that training goes on from, stored where a crash cannot take it.
struct CheckpointWriter: Sendable {
    let weights: WeightStore
    let term: Term
    let faults: FaultInjector

    /// - Parameters:
    ///   - vectors: the version's own, not those of a later one, with both moments.
    ///   - unchanged: its chunks in roles that no update touches.
    /// - Returns: false when the run has gone back behind the version meanwhile.
    func write(_ version: Version, _ vectors: VersionVectors, unchanged: [ChunkReference]) async throws -> Bool {
        // What its publication has hashed is not hashed again; nothing is listed any more once it is retired.
        let published = try await weights.chunks(of: version.id, roles: VersionVectors.published)
        let chunks = try await unchanged + WeightWriter(weights).write(vectors, in: .logged, known: published)
        faults.reach(.aggregatorCheckpointing)
        return try await weights.makeDurable(version, chunks: chunks, under: term)
    }
}
