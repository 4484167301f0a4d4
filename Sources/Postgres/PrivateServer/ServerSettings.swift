import Foundation

/// Settings for a server that shares a desk's machine with the training itself. `fsync` stays on.
struct ServerSettings {
    let directory: ServerDirectory
    let isOpenToGroup: Bool
    let extra: [String: String]

    /// The whole settings file; later lines win, so what the caller adds comes last.
    var text: String {
        let settings: [(String, String)] = [
            ("listen_addresses", ""),
            ("unix_socket_directories", "\"\(directory.sockets)\""),
            // The directory's mode is the gate; the socket repeats it for systems that look at both.
            ("unix_socket_permissions", isOpenToGroup ? "0777" : "0700"),
            ("port", "\(directory.port)"),
            ("cluster_name", "stillhouse"),
            ("max_connections", "200"),
            ("shared_buffers", "\(Self.sharedBuffers(memory: Self.memory()) >> 20)MB"),
            ("max_wal_size", "2GB"),
            // Payloads live for seconds: what is deleted must be free again before the next gigabytes come.
            ("autovacuum_naptime", "5s"),
            ("client_connection_check_interval", "5s"),
            ("idle_in_transaction_session_timeout", "30s"),
            ("log_line_prefix", "%m [%p] %a "),
        ]
        let lines = (settings + extra.sorted { $0.key < $1.key }).map { name, value in
            "\(name) = '\(value.replacing("'", with: "''"))'"
        }
        return "# Written by stillhouse at every start; changes here are lost.\n" + lines.joined(separator: "\n") + "\n"
    }

    /// An eighth of the memory, between PostgreSQL's default and what a few versions of a large model need.
    static func sharedBuffers(memory: UInt64) -> UInt64 { min(max(memory / 8, 128 << 20), 2 << 30) }

    /// The machine's memory, or the container's limit where that is less.
    private static func memory() -> UInt64 {
        let physical = ProcessInfo.processInfo.physicalMemory
        let limit = try? String(contentsOfFile: "/sys/fs/cgroup/memory.max", encoding: .utf8)
        let bytes = limit.flatMap { UInt64($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
        return min(physical, bytes ?? physical)
    }
}
