/// Beyond this machine sessions are encrypted and the server proves its name, unless the caller permits otherwise.
extension PostgresConfiguration {
    /// `verify-full` for a server beyond this machine; nil leaves libpq its default.
    package var defaultEncryption: String? {
        options("sslmode").isEmpty && !permitsPlaintext && isRemote ? "verify-full" : nil
    }

    /// Refuses a mode in which libpq would go on in clear text.
    package func checkEncryption() throws(PostgresError) {
        guard !permitsPlaintext, isRemote else { return }
        if ["disable", "allow", "prefer"].contains(self[option: "sslmode"]) { throw plaintextRefused }
    }

    /// Refuses a session that ended up in clear text, as one by a service file may.
    /// - Parameter address: of the server, as libpq knows it; empty for a Unix socket.
    package func check(isEncrypted: Bool, address: String) throws(PostgresError) {
        if permitsPlaintext || isEncrypted || Self.isLocal(address) { return }
        throw plaintextRefused
    }

    /// Some server of the list is beyond this machine, as far as can be told: a service file is libpq's to read.
    private var isRemote: Bool {
        let addresses = options("hostaddr")
        return !(addresses.isEmpty ? options("host") : addresses).allSatisfy(Self.isLocal)
    }

    private func options(_ keyword: String) -> [String] {
        self[option: keyword].map { $0.split(separator: ",").map(String.init) } ?? []
    }

    static func isLocal(_ host: String) -> Bool {
        host.isEmpty || host.hasPrefix("/") || host.hasPrefix("@") || host == "localhost" || host == "::1"
            || host.wholeMatch(of: /127\.[0-9]+\.[0-9]+\.[0-9]+/) != nil
    }

    private var plaintextRefused: PostgresError {
        PostgresError(
            .misconfigured,
            "the session with \(self) would cross the network in clear text",
            nextStep: "Use sslmode=verify-full with sslrootcert=FILE, a Unix socket or a tunnel to localhost; "
                + "--insecure permits clear text",
            isUnexecuted: true
        )
    }
}
