import Commands
import Foundation
import Synchronization
import TestSupport
import Testing

@Suite("Role processes") struct RoleProcessTests {
    /// Kills itself the first time and finishes the second.
    private func role(_ script: String, in directory: URL) -> RoleProcess {
        RoleProcess(
            name: "worker",
            executable: URL(fileURLWithPath: "/bin/sh"),
            arguments: ["-c", script],
            environment: ["MARK": directory.appendingPathComponent("mark").path],
            log: directory.appendingPathComponent("worker.log")
        )
    }

    @Test("what is killed is started again, and its new number is told")
    func restart() async throws {
        let directory = try TemporaryDirectory()
        let role = role(
            "test -e $MARK && exit 0; echo $$ > $MARK; kill -9 $$",
            in: URL(fileURLWithPath: directory.path)
        )
        let told = Mutex<[(RoleProcess.Ending, Int32)]>([])
        try await role.superviseUntilFinished { ending, process in told.withLock { $0.append((ending, process)) } }
        let restarts = told.withLock { $0 }
        #expect(restarts.map(\.0) == [.killed(signal: 9)])
        let first = try String(contentsOfFile: directory.path + "/mark", encoding: .utf8)
        #expect(restarts.first.map { String($0.1) } != first.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    @Test("a status that forbids a restart is an error that names the log")
    func refusal() async throws {
        let directory = try TemporaryDirectory()
        let role = role("exit 64", in: URL(fileURLWithPath: directory.path))
        await #expect {
            try await role.superviseUntilFinished { _, _ in }
        } throws: { error in
            "\(error)".contains("exited with status 64") && "\(error)".contains("worker.log")
        }
    }
}
