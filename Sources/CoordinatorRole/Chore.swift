import Stores

/// One thing that the coordinator does in every turn; safe to repeat, to interrupt, and to run twice at once.
protocol Chore: Sendable {
    var name: String { get }
    func perform(_ settings: Settings) async throws
}
