import Logging
import Stores
import Telemetry
import Transfers

/// Brings gradients before the gate: reads their bytes, judges, and records what is refused.
actor GradientAdmission {
    enum Decision: Sendable {
        /// - Parameter member: the manifest with the scale at which it enters the sum.
        case admitted([Float], member: GradientManifest)
        case rejected
        /// A part is not stored: nothing can be said about the gradient.
        case missing
    }

    private let run: RunID
    private let rule: UpdateRule
    private let gradients: GradientStore
    private let logger: Logger
    /// For the child of one version, with which its history ends.
    private var gate: (parent: VersionID, gate: GradientGate)?

    init(run: RunID, rule: UpdateRule, gradients: GradientStore, logger: Logger) {
        (self.run, self.rule, self.gradients, self.logger) = (run, rule, gradients, logger)
    }

    /// What is stored under a manifest; to be called ahead of `decide`, while the gradient before is judged and added.
    nonisolated func load(_ manifest: GradientManifest) async throws -> Result<[Float], GradientReader.Defect> {
        try await GradientReader(gradients).load(manifest, count: rule.payloadCount)
    }

    /// - Parameter stored: what `load` has found.
    func decide(
        on manifest: GradientManifest,
        _ stored: Result<[Float], GradientReader.Defect>,
        after parent: Version,
        with state: OptimizerState,
        under term: Term
    ) async throws -> Decision {
        switch stored {
        case .failure(.missing): return .missing
        case .failure(let defect): return try await reject(manifest, GradientRejection(defect), under: term)
        case .success(let gradient):
            switch try await verdict(on: manifest, after: parent, sumNorm: await state.norm(of: gradient)) {
            case .rejected(let rejection): return try await reject(manifest, rejection, under: term)
            case .admitted(let scale):
                var member = manifest
                member.scale = scale
                if scale != 1 { try await note(member, under: term) }
                return .admitted(gradient, member: member)
            }
        }
    }

    private func verdict(on manifest: GradientManifest, after parent: Version, sumNorm: Double) async throws
        -> GradientGate.Verdict
    {
        let gate = try await gate(after: parent)
        let maximumUnits = rule.maximumUnits(manifest.samples)
        let verdict = gate.verdict(on: manifest, sumNorm: sumNorm, maximumUnits: maximumUnits)
        guard case .rejected(let rejection) = verdict, rejection.reason == .norm else { return verdict }
        // Only an outlier's past matters.
        let outliers = try await gradients.outlyingDigests(of: manifest.job)
        return gate.verdict(on: manifest, sumNorm: sumNorm, maximumUnits: maximumUnits, outliers: outliers)
    }

    private func gate(after parent: Version) async throws -> GradientGate {
        if let gate, gate.parent == parent.id { return gate.gate }
        let fresh = GradientGate(norms: try await gradients.appliedNorms(of: run))
        gate = (parent.id, fresh)
        return fresh
    }

    private func reject(
        _ manifest: GradientManifest,
        _ rejection: GradientRejection,
        under term: Term
    ) async throws -> Decision {
        let answer = try await gradients.reject(manifest, rejection, under: term)
        logger.warning(
            "gradient rejected",
            metadata: [
                LogKeys.jobID: .value(manifest.job), LogKeys.jobAttempt: .value(manifest.attempt),
                LogKeys.reason: .value("\(rejection.reason.rawValue): \(rejection.detail); \(answer)"),
            ]
        )
        return .rejected
    }

    /// Confirmed by a second result, hence an outlier of the data: people should look at it.
    private func note(_ member: GradientManifest, under term: Term) async throws {
        try await gradients.recordClipping(of: member, in: run, under: term)
        logger.warning(
            "gradient clipped",
            metadata: [
                LogKeys.jobID: .value(member.job), LogKeys.gradientNorm: .value(member.norm),
                LogKeys.reason: .value("scale \(member.scale)"),
            ]
        )
    }
}

extension GradientRejection {
    init(_ defect: GradientReader.Defect) {
        switch defect {
        case .missing(let part): self.init(.digest, "part \(part) is not stored")
        case .digest(let part): self.init(.digest, "the bytes of part \(part) are not those of its digest")
        case .length(let part, let bytes): self.init(.layout, "part \(part) has \(bytes) bytes, unlike its place")
        case .partCount(let count, let expected): self.init(.layout, "\(count) parts instead of \(expected)")
        case .manifest: self.init(.digest, "the digests of the parts are not those of the manifest")
        }
    }
}
