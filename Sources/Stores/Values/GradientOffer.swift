/// A gradient of one part together with its manifest: small enough to be handed in by one statement.
package struct GradientOffer: Hashable, Sendable {
    package let token: FencingToken
    package let part: GradientPart
    package let submission: GradientSubmission

    /// - Parameter submission: of one part, without bad samples; its digest is the database's business.
    package init(token: FencingToken, part: GradientPart, submission: GradientSubmission) {
        precondition(submission.partCount == 1 && submission.badSamples.isEmpty, "an offer is one part, all of it good")
        (self.token, self.part, self.submission) = (token, part, submission)
    }
}
