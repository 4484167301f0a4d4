import Foundation

// On disk: "stillidx" · version of the encoding u8 · canonical encoding · its SHA-256.
extension DatasetIndex {
    private static var magic: [UInt8] { Array("stillidx".utf8) }

    /// Written beside the target and renamed, so that a reader never meets half an index.
    package func write(to path: String) throws(DatasetError) {
        let version = Self.version(kind, samples, files, labelling)
        let bytes = Self.magic + [version] + Self.encoded(kind, samples, files, labelling) + digest
        do {
            try Data(bytes).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw .unreadableFile(path: path, cause: "cannot be written (\(error.localizedDescription))")
        }
    }

    /// - Throws: `invalidIndex` for any file that ``write(to:)`` could not have written.
    package static func read(from path: String) throws(DatasetError) -> DatasetIndex {
        let bytes = try LocalFile.bytes(at: path, limit: 1 << 32)
        guard bytes.starts(with: magic), bytes.count > magic.count else {
            throw .invalidIndex(path: path, cause: "not a dataset index")
        }
        let version = bytes[magic.count]
        guard (1...3).contains(version) else {
            throw .invalidIndex(path: path, cause: "an index of version \(version), which this program does not know")
        }
        let payload = bytes.dropFirst(magic.count + 1).dropLast(32)
        guard bytes.count >= magic.count + 1 + 32, digest(of: payload) == Array(bytes.suffix(32)) else {
            throw .invalidIndex(path: path, cause: "cut short or damaged: the digest at its end does not fit")
        }
        guard version == Self.version(of: payload) else {
            throw .invalidIndex(path: path, cause: "its version is not that of its content")
        }
        guard let index = decoded(payload) else {
            throw .invalidIndex(path: path, cause: "the digest fits, but the content is no index")
        }
        return index
    }
}
