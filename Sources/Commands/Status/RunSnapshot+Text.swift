import Foundation
import Stores

extension RunSnapshot {
    /// `quickstart: 24 of 60 steps (40 %), loss 0.4121, 12.3 samples/s, 48 s left`.
    package var line: String {
        var parts = ["\(Units.count(steps)) of \(Units.count(totalSteps)) steps (\(percent) %)"]
        if let loss { parts.append("loss " + Self.decimal(loss)) }
        if let pace { parts.append(String(format: "%.1f samples/s", pace.samplesPerSecond)) }
        if let secondsLeft { parts.append(Units.duration(secondsLeft) + " left") }
        if stateText != "active" { parts.append(stateText) }
        return "\(name): " + parts.joined(separator: ", ")
    }

    /// A screen of it.
    package var text: String {
        var lines = ["\(name): \(stateText)\(reason.map { " (\($0))" } ?? "")"]
        if let advice { lines.append("  " + advice) }
        for (title, value) in facts where !value.isEmpty {
            lines.append("  " + title.padding(toLength: 14, withPad: " ", startingAt: 0) + value)
        }
        if !workers.isEmpty {
            lines.append("")
            lines += WorkerSnapshot.table(workers).split(separator: "\n").map { "  " + $0 }
        } else if state == .active {
            lines.append("  No worker. Start one: stillhouse worker start")
        }
        return lines.joined(separator: "\n")
    }

    /// Its state as people say it.
    package var stateText: String { state.text(isPaused: isPaused, isRestoring: restoringSince != nil) }

    private var percent: Int { Int(100 * fraction) }

    /// What an operator may want to do now.
    private var advice: String? {
        if restoringSince != nil {
            return "The newest version was lost in a crash of the database: waiting for an aggregator to bring it back."
        }
        if state == .blocked, (jobs[JobState.dead.rawValue] ?? 0) > 0 {
            return "See: stillhouse jobs list --run \(name) --state dead; then retry or cancel them."
        }
        if state == .blocked { return "When the cause is gone: stillhouse run resume \(name)" }
        return isPaused && !isOver ? "Go on: stillhouse run resume \(name)" : nil
    }

    private var facts: [(String, String)] { progressFacts + evaluationFacts + serviceFacts }

    private var progressFacts: [(String, String)] {
        [
            ("steps", "\(Units.count(steps)) of \(Units.count(totalSteps)) (\(percent) %)  \(bar(width: 30))"),
            ("samples", "\(Units.count(samples)), epoch \(String(format: "%.2f", epochs))\(badSampleText)"),
            ("loss", loss.map { "\(Self.decimal($0))  \(Sparkline.text(recentLosses))" } ?? ""),
            ("learning rate", learningRate.map { String(format: "%.3g", $0) } ?? ""),
            ("gradient norm", gradientNorm.map(Self.decimal) ?? ""),
            ("pace", paceText),
            ("time", timeText),
            ("open step", openStepText),
            ("jobs", jobsText),
        ]
    }

    private var evaluationFacts: [(String, String)] {
        let curves = EvaluationCurve.lines(evaluations).map { line in ("", line) }
        return [("evaluations", evaluationsText)] + curves
    }

    private var serviceFacts: [(String, String)] {
        [
            ("targets", targetsText),
            ("coordinator", leaderText(coordinator, role: "coordinator")),
            ("aggregator", leaderText(aggregator, role: "aggregator")),
            ("durable", durableText),
        ]
    }

    /// Empty once the run is over, as then nobody needs to lead.
    private func leaderText(_ leader: LeaderSnapshot?, role: String) -> String {
        if isOver { return "" }
        return leader?.text(at: readAt) ?? "nobody leads. Start one: stillhouse \(role) start"
    }

    private var badSampleText: String {
        badSamples > 0 ? ", \(Units.count(badSamples)) bad (left out)" : ""
    }

    private var durableText: String {
        guard durability == .checkpointed else { return "every version" }
        return durableVersion.map { "version \($0), the last checkpoint" } ?? ""
    }

    private var paceText: String {
        pace.map { String(format: "%.1f samples/s, %.2f steps/s", $0.samplesPerSecond, $0.stepsPerSecond) } ?? ""
    }

    private var timeText: String {
        if isOver { return "took \(Units.duration(secondsSpent))" }
        guard let secondsSinceLastVersion else { return "" }
        let last = "last version \(Units.duration(secondsSinceLastVersion)) ago"
        return secondsLeft.map { "\(Units.duration($0)) left, \(last)" } ?? last
    }

    private var openStepText: String {
        guard let openStep else { return "" }
        var text = "\(openStep.submitted) of \(openStep.jobs) gradients are in"
        if openStep.embedJobs > 0 { text = "\(openStep.embedded) of \(openStep.embedJobs) jobs embedded, \(text)" }
        if openStep.cancelled > 0 { text += ", \(openStep.cancelled) cancelled" }
        if openStep.dead > 0 { text += ", \(openStep.dead) dead" }
        return text
    }

    private var jobsText: String {
        JobState.allCases.compactMap { state in
            let count = jobs[state.rawValue] ?? 0
            return count > 0 ? "\(Units.count(count)) \(state)" : nil
        }.joined(separator: ", ")
    }

    private var evaluationsText: String {
        let parts = JobState.allCases.compactMap { state -> String? in
            guard let count = evaluationJobs[state.rawValue], count > 0 else { return nil }
            return state == .applied ? "\(Units.count(count)) done" : "\(Units.count(count)) \(state)"
        }
        guard evaluationJobs[JobState.dead.rawValue] ?? 0 > 0 else { return parts.joined(separator: ", ") }
        return parts.joined(separator: ", ") + "; see: stillhouse jobs list --run \(name) --kind evaluate --state dead"
    }

    /// How much of what the teacher is to say was known already to the workers that are here.
    private var targetsText: String {
        let (found, missing) = workers.reduce((0, 0)) { ($0.0 + $1.foundTargets, $0.1 + $1.missingTargets) }
        guard found + missing > 0 else { return "" }
        let share = String(format: "%.1f %%", 100 * Double(found) / Double(found + missing))
        return "\(share) of \(Units.count(found + missing)) were known"
    }

    private func bar(width: Int) -> String {
        let filled = min(width, Int(Double(width) * fraction))
        return "[" + String(repeating: "#", count: filled) + String(repeating: "-", count: width - filled) + "]"
    }

    private static func decimal(_ value: Double) -> String { String(format: "%.4f", value) }
}
