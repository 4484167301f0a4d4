/// A job that is now the caller's, until its deadline or its session's silence.
package struct ClaimedJob: Hashable, Sendable {
    package let token: FencingToken
    package let arguments: JobArguments
    /// The weights to start from.
    package let baseVersion: VersionID
    package let baseNumber: Int
    /// Counted by the server from the claim on.
    package let deadline: Duration

    package init(
        token: FencingToken,
        arguments: JobArguments,
        baseVersion: VersionID,
        baseNumber: Int,
        deadline: Duration
    ) {
        (self.token, self.arguments) = (token, arguments)
        (self.baseVersion, self.baseNumber, self.deadline) = (baseVersion, baseNumber, deadline)
    }
}
