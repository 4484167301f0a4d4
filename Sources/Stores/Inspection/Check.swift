import Postgres

/// One question that `doctor` asks of the server, the schema, a run or this machine.
///
/// A check only reads. It answers with findings, good ones too, so that a reader sees what was looked at.
package protocol Check: Sendable {
    /// What it looks at, in a word or two.
    var subject: String { get }

    func findings() async throws -> [Finding]
}

extension Check {
    /// Its findings; a question that cannot be asked is a finding itself, and keeps none of the others from being asked.
    package func examine() async -> [Finding] {
        do {
            return try await findings()
        } catch let error as PostgresError where error.category == .permission {
            return [
                Finding(
                    .note,
                    subject,
                    "not examined: \(error.message)",
                    because: "this login may not read what the check needs",
                    mend: "Run doctor as the schema's owner or as a superuser."
                )
            ]
        } catch {
            return [
                Finding(
                    .warning,
                    subject,
                    "not examined: \(error)",
                    because: "nothing is known about it",
                    mend: "Mend what the message says, then run doctor again."
                )
            ]
        }
    }
}
