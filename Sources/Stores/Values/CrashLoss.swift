/// What a crash of the database took from one run.
package struct CrashLoss: Hashable, Sendable {
    package let run: RunID
    package let name: String
    /// Submitted gradients whose parts are gone; their jobs are available again.
    package var lostGradientCount: Int
    /// Published versions whose chunks are gone, apart from the head.
    package var retiredVersionCount: Int
    package var abandonedDraftCount: Int
    /// The head is gone, until an aggregator brings it back or the run is rewound.
    package var isRestoring: Bool
    /// Number of the head.
    package let headNumber: Int
    /// Number of the newest version that outlives every crash; what lies between is at stake.
    package let durableNumber: Int?

    package init(
        run: RunID,
        name: String,
        lostGradientCount: Int = 0,
        retiredVersionCount: Int = 0,
        abandonedDraftCount: Int = 0,
        isRestoring: Bool = false,
        headNumber: Int,
        durableNumber: Int?
    ) {
        (self.run, self.name) = (run, name)
        (self.lostGradientCount, self.retiredVersionCount) = (lostGradientCount, retiredVersionCount)
        (self.abandonedDraftCount, self.isRestoring) = (abandonedDraftCount, isRestoring)
        (self.headNumber, self.durableNumber) = (headNumber, durableNumber)
    }

    var hasLostAnything: Bool {
        isRestoring || lostGradientCount + retiredVersionCount + abandonedDraftCount > 0
    }
}
