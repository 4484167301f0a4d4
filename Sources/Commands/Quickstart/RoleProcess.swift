package import Foundation
import Synchronization

/// A coordinator, worker or aggregator as a process of its own, started again when something kills it.
package final class RoleProcess: Sendable {
    /// Why a process ended.
    package enum Ending: Sendable, Equatable {
        case exited(Int32)
        case killed(signal: Int32)

        var text: String {
            switch self {
            case .exited(let code): "exited with status \(code)"
            case .killed(let signal): "was killed by signal \(signal)"
            }
        }
    }

    let name: String
    let log: URL
    private let executable: URL
    private let arguments: [String]
    private let environment: [String: String]
    private let child = Mutex<Process?>(nil)

    /// - Parameters:
    ///   - environment: carries the database URL, so that it stays out of the process list.
    ///   - log: receives what the process writes, appended.
    package init(name: String, executable: URL, arguments: [String], environment: [String: String], log: URL) {
        self.name = name
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.log = log
    }

    /// The process to kill when one wants to see it replaced; nil before the start.
    package var processID: Int32? { child.withLock { $0?.processIdentifier } }

    /// Runs the process until it has done its work, starting it again whenever something else ends it; cancelled, it is
    /// told to drain.
    ///
    /// - Parameter onRestart: called with how it ended and the new process's number.
    /// - Throws: `CommandFailure` when it cannot be started, or ends by itself with a status that forbids a restart.
    package func superviseUntilFinished(onRestart: @Sendable (Ending, Int32) -> Void) async throws {
        var lastEnding: Ending?
        while true {
            let endings = try start()
            if let lastEnding { onRestart(lastEnding, processID ?? 0) }
            let ending = await withTaskCancellationHandler {
                await endings.first { _ in true }
            } onCancel: {
                child.withLock { $0?.terminate() }
            }
            // A cancelled iteration ends empty-handed; the process itself still drains.
            guard let ending, !Task.isCancelled else { return await waitUntilGone() }
            switch ending {
            case .exited(0): return
            case .exited(let code)
            where code != ExitStatus.unavailable.rawValue && code != ExitStatus.temporary.rawValue:
                throw CommandFailure(
                    .broken,
                    "The \(name) \(ending.text) before the run was finished. Read the last lines of \(log.path)."
                )
            case .exited, .killed: lastEnding = ending
            }
        }
    }

    private func start() throws -> AsyncStream<Ending> {
        let (stream, continuation) = AsyncStream.makeStream(of: Ending.self, bufferingPolicy: .bufferingOldest(1))
        let process = Process()
        process.executableURL = executable
        process.arguments = arguments
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        if !FileManager.default.fileExists(atPath: log.path) {
            _ = FileManager.default.createFile(atPath: log.path, contents: nil)
        }
        let output = try FileHandle(forWritingTo: log)
        try output.seekToEnd()
        process.standardOutput = output
        process.standardError = output
        process.terminationHandler = { process in
            let status = process.terminationStatus
            continuation.yield(process.terminationReason == .exit ? .exited(status) : .killed(signal: status))
            continuation.finish()
        }
        do {
            try process.run()
        } catch {
            throw CommandFailure(.broken, "The \(name) could not be started from \(executable.path): \(error)")
        }
        child.withLock { $0 = process }
        return stream
    }

    /// Waits for the end of the drain on a thread that may block.
    private func waitUntilGone() async {
        guard let process = child.withLock({ $0 }) else { return }
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            Thread.detachNewThread {
                process.waitUntilExit()
                continuation.resume()
            }
        }
    }
}
