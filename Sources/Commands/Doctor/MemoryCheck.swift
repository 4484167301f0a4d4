package import Stores

/// Whether a model, its teacher and a batch fit.
package struct MemoryCheck: Check {
    package let subject = "memory"
    private let machine: Machine

    package init(_ machine: Machine) { self.machine = machine }

    package func findings() async throws -> [Finding] {
        let usable = min(machine.memory, machine.memoryLimit ?? .max)
        let found =
            usable < machine.memory
            ? "\(Units.bytes(usable)) by the container's limit, of \(Units.bytes(machine.memory))" : Units.bytes(usable)
        guard usable < 4_000_000_000 else { return [.ok(subject, found)] }
        return [
            Finding(
                .warning,
                subject,
                found,
                because: "training ViT-B/16 takes about 4 GB; a worker killed for memory loses its job each time",
                mend: "Give the machine or the container more memory, or train a smaller model."
            )
        ]
    }
}
