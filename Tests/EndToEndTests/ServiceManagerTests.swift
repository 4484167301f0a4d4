import Foundation
import Stores
import TestSupport
import Testing

@Suite(.temporaryDatabase(.migrated)) struct ServiceManagerTests {
    @Test(
        "a service manager hears when a role is ready, that it lives, and that it stops",
        arguments: ["coordinator", "worker"]
    )
    func notifications(role: String) async throws {
        let fleet = try await Fleet()
        let name = "@stillhouse-notify-\(UUID().uuidString)"
        let socket = try #require(DatagramSocket(name))
        let process = try fleet.start(
            [role, "start"],
            environment: ["NOTIFY_SOCKET": name, "WATCHDOG_USEC": "3000000"]
        )
        var heard = ""
        func hears(_ line: String) async throws {
            try await eventually("the service manager hears \(line)") {
                while let message = socket.next() { heard += message + "\n" }
                _ = try await SettingStore(fleet.database).read()
                return heard.contains(line)
            }
        }
        try await hears("READY=1")
        try await hears("WATCHDOG=1")
        #expect(!heard.contains("STOPPING=1"))
        process.signal(SIGTERM)
        try await hears("STOPPING=1")
        #expect(await process.exitStatus() == 0, "\(process.text)")
        try fleet.remove()
    }
}
