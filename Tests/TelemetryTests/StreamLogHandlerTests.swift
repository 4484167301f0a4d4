import Foundation
import Logging
import Synchronization
import Telemetry
import Testing

@Suite struct StreamLogHandlerTests {
    private final class Lines: Sendable {
        let all = Mutex<[String]>([])
    }

    private func logger(_ format: LogFormat, into lines: Lines) -> Logger {
        Logger(label: "worker") { label in
            StreamLogHandler(label: label, format: format) { line in lines.all.withLock { $0.append(line) } }
        }
    }

    @Test("a text line holds level, label, message and sorted metadata")
    func textLine() throws {
        let lines = Lines()
        var logger = logger(.text, into: lines)
        logger[metadataKey: LogKeys.workerID] = "w1"
        logger.info("job submitted", metadata: [LogKeys.jobID: .value(7), LogKeys.reason: "two words"])
        let line = try #require(lines.all.withLock { $0.first })
        #expect(line.hasSuffix(" info worker: job submitted job.id=7 reason=\"two words\" worker.id=w1\n"))
    }

    @Test("a JSON line is one object that decodes")
    func jsonLine() throws {
        let lines = Lines()
        logger(.json, into: lines).warning("lost \"fence\"\n", metadata: [LogKeys.jobID: .value(7)])
        let line = try #require(lines.all.withLock { $0.first })
        #expect(line.filter { $0 == "\n" }.count == 1)
        let object = try JSONDecoder().decode([String: String].self, from: Data(line.utf8))
        #expect(object["message"] == "lost \"fence\"\n")
        #expect(object["level"] == "warning")
        #expect(object["job.id"] == "7")
    }

    @Test("events below the level are not written")
    func level() {
        let lines = Lines()
        logger(.text, into: lines).debug("a step")
        #expect(lines.all.withLock { $0.isEmpty })
    }
}
