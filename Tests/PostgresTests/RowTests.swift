import Postgres
import TestSupport
import Testing

@Suite("Rows", .temporaryDatabase(.empty))
struct RowTests {
    /// The message of the error that reading a column of this query as a type ends in.
    private func complaint<T: PostgresDecodable>(_ query: Query, _ column: String, as: T.Type) async throws -> String {
        let connection = try await TemporaryDatabase.current.connection()
        let row = try #require(try await connection.query(query, statement: "read()").first)
        do {
            _ = try row.decode(column, as: T.self)
            return "none"
        } catch {
            #expect(error.kind == .undecodable)
            return "\(error)"
        }
    }

    @Test("a wrong reading names statement, column and type, never the value")
    func complaints() async throws {
        #expect(
            try await complaint("SELECT 1 AS a, 2 AS b", "c", as: Int.self)
                == "read(): there is no column \"c\" among a, b"
        )
        #expect(
            try await complaint("SELECT NULL::int AS a", "a", as: Int.self)
                == "read(): column \"a\" is NULL; decode it as Int?"
        )
        #expect(
            try await complaint("SELECT 'secret' AS a", "a", as: Int.self)
                == "read(): column \"a\" is text, which Int cannot hold"
        )
        #expect(
            try await complaint("SELECT 70000 AS a", "a", as: Int16.self)
                == "read(): column \"a\" holds a number too large for Int16"
        )
        #expect(
            try await complaint("SELECT 1.5::numeric AS a", "a", as: Double.self)
                == "read(): column \"a\" is numeric, which Double cannot hold; "
                + "cast it to bigint or double precision in the statement"
        )
        #expect(
            try await complaint("SELECT ARRAY[[1],[2]] AS a", "a", as: [Int].self)
                == "read(): column \"a\" is an array of 2 dimensions; only one can be read"
        )
        #expect(
            try await complaint("SELECT 'secret' AS a", "a", as: [Int].self)
                == "read(): column \"a\" is text, not the binary form of an array"
        )
        #expect(
            try await complaint("SELECT '{\"b\": \"secret\"}'::jsonb AS a", "a", as: JSON<[String: Int]>.self)
                == "read(): column \"a\" is JSON but not a Dictionary<String, Int>: b is not Int"
        )
    }

    @Test("a small integer column reads as any wider integer")
    func widening() async throws {
        let connection = try await TemporaryDatabase.current.connection()
        let row = try await connection.query("SELECT 7::smallint AS a, 'pg_class'::regclass::oid AS b")[0]
        #expect(try row.decode("a", as: Int.self) == 7)
        #expect(try row.decode("a", as: Int64.self) == 7)
        #expect(try row.decode("b", as: Int.self) == 1259)
        #expect(row.columnNames == ["a", "b"])
    }
}
