package import Stores

/// Which processor kernels compute here: OpenBLAS's and our own.
package struct KernelCheck: Check {
    package let subject = "kernels"
    private let machine: Machine

    package init(_ machine: Machine) { self.machine = machine }

    /// OpenBLAS's names for "some processor": correct, and several times slower than the right one.
    private static let generic: Set<Substring> = ["Generic", "generic", "Prescott", "Core2", "ARMV8"]

    package func findings() async throws -> [Finding] {
        let found = "\(machine.numericProfile), own kernels \(machine.kernelLevel)"
        var findings: [Finding] = []
        if let core = machine.numericProfile.split(separator: " ").last, Self.generic.contains(core) {
            findings.append(
                Finding(
                    .warning,
                    subject,
                    found,
                    because: "OpenBLAS does not know this processor: products run at a fraction of its speed",
                    mend: "Install a newer libopenblas, and unset OPENBLAS_CORETYPE."
                )
            )
        } else if machine.kernelLevel == "x86-64" {
            findings.append(
                Finding(
                    .note,
                    subject,
                    found,
                    because: "this processor has neither AVX2 nor AVX-512: everything but products is slow",
                    mend: "Use a newer processor, or let the hypervisor pass its features through (cpu host)."
                )
            )
        } else {
            findings.append(.ok(subject, found))
        }
        if let core = machine.libraryVariables["OPENBLAS_CORETYPE"] {
            findings.append(
                Finding(
                    .note,
                    "OPENBLAS_CORETYPE",
                    core,
                    because: "it chooses other kernels than the processor's own: other last bits, perhaps less speed",
                    mend: "unset OPENBLAS_CORETYPE"
                )
            )
        }
        return findings
    }
}
