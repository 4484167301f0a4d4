package import Stores

/// What `doctor` found, by chapter.
package struct DoctorReport: Encodable, Sendable {
    package struct Chapter: Encodable, Sendable {
        package let title: String
        package let findings: [Finding]
    }

    package private(set) var chapters: [Chapter] = []
    /// Why there is no database to speak of.
    private var refusal: ExitStatus?

    private enum CodingKeys: String, CodingKey { case chapters }

    package init() {}

    package mutating func add(_ title: String, _ checks: [any Check]) async {
        var findings: [Finding] = []
        for check in checks { findings += await check.examine() }
        add(title, findings)
    }

    package mutating func add(_ title: String, _ findings: [Finding]) {
        if !findings.isEmpty { chapters.append(Chapter(title: title, findings: findings)) }
    }

    mutating func addUnreachable(_ error: any Error) {
        refusal = ExitStatus(error)
        let finding = Finding(
            .error,
            "database",
            "\(error)",
            because: "server, schema and runs could not be examined",
            mend: "Mend what the message says; then: stillhouse doctor"
        )
        add("Server", [finding])
    }

    private var findings: [Finding] { chapters.flatMap(\.findings) }

    /// Success unless a finding is an error; an unreachable database keeps the status that other commands give it.
    package var status: ExitStatus {
        refusal ?? (findings.contains { $0.severity == .error } ? .broken : .success)
    }

    /// Chapters with a line a finding; below those that are not well, why it matters and how to mend it.
    package var text: String {
        let body = chapters.map { chapter in
            ([chapter.title] + chapter.findings.flatMap(Self.lines)).joined(separator: "\n")
        }
        return (body + [summary]).joined(separator: "\n\n")
    }

    private static let margin = String(repeating: " ", count: 11)

    private static func lines(_ finding: Finding) -> [String] {
        let severity = finding.severity.rawValue
        let padding = String(repeating: " ", count: 7 - severity.count)
        var lines = ["  \(severity)\(padding)  \(finding.object): \(finding.found)"]
        if let reason = finding.reason { lines.append("\(margin)why:  \(reason)") }
        if let remedy = finding.remedy {
            for (place, line) in remedy.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
                lines.append("\(margin)\(place == 0 ? "mend: " : "      ")\(line)")
            }
        }
        return lines
    }

    /// `1 error, 2 warnings, 0 notes, 14 ok`.
    private var summary: String {
        func count(_ severity: Finding.Severity) -> Int { findings.filter { $0.severity == severity }.count }
        func counted(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
        return [
            counted(count(.error), "error"), counted(count(.warning), "warning"), counted(count(.note), "note"),
            "\(count(.ok)) ok",
        ].joined(separator: ", ") + "."
    }
}
