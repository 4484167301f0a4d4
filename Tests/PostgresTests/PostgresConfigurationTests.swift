import Postgres
import Testing

@Suite("Configuration")
struct PostgresConfigurationTests {
    @Test("a printed or dumped configuration shows no password")
    func redaction() throws {
        let urls = [
            "postgresql://ann:hunter2@db.example:6000/ledger?sslmode=require",
            "host=db.example port=6000 user=ann dbname=ledger password=hunter2",
        ]
        for url in urls {
            let configuration = try PostgresConfiguration(parsing: url)
            #expect(configuration[option: "password"] == "hunter2")
            var dumped = ""
            dump(configuration, to: &dumped)
            for text in ["\(configuration)", String(reflecting: configuration), dumped] {
                #expect(!text.contains("hunter2"))
                #expect(text.contains("postgresql://ann@db.example:6000/ledger"))
            }
        }
    }

    @Test(
        "an unreadable URL is refused without quoting it",
        arguments: [
            "postgresql://ann:hunter2/x@db/ledger", "postgresql://ann:hunter2@x@db/ledger",
            "password=hunter2 hunter2", "password='hunter2",
            "postgresql://ann:1234/hunter2@db/ledger", "postgresql://ann:hunter2%zz@db/ledger",
            "postgresql://[hunter2/ledger",
        ]
    )
    func unreadable(url: String) {
        let error = #expect(throws: PostgresError.self) { try PostgresConfiguration(parsing: url) }
        #expect(error?.kind == .misconfigured)
        #expect(error?.category == .configuration)
        #expect(error.map { !"\($0)".contains("hunter2") } == true)
        #expect(error?.nextStep?.contains("percent-encoded") == true)
    }

    @Test("PG variables are read, others are not")
    func environment() {
        let configuration = PostgresConfiguration(
            environment: [
                "PGHOST": "db", "PGPASSWORD": "hunter2", "PGDATABASE": "ledger", "PGUSER": "ann", "HOME": "x",
            ]
        )
        #expect("\(configuration)" == "postgresql://ann@db:5432/ledger")
        #expect(configuration[option: "password"] == "hunter2")
    }

    @Test("another database keeps server and user")
    func otherDatabase() throws {
        let configuration = try PostgresConfiguration(parsing: "postgresql://ann@db/ledger").database("copy")
        #expect("\(configuration)" == "postgresql://ann@db:5432/copy")
    }
}
