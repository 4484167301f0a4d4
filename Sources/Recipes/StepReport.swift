package import Datasets
package import Objectives

/// What a job says about its gradient: the ledger's row, and the one line a worker logs.
package struct StepReport: Codable, Hashable, Sendable {
    /// Images whose views entered the gradient; schedules and averages advance by them.
    package var samples: Int
    /// Loss units (boxes for CLIPSelf) behind the sum; the aggregator divides by their total.
    package var units: Int
    /// The loss, summed over units.
    package var loss: Double
    /// Named parts of it, each with sum and count.
    package var terms: [LossTerm]
    /// Samples that no machine could use, in order of position.
    package var badSamples: [SkippedSample]
    /// Euclidean norm of the mean gradient, sum / units, in fp64; 0 without units.
    package var norm: Double
    /// Where the time went; no part of what the report says, so equal reports may differ in it.
    package var phases: StepPhases
    /// How often the teacher was asked; no part of it either.
    package var targets: TargetTally

    package init(
        samples: Int = 0,
        units: Int = 0,
        loss: Double = 0,
        terms: [LossTerm] = [],
        badSamples: [SkippedSample] = [],
        norm: Double = 0,
        phases: StepPhases = StepPhases(),
        targets: TargetTally = TargetTally()
    ) {
        self.samples = samples
        self.units = units
        self.loss = loss
        self.terms = terms
        self.badSamples = badSamples
        self.norm = norm
        self.phases = phases
        self.targets = targets
    }

    /// Loss per unit; nil for a job that found nothing to compare, which is legal.
    package var meanLoss: Double? { units > 0 ? loss / Double(units) : nil }

    /// A sample that was passed over, and why, in words that can be stored.
    package struct SkippedSample: Codable, Hashable, Sendable {
        package var id: Int64
        package var key: String
        /// One stable word, for counting.
        package var code: String
        package var reason: String

        package init(_ sample: BadSample) {
            id = sample.sampleID
            key = sample.key
            code = sample.reason.code
            reason = sample.reason.description
        }

        /// A sample that can be decoded, but that the objective has no use for.
        init(unusable sample: Sample, because reason: String) {
            (id, key, code) = (sample.id, sample.key, "unusable")
            self.reason = reason
        }
    }
}

extension StepReport {
    /// Whether both say the same of their gradients, however long these took.
    package static func == (first: StepReport, second: StepReport) -> Bool {
        (first.samples, first.units, first.loss, first.norm) == (second.samples, second.units, second.loss, second.norm)
            && first.terms == second.terms && first.badSamples == second.badSamples
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(samples)
        hasher.combine(units)
        hasher.combine(loss)
    }
}
