import Foundation

/// Names and ownership of what the private server keeps on disk.
struct ServerDirectory: Sendable {
    let root: String
    let sockets: String
    let port: Int

    var data: String { root + "/data" }
    /// initdb works here, and the whole is renamed when it is done: a killed initdb leaves nothing that looks ready.
    var unfinishedData: String { root + "/data.unfinished" }
    var log: String { root + "/server.log" }
    var lock: String { root + "/start.lock" }
    var postmasterFile: String { data + "/postmaster.pid" }
    var settingsFile: String { data + "/stillhouse.conf" }
    var socket: String { sockets + "/.s.PGSQL.\(port)" }

    var isInitialized: Bool { FileManager.default.fileExists(atPath: data + "/PG_VERSION") }

    /// `sun_path` of a socket's address has 108 bytes, the last of them zero.
    static let longestSocketPath = 107

    func checkSocketPath() throws(PostgresError) {
        let count = socket.utf8.count
        if count > Self.longestSocketPath {
            throw PostgresError(
                .privateServer,
                "the server's socket \(socket) would have a path of \(count) bytes; the system allows "
                    + "\(Self.longestSocketPath)",
                nextStep: "Choose a shorter data directory"
            )
        }
        // The server splits the setting at commas, and its files hold one path a line.
        if root.contains(where: { $0 == "\"" || $0.isNewline })
            || sockets.contains(where: { $0 == "\"" || $0.isNewline })
        {
            throw PostgresError(
                .privateServer,
                "the server's directory has a quote or line break in its name",
                nextStep: "Choose another data directory"
            )
        }
    }

    /// Makes the directories, hands them to the server's account and lets nobody else in but one group.
    func prepare(for account: ServerAccount, admitting group: gid_t?) throws(PostgresError) {
        try checkSocketPath()
        try make(root, account, group)
        try checkPath(for: account)
        try make(sockets, account, group)
    }

    private func make(_ path: String, _ account: ServerAccount, _ group: gid_t?) throws(PostgresError) {
        let files = FileManager.default
        do {
            let isNew = !files.fileExists(atPath: path)
            if isNew { try files.createDirectory(atPath: path, withIntermediateDirectories: true) }
            let owner = (try files.attributesOfItem(atPath: path)[.ownerAccountID] as? NSNumber)?.uint32Value
            if owner != account.user {
                // Taking over somebody's full directory because of a mistyped path would lock them out of it.
                guard try account.isSwitching && (isNew || files.contentsOfDirectory(atPath: path).isEmpty) else {
                    throw PostgresError(
                        .privateServer,
                        "\(path) belongs to another user than \(account.name), who runs the server",
                        nextStep: "Choose an empty or new directory"
                    )
                }
            }
            if account.isSwitching { try change(path, lchown(path, account.user, group ?? account.group)) }
            try change(path, chmod(path, group == nil ? 0o700 : 0o750))
        } catch let error as PostgresError {
            throw error
        } catch {
            throw PostgresError(
                .privateServer,
                "cannot prepare \(path): \(error.localizedDescription)",
                nextStep: "Choose a data directory that you may write"
            )
        }
    }

    private func change(_ path: String, _ status: Int32) throws(PostgresError) {
        if status == 0 { return }
        throw PostgresError(.privateServer, "cannot set owner or mode of \(path): \(String(cString: strerror(errno)))")
    }

    /// Every directory on the way must let the account through; root itself would not notice.
    private func checkPath(for account: ServerAccount) throws(PostgresError) {
        guard account.isSwitching else { return }
        if try account.canEnter(root) { return }
        var blocked = root
        while true {
            let parent = (blocked as NSString).deletingLastPathComponent
            if parent.isEmpty { break }
            if try account.canEnter(parent) { break }
            blocked = parent
        }
        throw PostgresError(
            .privateServer,
            "the user \(account.name), who runs the server, may not enter \(blocked) on the way to \(root)",
            nextStep: "Choose a data directory elsewhere, such as /var/lib/stillhouse/postgres, or run as an ordinary "
                + "user"
        )
    }
}
