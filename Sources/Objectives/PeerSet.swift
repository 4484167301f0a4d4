/// The rows of a set of samples, and which of them belong to the samples at hand.
package struct PeerSet: Sendable {
    package let rows: PeerRows
    /// Places in `rows` of the samples whose gradient is asked for, in their order.
    package let own: Range<Int>

    package init(rows: PeerRows, own: Range<Int>) {
        precondition(own.lowerBound >= 0 && own.upperBound <= rows.count, "own rows lie within the set")
        self.rows = rows
        self.own = own
    }
}
