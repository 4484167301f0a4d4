import Foundation

/// A PostgreSQL of our own for one machine: a data directory, a Unix socket in a private directory, no network port.
///
/// The server outlives the process that started it; any later process finds it by the directory. Whoever may enter the
/// socket's directory is trusted, so its mode is the access rule.
package actor PrivateServer {
    package struct Configuration: Sendable {
        /// Holds the data, the log and, unless said otherwise, the socket; made when absent.
        package var directory: String
        package var socketDirectory: String?
        package var database = "stillhouse"
        /// Further lines of postgresql.conf.
        package var settings: [String: String] = [:]
        /// When root starts the server: the group that may connect besides, such as `sudo`'s caller.
        package var admittedGroup: UInt32?
        /// How long one start may take, crash recovery included.
        package var patience: Duration = .seconds(90)

        package init(directory: String) { self.directory = directory }

        /// `$XDG_DATA_HOME/stillhouse/postgres`, or `/var/lib/stillhouse/postgres` for root.
        package static func defaultDirectory(environment: [String: String]) -> String {
            if geteuid() == 0 { return "/var/lib/stillhouse/postgres" }
            let home = environment["HOME"] ?? NSHomeDirectory()
            let data = environment["XDG_DATA_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? home + "/.local/share"
            return data + "/stillhouse/postgres"
        }
    }

    package enum Status: Sendable, Hashable {
        /// There is no data directory yet.
        case absent
        case stopped
        case running(processIdentifier: Int32)
        /// The process lives but takes no connection: starting, recovering or stopping.
        case unresponsive(processIdentifier: Int32)
    }

    /// The server's superuser; trusted on the socket, so there is no password.
    private static let role = "stillhouse"
    private static let port = 5432

    private let executor = ThreadExecutor(name: "private-server")
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    package nonisolated let configuration: Configuration
    private let binaries: ServerBinaries
    private nonisolated let directory: ServerDirectory

    package init(_ configuration: Configuration, binaries: ServerBinaries) {
        self.configuration = configuration
        self.binaries = binaries
        let root = URL(filePath: configuration.directory).standardizedFileURL.path(percentEncoded: false)
        let trimmed = root.count > 1 && root.hasSuffix("/") ? String(root.dropLast()) : root
        directory = ServerDirectory(
            root: trimmed,
            sockets: configuration.socketDirectory ?? trimmed + "/socket",
            port: Self.port
        )
    }

    /// How to reach its database, whether it runs or not.
    package nonisolated var connection: PostgresConfiguration {
        PostgresConfiguration(
            host: directory.sockets,
            port: Self.port,
            user: Self.role,
            database: configuration.database
        )
    }

    /// `postgresql://stillhouse@/stillhouse?host=%2F…&port=5432`: what `--database` and STILLHOUSE_DATABASE take.
    package nonisolated var url: String {
        let plain = CharacterSet.alphanumerics.union(CharacterSet(charactersIn: "-._~/"))
        let host = directory.sockets.addingPercentEncoding(withAllowedCharacters: plain) ?? directory.sockets
        let database = configuration.database.addingPercentEncoding(withAllowedCharacters: plain)
        return "postgresql://\(Self.role)@/\(database ?? configuration.database)?host=\(host)&port=\(Self.port)"
    }

    /// Makes sure the server runs and its database exists; harmless when it does, safe from several processes at once.
    @discardableResult
    package func start() throws(PostgresError) -> PostgresConfiguration {
        let account = try ServerAccount.unprivileged()
        try directory.prepare(for: account, admitting: configuration.admittedGroup)
        let lock = try FileLock(directory.lock, patience: configuration.patience)
        let deadline = ContinuousClock.now + configuration.patience
        if !directory.isInitialized { try initialize(account) }
        while !isAnswering() {
            guard ContinuousClock.now < deadline else { throw failure("did not come up in \(configuration.patience)") }
            if livePostmaster() != nil {
                // Left by a parent that died while it was starting, or in crash recovery: it needs time, not a rival.
                usleep(50_000)
            } else {
                try launch(account)
            }
        }
        try createDatabase(account)
        _ = consume lock
        return connection
    }

    /// Ends all sessions and shuts down cleanly; harmless when it does not run.
    package func stop() throws(PostgresError) {
        guard directory.isInitialized else { return }
        let account = try ServerAccount.unprivileged()
        let lock = try FileLock(directory.lock, patience: configuration.patience)
        guard livePostmaster() != nil else { return }
        let seconds = "\(configuration.patience.components.seconds)"
        let answer = try account.run(
            binaries.path("pg_ctl"),
            ["stop", "-D", directory.data, "-m", "fast", "-w", "-t", seconds]
        )
        if answer.status != 0 && livePostmaster() != nil { throw failure("did not stop: \(answer.output)") }
        _ = consume lock
    }

    package func status() -> Status {
        guard directory.isInitialized else { return .absent }
        guard let postmaster = livePostmaster() else { return .stopped }
        return isAnswering()
            ? .running(processIdentifier: postmaster.processIdentifier)
            : .unresponsive(processIdentifier: postmaster.processIdentifier)
    }

    private func livePostmaster() -> Postmaster? {
        guard let postmaster = Postmaster(file: directory.postmasterFile) else { return nil }
        return postmaster.isAlive(in: directory.data) ? postmaster : nil
    }

    /// A real session, as a process number alone proves little.
    private func isAnswering() -> Bool {
        livePostmaster() != nil && (try? session(of: "postgres")) != nil
    }

    private func session(of database: String) throws(PostgresError) -> Wire {
        try Wire.open(connection.database(database), interruption: Interruption())
    }

    private func initialize(_ account: ServerAccount) throws(PostgresError) {
        remove(directory.unfinishedData)
        var arguments = [
            "-D", directory.unfinishedData, "-U", Self.role, "-E", "UTF8", "--locale=C", "--no-instructions",
            "--auth-local=trust", "--auth-host=reject",
        ]
        // Whoever does without fsync (tests) has no use for a synced template either.
        if configuration.settings["fsync"] == "off" { arguments.append("--no-sync") }
        let answer = try account.run(binaries.path("initdb"), arguments)
        guard answer.status == 0 else { throw failure("could not be prepared by initdb: \(answer.output)") }
        try append("\ninclude_if_exists = 'stillhouse.conf'\n", to: directory.unfinishedData + "/postgresql.conf")
        guard rename(directory.unfinishedData, directory.data) == 0 else {
            throw failure("could not be prepared: \(String(cString: strerror(errno)))")
        }
    }

    /// Starts a postmaster where none lives.
    ///
    /// One that was killed leaves its file, its socket's lock and for a moment its children; the server itself refuses
    /// to start while these last hold the shared memory, so a failure for that reason is tried again by the caller.
    private func launch(_ account: ServerAccount) throws(PostgresError) {
        remove(directory.postmasterFile)
        remove(directory.socket + ".lock")
        let settings = ServerSettings(
            directory: directory,
            isOpenToGroup: configuration.admittedGroup != nil,
            extra: configuration.settings
        )
        try write(settings.text, to: directory.settingsFile, account)
        let seconds = "\(configuration.patience.components.seconds)"
        let answer = try account.run(
            binaries.path("pg_ctl"),
            ["start", "-D", directory.data, "-l", directory.log, "-w", "-t", seconds]
        )
        if answer.status == 0 { return }
        let log = recentLog()
        guard log.contains("pre-existing shared memory") || log.contains("is already in use") else {
            throw failure("did not start: \(log.isEmpty ? answer.output : log)")
        }
        usleep(50_000)
    }

    /// Leaves the statement to the server's own program, as SQL has its home elsewhere.
    private func createDatabase(_ account: ServerAccount) throws(PostgresError) {
        let name = configuration.database
        if (try? session(of: name)) != nil { return }
        let answer = try account.run(
            binaries.path("createdb"),
            [
                "--host", directory.sockets, "--port", "\(Self.port)", "--username", Self.role, "--no-password",
                "--maintenance-db", "postgres", "--", name,
            ]
        )
        if answer.status != 0 { throw failure("could not make its database \(name): \(answer.output)") }
    }

    /// The end of the log, where the reason for a failure stands.
    private func recentLog() -> String {
        guard let text = try? String(contentsOfFile: directory.log, encoding: .utf8) else { return "" }
        return text.split(separator: "\n").suffix(5).joined(separator: " | ")
    }

    private func failure(_ what: String) -> PostgresError {
        PostgresError(
            .privateServer,
            "the private server in \(directory.root) \(what)",
            nextStep: "See \(directory.log)"
        )
    }

    private func remove(_ path: String) { try? FileManager.default.removeItem(atPath: path) }

    private func append(_ text: String, to path: String) throws(PostgresError) {
        guard let handle = FileHandle(forWritingAtPath: path) else { throw failure("has no \(path)") }
        do {
            try handle.seekToEnd()
            try handle.write(contentsOf: Data(text.utf8))
            try handle.close()
        } catch {
            throw failure("cannot write \(path): \(error.localizedDescription)")
        }
    }

    private func write(_ text: String, to path: String, _ account: ServerAccount) throws(PostgresError) {
        do {
            try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw failure("cannot write \(path): \(error.localizedDescription)")
        }
        if account.isSwitching { _ = lchown(path, account.user, account.group) }
    }
}
