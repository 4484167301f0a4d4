/// What a store refuses, apart from what PostgreSQL itself reports. A lost fence is an answer, not an error.
package enum StoreError: Error, Equatable {
    case settingsMissing
    case runExists(name: String)
    case runUnknown(name: String)
    /// A value that the ledger does not accept, by the constraint that says so.
    case runRejected(name: String, constraint: String)
    case sessionRefused(SessionRefusal)
    case loginExists(name: String)
    case loginUnknown(name: String)
    case loginRejected(name: String, reason: String)
    /// The manifest names parts that are not stored; nothing was entered.
    case partsMissing(job: JobID, attempt: Int)
    /// A version names chunks that are not stored.
    case chunksMissing(count: Int)
    /// There is no durable version at or below a number, to which a run could go back.
    case durableVersionMissing(run: RunID, number: Int)
    /// The version that a fork was to start from was retired meanwhile.
    case versionGone(run: String, number: Int)
    /// A transaction met other rows than the ledger's rules allow, and changed nothing.
    case ledgerInconsistent(statement: String, expected: Int, found: Int)
    /// Somebody else leads now; nothing was changed.
    case leadershipLost(name: LeaderName)
}

extension StoreError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .settingsMissing:
            "The database has no settings row. Run `stillhouse migrate up`, or restore the row if it was deleted."
        case .runExists(let name):
            "A run named \(name) exists. Choose another name; a run cannot be replaced."
        case .runUnknown(let name):
            "There is no run named \(name). `stillhouse run list` shows those there are."
        case .runRejected(let name, let constraint):
            "Run \(name) breaks the rule \(constraint). Names have up to 63 letters, digits, dots, dashes and "
                + "underscores; counts are positive."
        case .sessionRefused(let refusal):
            refusal.description
        case .loginExists(let name):
            "The server has a role \(name) already. Choose another name, or drop that role if nothing needs it."
        case .loginUnknown(let name):
            "There is no login \(name) of Stillhouse's. `stillhouse login list` shows those there are."
        case .loginRejected(let name, let reason):
            "The login \(name) is refused: \(reason)."
        case .partsMissing(let job, let attempt):
            "Job \(job), attempt \(attempt): parts of its gradient are missing or differ from the manifest. "
                + "Upload all of them again, then submit again."
        case .chunksMissing(let count):
            "\(count) chunks of the version are not stored. Store them again, then write the version again."
        case .durableVersionMissing(let run, let number):
            "Run number \(run) has no durable version at or below \(number). `stillhouse weights list` marks those "
                + "there are."
        case .versionGone(let run, let number):
            "Version \(number) of run \(run) is no longer kept. `stillhouse weights list \(run)` shows those that are."
        case .ledgerInconsistent(let statement, let expected, let found):
            "\(statement): expected \(expected) rows, found \(found). Nothing was changed. "
                + "Run `stillhouse verify` and keep its output."
        case .leadershipLost(let name):
            "\(name): another process leads now. Nothing was changed; this one stands by. `stillhouse status` shows who "
                + "leads."
        }
    }
}
