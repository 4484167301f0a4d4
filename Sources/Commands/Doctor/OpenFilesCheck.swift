package import Stores

/// Whether a process may open as many files and sockets as reading a data set takes.
package struct OpenFilesCheck: Check {
    package let subject = "open files"
    private let machine: Machine

    package init(_ machine: Machine) { self.machine = machine }

    package func findings() async throws -> [Finding] {
        let found = "at most \(Units.count(machine.openFileLimit)) a process"
        guard machine.openFileLimit < 1024 else { return [.ok(subject, found)] }
        return [
            Finding(
                .warning,
                subject,
                found,
                because: "connections, images and downloads of a worker together may need some hundreds",
                mend: "ulimit -n 4096    # under systemd: LimitNOFILE=4096"
            )
        ]
    }
}
