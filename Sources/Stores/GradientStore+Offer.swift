package import Postgres

/// Small gradients, several at a time.
extension GradientStore {
    /// Stores and enters gradients of one session together, or none of them: one statement, one transaction.
    ///
    /// May be repeated after a lost reply, and is by this call itself: it then answers `already`.
    /// - Returns: an answer for each, in their order.
    /// - Throws: a check violation for counts or numbers that cannot be; submit them one by one to find which.
    package func offer(_ offers: [GradientOffer], for session: SessionID) async throws(PostgresError) -> [SubmitAnswer]
    {
        guard !offers.isEmpty else { return [] }
        let (submissions, parts) = (offers.map(\.submission), offers.map(\.part))
        let rows = try await database.query(
            """
            SELECT * FROM stillhouse.gradient_offer_v1(
                \(session), \(offers.map(\.token.job.rawValue)), \(offers.map { Int32($0.token.attempt) }),
                \(parts.map(\.digest)), \(parts.map(\.data)), \(submissions.map(\.samples)), \(submissions.map(\.units)),
                \(submissions.map(\.loss)), \(try submissions.map(Self.terms))::text[]::jsonb[],
                \(submissions.map(\.norm))
            )
            """,
            retry: .idempotent
        )
        var answers: [FencingToken: SubmitAnswer] = [:]
        for row in rows {
            let token = FencingToken(
                job: try row.decode("job_id"),
                attempt: try row.decode("attempt"),
                session: session
            )
            answers[token] = try row.decode("answer")
        }
        return offers.map { answers[$0.token] ?? .fenced }
    }

    /// An array of jsonb cannot be bound; an array of its text can.
    private static func terms(_ submission: GradientSubmission) throws(PostgresError) -> String {
        submission.terms.isEmpty ? "{}" : try JSON(submission.terms).text
    }
}
