package import Objectives

/// Where targets may be known from earlier, and are kept for later.
///
/// A cache only ever saves work: what it does not know is computed, and whatever trouble it has is its own.
package protocol TargetCache: Sendable {
    /// The targets that are known among these; none when in doubt.
    ///
    /// - Parameter size: E, the numbers of a target.
    func known(among keys: [TargetKey], size: Int) async -> [TargetKey: RoundedTarget]

    /// Takes over what was computed; returns at once.
    func keep(_ targets: [TargetKey: RoundedTarget])
}
