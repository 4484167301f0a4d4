/// A job that is now the caller's, until its deadline or its session's silence.
package struct ClaimedJob: Hashable, Sendable {
    package let token: FencingToken
    package let kind: JobKind
    package let arguments: JobArguments
    /// The weights to start from.
    package let baseVersion: VersionID
    package let baseNumber: Int
    /// Counted by the server from the claim on.
    package let deadline: Duration
    /// Whether to find the samples that make the job fail, and to submit the rest: its last try, or a third that would
    /// give no number.
    package let isIsolating: Bool
    /// Quarantined samples, which are to be left out unseen.
    package let excludedSamples: Set<Int64>

    package init(
        token: FencingToken,
        kind: JobKind = .gradient,
        arguments: JobArguments,
        baseVersion: VersionID,
        baseNumber: Int,
        deadline: Duration,
        isIsolating: Bool = false,
        excludedSamples: Set<Int64> = []
    ) {
        (self.token, self.kind, self.arguments) = (token, kind, arguments)
        (self.baseVersion, self.baseNumber, self.deadline) = (baseVersion, baseNumber, deadline)
        (self.isIsolating, self.excludedSamples) = (isIsolating, excludedSamples)
    }
}
