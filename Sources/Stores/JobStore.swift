package import Postgres

/// The queue as workers see it: each call is one statement, and a lost fence is an answer.
package struct JobStore: Sendable {
    let database: Database

    package init(_ database: Database) { self.database = database }

    /// Takes at most `limit` jobs of the session's run, in order; none while it is paused, blocked or drained.
    ///
    /// If the reply is lost, the beats of this session give the jobs back.
    /// - Parameter kinds: that the caller can do. Evaluations come last, and only one at a time: training does not wait.
    package func claim(
        for session: SessionID,
        kinds: [JobKind] = [.gradient, .embed],
        limit: Int = 1
    ) async throws(PostgresError) -> [ClaimedJob] {
        // The fourth asks the third, which costs those nothing who never evaluate.
        let function = kinds.contains(.evaluate) ? "job_claim_v4" : "job_claim_v3"
        return try await database.query(
            """
            SELECT * FROM stillhouse.\(unescaped: function)(\(session), \(limit)::integer, \(kinds.map(\.rawValue)))
            """
        ).map { row throws(PostgresError) in
            ClaimedJob(
                token: FencingToken(
                    job: try row.decode("job_id"),
                    attempt: try row.decode("attempt"),
                    session: session
                ),
                kind: try row.decode("kind"),
                arguments: try JobArguments(row),
                baseVersion: try row.decode("base_version_id"),
                baseNumber: try row.decode("base_number"),
                deadline: .seconds(try row.decode("deadline_s", as: Double.self)),
                isIsolating: try row.decode("is_isolating"),
                excludedSamples: Set(try row.decode("excluded", as: [Int64].self))
            )
        }
    }

    /// Gives a job back without charge. May be repeated: the fence of a second call is lost.
    /// - Returns: false when it is no longer the caller's; drop what was computed.
    @discardableResult
    package func release(_ token: FencingToken) async throws(PostgresError) -> Bool {
        let rows = try await database.query(Self.release(token), retry: .idempotent)
        return try rows.first?.decode("held") ?? false
    }

    /// Reports that the job cannot be done here; it is tried again later until it is dead.
    /// - Parameter error: shown to people, with what they should do.
    @discardableResult
    package func fail(
        _ token: FencingToken,
        _ kind: FailureKind = .error,
        error: String
    ) async throws(PostgresError) -> FailureAnswer {
        let rows = try await database.query(Self.fail(token, kind, error), retry: .idempotent)
        return try rows.first?.decode("answer") ?? .fenced
    }

    /// Gives several jobs back, as `release` does one, without waiting for each other's replies.
    /// - Returns: those that were still the caller's.
    @discardableResult
    package func release(_ tokens: [FencingToken]) async throws(PostgresError) -> Set<FencingToken> {
        let answers = try await database.pipeline(tokens.map(Self.release), retry: .idempotent)
        var released: Set<FencingToken> = []
        for (token, rows) in zip(tokens, answers) where try rows.first?.decode("held") == true {
            released.insert(token)
        }
        return released
    }

    private static func release(_ token: FencingToken) -> Query {
        "SELECT stillhouse.job_release_v1(\(token.job), \(token.attempt)::integer, \(token.session)) AS held"
    }

    /// Reports several jobs, as `fail` does one, without waiting for each other's replies.
    /// - Returns: what became of each, in their order.
    @discardableResult
    package func fail(
        _ failures: [(token: FencingToken, kind: FailureKind, error: String)]
    ) async throws(PostgresError) -> [FailureAnswer] {
        let queries = failures.map { Self.fail($0.token, $0.kind, $0.error) }
        return try await database.pipeline(queries, retry: .idempotent).map { rows throws(PostgresError) in
            try rows.first?.decode("answer") ?? .fenced
        }
    }

    private static func fail(_ token: FencingToken, _ kind: FailureKind, _ error: String) -> Query {
        """
        SELECT stillhouse.job_fail_v3(
            \(token.job), \(token.attempt)::integer, \(token.session), \(kind), \(error)
        ) AS answer
        """
    }

    /// What kept a worker from doing a job.
    package enum FailureKind: String, CaseIterable, Sendable, PostgresEncodable {
        case error
        /// The gradient is no number; a second report lets the next attempt look for the sample to blame.
        case nonfinite
        /// No sample of the job gives a number: the weights are to blame, and the run is blocked.
        case diverged
    }

    /// What became of a job whose worker reported an error.
    package enum FailureAnswer: String, Sendable, PostgresDecodable {
        /// Available again after a pause.
        case retried
        /// Its last error: the run is blocked until an operator retries or cancels the job, unless it is an evaluation.
        case dead
        /// Available again, but the run is blocked until an operator has looked.
        case diverged
        /// Also the answer to a repetition, whose first call's reply was lost.
        case fenced
    }
}

extension JobArguments {
    init(_ row: Row) throws(PostgresError) {
        self.init(
            step: try row.decode("step"),
            ordinal: try row.decode("ordinal"),
            epoch: try row.decode("epoch"),
            firstIndex: try row.decode("first_index"),
            sampleCount: try row.decode("n_samples")
        )
    }
}
