import Foundation

/// A child's directory for decoders that read files.
struct FuzzWorkspace: Sendable {
    let directory: String

    func path(_ name: String) -> String { "\(directory)/\(name)" }

    /// Writes in place, without a rename: it happens a hundred thousand times.
    func write(_ bytes: [UInt8], to name: String) throws -> String {
        let path = path(name)
        guard let file = fopen(path, "wb") else { throw CocoaError(.fileWriteUnknown) }
        defer { fclose(file) }
        guard fwrite(bytes, 1, bytes.count, file) == bytes.count else { throw CocoaError(.fileWriteUnknown) }
        return path
    }
}
