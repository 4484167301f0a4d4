import Postgres
import Stores
import TestSupport
import Testing

@Suite("Settings", .temporaryDatabase(.migrated))
struct SettingStoreTests {
    @Test("defaults are the protocol's, and scale together")
    func scale() async throws {
        let database = try TemporaryDatabase.current.database()
        let store = SettingStore(database)
        let settings = try await store.read()
        #expect(settings.beatInterval == .seconds(5))
        #expect(settings.sessionTimeToLive == .seconds(20))
        #expect(settings.selfFence == .seconds(15))
        #expect(settings.leaderRenewal == .seconds(5))
        #expect(settings.leaderStop == .seconds(10))
        #expect(settings.leaderTimeToLive == .seconds(15))
        #expect(settings.errorLimit == 3 && settings.rescueLimit == 10)
        try await store.scaleTimes(by: 0.1)
        let scaled = try await store.read()
        #expect(scaled.beatInterval == .seconds(0.5))
        #expect(scaled.draftLifetime == .seconds(30))
        #expect(scaled.leaderTimeToLive == .seconds(1.5))
        #expect(scaled.planHorizon == settings.planHorizon)
    }

    @Test(
        "settings that would break the protocol are refused",
        arguments: [
            "session_ttl_s = 14", "self_fence_s = 20", "draft_lifetime_s = 3600", "beat_interval_s = 0",
            "deadline_minimum_s = 601",
            "leader_renewal_s = 10", "leader_stop_s = 15", "leader_ttl_s = 10", "leader_renewal_s = 0",
            "error_limit = 0", "only_row = false",
        ]
    )
    func refused(change: String) async throws {
        let database = try TemporaryDatabase.current.database()
        await #expect(throws: PostgresError.self) {
            try await database.execute(Query(unescaped: "UPDATE stillhouse.setting SET \(change)"))
        }
    }

    @Test("a database without its settings says what to do")
    func missing() async throws {
        let database = try TemporaryDatabase.current.database()
        try await database.execute("DELETE FROM stillhouse.setting")
        await #expect(throws: StoreError.settingsMissing) { try await SettingStore(database).read() }
    }
}
