import Foundation

/// What `bench gemm` found.
package struct GemmReport: Codable, Hashable, Sendable {
    package let machine: BenchMachine
    package let model: String
    package let batch: Int
    /// Side of a picture in pixels.
    package let size: Int
    package let rounds: Int
    /// One for each number of threads.
    package let peaks: [MeasuredPeak]
    package let products: [ProductMeasurement]

    package init(
        machine: BenchMachine,
        model: String,
        batch: Int,
        size: Int,
        rounds: Int,
        peaks: [MeasuredPeak],
        products: [ProductMeasurement]
    ) {
        self.machine = machine
        self.model = model
        self.batch = batch
        self.size = size
        self.rounds = rounds
        self.peaks = peaks
        self.products = products
    }

    package var text: String {
        let tables = peaks.map { peak in
            "\(peak.text)\n\n\(table(products.filter { $0.threads == peak.threads }).text)"
        }
        return """
            \(machine.text)
            shapes   \(model), batch \(batch), \(size) px; rounds in turn: \(rounds); M×K·K×N as multiplied

            \(tables.joined(separator: "\n\n"))
            """
    }

    private func table(_ products: [ProductMeasurement]) -> TextTable {
        var table = TextTable([
            ("product", .left), ("pass", .left), ("M×K×N", .left), ("ms", .right), ("lowest", .right),
            ("GFLOP/s", .right), ("% of peak", .right), ("× floor", .right), ("OpenBLAS", .right), ("ours/it", .right),
        ])
        for product in products {
            let shape = product.shape
            table.append([
                shape.name, shape.pass.rawValue, "\(shape.rows)×\(shape.inner)×\(shape.columns)",
                Self.milliseconds(product.seconds.median), Self.milliseconds(product.seconds.lowest),
                String(format: "%.1f", product.operationsPerSecond / 1e9),
                String(format: "%.0f", product.shareOfPeak * 100), String(format: "%.2f", product.ratioToFloor),
                String(format: "%.1f", product.blasOperationsPerSecond / 1e9),
                String(format: "%.2f", product.speedRatioToBlas),
            ])
        }
        return table
    }

    private static func milliseconds(_ seconds: Double) -> String { String(format: "%.3f", seconds * 1e3) }
}
