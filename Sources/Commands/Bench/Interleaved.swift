/// Cases measured in turn, A B A B: a slow minute of the machine strikes all of them alike.
package enum Interleaved {
    /// Runs every case once unmeasured, then all of them in each round.
    ///
    /// - Parameters:
    ///   - warmUps: unmeasured rounds.
    ///   - cases: each does its work and says what it measured, such as seconds or a rate.
    /// - Returns: measurements a case, in the order of the rounds.
    package static func measurements<Failure>(
        rounds: Int,
        warmUps: Int = 1,
        _ cases: [() async throws(Failure) -> Double]
    ) async throws(Failure) -> [[Double]] {
        for _ in 0..<warmUps {
            for measure in cases { _ = try await measure() }
        }
        var results = cases.map { _ in [Double]() }
        for _ in 0..<rounds {
            for (index, measure) in cases.enumerated() { results[index].append(try await measure()) }
        }
        return results
    }

    /// The same for work that is timed.
    ///
    /// - Returns: seconds a case, in the order of the rounds.
    package static func seconds<Failure>(
        rounds: Int,
        warmUps: Int = 1,
        _ cases: [() async throws(Failure) -> Void]
    ) async throws(Failure) -> [[Double]] {
        var timed: [() async throws(Failure) -> Double] = []
        for body in cases {
            timed.append { () async throws(Failure) -> Double in try await seconds(of: body) }
        }
        return try await measurements(rounds: rounds, warmUps: warmUps, timed)
    }

    /// Seconds that `body` takes, never zero.
    package static func seconds<Failure>(of body: () async throws(Failure) -> Void) async throws(Failure) -> Double {
        let clock = ContinuousClock()
        let start = clock.now
        try await body()
        return max((clock.now - start) / .seconds(1), 1e-9)
    }
}
