import Postgres
import Stores
import TestSupport
import Testing

@Suite("The check of the disk")
struct DiskCheckTests {
    @Test("a local server's disk is seen", .temporaryDatabase(.migrated))
    func local() async throws {
        let finding = try #require(
            try await DiskCheck(TemporaryDatabase.current.database()).findings()["disk"]
        )
        #expect(finding.found.contains(" are free"))
    }

    @Test("too little for a durable version is an error, less than a tenth a warning", arguments: [0, 1, 2])
    func full(rank: Int) {
        let free = [20 << 30, 9 << 30, 1 << 30][rank]
        let facts = DiskCheck.Facts(
            databaseBytes: 5_000_000,
            chunkBytes: 4_000_000,
            free: free,
            capacity: 100 << 30,
            parameterCount: 86_000_000
        )
        #expect(DiskCheck.judge(facts).first?.severity == [.ok, .warning, .error][rank])
    }

    @Test("a disk that cannot be seen is a note")
    func remote() {
        let facts = DiskCheck.Facts(databaseBytes: 1, chunkBytes: 0, free: nil, capacity: nil, parameterCount: 0)
        #expect(DiskCheck.judge(facts).map(\.severity) == [.note])
    }
}
