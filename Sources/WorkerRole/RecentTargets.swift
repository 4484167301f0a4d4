package import Objectives

/// Targets in memory, at most `capacity` bytes of them; those not met for longest go first.
///
/// Two generations instead of a list of uses: what is met enters the young one, and when that holds half the capacity it
/// becomes the old one, whose predecessor goes. So a target outlives at least half a capacity of others, and every step
/// costs one look into each of two dictionaries.
package struct RecentTargets: Sendable {
    private let capacity: Int
    private var young: [TargetKey: RoundedTarget] = [:]
    private var old: [TargetKey: RoundedTarget] = [:]
    private var youngByteCount = 0

    /// A key, a dictionary's share and an array's header beside the numbers.
    private static let overhead = 160

    package init(capacity: Int) { self.capacity = capacity }

    package mutating func target(for key: TargetKey) -> RoundedTarget? {
        if let target = young[key] { return target }
        guard let target = old[key] else { return nil }
        insert(target, for: key)
        return target
    }

    package mutating func insert(_ target: RoundedTarget, for key: TargetKey) {
        guard young.updateValue(target, forKey: key) == nil else { return }
        youngByteCount += target.bytes.count + Self.overhead
        guard youngByteCount > capacity / 2 else { return }
        old = young
        young = [:]
        youngByteCount = 0
    }
}
