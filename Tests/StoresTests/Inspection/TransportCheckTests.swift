import Postgres
import Stores
import TestSupport
import Testing

@Suite("The check of the transport")
struct TransportCheckTests {
    @Test("a Unix socket needs no TLS", .temporaryDatabase(.empty))
    func socket() async throws {
        let findings = try await TransportCheck(TemporaryDatabase.current.database()).findings()
        #expect(findings == [.ok("transport", "stays on this machine")])
    }

    @Test(
        "from another machine only verify-full is good",
        arguments: [
            (nil, "verify-full", Finding.Severity.error), ("TLSv1.3", nil, .warning), ("TLSv1.3", "require", .warning),
            ("TLSv1.3", "verify-full", .ok),
        ] as [(String?, String?, Finding.Severity)]
    )
    func remote(version: String?, mode: String?, severity: Finding.Severity) {
        let facts = TransportCheck.Facts(protocolVersion: version, isLocal: false, mode: mode, exposedSessions: 0)
        #expect(TransportCheck.judge(facts).map(\.severity) == [severity])
    }

    @Test("other machines' sessions without TLS are an error")
    func exposed() {
        let facts = TransportCheck.Facts(protocolVersion: nil, isLocal: true, mode: nil, exposedSessions: 3)
        #expect(TransportCheck.judge(facts)["other sessions"]?.severity == .error)
    }
}
