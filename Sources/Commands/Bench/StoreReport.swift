import Foundation

/// What `bench store` prints: medians over interleaved rounds.
struct StoreReport: Encodable {
    struct Line: Encodable {
        let name: String
        let megabytes: Double
        let seconds: Spread
        let megabytesPerSecond: Double
        /// The lower of the bare loop's rate and that of SHA-256, where there is one to compare with.
        let limit: Double?
        let ratio: Double?
    }

    let machine = BenchMachine.read()
    let parameterCount: Int
    let rounds: Int
    let lines: [Line]

    init(parameterCount: Int, rounds: Int, seconds: [StoreBench.Case: [Double]]) {
        self.parameterCount = parameterCount
        self.rounds = rounds
        let megabytes = Double(parameterCount * MemoryLayout<Float>.size) / 1e6
        let spreads = seconds.mapValues(Spread.init)
        let rate = { (name: StoreBench.Case) in spreads[name].map { megabytes / $0.median } }
        lines = StoreBench.Case.allCases.compactMap { name in
            guard let spread = spreads[name], let own = rate(name) else { return nil }
            let bare = name.yardstick.flatMap(rate)
            let limit = bare.flatMap { bare in rate(.hash).map { min(bare, $0) } }
            return Line(
                name: name.rawValue,
                megabytes: megabytes,
                seconds: spread,
                megabytesPerSecond: own,
                limit: limit,
                ratio: limit.map { own / $0 }
            )
        }
    }

    var text: String {
        var table = TextTable([
            ("", .left), ("median s", .right), ("MB/s", .right), ("lower of libpq and SHA-256", .right),
            ("ratio", .right),
        ])
        for line in lines {
            table.append([
                line.name, String(format: "%.4f", line.seconds.median), String(format: "%.0f", line.megabytesPerSecond),
                line.limit.map { String(format: "%.0f", $0) } ?? "",
                line.ratio.map { String(format: "%.0f %%", 100 * $0) } ?? "",
            ])
        }
        let size = Units.bytes(parameterCount * MemoryLayout<Float>.size)
        return "\(machine.text)\n\n\(size) in parts of 1 MiB, \(rounds) interleaved rounds\n\n" + table.text
    }
}
