import Foundation
import Telemetry
import TestSupport
import Testing

@Suite struct ServiceNotifierTests {
    @Test(
        "messages arrive at the socket that the environment names, a file or an abstract name",
        arguments: ["/tmp/", "@"]
    )
    func arrives(prefix: String) throws {
        let name = prefix + "stillhouse-notify-\(UUID().uuidString)"
        defer { unlink(name) }
        let socket = try #require(DatagramSocket(name))
        let notifier = ServiceNotifier(environment: ["NOTIFY_SOCKET": name])
        notifier.notify(.ready, .status("serving run a\nb"))
        #expect(socket.next() == "READY=1\nSTATUS=serving run a b")
        notifier.notify(.stopping)
        #expect(socket.next() == "STOPPING=1")
    }

    @Test(
        "without a socket, and with one that nobody listens at, nothing happens",
        arguments: [nil, "/nonexistent/x", "x"]
    )
    func silent(name: String?) {
        ServiceNotifier(environment: name.map { ["NOTIFY_SOCKET": $0] } ?? [:]).notify(.ready)
    }

    @Test("signs of life go out while there is a limit for them, meant for this process")
    func watchdog() async throws {
        let name = "@stillhouse-notify-\(UUID().uuidString)"
        let socket = try #require(DatagramSocket(name))
        let environment = ["NOTIFY_SOCKET": name, "WATCHDOG_USEC": "3000"]
        let other = ServiceNotifier(environment: environment.merging(["WATCHDOG_PID": "1"]) { $1 })
        #expect(other.watchdogLimit == nil)
        let notifier = ServiceNotifier(environment: environment.merging(["WATCHDOG_PID": "\(getpid())"]) { $1 })
        #expect(notifier.watchdogLimit == .microseconds(3000))
        let task = Task { await notifier.keepWatchdogQuiet() }
        for _ in 0..<3 {
            var message: String?
            while message == nil {
                message = socket.next()
                await Task.yield()
            }
            #expect(message == "WATCHDOG=1")
        }
        task.cancel()
        await task.value
    }
}
