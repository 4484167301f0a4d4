import Postgres
import Stores
import TestSupport
import Testing

@Suite("Stored targets", .temporaryDatabase(.migrated))
struct TargetStoreTests {
    private func key(_ name: Int) -> [UInt8] { Ledger.sha256("\(name)") }
    private func value(_ name: Int, count: Int = 64) -> [UInt8] { [UInt8](repeating: UInt8(name % 251), count: count) }

    @Test("what one session stores another finds, the first value of a key stays")
    func sharing() async throws {
        let ledger = try await Ledger()
        let store = TargetStore(ledger.database)
        let (first, second) = (try await ledger.openSession(), try await ledger.openSession())
        #expect(try await store.put((0..<3).map { (key($0), value($0)) }, session: first) == 3)
        #expect(try await store.put((1..<5).map { (key($0), value(9)) }, session: second) == 2)
        let found = try await store.targets(for: (0..<9).map(key), session: second)
        #expect(found == [key(0): value(0), key(1): value(1), key(2): value(2), key(3): value(9), key(4): value(9)])
        #expect(try await store.targets(for: [], session: first).isEmpty)
        #expect(try await store.put([], session: first) == 0)
        let writers = try await ledger.database.query("SELECT count(DISTINCT alias) AS n FROM stillhouse.target")
        #expect(try writers.first?.decode("n", as: Int.self) == 2)
        #expect(try await ledger.brokenInvariants(deep: true).isEmpty)
    }

    @Test("a session that is closed, or that nobody opened, gets and stores nothing")
    func closedSession() async throws {
        let ledger = try await Ledger()
        let store = TargetStore(ledger.database)
        let session = try await ledger.openSession()
        #expect(try await store.put([(key(1), value(1))], session: session) == 1)
        #expect(try await ledger.workers.close(session, exitCode: 0))
        for stranger in [session, SessionID()] {
            #expect(try await store.targets(for: [key(1)], session: stranger).isEmpty)
            #expect(try await store.put([(key(2), value(2))], session: stranger) == nil)
        }
        #expect(try await count(ledger) == 1)
    }

    @Test("too many at once, short keys and values of no use are refused, all of a call together")
    func limits() async throws {
        let ledger = try await Ledger()
        let store = TargetStore(ledger.database)
        let session = try await ledger.openSession()
        let many = [[UInt8]](repeating: key(1), count: TargetStore.pageSize + 1)
        let offers: [[(key: [UInt8], value: [UInt8])]] = [
            [(key(1), value(1)), ([1, 2], value(1))], [(key(1), [])], [(key(1), [1])],
            [(key(1), value(1, count: 8194))], many.map { ($0, [1, 2]) },
        ]
        for offer in offers {
            let error = await #expect(throws: PostgresError.self) { try await store.put(offer, session: session) }
            #expect(error?.sqlState == .checkViolation)
        }
        let error = await #expect(throws: PostgresError.self) { try await store.targets(for: many, session: session) }
        #expect(error?.sqlState == .checkViolation)
        #expect(try await count(ledger) == 0)
    }

    @Test("reading writes nothing, but once a day")
    func use() async throws {
        let ledger = try await Ledger()
        let store = TargetStore(ledger.database)
        let session = try await ledger.openSession()
        try await store.put((0..<2).map { (key($0), value($0)) }, session: session)
        let before = try await places(ledger)
        _ = try await store.targets(for: [key(0), key(1)], session: session)
        #expect(try await places(ledger) == before)
        try await age(ledger, key(0), days: 2)
        let aged = try await places(ledger)
        _ = try await store.targets(for: [key(0), key(1)], session: session)
        let after = try await places(ledger)
        #expect(zip(aged, after).map { $0 != $1 } == [true, false])
    }

    @Test("retention takes what was used longest ago, down to the bound and no further")
    func retention() async throws {
        let ledger = try await Ledger()
        let store = TargetStore(ledger.database)
        let session = try await ledger.openSession()
        try await store.put((0..<200).map { (key($0), value($0, count: 744)) }, session: session)
        for (name, days) in [(7, 9.0), (3, 8.0), (5, 7.0)] { try await age(ledger, key(name), days: days) }
        #expect(try await ledger.retention.deleteTargets(under: ledger.coordinator) == 0, "gigabytes are allowed")
        // Each takes 1000 bytes: two and a half too many.
        try await bound(ledger, 197_500)
        #expect(try await ledger.retention.deleteTargets(limit: 2, under: ledger.coordinator) == 2)
        #expect(try await ledger.retention.deleteTargets(under: ledger.coordinator) == 1)
        #expect(try await ledger.retention.deleteTargets(under: ledger.coordinator) == 0)
        let found = try await store.targets(for: (0..<200).map(key), session: session)
        #expect(found.count == 197)
        for name in [7, 3, 5] { #expect(found[key(name)] == nil) }
        try await bound(ledger, 0)
        #expect(try await ledger.retention.deleteTargets(under: ledger.coordinator) == 197)
    }

    @Test("beyond twice the bound nothing more is stored, and nobody minds")
    func flood() async throws {
        let ledger = try await Ledger()
        let store = TargetStore(ledger.database)
        let session = try await ledger.openSession()
        try await store.put((0..<200).map { (key($0), value($0, count: 744)) }, session: session)
        try await bound(ledger, 10_000)
        #expect(try await store.put([(key(200), value(1))], session: session) == 0)
        #expect(try await store.targets(for: [key(5)], session: session).count == 1)
    }

    private func count(_ ledger: Ledger) async throws -> Int {
        let rows = try await ledger.database.query("SELECT count(*) AS n FROM stillhouse.target")
        return try #require(rows.first).decode("n")
    }

    /// Where the rows of the first two keys lie; an update moves a row.
    private func places(_ ledger: Ledger) async throws -> [String] {
        var places: [String] = []
        for name in 0..<2 {
            let rows = try await ledger.database.query(
                "SELECT ctid::text AS place FROM stillhouse.target WHERE key = \(key(name))"
            )
            places.append(try #require(rows.first).decode("place"))
        }
        return places
    }

    private func age(_ ledger: Ledger, _ key: [UInt8], days: Double) async throws {
        try await ledger.database.execute(
            "UPDATE stillhouse.target SET used_at = used_at - make_interval(secs => \(days * 86400)) WHERE key = \(key)"
        )
    }

    private func bound(_ ledger: Ledger, _ bytes: Int) async throws {
        try await ledger.database.execute("UPDATE stillhouse.setting SET target_cache_bytes = \(bytes)")
    }
}
