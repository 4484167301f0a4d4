/// What a claim hands out and every later write about the job must show: who holds which job, at which attempt.
///
/// Once the job was given to anyone again, its attempt has grown and the token is worth nothing.
package struct FencingToken: Hashable, Sendable {
    package let job: JobID
    package let attempt: Int
    package let session: SessionID

    package init(job: JobID, attempt: Int, session: SessionID) {
        (self.job, self.attempt, self.session) = (job, attempt, session)
    }
}
