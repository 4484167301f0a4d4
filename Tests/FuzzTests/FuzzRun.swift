import Foundation
import TestSupport
import Testing

/// A finished run of the built fuzzer.
struct FuzzRun {
    let exitStatus: Int32
    let output: String
    let artifacts: TemporaryDirectory

    init(_ arguments: [String]) async throws {
        artifacts = try TemporaryDirectory()
        let bundle = try #require(CommandLine.arguments.first { $0.hasSuffix(".xctest") }, "no test bundle is named")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: bundle).deletingLastPathComponent().appendingPathComponent("Fuzz")
        process.arguments = ["--artifacts", artifacts.path] + arguments
        process.standardInput = FileHandle.nullDevice
        let log = artifacts("log")
        #expect(FileManager.default.createFile(atPath: log, contents: nil))
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
        process.standardOutput = handle
        process.standardError = handle
        exitStatus = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        output = try String(contentsOfFile: log, encoding: .utf8)
    }

    /// The counts of a decoder's row: inputs, accepted, refused, found.
    func counts(of decoder: String) -> [Int] {
        let row = output.split(separator: "\n").first { $0.hasPrefix("\(decoder) ") } ?? ""
        return row.split(separator: " ").dropFirst().prefix(4).compactMap { Int($0) }
    }
}
