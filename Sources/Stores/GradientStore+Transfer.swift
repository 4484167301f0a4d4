package import Postgres
import Synchronization

/// Whole gradients on their way in and out, as fast as the database takes and gives them.
extension GradientStore {
    /// Stores all parts and submits, in one pipeline: the server is asked once and answers once.
    ///
    /// The parts are made while those before them travel. As with `put` and `submit`, everything may be repeated after a
    /// lost session, and is by this call itself.
    /// - Parameters:
    ///   - part: the digest and the values of a part; called on the connection's thread, in order.
    ///   - submission: the manifest; called after the last part.
    /// - Throws: what `submit` throws.
    package func deliver(
        _ token: FencingToken,
        partCount: Int,
        part: @escaping @Sendable (Int) -> (digest: [UInt8], values: ArraySlice<Float>),
        submission: @escaping @Sendable () -> GradientSubmission
    ) async throws -> SubmitAnswer {
        let answer = Mutex<SubmitAnswer?>(nil)
        let stream = StatementStream(
            count: partCount + 1,
            maximumBytesInFlight: Self.maximumBytesInFlight,
            query: { index in
                guard index < partCount else { return Self.submit(token, submission()) }
                let (digest, values) = part(index)
                return Self.put(token, index, digest, .bytes(of: values))
            },
            receive: { index, reply throws(PostgresError) in
                guard let row = reply.rows.first else { return false }
                // Fenced once is fenced for good, or submitted already by a call whose reply was lost: no more parts.
                guard index == partCount else { return try row.decode("held") }
                let outcome = try row.decode("answer", as: SubmitAnswer.self)
                answer.withLock { $0 = outcome }
                return true
            }
        )
        do {
            try await database.run(stream, retry: .idempotent)
        } catch {
            throw Self.explained(error, token)
        }
        if let answer = answer.withLock(\.self) { return answer }
        return try await submit(token, submission())
    }

    static func explained(_ error: PostgresError, _ token: FencingToken) -> any Error {
        guard error.sqlState == .partsMissing else { return error }
        return StoreError.partsMissing(job: token.job, attempt: token.attempt)
    }

    /// What may be on its way to the server and not acknowledged.
    static let maximumBytesInFlight = 32 << 20

    /// All parts of a gradient, each by a statement of its own, so that memory and locks at the server stay small.
    ///
    /// - Parameter receive: called on the connection's thread, in order, with a part's digest and bytes, nil when it is
    ///   not stored; returns whether to go on. After a lost session all come again.
    package func parts(
        of gradient: GradientManifest,
        receive: @escaping @Sendable (Int, (digest: [UInt8], data: StoredBytes)?) -> Bool
    ) async throws(PostgresError) {
        let stream = StatementStream(
            count: gradient.partCount,
            maximumStatementsInFlight: WeightStore.chunksInFlight,
            query: { index in
                """
                SELECT digest, data FROM stillhouse.gradient_part
                WHERE job_id = \(gradient.job) AND attempt = \(gradient.attempt) AND part = \(index)
                """
            },
            receive: { index, answer throws(PostgresError) in
                guard let digest = try answer.bytes(of: "digest") else { return receive(index, nil) }
                return receive(index, (digest, StoredBytes(answer, column: "data")))
            }
        )
        try await database.run(stream, retry: .idempotent)
    }
}
