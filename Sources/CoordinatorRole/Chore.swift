import Stores

/// One thing that the coordinator does in every turn; safe to repeat, to interrupt, and to run twice at once.
protocol Chore: Sendable {
    var name: String { get }
    /// - Parameter term: held by every transaction that changes anything.
    func perform(_ settings: Settings, under term: Term) async throws
}
