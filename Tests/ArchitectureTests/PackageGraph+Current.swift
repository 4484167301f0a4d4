import Foundation

extension PackageGraph {
    /// The package that these tests belong to; described once for all tests.
    static var current: PackageGraph {
        get async throws { try await description.value }
    }

    /// The folder of `Package.swift`.
    static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private static let description = Task { try await described() }

    /// Asks SwiftPM, which needs a scratch path of its own: the package's is locked by the `swift test` around us, and
    /// the child would wait for that lock for ever.
    private static func described() async throws -> PackageGraph {
        let work = FileManager.default.temporaryDirectory.appending(path: "stillhouse-graph-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: work, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: work) }
        let output = work.appending(path: "package.json")
        try Data().write(to: output)

        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "swift", "package", "dump-package",
            "--package-path", folder.path, "--scratch-path", work.appending(path: "scratch").path,
        ]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: output)
        let status = try await withCheckedThrowingContinuation { (ended: CheckedContinuation<Int32, any Error>) in
            process.terminationHandler = { ended.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { ended.resume(throwing: error) }
        }
        guard status == 0 else { throw DumpFailed(status: status) }
        return try JSONDecoder().decode(PackageGraph.self, from: Data(contentsOf: output))
    }

    private struct DumpFailed: Error { var status: Int32 }
}
