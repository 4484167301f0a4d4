import Tensors

/// In which order an epoch visits the samples: a permutation that everyone computes alike from (run seed, epoch).
///
/// Jobs name ranges of positions; no list of samples is ever stored or sent.
package struct EpochOrder: Sendable {
    private let order: [Int]

    /// No sample and no view of one has this key, so the order shares no draws with anything else.
    private static let sample = UInt64.max
    private static let view: UInt64 = 250

    package init(runSeed: UInt64, epoch: Int, count: Int) {
        precondition(epoch >= 0 && count >= 0, "epochs and samples are counted from 0")
        let generator = RandomGenerator(run: runSeed, epoch: UInt64(epoch), sample: Self.sample, view: Self.view)
        order = generator.shuffled(Array(0..<count))
    }

    package var count: Int { order.count }

    /// The id of the sample at a position.
    package subscript(position: Int) -> Int64 { Int64(order[position]) }

    package subscript(positions: Range<Int>) -> [Int64] { order[positions].map(Int64.init) }
}
