import Foundation
import Postgres
import TestSupport
import Testing

@Suite("Values", .temporaryDatabase(.empty))
struct ValuesTests {
    @Test("a number comes back")
    func number() async throws {
        let connection = try await TemporaryDatabase.current.connection()
        let rows = try await connection.query("SELECT \(41) + 1 AS answer")
        #expect(try rows[0].decode("answer", as: Int.self) == 42)
    }
}
