import CLibPQ

/// Where the database is and who asks: libpq's own keywords, read from a URL, a conninfo string or `PG*` variables.
///
/// What is left out comes from libpq's defaults: service file, password file, environment.
package struct PostgresConfiguration: Sendable, Hashable {
    /// libpq's keywords and values, the password among them.
    private var options: [String: String]
    /// How long opening a session may take in all, the name's resolution excepted.
    package var connectTimeLimit: Duration = .seconds(10)
    /// Whether sessions may cross a network without TLS; see `PostgresConfiguration+Encryption.swift`.
    package var permitsPlaintext = false

    package init(host: String, port: Int? = nil, user: String, database: String, password: String? = nil) {
        options = ["host": host, "user": user, "dbname": database]
        options["port"] = port.map(String.init)
        options["password"] = password
    }

    /// Reads `postgresql://user:password@host:port/database?sslmode=…` or `host=… dbname=…`.
    package init(parsing text: String) throws(PostgresError) {
        var problem: UnsafeMutablePointer<CChar>?
        guard let list = PQconninfoParse(text, &problem) else {
            let reason = problem.map { String(cString: $0) } ?? "out of memory"
            PQfreemem(problem)
            throw Self.unreadable(PostgresError.withoutQuotedValues(reason).trimmingSuffix(while: \.isWhitespace))
        }
        defer { PQconninfoFree(list) }
        options = [:]
        var entry = list
        while let keyword = entry.pointee.keyword {
            if let value = entry.pointee.val { options[String(cString: keyword)] = String(cString: value) }
            entry += 1
        }
        try refuseMisreadPassword()
    }

    /// The `PG*` variables that libpq knows; nothing else of the environment is read.
    package init(environment: [String: String]) {
        options = [:]
        for (variable, keyword) in Self.variables { options[keyword] = environment[variable] }
    }

    /// Takes from the environment what is left open, as libpq itself would, so that it can be looked at before.
    package func filled(from environment: [String: String]) -> PostgresConfiguration {
        var copy = self
        copy.options.merge(PostgresConfiguration(environment: environment).options) { own, _ in own }
        return copy
    }

    package subscript(option keyword: String) -> String? {
        get { options[keyword] }
        set { options[keyword] = newValue }
    }

    /// The same server and user, another database.
    package func database(_ name: String) -> PostgresConfiguration {
        var copy = self
        copy.options["dbname"] = name
        return copy
    }

    package var user: String { options["user"] ?? "default user" }
    package var database: String { options["dbname"] ?? user }

    /// libpq takes `postgresql://user:pa/ss@host/db` for host "user" and port "pa": a part of the password would
    /// then appear in messages as host or port.
    private func refuseMisreadPassword() throws(PostgresError) {
        let hosts = options["host"]?.split(separator: ",") ?? []
        let ports = options["port"]?.split(separator: ",") ?? []
        let isMisread =
            hosts.contains { $0.dropFirst().contains("@") } || ports.contains { UInt16($0) == nil }
            || (options["user"] == nil && options["dbname"]?.contains("@") == true)
        if isMisread { throw Self.unreadable("host or port make no sense") }
    }

    private static func unreadable(_ reason: String) -> PostgresError {
        PostgresError(
            .misconfigured,
            "the database URL cannot be read: \(reason)",
            nextStep: "Write postgresql://user:password@host:5432/database, with special characters of the password "
                + "percent-encoded (@ is %40, / is %2F)",
            isUnexecuted: true
        )
    }

    /// Keywords and values for libpq, ours for what the caller left open.
    var connectionOptions: [(keyword: String, value: String)] {
        var ours = [
            "application_name": "stillhouse",
            "client_encoding": "UTF8",
            // A peer that vanished without a word is noticed after 15 + 3 · 5 s, unsent data after 30 s.
            "keepalives_idle": "15", "keepalives_interval": "5", "keepalives_count": "3", "tcp_user_timeout": "30000",
        ]
        ours["sslmode"] = defaultEncryption
        return options.merging(ours) { own, _ in own }.map { ($0.key, $0.value) }
    }

    private static let variables = [
        "PGHOST": "host", "PGHOSTADDR": "hostaddr", "PGPORT": "port", "PGDATABASE": "dbname", "PGUSER": "user",
        "PGPASSWORD": "password", "PGPASSFILE": "passfile", "PGSERVICE": "service", "PGSSLMODE": "sslmode",
        "PGSSLROOTCERT": "sslrootcert", "PGSSLCERT": "sslcert", "PGSSLKEY": "sslkey", "PGAPPNAME": "application_name",
        "PGOPTIONS": "options", "PGTARGETSESSIONATTRS": "target_session_attrs",
        "PGCHANNELBINDING": "channel_binding",
    ]
}

extension PostgresConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// `postgresql://user@host:5432/database`; the password is never part of it.
    package var description: String {
        let host = options["host"] ?? options["hostaddr"] ?? "localhost"
        let port = options["port"] ?? "5432"
        if options["service"] != nil && options["host"] == nil { return "the database of the service file" }
        return host.hasPrefix("/")
            ? "postgresql://\(user)@/\(database)?host=\(host)&port=\(port)"
            : "postgresql://\(user)@\(host):\(port)/\(database)"
    }

    package var debugDescription: String { description }

    /// `dump` and test failures print no more than `description`.
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension StringProtocol {
    fileprivate func trimmingSuffix(while condition: (Character) -> Bool) -> String {
        var rest = self[...]
        while let last = rest.last, condition(last) { rest = rest.dropLast() }
        return String(rest)
    }
}
