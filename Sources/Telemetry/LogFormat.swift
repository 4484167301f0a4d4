/// How a log line is written: for eyes, or for a collector.
package enum LogFormat: String, CaseIterable, Sendable {
    /// `2026-11-21T04:30:01Z info worker: job submitted job.id=7 ms=812`
    case text
    /// One JSON object a line, keys sorted: `{"job.id":"7","level":"info","message":"job submitted",…}`
    case json
}
