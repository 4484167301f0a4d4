/// The named instants of a role at which a test may stop the process, as a power cut would.
package enum FaultPoint: String, CaseIterable, Sendable {
    /// A job was claimed, nothing of it computed.
    case workerClaimed = "worker.claimed"
    /// Some pictures of a job are differentiated, others perhaps not.
    case workerComputing = "worker.computing"
    /// The gradient is computed, nothing of it sent.
    case workerComputed = "worker.computed"
    /// The gradient's first part is stored, the others are not.
    case workerUploading = "worker.uploading"
    /// The gradient's parts are stored, its manifest is not.
    case workerUploaded = "worker.uploaded"
    /// The manifest is committed, the worker has not acted on the reply.
    case workerSubmitted = "worker.submitted"
    /// An embed job's weights are there, nothing of it is computed.
    case workerEmbedding = "worker.embedding"
    /// The embeddings are computed, nothing of them is sent.
    case workerEmbedded = "worker.embedded"
    /// The embeddings are in the ledger, the worker has not acted on the reply.
    case workerArtifactSubmitted = "worker.artifact_submitted"
    /// An evaluation is begun, some pictures may be looked at.
    case workerEvaluating = "worker.evaluating"
    /// The evaluation is done, nothing of it is sent.
    case workerEvaluated = "worker.evaluated"
    /// The metrics are in the ledger, the worker has not acted on the reply.
    case workerEvaluationSubmitted = "worker.evaluation_submitted"
    /// All samples of the step are embedded, its second phase is not open.
    case aggregatorEmbedded = "aggregator.embedded"
    /// The second phase is open, the aggregator has not acted on the reply.
    case aggregatorPhaseClosed = "aggregator.phase_closed"
    /// All gradients of the step are reduced, no weight has changed.
    case aggregatorReduced = "aggregator.reduced"
    /// The new version's chunks are stored as a draft, the head is the old one.
    case aggregatorDrafted = "aggregator.drafted"
    /// The new version is the head, the aggregator has not acted on the reply.
    case aggregatorPublished = "aggregator.published"
    /// A checkpoint's chunks are stored, its version is not durable yet.
    case aggregatorCheckpointing = "aggregator.checkpointing"
    /// One version after the newest durable one was computed again.
    case aggregatorReplayed = "aggregator.replayed"
}
