import Commands
import Configs
import Foundation
import Models
import Testing

/// What the tests of benchmarks share: a tiny model, and the fields of a report as a script would read them.
enum Benchmark {
    static func model(_ name: String = "stillhouse-tiny") throws -> ModelConfiguration {
        try ModelConfiguration(json: #require(Presets.models[name]))
    }

    static func tower(_ name: String = "stillhouse-tiny") throws -> VisionTransformer.Configuration {
        try model(name).vision
    }

    /// The keys of the document that `--json` prints; those of an array's elements from its first.
    static func fields(of report: some Encodable) throws -> [String: Any] {
        let data = Data(try JSONOutput.text(report).utf8)
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    static func first(_ name: String, of fields: [String: Any]) throws -> [String: Any] {
        try #require((fields[name] as? [[String: Any]])?.first)
    }

    /// The document read back.
    static func decoded<Report: Codable>(_ report: Report) throws -> Report {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(Report.self, from: Data(try JSONOutput.text(report).utf8))
    }

    static let spread: Set = ["median", "lowest", "highest", "count"]
    static let machine: Set = [
        "processor", "cpus", "cores", "kernel_level", "numeric_profile", "memory_bytes", "system",
    ]
    static let peak: Set = [
        "threads", "operations_per_second_one_thread", "operations_per_second", "bytes_per_second",
    ]
}
