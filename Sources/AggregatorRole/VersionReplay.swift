import Checkpoints
import Stores
import Telemetry
import Transfers

/// Computes versions again from the gradients that the ledger lists under them.
///
/// The result is what was published, bit for bit; each content digest is compared.
struct VersionReplay: Sendable {
    let weights: WeightStore
    let reader: GradientReader
    let faults: FaultInjector

    /// A gradient's parts are not those of its manifest, or not there.
    enum Unreadable: Error { case gradient(GradientManifest) }

    /// Takes `state` from one version to a later one of the same history.
    /// - Parameter unchanged: the chunks of a version that no update touches.
    func run(
        _ state: OptimizerState,
        from durable: Version,
        to head: Version,
        unchanged: [ChunkReference],
        payloadCount: Int
    ) async throws {
        guard durable.number < head.number else { return }
        for version in try await weights.list(of: head.run, numbers: durable.number + 1...head.number) {
            try Task.checkCancellation()
            let members = try await reader.gradients.members(of: version.id)
            var totals = StepTotals()
            for member in members {
                guard let gradient = try await reader.read(member, count: payloadCount) else {
                    throw Unreadable.gradient(member)
                }
                await state.add(gradient, scale: member.scale)
                totals.add(member)
            }
            let update = version.update
            _ = await state.apply(units: update.units, samples: update.samples, terms: totals.lossTerms)
            let chunks = unchanged + (await state.published.references)
            guard VersionDigests.content(chunks).bytes == update.contentDigest else {
                throw AggregatorError.replayDiverged(number: version.number)
            }
            faults.reach(.aggregatorReplayed)
        }
    }
}
