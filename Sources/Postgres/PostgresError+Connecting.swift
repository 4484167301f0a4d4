extension PostgresError {
    /// Explains why libpq could not open a session.
    ///
    /// - Parameter text: libpq's message in verbose form, where a server's answer carries its code: `FATAL:  28P01: …`.
    ///   The library offers no other way to that code before a session stands, and the words may be translated.
    init(connecting text: String, to target: PostgresConfiguration) {
        // Every code has a digit, which tells it from the severity before it.
        var state = text.firstMatch(of: /:\s+((?=[A-Z]*[0-9])[0-9A-Z]{5}):\s/).map { SQLState(rawValue: String($0.1)) }
        if text.contains("no password supplied") { state = .invalidPassword }
        let (what, nextStep) = Self.explanation(state, text, target)
        let isHopeless = ["Permission denied", "SSL", "certificate"].contains { text.contains($0) }
        self.init(
            state == nil && isHopeless ? .misconfigured : .unreachable,
            "cannot connect to \(target): \(what)",
            nextStep: nextStep,
            sqlState: state,
            isUnexecuted: true
        )
    }

    private static func explanation(
        _ state: SQLState?,
        _ text: String,
        _ target: PostgresConfiguration
    ) -> (what: String, nextStep: String) {
        switch state {
        case .unknownDatabase?:
            return (
                "there is no database \"\(target.database)\"",
                "Correct the name in the database URL, or create it: createdb \(target.database)"
            )
        case .invalidPassword?:
            return (
                "the server refuses the password of \"\(target.user)\", or there was none",
                "Correct it in the database URL, PGPASSWORD or the password file"
            )
        case .invalidAuthorization?:
            return (
                "the server does not let \"\(target.user)\" in",
                "Check that the role exists and that pg_hba.conf admits it from this machine"
            )
        case .tooManyConnections?:
            return ("all its connections are taken", "Raise max_connections, or run fewer workers against it")
        case .cannotConnectNow?:
            return ("it is starting up or shutting down", "Try again in a moment")
        case let state?:
            return ("the server refuses (\(state.rawValue))", "See the server's log for the reason")
        case nil:
            return explanation(ofClientSide: text, target)
        }
    }

    /// Without an answer from the server only the words tell the cases apart.
    private static func explanation(
        ofClientSide text: String,
        _ target: PostgresConfiguration
    ) -> (what: String, nextStep: String) {
        let has = { (part: String) in text.contains(part) }
        if has("could not translate host name") || has("could not look up") {
            return ("the host name cannot be resolved", "Check the spelling of the host and this machine's DNS")
        }
        if has("Connection refused") {
            return (
                "connection refused: nothing listens there",
                "Start the server, or correct host and port (stillhouse server start runs a private one)"
            )
        }
        if has("No such file or directory") {
            return (
                "there is no such socket, so no server runs there",
                "Start the server (stillhouse server start), or correct the host in the database URL"
            )
        }
        if has("Permission denied") {
            return ("this user may not enter the socket's directory", "Run as the user that started the server")
        }
        if has("timeout expired") || has("timed out") || has("No route to host") || has("unreachable") {
            return ("no answer", "Check that the host is up and that no firewall drops the port")
        }
        if has("does not match host name") {
            return (
                "the server's certificate is for another name",
                "Use the name in the certificate as host; if that is right already, somebody may be in between"
            )
        }
        if has("root certificate file") {
            return (
                "there is no root certificate to check the server by",
                "Put sslrootcert=FILE into the database URL, or the file at ~/.postgresql/root.crt"
            )
        }
        if has("certificate verify failed") {
            return (
                "the server's certificate is not signed by the root that is trusted here",
                "Check sslrootcert; if it is right, somebody may be in between"
            )
        }
        if has("server does not support SSL") {
            return (
                "the server offers no TLS",
                "Turn on ssl in postgresql.conf; --insecure and sslmode=disable permit clear text"
            )
        }
        if has("SSL") || has("certificate") {
            return ("the encrypted connection failed", "Check sslmode and sslrootcert in the database URL")
        }
        let first = text.split(separator: "\n").first.map(String.init) ?? "libpq gave no reason"
        return (withoutQuotedValues(first), "Check the database URL")
    }
}
