import Foundation

/// The matrix as a Markdown table.
struct FaultTable {
    let outcomes: [FaultOutcome]

    var text: String {
        let head = [
            "| Row | Fault | Struck | Recovered steps | Seconds to recovery | Rewound | `verify` | Digest | Seconds |",
            "|---|---|---|---|---|---|---|---|---|",
        ]
        return (head + outcomes.map(line)).joined(separator: "\n") + "\n"
    }

    private func line(_ outcome: FaultOutcome) -> String {
        let cells = [
            outcome.name, outcome.fault, outcome.evidence ?? "NO",
            "\(outcome.stepsFinished) of \(outcome.stepsPlanned)",
            outcome.secondsToRecovery.map(Self.seconds) ?? "NEVER", "\(outcome.versionsRewound)",
            outcome.complaints.isEmpty ? "clean" : "FAILED", outcome.isDigestEqual ? "equal" : "DIFFERS",
            Self.seconds(outcome.seconds),
        ]
        return "| \(cells.joined(separator: " | ")) |"
    }

    private static func seconds(_ value: Double) -> String { String(format: "%.1f", value) }
}
