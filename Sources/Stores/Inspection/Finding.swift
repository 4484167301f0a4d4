/// One thing that an examination found, why it matters, and how to mend it.
package struct Finding: Hashable, Sendable, Encodable {
    /// How bad it is, the mildest first.
    package enum Severity: String, Hashable, Sendable, Encodable, CaseIterable, Comparable {
        /// As it should be.
        case ok
        /// Worth knowing; nothing need be done.
        case note
        /// Works, but slower or less safely than it could, or not for much longer.
        case warning
        /// A promise of Stillhouse does not hold, or nothing goes on until somebody acts.
        case error

        package static func < (one: Severity, other: Severity) -> Bool {
            (allCases.firstIndex(of: one) ?? 0) < (allCases.firstIndex(of: other) ?? 0)
        }
    }

    package let severity: Severity
    /// What was looked at: a setting, a table, a session, a run.
    package let object: String
    package let found: String
    /// Why it matters.
    package let reason: String?
    /// The command or SQL that mends it, or the advice where no single command does.
    package let remedy: String?

    package init(_ severity: Severity, _ object: String, _ found: String, because reason: String, mend remedy: String) {
        (self.severity, self.object, self.found) = (severity, object, found)
        (self.reason, self.remedy) = (reason, remedy)
    }

    private init(_ severity: Severity, _ object: String, _ found: String) {
        (self.severity, self.object, self.found) = (severity, object, found)
        (reason, remedy) = (nil, nil)
    }

    /// It is as it should be; `found` says how it is.
    package static func ok(_ object: String, _ found: String) -> Finding { Finding(.ok, object, found) }

    /// Only worth knowing.
    package static func note(_ object: String, _ found: String) -> Finding { Finding(.note, object, found) }
}
