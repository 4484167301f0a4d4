import Postgres

/// How far a version has come; only `published` ones can be read.
package enum VersionState: String, CaseIterable, Sendable, Codable, PostgresEncodable, PostgresDecodable {
    /// Belongs to the aggregator that writes it; dies unless published within `Settings.draftLifetime`.
    case draft
    case published
    /// Its ledger rows stay, its chunks are gone.
    case retired
    case abandoned
    /// Its chunks vanished with a crash of the database, and the run went back to an earlier version.
    case lost
}
