/// Wall time by phase, in seconds; always measured, since it costs a few clock readings for each picture.
///
/// The next graph is loaded while one is computed, so the phases may add up to more than the job took.
package struct StepPhases: Hashable, Sendable {
    private var values: [StepPhase: Double] = [:]

    package init() {}

    /// Seconds spent in a phase.
    package subscript(phase: StepPhase) -> Double {
        get { values[phase, default: 0] }
        set { values[phase] = newValue }
    }

    package var total: Double { StepPhase.allCases.reduce(0) { $0 + self[$1] } }

    package static func + (first: StepPhases, second: StepPhases) -> StepPhases {
        var sum = first
        sum += second
        return sum
    }

    package static func += (sum: inout StepPhases, other: StepPhases) {
        for phase in StepPhase.allCases { sum[phase] += other[phase] }
    }

    /// Does something and adds the time it took, also when it throws.
    package mutating func measure<R>(_ phase: StepPhase, _ body: () throws -> R) rethrows -> R {
        let start = ContinuousClock.now
        defer { self[phase] += (ContinuousClock.now - start) / .seconds(1) }
        return try body()
    }

    /// The same for what waits.
    package mutating func measure<R>(_ phase: StepPhase, _ body: () async throws -> R) async rethrows -> R {
        let start = ContinuousClock.now
        defer { self[phase] += (ContinuousClock.now - start) / .seconds(1) }
        return try await body()
    }
}

extension StepPhases: Codable {
    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(_ phase: StepPhase) { stringValue = phase.rawValue }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { return nil }
    }

    /// An object of seconds by phase; one that is missing took none.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Name.self)
        for phase in StepPhase.allCases {
            self[phase] = try container.decodeIfPresent(Double.self, forKey: Name(phase)) ?? 0
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Name.self)
        for phase in StepPhase.allCases { try container.encode(self[phase], forKey: Name(phase)) }
    }
}
