import Postgres

/// What a crash of the database may cost a run.
package enum RunDurability: String, CaseIterable, Sendable, Codable, PostgresEncodable, PostgresDecodable {
    /// The versions since the last checkpoint, which are then computed again with the same result.
    case checkpointed
    /// Nothing; every payload goes through the write-ahead log.
    case full

    /// Where payloads of such a run are stored.
    package var storage: ChunkStorage { self == .full ? .logged : .unlogged }
}
