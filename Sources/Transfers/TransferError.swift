package import Stores

/// What can go wrong between a flat vector and its chunks.
package enum TransferError: Error, Equatable {
    case cacheUnusable(path: String, reason: String)
    /// The version was retired while it was read; its chunks are gone.
    case versionRetired(VersionID)
    /// A stored chunk is not what its name says.
    case chunkCorrupt(version: VersionID, role: ChunkRole, ordinal: Int)
    /// A version has another number of chunks than the run's layout makes.
    case wrongChunkCount(version: VersionID, role: ChunkRole, expected: Int, found: Int)
}

extension TransferError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .cacheUnusable(let path, let reason):
            "The weight cache \(path) cannot be used: \(reason). Pass another directory with --cache."
        case .versionRetired(let version):
            "Version \(version) was retired while it was read. Read the newest one instead."
        case .chunkCorrupt(let version, let role, let ordinal):
            "Version \(version), \(role) chunk \(ordinal): the stored bytes do not match their SHA-256 name. "
                + "Run `stillhouse verify --deep`, and restore the database from a backup if it agrees."
        case .wrongChunkCount(let version, let role, let expected, let found):
            "Version \(version) lists \(found) \(role) chunks, the run's layout makes \(expected). "
                + "Run `stillhouse verify` and keep its output."
        }
    }
}
