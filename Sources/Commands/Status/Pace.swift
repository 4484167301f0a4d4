package import Foundation
package import Stores

/// How fast versions come out, from those published lately.
package struct Pace: Codable, Hashable, Sendable {
    package let stepsPerSecond: Double
    package let samplesPerSecond: Double

    /// How many versions are looked at: enough to smooth, few enough to notice a worker that joined.
    package static let window = 20

    /// - Parameters:
    ///   - versions: the newest ones, in order.
    ///   - now: by the clock that dated them; a gap after the newest that is longer than usual slows the pace down.
    /// - Returns: nil while fewer than two versions are out.
    package init?(_ versions: [PublishedVersion], now: Date) {
        guard let first = versions.first, let last = versions.last, versions.count > 1 else { return nil }
        let steps = Double(versions.count - 1)
        let published = last.publishedAt.timeIntervalSince(first.publishedAt) / steps
        let waiting = now.timeIntervalSince(first.publishedAt) / (steps + 1)
        let interval = max(published, waiting)
        guard interval > 0 else { return nil }
        stepsPerSecond = 1 / interval
        samplesPerSecond = Double(versions.dropFirst().reduce(0) { $0 + $1.samples }) / steps / interval
    }
}
