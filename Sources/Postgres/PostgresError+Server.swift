import CLibPQ

extension PostgresError {
    /// An error that the server reported for a statement.
    init(_ result: borrowing PostgresResult) {
        let state = result.sqlState
        let primary = result.primaryMessage ?? "the connection to the database ended"
        self.init(
            .server,
            state?.errorClass == "22" ? Self.withoutQuotedValues(primary) : primary,
            nextStep: state.flatMap(Self.nextStep(after:)),
            sqlState: state,
            constraint: result.constraint
        )
    }

    /// Errors of class 22 (data exception) quote the offending value in the message itself.
    ///
    /// From the first quote to the last: the value may hold quotes itself. To the end if there is but one.
    static func withoutQuotedValues(_ message: String) -> String {
        guard let first = message.firstIndex(of: "\""), let last = message.lastIndex(of: "\"") else { return message }
        let rest = first == last ? "" : message[message.index(after: last)...]
        return message[..<first] + "\"…\"" + rest
    }

    private static func nextStep(after state: SQLState) -> String? {
        switch state {
        case .unknownSchema, .unknownTable, .unknownFunction:
            "The schema is missing or older than this build: run stillhouse migrate up"
        case .insufficientPrivilege:
            "Grant it to the role in the database URL, or use another role"
        case .tooManyConnections:
            "Raise max_connections, or run fewer workers against this server"
        case .lockNotAvailable:
            "Another transaction holds the lock: try again, and look into pg_stat_activity if it persists"
        case .diskFull:
            "Free space on the server, or give it more"
        case .readOnlyTransaction:
            "The server is a standby now: name the primary, or all of them with target_session_attrs=read-write"
        case .reconciling:
            "A coordinator mends it within seconds: see that one runs"
        default: nil
        }
    }
}
