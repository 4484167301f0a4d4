import Foundation
import Postgres
import TestSupport
import Testing

@Suite("Values", .temporaryDatabase(.empty))
struct ValuesTests {
    /// Sends a value as a column of a declared type and reads it back.
    private func roundTrip<T: PostgresEncodable & PostgresDecodable & Equatable>(_ value: T, _ type: String)
        async throws
    {
        let connection = try await TemporaryDatabase.current.connection()
        let rows = try await connection.query("SELECT \(value)::\(unescaped: type) AS value")
        let back = try #require(rows.first).decode("value", as: T.self)
        #expect(back == value, "\(T.self) as \(type)")
    }

    @Test("integers come back, to their bounds")
    func integers() async throws {
        for value in [Int16.min, -1, 0, 1, .max] { try await roundTrip(value, "smallint") }
        for value in [Int32.min, -1, 0, .max] { try await roundTrip(value, "integer") }
        for value in [Int64.min, -1, 0, .max] { try await roundTrip(value, "bigint") }
        for value in [Int.min, 42, .max] { try await roundTrip(value, "bigint") }
    }

    @Test("floating-point numbers come back bit for bit")
    func floats() async throws {
        for value in [0, -0.0, 1.5, .pi, .leastNonzeroMagnitude, .greatestFiniteMagnitude, .infinity] {
            try await roundTrip(value, "double precision")
        }
        for value in [Float(0.1), .leastNonzeroMagnitude, -.infinity] { try await roundTrip(value, "real") }
        let connection = try await TemporaryDatabase.current.connection()
        let rows = try await connection.query("SELECT \(Double.nan) AS value")
        #expect(try rows[0].decode("value", as: Double.self).isNaN)
    }

    @Test("truth, text, identifiers and dates come back")
    func scalars() async throws {
        try await roundTrip(true, "boolean")
        try await roundTrip(false, "boolean")
        for value in ["", "plain", "naïve 🐘", "line\nbreak", "\\x00"] { try await roundTrip(value, "text") }
        try await roundTrip(UUID(), "uuid")
        try await roundTrip(Date(timeIntervalSinceReferenceDate: 0), "timestamptz")
        try await roundTrip(Date(timeIntervalSince1970: 1_700_000_000.25), "timestamptz")
        try await roundTrip(Date.distantFuture, "timestamptz")
        try await roundTrip(Date.distantPast, "timestamptz")
    }

    @Test("a date is the same moment to the server")
    func dateByServer() async throws {
        let connection = try await TemporaryDatabase.current.connection()
        let date = Date(timeIntervalSince1970: 1_234_567_890)
        let rows = try await connection.query(
            "SELECT to_timestamp(1234567890) = \(date) AS same, 'infinity'::timestamptz AS end"
        )
        #expect(try rows[0].decode("same", as: Bool.self))
        #expect(try rows[0].decode("end", as: Date.self) == .distantFuture)
    }

    @Test("bytes come back, every value and none at all")
    func bytes() async throws {
        try await roundTrip([UInt8](0...255), "bytea")
        try await roundTrip([UInt8](), "bytea")
        try await roundTrip(Data(repeating: 7, count: 1 << 20), "bytea")
        try await roundTrip(Data(), "bytea")
    }

    @Test("arrays come back, empty and with missing elements")
    func arrays() async throws {
        try await roundTrip([Int64.min, 0, .max], "bigint[]")
        try await roundTrip([Int](), "bigint[]")
        try await roundTrip([1.5, -.infinity], "double precision[]")
        try await roundTrip(["", "a,b", "{\"x\"}", "NULL"], "text[]")
        try await roundTrip([UUID(), UUID()], "uuid[]")
        try await roundTrip([[UInt8](), [1, 2]], "bytea[]")
        try await roundTrip([Data([9])], "bytea[]")
        try await roundTrip([Int32(1), nil, 3], "integer[]")
        try await roundTrip([String?.none], "text[]")
    }

    @Test("a missing value is NULL, and NULL is a missing value")
    func optionals() async throws {
        try await roundTrip(Int?.none, "bigint")
        try await roundTrip(String?.none, "text")
        try await roundTrip(Int?.some(3), "bigint")
        try await roundTrip([Int]?.none, "bigint[]")
    }

    private struct Recipe: Codable, Equatable {
        var name: String
        var rates: [Double]
    }

    @Test("a Codable value comes back through jsonb, and JSON text is a string")
    func json() async throws {
        let recipe = Recipe(name: "a\"b", rates: [0.5])
        let connection = try await TemporaryDatabase.current.connection()
        let rows = try await connection.query(
            "SELECT \(JSON(recipe)) AS value, (\(JSON(recipe))->>'name') AS name, \("{\"a\": 1}")::jsonb AS text"
        )
        #expect(try rows[0].decode("value", as: JSON<Recipe>.self).value == recipe)
        #expect(try rows[0].decode("name", as: String.self) == recipe.name)
        #expect(try rows[0].decode("text", as: String.self) == "{\"a\": 1}")
        let error = await #expect(throws: PostgresError.self) {
            try await connection.query("SELECT \(JSON([Double.nan]))")
        }
        #expect(error?.kind == .unencodable)
    }

    private enum State: String, PostgresEncodable, PostgresDecodable {
        case ready
        case done
    }

    @Test("an enum of ours is an enum of the server's")
    func enums() async throws {
        let connection = try await TemporaryDatabase.current.connection()
        try await connection.script("CREATE TYPE state AS ENUM ('ready', 'done', 'lost'); CREATE TABLE t (s state)")
        try await connection.execute("INSERT INTO t VALUES (\(State.done)), ('lost')")
        let rows = try await connection.query("SELECT s FROM t WHERE s = \(State.done)")
        #expect(try rows[0].decode("s", as: State.self) == .done)
        let error = await #expect(throws: PostgresError.self) {
            try await connection.query("SELECT s FROM t WHERE s = 'lost'")[0].decode("s", as: State.self)
        }
        #expect(error?.message.contains("this build's State does not know") == true)
    }

    @Test(
        "a value that looks like SQL stays a value",
        arguments: [
            "'; DROP TABLE note; --", "\\'; DROP TABLE note; --", "$1", "%s", "'' OR ''=''", "\"", "Robert'); --",
            "\u{2019}", "E'\\\\'", "/* */", "\n--\n",
        ]
    )
    func injection(text: String) async throws {
        let connection = try await TemporaryDatabase.current.connection()
        try await connection.execute("CREATE TABLE note (body text)")
        try await connection.execute("INSERT INTO note VALUES (\(text))")
        let rows = try await connection.query("SELECT body FROM note WHERE body = \(text)")
        #expect(try rows.map { try $0.decode("body", as: String.self) } == [text])
        try await connection.execute("CREATE TABLE \(identifier: text) (x int)")
        #expect(try await connection.execute("DELETE FROM \(identifier: text)") == 0)
    }

    @Test("a zero byte in text is refused before it is sent, without showing the text")
    func zeroByte() async throws {
        let connection = try await TemporaryDatabase.current.connection()
        let error = await #expect(throws: PostgresError.self) {
            try await connection.execute("SELECT \(1), \("secret\0value")")
        }
        #expect(error?.kind == .unencodable)
        #expect(error?.isUnexecuted == true)
        #expect(error?.message == "$2 cannot be sent: it holds a zero byte, which text in PostgreSQL cannot")
        #expect(try await connection.execute("SELECT 1") == 1)
    }
}
