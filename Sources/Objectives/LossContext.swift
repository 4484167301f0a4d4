/// What a loss reads beside views and weights.
package struct LossContext: Sendable {
    /// Of the version whose weights are used, `[centreSize]`; empty where the objective has none.
    package var centre: [Float]
    /// The set that the samples are compared with; nil compares them with each other alone.
    package var peers: PeerSet?

    package init(centre: [Float] = [], peers: PeerSet? = nil) {
        self.centre = centre
        self.peers = peers
    }
}
