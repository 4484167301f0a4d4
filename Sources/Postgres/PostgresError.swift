/// What went wrong with the database, to which statement, and what to do next.
///
/// Holds the server's primary message, never its detail, the bound values or the URL: those may be secrets.
package struct PostgresError: Error, Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// No session could be opened: refused, not found, wrong password, timed out.
        case unreachable
        /// The session ended under a statement, or before it.
        case connectionLost
        /// The server answered the statement with an error; the session goes on.
        case server
        /// Nothing came back within the caller's limit; the session was closed.
        case timedOut
        /// The task was cancelled; the session goes on, or was closed if the server did not react.
        case cancelled
        /// A cell is not what the caller wants to read.
        case undecodable
        /// A value cannot be sent.
        case unencodable
        /// Address or settings make no sense.
        case misconfigured
        /// Migrations and schema do not fit each other.
        case migration
        /// The private server could not be found, prepared, started or stopped.
        case privateServer
    }

    /// What a caller does about it.
    package enum Category: Hashable, Sendable {
        /// Connect again, later; nothing is wrong with the request.
        case connectionLoss
        /// The server cannot do it at present, and did nothing: disk or memory full, its own statement timeout, recovery
        /// from a crash. The same again after a pause may succeed.
        case unavailable
        /// Serialization failure, deadlock or lock timeout: the same transaction again may succeed.
        case contention
        /// Password, role or grant; repeating is useless.
        case permission
        /// Wrong address, database, schema or setting; repeating is useless.
        case configuration
        case other
    }

    package internal(set) var kind: Kind
    package let message: String
    package internal(set) var nextStep: String?
    package let sqlState: SQLState?
    /// The violated constraint, which tells unique violations apart.
    package let constraint: String?
    /// The method that ran the statement, such as `claim(limit:)`.
    package internal(set) var statement: String?
    /// True when the statement certainly had no effect, as it never reached the server: always safe to repeat.
    package internal(set) var isUnexecuted: Bool
    /// True when `Database` repeated the statement for as long as its patience allows: give up, nobody else has more.
    package internal(set) var wasRepeatedInVain = false

    package init(
        _ kind: Kind,
        _ message: String,
        nextStep: String? = nil,
        sqlState: SQLState? = nil,
        constraint: String? = nil,
        statement: String? = nil,
        isUnexecuted: Bool = false
    ) {
        self.kind = kind
        self.message = message
        self.nextStep = nextStep
        self.sqlState = sqlState
        self.constraint = constraint
        self.statement = statement
        self.isUnexecuted = isUnexecuted
    }

    /// Whether the same call may well succeed later, with nothing changed by anyone.
    package var isTransient: Bool { [.connectionLoss, .contention, .unavailable].contains(category) }

    package var category: Category {
        if kind == .cancelled { return .other }
        if let sqlState {
            if sqlState.meansShortage { return .unavailable }
            if sqlState.meansConnectionLoss { return .connectionLoss }
            if sqlState.meansContention { return .contention }
            if sqlState.meansRefusal { return .permission }
            if [.unknownDatabase, .unknownSchema].contains(sqlState) { return .configuration }
        }
        return switch kind {
        case .unreachable, .connectionLost, .timedOut: .connectionLoss
        case .misconfigured, .migration, .privateServer: .configuration
        case .server, .cancelled, .undecodable, .unencodable: .other
        }
    }
}

extension PostgresError: CustomStringConvertible {
    /// `claim(limit:): duplicate key value violates … (23505, constraint gradient_once). <next step>`
    package var description: String {
        var text = statement.map { "\($0): " } ?? ""
        text += message
        let facts = [sqlState?.rawValue, constraint.map { "constraint \($0)" }].compactMap(\.self)
        if !facts.isEmpty { text += " (\(facts.joined(separator: ", ")))" }
        if let nextStep { text += ". " + nextStep }
        return text
    }
}
