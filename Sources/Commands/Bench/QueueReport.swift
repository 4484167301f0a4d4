import Foundation

/// What `bench queue` prints: medians over interleaved rounds.
struct QueueReport: Encodable {
    /// Jobs a second, round by round.
    struct Pair: Encodable {
        var own: [Double] = []
        var pgbench: [Double] = []

        mutating func note(own: Double, pgbench: Double) {
            self.own.append(own)
            self.pgbench.append(pgbench)
        }

        var ratio: Double { Spread(own).median / Spread(pgbench).median }
    }

    let machine = BenchMachine.read()
    let jobCount: Int
    let rounds: Int
    let batchSize: Int
    var single = Pair()
    var batched = Pair()
    /// How long each claim of one job took.
    var claimSeconds: [Double] = []

    private enum CodingKeys: CodingKey {
        case machine, jobCount, rounds, batchSize, single, batched, singleRatio, batchedRatio, claimP50, claimP99
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(machine, forKey: .machine)
        try container.encode(jobCount, forKey: .jobCount)
        try container.encode(rounds, forKey: .rounds)
        try container.encode(batchSize, forKey: .batchSize)
        try container.encode(single, forKey: .single)
        try container.encode(batched, forKey: .batched)
        try container.encode(single.ratio, forKey: .singleRatio)
        try container.encode(batched.ratio, forKey: .batchedRatio)
        try container.encode(Self.quantile(0.5, of: claimSeconds), forKey: .claimP50)
        try container.encode(Self.quantile(0.99, of: claimSeconds), forKey: .claimP99)
    }

    var text: String {
        var table = TextTable([
            ("claim + complete", .left), ("jobs/s", .right), ("pgbench", .right), ("ratio", .right),
        ])
        for (name, pair) in [("one at a time", single), ("\(batchSize) at once", batched)] {
            table.append([
                name, Units.count(Int(Spread(pair.own).median)),
                Units.count(Int(Spread(pair.pgbench).median)), String(format: "%.0f %%", 100 * pair.ratio),
            ])
        }
        let (p50, p99) = (Self.quantile(0.5, of: claimSeconds), Self.quantile(0.99, of: claimSeconds))
        return """
            \(machine.text)

            \(Units.count(jobCount)) jobs in the table, \(rounds) interleaved rounds, one client

            \(table.text)

            claim of one job: p50 \(String(format: "%.2f", 1000 * p50)) ms, p99 \(String(format: "%.2f", 1000 * p99)) ms
            """
    }

    /// The value below which that share of the values lies; zero without any.
    static func quantile(_ share: Double, of values: [Double]) -> Double {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return 0 }
        return sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))]
    }
}
