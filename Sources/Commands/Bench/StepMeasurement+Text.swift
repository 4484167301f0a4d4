import Foundation
import Tensors

extension StepMeasurement {
    /// For people: the whole, then phases, then kernels.
    package var text: String {
        """
        \(machine.text)
        \(peak.text)
        step     \(recipe) with \(model): \(pictures) pictures, \(units) units, a gradient of \
        \(Units.bytes(gradientBytes)); \(rounds) rounds of the same job after one of warming up

        \(summary)

        \(phaseTable)

        \(kernelTable)

        Not part of this, as they need a database: \(leftOut.joined(separator: ", ")).
        """
    }

    private var summary: String {
        let range = String(format: "%.3f s (%.3f-%.3f)", seconds.median, seconds.lowest, seconds.highest)
        let rate = String(
            format: "%.2f pictures/s, %.1f GFLOP/s, %.0f %% of peak",
            picturesPerSecond,
            operationsPerSecond / 1e9,
            shareOfPeak * 100
        )
        let core = String(
            format: "%.1f %% of the time in products and attention; %.2f × the floor of %.3f s",
            productAndAttentionShare * 100,
            ratioToFloor,
            floorSeconds
        )
        return """
            total    \(range), \(rate)
                     \(core)
            memory   \(Units.bytes(peakResidentBytes)) resident at most
            """
    }

    private var phaseTable: String {
        var table = TextTable([
            ("phase", .left), ("ms", .right), ("lowest", .right), ("highest", .right), ("%", .right),
        ])
        for phase in phases {
            table.append([
                phase.name, Self.milliseconds(phase.seconds.median), Self.milliseconds(phase.seconds.lowest),
                Self.milliseconds(phase.seconds.highest), String(format: "%.1f", phase.share * 100),
            ])
        }
        return table.text
    }

    private var kernelTable: String {
        var table = TextTable([
            ("kernel", .left), ("calls", .right), ("ms", .right), ("%", .right), ("GFLOP/s", .right),
            ("GB/s", .right), ("floor ms", .right), ("× floor", .right),
        ])
        for kernel in kernels {
            table.append([
                kernel.primitive.rawValue, Units.count(kernel.calls), Self.milliseconds(kernel.seconds.median),
                String(format: "%.1f", kernel.share * 100), String(format: "%.1f", kernel.operationsPerSecond / 1e9),
                String(format: "%.1f", kernel.bytesPerSecond / 1e9), Self.milliseconds(kernel.floorSeconds),
                kernel.floorSeconds > 0 ? String(format: "%.2f", kernel.ratioToFloor) : "",
            ])
        }
        return table.text
    }

    private static func milliseconds(_ seconds: Double) -> String { String(format: "%.2f", seconds * 1e3) }
}
