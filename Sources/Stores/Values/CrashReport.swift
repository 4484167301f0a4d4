/// What a crash of the database took, and what was done about it.
package struct CrashReport: Hashable, Sendable {
    /// How often the database's UNLOGGED tables were emptied, counted from 1.
    package let epoch: Int
    /// Runs that lost something, the oldest first.
    package let losses: [CrashLoss]

    package init(epoch: Int, losses: [CrashLoss]) {
        (self.epoch, self.losses) = (epoch, losses)
    }
}
