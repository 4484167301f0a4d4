import Foundation
import Postgres
import Stores
import TestSupport
import Testing

@Suite("The check of the clock", .temporaryDatabase(.empty))
struct ClockCheckTests {
    @Test(
        "this machine's clock is compared with the server's",
        arguments: [(0, "agrees"), (90, "90 s ahead"), (-90, "90 s behind")]
    )
    func difference(seconds: Int, words: String) async throws {
        let check = ClockCheck(try TemporaryDatabase.current.database()) {
            Date().addingTimeInterval(Double(seconds))
        }
        let finding = try #require(try await check.findings().first)
        #expect(finding.found.hasPrefix(words))
        #expect(finding.severity == (seconds == 0 ? .ok : .note))
    }
}
