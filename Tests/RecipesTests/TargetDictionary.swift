import Objectives
import Recipes
import Synchronization

/// A cache as simple as can be.
final class TargetDictionary: TargetCache {
    private let targets: Mutex<[TargetKey: RoundedTarget]>

    init(_ targets: [TargetKey: RoundedTarget] = [:]) { self.targets = Mutex(targets) }

    var all: [TargetKey: RoundedTarget] { targets.withLock { $0 } }

    func known(among keys: [TargetKey], size: Int) async -> [TargetKey: RoundedTarget] {
        let all = all
        return Dictionary(keys.compactMap { key in all[key].map { (key, $0) } }) { first, _ in first }
    }

    func keep(_ new: [TargetKey: RoundedTarget]) { targets.withLock { $0.merge(new) { first, _ in first } } }
}
