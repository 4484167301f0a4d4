import Foundation
package import Logging

/// Writes one line an event to standard error, as text or JSON; standard output stays free for data.
package struct StreamLogHandler: LogHandler {
    package var metadata: Logger.Metadata = [:]
    package var logLevel: Logger.Level
    package var metadataProvider: Logger.MetadataProvider?

    private let label: String
    private let format: LogFormat
    private let write: @Sendable (String) -> Void

    /// - Parameter write: receives a whole line with its newline; by default one `write(2)` to standard error, which
    ///   keeps lines of concurrent threads apart.
    package init(
        label: String,
        format: LogFormat,
        level: Logger.Level = .info,
        write: @escaping @Sendable (String) -> Void = { line in
            // Nobody reads any more, as after a hang-up: a lost line is no reason to die.
            try? FileHandle.standardError.write(contentsOf: Data(line.utf8))
        }
    ) {
        self.label = label
        self.format = format
        self.logLevel = level
        self.write = write
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var fields =
            metadata
            .merging(metadataProvider?.get() ?? [:]) { _, new in new }
            .merging(event.metadata ?? [:]) { _, new in new }
            .mapValues { "\($0)" }
        if let error = event.error { fields[LogKeys.error] = "\(error)" }
        let time = Date.now.formatted(.iso8601)
        switch format {
        case .text: write(textLine(event, time: time, fields: fields))
        case .json: write(jsonLine(event, time: time, fields: fields))
        }
    }

    private func textLine(_ event: LogEvent, time: String, fields: [String: String]) -> String {
        let tail = fields.sorted { $0.key < $1.key }.map { key, value in
            value.contains(where: \.isWhitespace) ? " \(key)=\"\(value)\"" : " \(key)=\(value)"
        }
        return "\(time) \(event.level) \(label): \(event.message)\(tail.joined())\n"
    }

    private func jsonLine(_ event: LogEvent, time: String, fields: [String: String]) -> String {
        var object = fields
        object["time"] = time
        object["level"] = event.level.rawValue
        object["logger"] = label
        object["message"] = "\(event.message)"
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // A dictionary of strings always encodes; an empty line would still be better than a crash in a logger.
        let data = (try? encoder.encode(object)) ?? Data()
        return String(decoding: data, as: UTF8.self) + "\n"
    }
}
