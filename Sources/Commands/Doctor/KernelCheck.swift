package import Stores

/// Which build of the kernels computes here.
package struct KernelCheck: Check {
    package let subject = "kernels"
    private let machine: Machine

    package init(_ machine: Machine) { self.machine = machine }

    package func findings() async throws -> [Finding] {
        guard machine.kernelLevel == "x86-64" else { return [.ok(subject, machine.numericProfile)] }
        return [
            Finding(
                .note,
                subject,
                machine.numericProfile,
                because: "this processor has neither AVX2 nor AVX-512: everything is several times slower",
                mend: "Use a newer processor, or let the hypervisor pass its features through (cpu host)."
            )
        ]
    }
}
