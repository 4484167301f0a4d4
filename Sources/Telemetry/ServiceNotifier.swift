import Foundation

/// Tells the service manager how the process is: systemd's protocol of one datagram to the socket in `NOTIFY_SOCKET`.
///
/// Without a service manager it does nothing, and nothing that it does can fail the process.
package struct ServiceNotifier: Sendable {
    /// One line of a message, such as `READY=1`.
    package enum Message: Sendable, Equatable {
        /// Started: what waits for the service may go on.
        case ready
        /// A line for people, shown by `systemctl status`.
        case status(String)
        case stopping
        /// A sign of life.
        case watchdog

        package var line: String {
            switch self {
            case .ready: "READY=1"
            case .status(let text): "STATUS=" + text.replacing("\n", with: " ")
            case .stopping: "STOPPING=1"
            case .watchdog: "WATCHDOG=1"
            }
        }
    }

    private let path: String?
    /// How long the service manager waits for a sign of life before it kills the process; nil when it does not.
    package let watchdogLimit: Duration?

    /// - Parameter environment: of this process; `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID` are read.
    package init(environment: [String: String], processIdentifier: Int32 = getpid()) {
        path = environment["NOTIFY_SOCKET"].flatMap { $0.hasPrefix("/") || $0.hasPrefix("@") ? $0 : nil }
        let isMeant = environment["WATCHDOG_PID"].map { Int32($0) == processIdentifier } ?? true
        let microseconds = environment["WATCHDOG_USEC"].flatMap { Int64($0) } ?? 0
        watchdogLimit = isMeant && microseconds > 0 ? .microseconds(microseconds) : nil
    }

    package func notify(_ messages: Message...) {
        guard let path else { return }
        send(messages.map(\.line).joined(separator: "\n"), to: path)
    }

    /// Signs of life at a third of the limit, until the task is cancelled. They stop when the process does, or when its
    /// tasks no longer run.
    package func keepWatchdogQuiet() async {
        guard path != nil, let watchdogLimit else { return }
        while !Task.isCancelled {
            notify(.watchdog)
            try? await Task.sleep(for: watchdogLimit / 3)
        }
    }

    private func send(_ text: String, to path: String) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var name = Array(path.utf8)
        let capacity = MemoryLayout.size(ofValue: address.sun_path)
        guard name.count < capacity else { return }
        // A leading @ stands for the zero byte of an abstract name, which no file has.
        if name[0] == UInt8(ascii: "@") { name[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        // An abstract name ends where the length says, not at a zero byte.
        let pathOffset = MemoryLayout<sockaddr_un>.size - capacity
        let length = socklen_t(pathOffset + name.count + (name[0] == 0 ? 0 : 1))

        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        // Not waiting: a service manager that does not read must not hold up training.
        let flags = Int32(MSG_NOSIGNAL | MSG_DONTWAIT)
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                _ = sendto(descriptor, bytes, bytes.count, flags, pointer, length)
            }
        }
    }
}
