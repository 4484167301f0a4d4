package import Postgres

/// What embed jobs come to: workers hand it in, and workers read it.
package struct ArtifactStore: Sendable {
    private let database: Database

    package init(_ database: Database) { self.database = database }

    /// Stores an artifact and completes its job, or does neither; one statement.
    ///
    /// May be repeated after a lost reply, and is by this call itself: it then answers `already`.
    /// - Throws: `StoreError.partsMissing` when the parts arrived otherwise than the manifest says; a check violation for
    ///   counts and sizes that cannot be, which `JobStore.fail` should report.
    package func submit(
        _ token: FencingToken,
        _ artifact: ArtifactSubmission
    ) async throws -> GradientStore.SubmitAnswer {
        do {
            let rows = try await database.query(
                """
                SELECT stillhouse.artifact_submit_v1(
                    \(token.job), \(token.attempt)::integer, \(token.session), \(artifact.samples), \(artifact.digest),
                    \(artifact.parts), \(JSON(artifact.badSamples))
                ) AS answer
                """,
                retry: .idempotent
            )
            return try rows.first?.decode("answer") ?? .fenced
        } catch {
            throw GradientStore.explained(error, token)
        }
    }

    /// The artifacts of a step; nil unless its first phase is closed.
    package func embeddings(of run: RunID, step: Int) async throws(PostgresError) -> StepEmbeddings? {
        let rows = try await database.query(
            """
            SELECT job_id, attempt, ordinal, samples, n_parts, digest, embed_digest FROM stillhouse.step_artifact
            WHERE run_id = \(run) AND step = \(step) AND phase = 1 ORDER BY ordinal
            """,
            retry: .idempotent
        )
        guard let first = rows.first else { return nil }
        return StepEmbeddings(
            digest: try first.decode("embed_digest"),
            artifacts: try rows.map { row throws(PostgresError) in try ArtifactManifest(row) }
        )
    }

    /// The parts of some artifacts, those of each in order; as many as are stored.
    package func parts(of artifacts: [ArtifactManifest]) async throws(PostgresError) -> [[[UInt8]]] {
        let queries = artifacts.map { artifact -> Query in
            """
            SELECT data FROM stillhouse.artifact_chunk
            WHERE job_id = \(artifact.job) AND attempt = \(artifact.attempt) ORDER BY part
            """
        }
        return try await database.pipeline(queries, retry: .idempotent).map { rows throws(PostgresError) in
            try rows.map { row throws(PostgresError) in try row.decode("data", as: [UInt8].self) }
        }
    }
}
