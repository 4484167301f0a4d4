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
            recovery(of: outcome), "\(outcome.versionsRewound)",
            outcome.complaints.isEmpty ? "clean" : "FAILED", outcome.isDigestEqual ? "equal" : "DIFFERS",
            Self.seconds(outcome.seconds),
        ]
        return "| \(cells.joined(separator: " | ")) |"
    }

    private func recovery(of outcome: FaultOutcome) -> String {
        let seconds = outcome.secondsToRecovery.map(Self.seconds) ?? "NEVER"
        return outcome.recoveryLimit.map { "\(seconds) (limit \(Int($0)))" } ?? seconds
    }

    private static func seconds(_ value: Double) -> String { String(format: "%.1f", value) }
}
