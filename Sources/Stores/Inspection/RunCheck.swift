package import Postgres

/// Whether each run that is not over can go on, and if not, for want of what.
package struct RunCheck: Check {
    package let subject = "runs"
    private let database: Database

    package init(_ database: Database) { self.database = database }

    /// What is known of one run.
    private struct Facts {
        let name: String
        let state: RunState
        let reason: String?
        let isPaused: Bool
        let isRestoring: Bool
        let number: Int
        let totalSteps: Int
        let plannedSteps: Int
        let deadJobs: [Int]
        let deadEvaluations: [Int]
        let liveWorkers: Int
        let silentWorkers: [Int]
        let numericProfiles: Int

        init(_ row: Row) throws(PostgresError) {
            name = try row.decode("name")
            state = try row.decode("state")
            reason = try row.decode("reason")
            isPaused = try row.decode("paused")
            isRestoring = try row.decode("is_restoring")
            number = try row.decode("number")
            totalSteps = try row.decode("total_steps")
            plannedSteps = try row.decode("planned_steps")
            deadJobs = try row.decode("dead_jobs")
            deadEvaluations = try row.decode("dead_evaluations")
            liveWorkers = try row.decode("live_workers")
            silentWorkers = try row.decode("silent_workers")
            numericProfiles = try row.decode("numeric_profiles")
        }
    }

    package func findings() async throws -> [Finding] {
        guard try await database.hasTable("worker_session") else { return [] }
        // Through jsonb, as older schemas have no restoring_since, and jobs of one kind.
        let rows = try await database.query(
            """
            WITH fleet AS (
                SELECT s.run_id, s.alias, s.numeric_profile,
                    s.last_seen <= clock_timestamp() - make_interval(secs => session_ttl_s) AS is_silent
                FROM stillhouse.worker_session s, stillhouse.setting WHERE s.ended_at IS NULL
            )
            SELECT r.name, h.state::text AS state, h.reason, h.paused, h.number, r.total_steps,
                to_jsonb(h)->>'restoring_since' IS NOT NULL AS is_restoring,
                (SELECT count(*) FROM stillhouse.step s WHERE s.run_id = r.run_id AND s.step >= h.number)
                    AS planned_steps,
                ARRAY(SELECT j.job_id FROM stillhouse.job j
                    WHERE j.run_id = r.run_id AND j.state = 'dead'
                        AND to_jsonb(j)->>'kind' IS DISTINCT FROM 'evaluate' ORDER BY j.job_id) AS dead_jobs,
                ARRAY(SELECT j.job_id FROM stillhouse.job j
                    WHERE j.run_id = r.run_id AND j.state = 'dead' AND to_jsonb(j)->>'kind' = 'evaluate'
                    ORDER BY j.job_id) AS dead_evaluations,
                (SELECT count(*) FROM fleet WHERE fleet.run_id = r.run_id AND NOT fleet.is_silent) AS live_workers,
                ARRAY(SELECT fleet.alias FROM fleet WHERE fleet.run_id = r.run_id AND fleet.is_silent ORDER BY 1)
                    AS silent_workers,
                (SELECT count(DISTINCT fleet.numeric_profile) FROM fleet
                    WHERE fleet.run_id = r.run_id AND NOT fleet.is_silent) AS numeric_profiles
            FROM stillhouse.run r JOIN stillhouse.run_head h USING (run_id)
            WHERE h.state IN ('active', 'blocked') ORDER BY r.run_id
            """,
            retry: .idempotent
        )
        let findings = try rows.flatMap { row in try Self.judge(Facts(row)) }
        return findings.isEmpty ? [.ok(subject, "none goes on")] : findings
    }

    private static func judge(_ run: Facts) -> [Finding] {
        var findings = standstills(run) + workers(run)
        if findings.allSatisfy({ $0.severity <= .note }) {
            findings.insert(.ok("run \(run.name)", "at step \(run.number) of \(run.totalSteps)"), at: 0)
        }
        return findings
    }

    /// Why no job is handed out or no version published.
    private static func standstills(_ run: Facts) -> [Finding] {
        let object = "run \(run.name)"
        var findings: [Finding] = []
        if run.state == .blocked {
            findings.append(
                Finding(
                    .error,
                    object,
                    "is blocked: \(run.reason ?? "no reason is recorded")",
                    because: "nothing is claimed or published until an operator has decided",
                    mend: run.deadJobs.isEmpty
                        ? "Remove the cause, then: stillhouse run resume \(run.name)"
                        : "Decide about its dead jobs, below."
                )
            )
        }
        if !run.deadJobs.isEmpty {
            let shown = run.deadJobs.prefix(5).map(String.init).joined(separator: ", ")
            let more = run.deadJobs.count > 5 ? " and \(run.deadJobs.count - 5) more" : ""
            findings.append(
                Finding(
                    .error,
                    object,
                    "has \(run.deadJobs.count) dead jobs: \(shown)\(more)",
                    because: "their step cannot close without them",
                    mend: """
                        stillhouse jobs show \(run.deadJobs[0])    # what went wrong each time
                        stillhouse jobs retry \(run.deadJobs[0])   # once the cause is gone
                        stillhouse jobs cancel \(run.deadJobs[0])  # to go on without it
                        """
                )
            )
        }
        if let first = run.deadEvaluations.first {
            findings.append(
                Finding(
                    .warning,
                    object,
                    "has \(run.deadEvaluations.count) evaluations that were given up",
                    because: "their curves have gaps; training goes on",
                    mend: """
                        stillhouse jobs show \(first)    # what went wrong
                        stillhouse jobs retry \(first)   # once the cause is gone, while the version is stored
                        stillhouse jobs cancel \(first)  # to do without it
                        """
                )
            )
        }
        if run.isRestoring {
            findings.append(
                Finding(
                    .warning,
                    object,
                    "is being restored after a crash of the server",
                    because: "its newest version was lost; no job is handed out until it is back or the run is rewound",
                    mend: "Keep its aggregator and a coordinator running; they need no help."
                )
            )
        }
        if run.state == .active, run.plannedSteps == 0, run.number < run.totalSteps {
            findings.append(
                Finding(
                    .warning,
                    object,
                    "has no step planned after \(run.number) of \(run.totalSteps)",
                    because: "workers have nothing to claim",
                    mend: "stillhouse coordinator start"
                )
            )
        }
        if run.isPaused {
            findings.append(
                Finding(
                    .note,
                    object,
                    "is paused",
                    because: "no job is handed out",
                    mend: "stillhouse run resume \(run.name)"
                )
            )
        }
        return findings
    }

    private static func workers(_ run: Facts) -> [Finding] {
        let object = "workers of \(run.name)"
        var findings: [Finding] = []
        if !run.silentWorkers.isEmpty {
            findings.append(
                Finding(
                    .warning,
                    object,
                    "silent beyond their lease: " + run.silentWorkers.map(String.init).joined(separator: ", "),
                    because: "a coordinator takes their jobs back; while they stay on this list, none does",
                    mend: "stillhouse coordinator start"
                )
            )
        }
        if run.numericProfiles > 1 {
            findings.append(
                Finding(
                    .note,
                    object,
                    "of \(run.numericProfiles) numeric profiles",
                    because: "their processors differ: the result is equal to rounding, not bit by bit",
                    mend: "For equal bits use one kind of processor; stillhouse workers list shows who is which."
                )
            )
        }
        if run.liveWorkers == 0 {
            findings.append(
                Finding(
                    .note,
                    object,
                    "none is live",
                    because: "somebody has to compute",
                    mend: "stillhouse worker start"
                )
            )
        } else {
            findings.append(.ok(object, "\(run.liveWorkers) live"))
        }
        return findings
    }
}
