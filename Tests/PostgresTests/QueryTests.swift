import Postgres
import Testing

@Suite("Queries")
struct QueryTests {
    @Test("values become numbered parameters, in order")
    func numbering() {
        let query: Query = "SELECT \(1), \("two") WHERE \(Int?.none) IS NULL"
        #expect(query.sql == "SELECT $1, $2 WHERE $3 IS NULL")
        #expect(query.parameters.count == 3)
    }

    @Test("only what is labelled so is pasted")
    func hatch() {
        let query: Query = "SELECT * FROM \(unescaped: "stillhouse.job") JOIN \(identifier: "a\"b") ON \(true)"
        #expect(query.sql == "SELECT * FROM stillhouse.job JOIN \"a\"\"b\" ON $1")
    }

    @Test("a printed query shows no value")
    func description() {
        let query: Query = "SELECT \("secret")"
        #expect("\(query)" == "SELECT $1")
    }
}
