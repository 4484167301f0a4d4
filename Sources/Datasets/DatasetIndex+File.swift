import Foundation

// On disk: "stillidx" · format version u8 · canonical encoding · its SHA-256.
extension DatasetIndex {
    private static var magic: [UInt8] { Array("stillidx".utf8) + [1] }

    /// Written beside the target and renamed, so that a reader never meets half an index.
    package func write(to path: String) throws(DatasetError) {
        let bytes = Self.magic + Self.encoded(kind, samples) + digest
        do {
            try Data(bytes).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw .unreadableFile(path: path, cause: "cannot be written (\(error.localizedDescription))")
        }
    }

    /// - Throws: `invalidIndex` for any file that ``write(to:)`` could not have written.
    package static func read(from path: String) throws(DatasetError) -> DatasetIndex {
        let bytes = try LocalFile.bytes(at: path, limit: 1 << 32)
        guard bytes.starts(with: magic) else {
            throw .invalidIndex(path: path, cause: "not a dataset index, or of another version")
        }
        let payload = bytes.dropFirst(magic.count).dropLast(32)
        guard bytes.count >= magic.count + 32, digest(of: payload) == Array(bytes.suffix(32)) else {
            throw .invalidIndex(path: path, cause: "cut short or damaged: the digest at its end does not fit")
        }
        guard let index = decoded(payload) else {
            throw .invalidIndex(path: path, cause: "the digest fits, but the content is no index")
        }
        return index
    }
}
