import Stores

extension RunState {
    /// As people say it: `active`, `blocked, paused`, `finished, restoring`.
    func text(isPaused: Bool, isRestoring: Bool) -> String {
        let head = isPaused && !isOver ? (self == .active ? "paused" : "\(self), paused") : "\(self)"
        return isRestoring ? head + ", restoring" : head
    }
}
