import Postgres

/// A login of one of Stillhouse's groups.
package struct Login: Sendable, Hashable {
    package let name: String
    /// Several when somebody granted more than one group by hand.
    package let roles: [LoginRole]
    /// False once it is revoked.
    package let isAdmitted: Bool
    /// Nil for any number.
    package let connectionLimit: Int?
    /// Its connections to this database.
    package let connectionCount: Int

    init(_ row: Row) throws(PostgresError) {
        name = try row.decode("name")
        let groups: [String] = try row.decode("groups")
        roles = LoginRole.allCases.filter { groups.contains($0.group) }
        isAdmitted = try row.decode("is_admitted")
        connectionLimit = try row.decode("connection_limit")
        connectionCount = try row.decode("connections")
    }
}
