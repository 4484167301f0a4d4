package import Postgres

/// Settings of the server that decide whether what it acknowledged stays, and how long a careless session may harm others.
package struct SettingsCheck: Check {
    package let subject = "server settings"
    private let database: Database

    package init(_ database: Database) { self.database = database }

    private static let names = [
        "fsync", "full_page_writes", "synchronous_commit", "autovacuum", "track_counts",
        "idle_in_transaction_session_timeout", "statement_timeout", "client_connection_check_interval", "max_wal_size",
        "shared_buffers", "wal_compression",
    ]

    package func findings() async throws -> [Finding] {
        let settings = try await ServerSetting.read(Self.names, from: database)
        return Self.judge(settings, parameterCount: try await database.largestModel())
    }

    /// - Parameter parameterCount: of the largest model that is being trained.
    package static func judge(_ settings: [String: ServerSetting], parameterCount: Int) -> [Finding] {
        var findings = durability(settings) + housekeeping(settings) + patience(settings)
        findings += sizes(settings, parameterCount: parameterCount)
        for setting in settings.values.sorted(by: { $0.name < $1.name }) where setting.isPending {
            findings.append(
                Finding(
                    .warning,
                    setting.name,
                    "changed, but not in force",
                    because: "the server takes this setting at its start only",
                    mend: "Restart the server when no run minds a minute's pause."
                )
            )
        }
        return findings
    }

    /// What was acknowledged must survive a crash.
    private static func durability(_ settings: [String: ServerSetting]) -> [Finding] {
        var findings: [Finding] = []
        for (name, loss) in [
            ("fsync", "a power failure may destroy the database, acknowledged versions included"),
            ("full_page_writes", "a page that was half written when the power failed cannot be repaired"),
            ("synchronous_commit", "a crash may take back claims, submissions and versions that were acknowledged"),
        ] {
            guard let setting = settings[name] else { continue }
            findings.append(
                setting.shown == "off"
                    ? Finding(.error, name, "off", because: loss, mend: setting.change(to: "on"))
                    : .ok(name, setting.shown)
            )
        }
        return findings
    }

    /// The queue's tables are updated all the time and want to be cleaned all the time.
    private static func housekeeping(_ settings: [String: ServerSetting]) -> [Finding] {
        ["autovacuum", "track_counts"].compactMap { name in
            guard let setting = settings[name] else { return nil }
            guard setting.shown == "off" else { return .ok(name, setting.shown) }
            return Finding(
                .error,
                name,
                "off",
                because: "dead rows of jobs, heads and beats are never removed: claims get slower every hour",
                mend: setting.change(to: "on")
            )
        }
    }

    /// How long the server bears a client that has stopped or gone.
    private static func patience(_ settings: [String: ServerSetting]) -> [Finding] {
        var findings: [Finding] = []
        if let setting = settings["idle_in_transaction_session_timeout"] {
            findings.append(
                setting.quantity == 0 || setting.quantity > 60_000
                    ? Finding(
                        .warning,
                        setting.name,
                        setting.shown,
                        because: "a client stopped within a transaction holds its locks and every dead row, for ever",
                        mend: setting.change(to: "30s")
                    ) : .ok(setting.name, setting.shown)
            )
        }
        if let setting = settings["client_connection_check_interval"] {
            findings.append(
                setting.quantity == 0
                    ? Finding(
                        .warning,
                        setting.name,
                        setting.shown,
                        because:
                            "the server works on for a client that has vanished, and keeps its locks all the while",
                        mend: setting.change(to: "5s")
                    ) : .ok(setting.name, setting.shown)
            )
        }
        if let setting = settings["statement_timeout"] {
            findings.append(
                setting.quantity == 0
                    ? Finding(
                        .note,
                        setting.name,
                        "none",
                        because: "one bad query may run for hours; 30 s suit the logins of workers",
                        mend: "ALTER ROLE the_workers_login SET statement_timeout = '30s';"
                    ) : .ok(setting.name, setting.shown)
            )
        }
        return findings
    }

    private static func sizes(_ settings: [String: ServerSetting], parameterCount: Int) -> [Finding] {
        var findings: [Finding] = []
        if let setting = settings["max_wal_size"] {
            findings.append(
                setting.quantity < 16 << 30
                    ? Finding(
                        .note,
                        setting.name,
                        setting.shown,
                        because:
                            "a fleet writes gigabytes a minute; a checkpoint every few seconds costs half the speed",
                        mend: setting.change(to: "16GB")
                    ) : .ok(setting.name, setting.shown)
            )
        }
        if let setting = settings["shared_buffers"] {
            // One and a half times two versions of four bytes a parameter.
            let wanted = 12 * parameterCount
            let megabytes = max(wanted >> 20, 1)
            findings.append(
                setting.quantity < wanted
                    ? Finding(
                        .warning,
                        setting.name,
                        setting.shown,
                        because: "two versions of the model in training and half as much again want \(megabytes) MB: "
                            + "every worker's pull then comes from memory",
                        mend: setting.change(to: "\(megabytes)MB")
                    ) : .ok(setting.name, setting.shown)
            )
        }
        if let setting = settings["wal_compression"] {
            findings.append(
                setting.shown == "off"
                    ? .ok(setting.name, "off")
                    : Finding(
                        .note,
                        setting.name,
                        setting.shown,
                        because: "floating-point numbers do not compress; trying costs time",
                        mend: setting.change(to: "off")
                    )
            )
        }
        return findings
    }
}
