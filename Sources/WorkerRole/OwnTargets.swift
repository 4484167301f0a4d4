package import Objectives
import Recipes
import Synchronization

/// Targets that a session keeps for itself: too large for the database, and as quick to compute as to send.
package final class OwnTargets: TargetCache {
    /// Room for a thousand pictures of 32 × 32 patches of 512 numbers at most.
    package static let memory = 1 << 30

    private let recent: Mutex<RecentTargets>
    private let onLookUp: @Sendable (_ found: Int, _ missing: Int) -> Void

    /// - Parameter onLookUp: told how many targets were known, and how many not, whenever some are asked for.
    package init(
        capacity: Int = OwnTargets.memory,
        onLookUp: @escaping @Sendable (_ found: Int, _ missing: Int) -> Void = { _, _ in }
    ) {
        recent = Mutex(RecentTargets(capacity: capacity))
        self.onLookUp = onLookUp
    }

    package func known(among keys: [TargetKey], size: Int) async -> [TargetKey: RoundedTarget] {
        let found = recent.withLock { recent in
            var found: [TargetKey: RoundedTarget] = [:]
            for key in keys { found[key] = recent.target(for: key) }
            return found
        }
        let foundCount = keys.count(where: { found[$0] != nil })
        onLookUp(foundCount, keys.count - foundCount)
        return found
    }

    package func keep(_ targets: [TargetKey: RoundedTarget]) {
        recent.withLock { recent in
            for (key, target) in targets { recent.insert(target, for: key) }
        }
    }
}
