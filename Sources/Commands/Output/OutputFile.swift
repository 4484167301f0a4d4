import Foundation

/// Writes small files whole or not at all.
enum OutputFile {
    /// - Throws: `CommandFailure` that names the file and what to look at.
    static func write(_ bytes: some Sequence<UInt8>, to path: String) throws {
        do {
            try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw CommandFailure(
                .usage,
                "\(path): cannot be written (\(error.localizedDescription)). Check directory, permissions and space."
            )
        }
    }

    /// Makes a directory unless it is there.
    static func makeDirectory(_ path: String) throws {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw CommandFailure(
                .usage,
                "\(path): cannot be made (\(error.localizedDescription)). Name another directory with -o."
            )
        }
    }
}
