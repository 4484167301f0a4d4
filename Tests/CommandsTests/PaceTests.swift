import Commands
import Foundation
import Stores
import Testing

@Suite("Pace")
struct PaceTests {
    private static let start = Date(timeIntervalSince1970: 1_000_000)

    private static func versions(_ seconds: [Double]) -> [PublishedVersion] {
        seconds.enumerated().map { number, second in
            PublishedVersion(
                number: number,
                publishedAt: start.addingTimeInterval(second),
                samples: number == 0 ? 0 : 16
            )
        }
    }

    @Test("it is steps and samples between the first and the last version")
    func steady() throws {
        let pace = try #require(Pace(Self.versions([0, 2, 4]), now: Self.start.addingTimeInterval(5)))
        #expect(abs(pace.stepsPerSecond - 0.5) < 1e-9)
        #expect(abs(pace.samplesPerSecond - 8) < 1e-9)
    }

    @Test("a gap after the newest version slows it down")
    func stalled() throws {
        let pace = try #require(Pace(Self.versions([0, 2, 4]), now: Self.start.addingTimeInterval(30)))
        #expect(abs(pace.stepsPerSecond - 0.1) < 1e-9)
    }

    @Test("one version has no pace")
    func single() {
        #expect(Pace(Self.versions([0]), now: Self.start) == nil)
        #expect(Pace([], now: Self.start) == nil)
    }
}
