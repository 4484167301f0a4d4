import Commands
import Testing

@Suite("Secrets in texts")
struct SecretPatternTests {
    @Test(
        "passwords of URLs and conninfo strings are left out",
        arguments: [
            "Unexpected argument 'postgresql://ann:hunter2@db/ledger'", "postgresql://ann:hun@ter2@db/ledger is wrong",
            "host=db password=hunter2 user=ann", "password = 'it is hunter2' host=db", "PASSWORD=hunter2",
            "postgresql://db/ledger?user=ann&password=hunter2&sslmode=require", "postgresql://:hunter2@db",
        ]
    )
    func redacted(text: String) {
        let redacted = SecretPattern.redacted(text)
        #expect(!redacted.contains("hunter2") && !redacted.contains("ter2"), "\(redacted)")
        #expect(redacted.contains("…"))
    }

    @Test(
        "other texts stay as they are",
        arguments: [
            "postgresql://ann@db:5432/ledger", "https://example.org:80/pictures/",
            "Correct the password in PGPASSWORD.",
        ]
    )
    func untouched(text: String) { #expect(SecretPattern.redacted(text) == text) }
}
