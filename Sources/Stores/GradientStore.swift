package import Postgres

/// The gradient ledger: workers push, the aggregator reads.
package struct GradientStore: Sendable {
    /// Parameters that one part covers, whatever its codec.
    package static let parametersPerPart = 1 << 18

    let database: Database

    package init(_ database: Database) { self.database = database }

    /// Stores one part; storing the same again does nothing.
    /// - Parameter digest: SHA-256 of `data`.
    /// - Returns: false when the job is no longer the caller's.
    package func put(
        _ token: FencingToken,
        part: Int,
        digest: [UInt8],
        data: [UInt8]
    ) async throws(PostgresError) -> Bool {
        let part = GradientPart(index: part, digest: digest, data: data)
        let rows = try await database.query(Self.put(token, part), retry: .idempotent)
        return try rows.first?.decode("held") ?? false
    }

    /// Stores parts without waiting for each other's replies.
    /// - Returns: false when the job is no longer the caller's; some parts may be stored then, nobody reads them.
    package func put(
        _ token: FencingToken,
        parts: [GradientPart],
        maximumBytesInFlight: Int = 32 << 20
    ) async throws(PostgresError) -> Bool {
        let answers = try await database.pipeline(
            parts.map { Self.put(token, $0) },
            maximumBytesInFlight: maximumBytesInFlight,
            retry: .idempotent
        )
        for rows in answers where try rows.first?.decode("held") != true { return false }
        return true
    }

    /// Enters the gradient into the ledger and completes the job, or does neither.
    ///
    /// If the reply is lost, repeat the call: it answers `ok` or `already`. Reading the ledger proves nothing, as it may
    /// overtake the first call.
    /// - Throws: `StoreError.partsMissing` when parts are not stored or are not those of the manifest; a check violation
    ///   for counts or numbers that cannot be, which `JobStore.fail` should report.
    package func submit(_ token: FencingToken, _ gradient: GradientSubmission) async throws -> SubmitAnswer {
        do {
            let rows = try await database.query(Self.submit(token, gradient), retry: .idempotent)
            return try rows.first?.decode("answer") ?? .fenced
        } catch {
            throw Self.explained(error, token)
        }
    }

    /// Submitted gradients of a step, in the order in which they are summed.
    package func manifests(of run: RunID, step: Int) async throws(PostgresError) -> [GradientManifest] {
        try await database.query(
            """
            SELECT g.job_id, g.attempt, j.ordinal, g.samples, g.units, g.n_parts, g.digest, g.loss, g.terms, g.norm
            FROM stillhouse.job j
            JOIN stillhouse.gradient g ON (g.job_id, g.attempt) = (j.job_id, j.attempt) AND g.state = 'submitted'
            WHERE j.run_id = \(run) AND j.step = \(step) AND j.state = 'submitted'
            ORDER BY j.ordinal
            """
        ).map { row throws(PostgresError) in try GradientManifest(row) }
    }

    /// The gradients that a version consists of, in the order in which they were summed.
    package func members(of version: VersionID) async throws(PostgresError) -> [GradientManifest] {
        try await database.query(
            """
            SELECT g.job_id, g.attempt, m.ordinal, g.samples, g.units, g.n_parts, g.digest, g.loss, g.terms, g.norm,
                m.scale
            FROM stillhouse.version_member m JOIN stillhouse.gradient g USING (job_id, attempt)
            WHERE m.version_id = \(version) ORDER BY m.ordinal
            """,
            retry: .idempotent
        ).map { row throws(PostgresError) in
            var member = try GradientManifest(row)
            member.scale = try row.decode("scale")
            return member
        }
    }

    /// Whether the ledger still promises a gradient whose parts are not there: then something is broken.
    ///
    /// It promises those that are submitted, and those applied after the newest durable version. Not while a crash of the
    /// database waits to be repaired, nor while the head that it took is to be restored: then they are gone for a reason.
    package func isBroken(_ gradient: GradientManifest) async throws(PostgresError) -> Bool {
        try await database.query(
            """
            SELECT FROM stillhouse.gradient g JOIN stillhouse.run_head h USING (run_id)
            WHERE g.job_id = \(gradient.job) AND g.attempt = \(gradient.attempt)
                AND h.restoring_since IS NULL AND EXISTS (SELECT FROM stillhouse.sentinel)
                AND (g.state = 'submitted' OR EXISTS (
                    SELECT FROM stillhouse.version_member m JOIN stillhouse.version v USING (version_id)
                    WHERE (m.job_id, m.attempt) = (g.job_id, g.attempt) AND v.state IN ('published', 'retired')
                        AND v.number > (
                            SELECT coalesce(max(d.number), 0) FROM stillhouse.version d
                            WHERE d.run_id = g.run_id AND d.durable AND d.state = 'published'
                        )
                ))
            """,
            retry: .idempotent
        ).isEmpty == false
    }

    /// One part, by a statement of its own: memory and locks stay small, whatever the size of the gradient.
    package func part(_ index: Int, of gradient: GradientManifest) async throws(PostgresError) -> GradientPart? {
        let rows = try await database.query(
            """
            SELECT part, digest, data FROM stillhouse.gradient_part
            WHERE job_id = \(gradient.job) AND attempt = \(gradient.attempt) AND part = \(index)
            """
        )
        guard let row = rows.first else { return nil }
        return GradientPart(
            index: try row.decode("part"),
            digest: try row.decode("digest"),
            data: try row.decode("data")
        )
    }

    /// Samples that are left out, undecodable or quarantined, in order of their ids.
    package func badSamples(of run: RunID) async throws(PostgresError) -> [RecordedSample] {
        try await database.query(
            """
            SELECT b.sample_id, b.key, b.reason, b.from_step, b.job_id, b.at, w.alias FROM stillhouse.bad_sample b
            LEFT JOIN stillhouse.bad_sample_worker w USING (run_id, sample_id)
            WHERE b.run_id = \(run) ORDER BY b.sample_id
            """
        ).map { row throws(PostgresError) in try RecordedSample(row) }
    }

    private static func put(_ token: FencingToken, _ part: GradientPart) -> Query {
        put(token, part.index, part.digest, part.data.postgresParameter)
    }

    /// - Parameter data: the part's bytes, bound as they are.
    static func put(_ token: FencingToken, _ index: Int, _ digest: [UInt8], _ data: Parameter) -> Query {
        """
        SELECT stillhouse.gradient_put_v1(
            \(token.job), \(token.attempt)::integer, \(token.session), \(index)::integer, \(digest), \(bound: data)
        ) AS held
        """
    }

    static func submit(_ token: FencingToken, _ gradient: GradientSubmission) -> Query {
        """
        SELECT stillhouse.gradient_submit_v1(
            \(token.job), \(token.attempt)::integer, \(token.session), \(gradient.partCount)::integer,
            \(gradient.digest), \(gradient.samples), \(gradient.units), \(gradient.loss),
            \(JSON(gradient.terms)), \(gradient.norm), \(JSON(gradient.badSamples))
        ) AS answer
        """
    }

    /// What became of a submission.
    package enum SubmitAnswer: String, Sendable, PostgresDecodable {
        case ok
        /// This very token is in the ledger: a first call's reply was lost.
        case already
        /// The job is no longer the caller's: drop the result and count it.
        case fenced
        /// The database has moved on to a newer protocol, or the layout has another number of parts.
        case mismatch
    }
}

extension SQLState {
    /// Raised by `gradient_submit_v1` when the stored parts are not those of the manifest.
    static let partsMissing = SQLState(rawValue: "SH001")
}
