import Stores

/// Who may see what, decided for each relation and function by name. One that is added later without a line here fails
/// the test that loops over the catalogue.
enum PrivilegeDecisions {
    enum Access {
        case nothing
        case everything
        /// Every column but session ids.
        case withoutSessions
    }

    struct Relation {
        let worker: Access
        let reader: Access
    }

    private static let open = Relation(worker: .everything, reader: .everything)
    private static let payload = Relation(worker: .nothing, reader: .nothing)
    private static let journal = Relation(worker: .nothing, reader: .withoutSessions)

    /// Those of migrations that may not be merged yet too.
    static let relations: [String: Relation] = [
        "protocol": open, "setting": open, "run": open, "run_head": open, "version": open, "version_chunk": open,
        "weights": open, "weights_chunk": open, "weights_chunk_unlogged": open,
        "target": payload, "gradient_part": payload, "gradient_chunk": payload, "gradient_chunk_unlogged": payload,
        "step": journal, "job": journal, "job_attempt": journal, "job_worker": journal, "worker_session": journal,
        "gradient_worker": journal, "bad_sample_worker": journal,
        "gradient": journal, "version_member": journal, "bad_sample": journal, "event": journal, "metric": journal,
        "artifact": journal, "evaluation": journal, "step_artifact": open,
        "artifact_chunk": Relation(worker: .everything, reader: .nothing),
        "leader": journal, "database_epoch": journal, "sentinel": journal,
    ]

    /// Functions that no worker calls; all others take a session.
    static let internalFunctions: Set<String> = ["job_quota", "session_quota", "bad_sample_quota", "job_result"]

    static func access(_ relation: String, _ role: LoginRole) -> Access? {
        switch role {
        case .owner: .everything
        case .worker: relations[relation]?.worker
        case .reader: relations[relation]?.reader
        }
    }
}
