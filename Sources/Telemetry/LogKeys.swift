package import Logging

/// The metadata keys of every log line, in one place, so that a search for `job.id` finds all writers.
///
/// Messages are constant; what varies goes into these keys. Values never hold passwords, connection strings or
/// bound SQL values.
package enum LogKeys {
    package static let run = "run"
    package static let step = "step"
    package static let jobID = "job.id"
    package static let jobKind = "job.kind"
    package static let jobAttempt = "job.attempt"
    package static let workerID = "worker.id"
    package static let weightsVersion = "weights.version"
    package static let units = "units"
    package static let loss = "loss"
    package static let learningRate = "learning_rate"
    package static let gradientNorm = "gradient.norm"
    package static let count = "count"
    /// Elapsed time in milliseconds.
    package static let milliseconds = "ms"
    package static let reason = "reason"
    package static let error = "error"
}

extension Logger.MetadataValue {
    /// Any value by its description: `.value(3)`, `.value(error)`.
    package static func value(_ value: some Any) -> Logger.MetadataValue { .string("\(value)") }
}
