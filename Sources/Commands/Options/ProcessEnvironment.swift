import Foundation

/// The only place that reads the environment; everything below receives plain values.
enum ProcessEnvironment {
    /// Every variable that Stillhouse itself defines.
    enum Variable: String {
        case databaseURL = "STILLHOUSE_DATABASE_URL"
        case cacheDirectory = "STILLHOUSE_CACHE"
        /// A `FaultPoint` with an optional count: tests stop a role there.
        case faultPoint = "STILLHOUSE_FAULT_POINT"
    }

    static var all: [String: String] { ProcessInfo.processInfo.environment }

    /// The variable's value, nil when it is unset or empty.
    static subscript(_ variable: Variable) -> String? {
        all[variable.rawValue].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Where weights are kept between starts, by the XDG rules: `~/.cache/stillhouse/weights`.
    static var cacheDirectory: String {
        let base = all["XDG_CACHE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
        return (base ?? (all["HOME"] ?? "/tmp") + "/.cache") + "/stillhouse/weights"
    }
}
