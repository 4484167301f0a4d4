import Commands
import Testing

@Suite("bench tokenizer") struct BenchTokenizerTests {
    @Test("a report has every documented field, and reads back as it was")
    func report() async throws {
        let report = try await TokenizerReport.measured(rounds: 2, texts: 50)
        #expect(report.measurements.map(\.name) == ["plain", "mixed"])
        for found in report.measurements {
            #expect(found.texts == 50 && found.bytes > 50 * 10 && found.tokens > 50 * 5)
            #expect(found.seconds.count == 2 && found.megabytesPerSecond.lowest > 0)
        }
        #expect(try Benchmark.decoded(report) == report)
        let fields = try Benchmark.fields(of: report)
        #expect(Set(fields.keys) == ["machine", "rounds", "seconds_to_first_token", "measurements"])
        #expect(
            Set(try Benchmark.first("measurements", of: fields).keys) == [
                "name", "texts", "bytes", "tokens", "seconds", "megabytes_per_second", "texts_per_second",
            ]
        )
        #expect(report.text.contains("plain") && report.text.contains("mixed"))
    }

    @Test("numbers that cannot be are refused by name")
    func refusals() {
        #expect(CommandLine.refusal("bench", "tokenizer", "--rounds", "0").contains("--rounds is 0"))
        #expect(CommandLine.refusal("bench", "tokenizer", "--texts", "0").contains("--texts is 0"))
    }
}
