import Foundation

/// The operating system's user as whom the server runs; never root, which PostgreSQL refuses for good reason.
struct ServerAccount: Sendable {
    let name: String
    let user: uid_t
    let group: gid_t
    /// True when we are root and have to step down to this user.
    let isSwitching: Bool

    /// Ourselves, or when root: `postgres` if there is such a user, else `nobody`.
    static func unprivileged() throws(PostgresError) -> ServerAccount {
        let own = geteuid()
        if own != 0 { return ServerAccount(name: "user \(own)", user: own, group: getegid(), isSwitching: false) }
        for name in ["postgres", "nobody"] {
            guard let entry = getpwnam(name)?.pointee else { continue }
            return ServerAccount(name: name, user: entry.pw_uid, group: entry.pw_gid, isSwitching: true)
        }
        throw PostgresError(
            .privateServer,
            "PostgreSQL does not run as root, and there is neither a user postgres nor nobody",
            nextStep: "Run the command as an ordinary user"
        )
    }

    func run(_ executable: String, _ arguments: [String]) throws(PostgresError) -> ChildProcess.Answer {
        guard isSwitching else { return try ChildProcess.run(executable, arguments) }
        for directory in ["/usr/bin", "/bin", "/usr/sbin", "/sbin"] {
            let setpriv = directory + "/setpriv"
            if FileManager.default.isExecutableFile(atPath: setpriv) {
                let identity = ["--reuid=\(user)", "--regid=\(group)", "--init-groups", "--"]
                return try ChildProcess.run(setpriv, identity + [executable] + arguments)
            }
            let runuser = directory + "/runuser"
            if FileManager.default.isExecutableFile(atPath: runuser) {
                return try ChildProcess.run(runuser, ["-u", name, "--", executable] + arguments)
            }
        }
        throw PostgresError(
            .privateServer,
            "neither setpriv nor runuser is there to step down from root",
            nextStep: "Install util-linux, or run the command as an ordinary user"
        )
    }

    /// Asks the kernel, as that user, so that groups and access lists count as they will for the server.
    func canEnter(_ directory: String) throws(PostgresError) -> Bool {
        try run("/usr/bin/test", ["-x", directory]).status == 0
    }
}
