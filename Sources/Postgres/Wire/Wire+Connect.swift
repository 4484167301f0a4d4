internal import CLibPQ
import Foundation

extension Wire {
    /// Opens a session; a cancelled task or a passed time limit ends the attempt. Only name resolution cannot be cut.
    static func open(
        _ configuration: PostgresConfiguration,
        interruption: Interruption
    ) throws(PostgresError) -> Wire {
        try configuration.checkEncryption()
        let limit = Limit(configuration.connectTimeLimit)
        guard let connection = start(configuration.connectionOptions) else {
            throw PostgresError(.unreachable, "out of memory for a connection", isUnexecuted: true)
        }
        let wire = Wire(owning: connection, interruption: interruption)
        // Verbose messages carry the server's error code, which is otherwise lost before a session stands.
        PQsetErrorVerbosity(connection, PQERRORS_VERBOSE)
        wire.watchNotices()
        try wire.negotiate(configuration, limit)
        let address = PQhostaddr(connection).map { String(cString: $0) } ?? ""
        try configuration.check(isEncrypted: PQsslInUse(connection) == 1, address: address)
        PQsetErrorVerbosity(connection, PQERRORS_DEFAULT)
        PQsetnonblocking(connection, 1)
        return wire
    }

    private static func start(_ options: [(keyword: String, value: String)]) -> OpaquePointer? {
        let keywords = options.map { strdup($0.keyword) }
        let values = options.map { strdup($0.value) }
        defer { (keywords + values).forEach { free($0) } }
        let constant = { (text: UnsafeMutablePointer<CChar>?) in text.map { UnsafePointer($0) } }
        return PQconnectStartParams(keywords.map(constant) + [nil], values.map(constant) + [nil], 0)
    }

    private func negotiate(_ target: PostgresConfiguration, _ limit: Limit) throws(PostgresError) {
        let failure = { PostgresError(connecting: String(cString: PQerrorMessage(self.connection)), to: target) }
        if PQstatus(connection) == CONNECTION_BAD { throw failure() }
        var step = PGRES_POLLING_WRITING
        while step != PGRES_POLLING_OK {
            if step == PGRES_POLLING_FAILED { throw failure() }
            switch wait(for: Int16(step == PGRES_POLLING_READING ? POLLIN : POLLOUT), until: limit.deadline) {
            case .ready: step = PQconnectPoll(connection)
            case .woken:
                if isCancelled { throw PostgresError(.cancelled, "cancelled while connecting", isUnexecuted: true) }
            case .expired:
                throw PostgresError(connecting: "timeout expired", to: target)
            }
        }
    }
}
