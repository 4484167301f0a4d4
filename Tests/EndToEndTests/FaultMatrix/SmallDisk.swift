import Foundation

/// A tmpfs that can be filled to the last byte; only root may mount one.
final class SmallDisk {
    /// There is no way to a small disk here.
    struct Impossible: Error, CustomStringConvertible {
        let reason: String
        var description: String { "a small disk is not possible here: \(reason); mounting a tmpfs takes root" }
    }

    private let path: String
    private var filler: String { path + "/filler" }

    /// Mounts it at a new directory.
    init(at path: String, mebibytes: Int) throws {
        self.path = path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try Self.run("mount", "-t", "tmpfs", "-o", "size=\(mebibytes)m,mode=0755", "tmpfs", path)
    }

    /// Leaves not a byte free.
    func fill() throws {
        guard FileManager.default.createFile(atPath: filler, contents: nil) else {
            throw Impossible(reason: "\(filler) cannot be made")
        }
        let descriptor = open(filler, O_WRONLY | O_APPEND | O_CLOEXEC)
        defer { close(descriptor) }
        for size in [1 << 20, 4096, 1] {
            let block = [UInt8](repeating: 0, count: size)
            while write(descriptor, block, size) > 0 {}
        }
    }

    func release() { try? FileManager.default.removeItem(atPath: filler) }

    func unmount() { try? Self.run("umount", "--lazy", path) }

    private static func run(_ program: String, _ arguments: String...) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
        let output = Pipe()
        process.standardError = output
        process.standardOutput = output
        try process.run()
        process.waitUntilExit()
        let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        guard process.terminationStatus == 0 else { throw Impossible(reason: text.trimmingCharacters(in: .newlines)) }
    }
}
