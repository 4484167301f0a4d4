import Foundation
import Testing

/// A real process of the built `stillhouse`, with what it logged.
final class RoleUnderTest {
    private let process = Process()
    private let log: URL
    private let ended: AsyncStream<Int32>

    init(_ arguments: [String], environment: [String: String], in directory: URL) throws {
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self, bufferingPolicy: .bufferingOldest(1))
        ended = stream
        log = directory.appendingPathComponent("\(arguments[0])-\(UUID().uuidString).log")
        #expect(FileManager.default.createFile(atPath: log.path, contents: nil))
        let output = try FileHandle(forWritingTo: log)
        process.executableURL = try Self.executable()
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        process.terminationHandler = { process in
            continuation.yield(
                process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
            )
            continuation.finish()
        }
        try process.run()
        // The process has its own; a storm starts hundreds, and every one is remembered to its end.
        try output.close()
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    var text: String { (try? String(contentsOf: log, encoding: .utf8)) ?? "" }

    /// What everybody on the machine may see of it.
    var commandLine: String {
        (try? String(contentsOfFile: "/proc/\(process.processIdentifier)/cmdline", encoding: .utf8)) ?? ""
    }

    func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    var processIdentifier: Int32 { process.processIdentifier }
    var isRunning: Bool { process.isRunning }

    /// Whether the process has been stopped by SIGSTOP, as the kernel sees it.
    var isStopped: Bool {
        let status = (try? String(contentsOfFile: "/proc/\(process.processIdentifier)/stat", encoding: .utf8)) ?? ""
        // The state follows the command's name, which stands in parentheses.
        return status.split(separator: ")").last?.split(separator: " ").first == "T"
    }

    /// Asks it to leave, and expects that it does so in peace.
    func drain() async {
        signal(SIGTERM)
        #expect(await exitStatus() == 0, "\(text)")
    }

    /// The exit status, or minus the signal that ended it.
    func exitStatus() async -> Int32? { await ended.first { _ in true } }

    /// The program beside the test bundle, from the same build.
    private static func executable() throws -> URL {
        let bundle = try #require(CommandLine.arguments.first { $0.hasSuffix(".xctest") }, "no test bundle is named")
        return URL(fileURLWithPath: bundle).deletingLastPathComponent().appendingPathComponent("stillhouse")
    }
}
