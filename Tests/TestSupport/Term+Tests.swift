package import Postgres
package import Stores

extension Term {
    /// The term of a test that leads everything in its database; the same one whenever it is asked for.
    package static func held(_ name: LeaderName, in database: Database) async throws -> Term {
        guard let term = try await LeaderStore(database).acquire(name, session: session, host: "test") else {
            throw SomebodyLeads(name: name)
        }
        return term
    }

    private static let session = SessionID()

    struct SomebodyLeads: Error {
        let name: LeaderName
    }
}
