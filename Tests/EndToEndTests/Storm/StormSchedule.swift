import TestSupport

/// The faults of a storm, one after the other: nothing but the seed decides.
struct StormSchedule: Sequence, IteratorProtocol {
    struct Strike: Hashable, Sendable {
        /// After the one before.
        let pause: Duration
        let fault: StormFault
        /// Chooses among those whom the fault may hit.
        let lot: Int
        /// How long a stop lasts; some outlast a lease.
        let length: Duration
    }

    private var random: SeededGenerator

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    mutating func next() -> Strike? {
        let pause = Duration.milliseconds(Int.random(in: 100...900, using: &random))
        var ticket = Int.random(in: 0..<StormFault.allCases.map(\.weight).reduce(0, +), using: &random)
        var fault = StormFault.killWorker
        for candidate in StormFault.allCases {
            fault = candidate
            ticket -= candidate.weight
            if ticket < 0 { break }
        }
        return Strike(
            pause: pause,
            fault: fault,
            lot: Int.random(in: 0..<1000, using: &random),
            length: .milliseconds(Int.random(in: 50...3000, using: &random))
        )
    }
}
