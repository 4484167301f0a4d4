public import ArgumentParser
public import Logging
import Telemetry

/// How much a daemon says, and in which form.
struct LoggingOptions: ParsableArguments {
    @Option(help: "Lowest level that is logged: trace, debug, info, notice, warning, error or critical.")
    var logLevel: Logger.Level = .info

    @Option(help: "Form of the lines on standard error: text or json.")
    var logFormat: LogFormat = .text

    func logger(_ label: String) -> Logger {
        Logger(label: label) { label in StreamLogHandler(label: label, format: logFormat, level: logLevel) }
    }
}

extension LogFormat: ExpressibleByArgument {}
extension Logger.Level: @retroactive ExpressibleByArgument {}
