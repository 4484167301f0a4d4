import Foundation
import Models
import Tensors

/// What `bench tokenizer` found.
package struct TokenizerReport: Codable, Hashable, Sendable {
    /// One set of captions.
    package struct Measurement: Codable, Hashable, Sendable {
        package let name: String
        package let texts: Int
        package let bytes: Int
        package let tokens: Int
        package let seconds: Spread
        package let megabytesPerSecond: Spread
        package let textsPerSecond: Spread
    }

    package let machine: BenchMachine
    package let rounds: Int
    /// From nothing to the first token: the vocabulary is built then, once a process.
    package let secondsToFirstToken: Double
    package let measurements: [Measurement]

    /// Measures both sets in turn.
    package static func measured(rounds: Int, texts count: Int) async throws -> TokenizerReport {
        let first = try await Interleaved.seconds(of: { _ = CLIPTokenizer().encode("a &amp; b") })
        let tokenizer = CLIPTokenizer()
        let sets = [
            ("plain", BenchCaptions.plain(count: count, tokenizer)),
            ("mixed", BenchCaptions.mixed(count: count, tokenizer)),
        ]
        let seconds = try await Interleaved.seconds(
            rounds: rounds,
            sets.map { _, texts in { for text in texts { _ = tokenizer.encode(text) } } }
        )
        let measurements = zip(sets, seconds).map { set, seconds in
            let (bytes, spread) = (set.1.reduce(0) { $0 + $1.utf8.count }, Spread(seconds))
            return Measurement(
                name: set.0,
                texts: count,
                bytes: bytes,
                tokens: set.1.reduce(0) { $0 + tokenizer.encode($1).count },
                seconds: spread,
                megabytesPerSecond: spread.map { Double(bytes) / 1e6 / $0 },
                textsPerSecond: spread.map { Double(count) / $0 }
            )
        }
        return TokenizerReport(
            machine: .read(),
            rounds: rounds,
            secondsToFirstToken: first,
            measurements: measurements
        )
    }

    package var text: String {
        var table = TextTable([
            ("captions", .left), ("count", .right), ("bytes", .right), ("tokens", .right), ("MB/s", .right),
            ("lowest", .right), ("texts/s", .right),
        ])
        for found in measurements {
            table.append([
                found.name, Units.count(found.texts), Units.count(found.bytes), Units.count(found.tokens),
                String(format: "%.2f", found.megabytesPerSecond.median),
                String(format: "%.2f", found.megabytesPerSecond.lowest),
                Units.count(Int(found.textsPerSecond.median)),
            ])
        }
        return """
            \(machine.text)
            start    \(String(format: "%.1f", secondsToFirstToken * 1e3)) ms to the first token of a process

            \(table.text)
            """
    }
}
