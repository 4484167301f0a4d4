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

    /// The parts of a gradient that are stored, as they come.
    ///
    /// - Parameter receive: called on the connection's thread with a part's index, digest and bytes; returns whether to go
    ///   on. After a lost session all come again.
    package func parts(
        of gradient: GradientManifest,
        receive: @escaping @Sendable (Int, _ digest: [UInt8], StoredBytes) -> Bool
    ) async throws(PostgresError) {
        let pages = WeightStore.pages(of: gradient.partCount)
        let stream = StatementStream(
            count: pages.count,
            maximumStatementsInFlight: WeightStore.pagesInFlight,
            isRowByRow: true,
            query: { page in
                """
                SELECT part, digest, data FROM stillhouse.gradient_part
                WHERE job_id = \(gradient.job) AND attempt = \(gradient.attempt)
                    AND part >= \(pages[page].lowerBound) AND part < \(pages[page].upperBound)
                """
            },
            receive: { _, answer throws(PostgresError) in
                for row in 0..<answer.rowCount {
                    let index: Int = try answer.decode("part", row: row)
                    let digest: [UInt8] = try answer.decode("digest", row: row)
                    guard receive(index, digest, StoredBytes(answer, column: "data", row: row)) else { return false }
                }
                return true
            }
        )
        try await database.run(stream, retry: .idempotent)
    }
}
