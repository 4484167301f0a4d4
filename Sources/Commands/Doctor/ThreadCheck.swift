package import Stores

/// Whether as many threads compute as there are cores to run them.
package struct ThreadCheck: Check {
    package let subject = "threads"
    private let machine: Machine

    package init(_ machine: Machine) { self.machine = machine }

    package func findings() async throws -> [Finding] {
        var findings: [Finding] = []
        if let quota = machine.coreQuota, quota + 0.01 < Double(machine.coreCount) {
            let threads = max(1, Int(quota.rounded(.down)))
            let share = (quota * 10).rounded() / 10
            findings.append(
                Finding(
                    .warning,
                    subject,
                    "one for each of \(machine.coreCount) cores, but the container may use \(share) cores' time",
                    because: "threads that are put to sleep in the middle of a product keep all the others waiting",
                    mend: "stillhouse worker start --threads \(threads)"
                )
            )
        } else {
            findings.append(.ok(subject, "one for each of \(machine.coreCount) cores"))
        }
        for (name, value) in machine.libraryVariables.sorted(by: { $0.key < $1.key }) {
            findings.append(
                .note(name, "\(value), without effect: Stillhouse runs its own kernels and threads")
            )
        }
        return findings
    }
}
