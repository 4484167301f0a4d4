import Foundation
import Testing

@Suite struct BenchE2ETests {
    private struct Report: Decodable {
        struct Part: Decodable {
            let name: String
            let meanMilliseconds: Double
            let share: Double
        }
        let jobsMeasured: Int
        let roundTripMilliseconds: Double
        let overheadMilliseconds: Double
        let floorMilliseconds: Double
        let job: [Part]
        let step: [Part]
    }

    @Test("bench e2e trains on a server of its own, accounts for every job, and leaves nothing behind")
    func report() async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("bench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let process = try RoleUnderTest(
            ["bench", "e2e", "--steps", "4", "--warmup", "2", "--jobs", "3", "--workers", "2", "--json"],
            environment: ["TMPDIR": directory.path],
            in: directory
        )
        #expect(await process.exitStatus() == 0, "\(process.text)")
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let report = try decoder.decode(Report.self, from: Data(process.text.utf8))
        #expect(report.jobsMeasured == 12)
        #expect(report.roundTripMilliseconds > 0 && report.overheadMilliseconds >= report.floorMilliseconds)
        #expect(report.job.map(\.name).contains("compute") && report.step.map(\.name).contains("draft and publish"))
        #expect(abs(report.job.reduce(0) { $0 + $1.share } - 1) < 1e-9)
        #expect(report.job.allSatisfy { $0.meanMilliseconds >= 0 })
        let left = try FileManager.default.contentsOfDirectory(atPath: directory.path).filter { !$0.hasSuffix(".log") }
        #expect(left.isEmpty, "\(left)")
        try FileManager.default.removeItem(at: directory)
    }
}
