import Foundation

/// Progress of long work on standard error: one line that is redrawn on a terminal, plain lines now and then elsewhere.
///
/// Each report carries the fraction, the rate since the start, and the time that is left at that rate.
package struct ProgressLine: ~Copyable {
    private let title: String
    private let unit: String
    private let total: Int
    private let isTerminal: Bool
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    private var lastShown: ContinuousClock.Instant?
    private let write: @Sendable (String) -> Void

    /// - Parameters:
    ///   - unit: plural, such as `images`.
    ///   - isTerminal: by default whether standard error is one.
    package init(
        _ title: String,
        total: Int,
        unit: String,
        isTerminal: Bool = isatty(STDERR_FILENO) == 1,
        write: @escaping @Sendable (String) -> Void = { text in FileHandle.standardError.write(Data(text.utf8)) }
    ) {
        self.title = title
        self.total = total
        self.unit = unit
        self.isTerminal = isTerminal
        self.write = write
        self.start = clock.now
    }

    /// Shows `done` of the total, at most five times a second on a terminal and once in five seconds elsewhere.
    package mutating func update(_ done: Int, detail: String = "") {
        let now = clock.now
        let pause: Duration = isTerminal ? .milliseconds(200) : .seconds(5)
        if let lastShown, now - lastShown < pause, done < total { return }
        lastShown = now
        let text = Self.line(title, done, total, unit, elapsed: (now - start) / .seconds(1), detail: detail)
        write(isTerminal ? "\r\u{1B}[K" + text : text + "\n")
    }

    /// Ends the line on a terminal.
    package consuming func finish() {
        if isTerminal, lastShown != nil { write("\n") }
    }

    /// `reading images: 120 of 480 images (25 %), 31.2 images/s, 12 s left`.
    package static func line(
        _ title: String,
        _ done: Int,
        _ total: Int,
        _ unit: String,
        elapsed: Double,
        detail: String
    ) -> String {
        let rate = elapsed > 0 ? Double(done) / elapsed : 0
        let percent = total > 0 ? 100 * done / total : 100
        var text = "\(title): \(Units.count(done)) of \(Units.count(total)) \(unit) (\(percent) %)"
        if rate > 0 {
            text += String(format: ", %.1f ", rate) + "\(unit)/s"
            if done < total { text += ", \(Units.duration(Double(total - done) / rate)) left" }
        }
        return detail.isEmpty ? text : text + ", " + detail
    }
}
