extension Invariant {
    /// The protocol's invariants that this schema knows of: what is counted, what is published, what is held.
    static let all: [Invariant] = (counting + versions + planning + phases + evaluations + custody)
        .sorted { $0.number < $1.number }

    /// Every job counts once, and job, gradient and version tell the same story.
    private static let counting = [
        Invariant(
            1,
            "job_counted_once",
            """
            SELECT job_id FROM stillhouse.gradient
            WHERE state IN ('submitted', 'applied') GROUP BY job_id HAVING count(*) > 1
            """
        ),
        Invariant(
            2,
            "applied_gradients_are_members",
            """
            SELECT job_id, attempt
            FROM (SELECT job_id, attempt FROM stillhouse.gradient WHERE state = 'applied') g
            FULL JOIN (
                SELECT job_id, attempt FROM stillhouse.version_member JOIN stillhouse.version USING (version_id)
                WHERE state IN ('published', 'retired')
            ) m USING (job_id, attempt)
            WHERE g.job_id IS NULL OR m.job_id IS NULL
            """
        ),
        Invariant(
            3,
            "job_and_ledger_agree",
            """
            SELECT j.job_id, j.state AS job_state, g.state AS gradient_state
            FROM (SELECT * FROM stillhouse.job WHERE kind = 'gradient') j
            FULL JOIN (
                SELECT * FROM stillhouse.gradient WHERE state IN ('submitted', 'applied')
            ) g ON (g.job_id, g.attempt) = (j.job_id, j.attempt)
            WHERE CASE WHEN j.state IN ('submitted', 'applied') THEN j.state::text END
                IS DISTINCT FROM g.state::text
            UNION ALL
            SELECT g.job_id, j.state, g.state FROM stillhouse.gradient g LEFT JOIN stillhouse.job j USING (job_id)
            WHERE g.state = 'rejected' AND (g.reason IS NULL OR j.job_id IS NULL OR j.attempt < g.attempt)
            UNION ALL
            SELECT j.job_id, j.state, NULL FROM stillhouse.job j
            WHERE j.kind = 'embed' AND j.state IN ('submitted', 'applied') AND NOT EXISTS (
                SELECT FROM stillhouse.artifact a WHERE (a.job_id, a.attempt) = (j.job_id, j.attempt)
            )
            """
        ),
    ]

    /// The history has no gap, no fork and no false total.
    private static let versions = [
        Invariant(
            4,
            "version_totals",
            """
            SELECT v.version_id FROM stillhouse.version v, LATERAL (
                SELECT coalesce(sum(g.samples), 0) AS samples, coalesce(sum(g.units), 0) AS units
                FROM stillhouse.version_member m JOIN stillhouse.gradient g USING (job_id, attempt)
                WHERE m.version_id = v.version_id
            ) total
            WHERE v.state IN ('published', 'retired')
                AND (v.samples, v.units) IS DISTINCT FROM (total.samples, total.units)
            """
        ),
        Invariant(
            5,
            "version_numbers_contiguous",
            """
            SELECT run_id FROM stillhouse.version WHERE state IN ('published', 'retired')
            GROUP BY run_id HAVING min(number) <> 0 OR count(*) <> max(number) + 1
            """
        ),
        Invariant(
            6,
            "head_is_newest_version",
            """
            SELECT h.run_id FROM stillhouse.run_head h LEFT JOIN stillhouse.version v USING (version_id)
            WHERE v.state IS DISTINCT FROM 'published' OR v.number <> h.number OR EXISTS (
                SELECT FROM stillhouse.version n
                WHERE n.run_id = h.run_id AND n.state IN ('published', 'retired') AND n.number > h.number
            ) OR h.samples_total <> (
                SELECT sum(n.samples) FROM stillhouse.version n
                WHERE n.run_id = h.run_id AND n.state IN ('published', 'retired')
            )
            """
        ),
        Invariant(
            10,
            "published_chunks_exist",
            """
            SELECT c.version_id, c.role, c.ordinal, 'stored nowhere' AS why
            FROM stillhouse.version_chunk c
            JOIN stillhouse.version v USING (version_id) JOIN stillhouse.run_head h USING (run_id)
            WHERE v.state = 'published' AND NOT (h.restoring_since IS NOT NULL AND h.version_id = v.version_id)
                AND NOT EXISTS (SELECT FROM stillhouse.weights w WHERE w.digest = c.digest)
            UNION ALL
            SELECT c.version_id, c.role, c.ordinal, 'not logged' AS why
            FROM stillhouse.version_chunk c JOIN stillhouse.version v USING (version_id)
            WHERE v.state = 'published' AND v.durable
                AND NOT EXISTS (SELECT FROM stillhouse.weights_chunk w WHERE w.digest = c.digest)
            UNION ALL
            SELECT v.version_id, m.role, NULL, 'moment incomplete' AS why
            FROM stillhouse.version v CROSS JOIN (VALUES (3), (4)) AS m (role)
            WHERE v.state = 'published' AND v.durable AND v.number > 0 AND (
                SELECT count(*) FROM stillhouse.version_chunk c
                WHERE c.version_id = v.version_id AND c.role = m.role
            ) <> (
                SELECT count(*) FROM stillhouse.version_chunk c WHERE c.version_id = v.version_id AND c.role = 0
            )
            """
        ),
        Invariant(
            12,
            "chunks_match_names",
            isDeep: true,
            "SELECT digest FROM stillhouse.weights WHERE sha256(data) <> digest"
        ),
        Invariant(
            13,
            "chain_unbroken",
            """
            SELECT v.version_id FROM stillhouse.version v
            LEFT JOIN stillhouse.version p ON p.version_id = v.parent_id
            WHERE v.state IN ('published', 'retired') AND v.chain_digest IS DISTINCT FROM
                sha256(coalesce(p.chain_digest, ''::bytea) || v.content_digest || v.members_digest)
            """
        ),
        Invariant(
            15,
            "terms_never_fall",
            """
            SELECT version_id, term, before FROM (
                SELECT version_id, term, lag(term) OVER (PARTITION BY run_id ORDER BY number) AS before
                FROM stillhouse.version WHERE state IN ('published', 'retired')
            ) history WHERE term < before
            """
        ),
    ]

    /// Each epoch's positions are planned once, and each step has the jobs it was planned with.
    private static let planning = [
        Invariant(
            7,
            "ranges_tile_each_epoch",
            """
            SELECT run_id, kind, epoch, first_index FROM (
                SELECT run_id, kind, epoch, first_index, lag(first_index + n_samples, 1, 0::bigint) OVER (
                    PARTITION BY run_id, kind, epoch ORDER BY first_index
                ) AS due
                FROM stillhouse.job WHERE kind <> 'evaluate'
            ) ranges WHERE first_index <> due
            """
        ),
        Invariant(
            8,
            "closed_epochs_complete",
            """
            SELECT j.run_id, j.kind, j.epoch FROM stillhouse.job j JOIN stillhouse.run r USING (run_id)
            WHERE j.kind <> 'evaluate'
                AND EXISTS (SELECT FROM stillhouse.step s WHERE s.run_id = j.run_id AND s.epoch > j.epoch)
            GROUP BY j.run_id, j.kind, j.epoch, r.epoch_samples HAVING sum(j.n_samples) <> r.epoch_samples
            """
        ),
        Invariant(
            17,
            "step_composition",
            """
            SELECT s.run_id, s.step FROM stillhouse.step s
            LEFT JOIN stillhouse.job j ON (j.run_id, j.step) = (s.run_id, s.step)
            GROUP BY s.run_id, s.step, s.n_jobs, s.n_embeds
            HAVING count(j.job_id) FILTER (WHERE j.kind = 'gradient') <> s.n_jobs
                OR count(j.job_id) FILTER (WHERE j.kind = 'embed') <> s.n_embeds
            """
        ),
    ]

    /// What a step's gradients are computed among is there, is what was agreed on, and was agreed on before any of them.
    private static let phases = [
        Invariant(
            19,
            "artifacts_complete",
            """
            SELECT a.job_id, a.attempt, a.step FROM stillhouse.step_artifact a
            JOIN stillhouse.step s USING (run_id, step) JOIN stillhouse.run_head h USING (run_id), LATERAL (
                SELECT count(*) AS n_parts, sha256(string_agg(c.digest, ''::bytea ORDER BY c.part)) AS digest
                FROM stillhouse.artifact_chunk c WHERE (c.job_id, c.attempt) = (a.job_id, a.attempt)
            ) stored
            WHERE s.state <> 'applied' AND h.state <> 'cancelled'
                AND (a.n_parts, a.digest) IS DISTINCT FROM (stored.n_parts, stored.digest)
            """
        ),
        Invariant(
            20,
            "phases_in_order",
            """
            SELECT s.run_id, s.step, j.job_id FROM stillhouse.step s
            JOIN stillhouse.job j ON (j.run_id, j.step) = (s.run_id, s.step)
            WHERE s.n_embeds > 0 AND CASE
                WHEN s.phase = 0 THEN s.state = 'applied'
                    OR j.kind = 'gradient' AND j.state NOT IN ('planned', 'cancelled')
                    OR j.kind = 'embed' AND j.state = 'applied'
                ELSE s.state = 'planned' OR j.kind = 'embed' AND j.state NOT IN ('applied', 'cancelled')
            END
            UNION ALL
            SELECT s.run_id, s.step, NULL FROM stillhouse.step s
            WHERE s.embed_digest IS DISTINCT FROM (
                SELECT sha256(string_agg(int4send(a.ordinal) || a.digest, ''::bytea ORDER BY a.ordinal))
                FROM stillhouse.step_artifact a WHERE (a.run_id, a.step) = (s.run_id, s.step)
            ) AND s.phase = 1 AND s.n_embeds > (
                SELECT count(*) FROM stillhouse.job j
                WHERE (j.run_id, j.step) = (s.run_id, s.step) AND j.kind = 'embed' AND j.state = 'cancelled'
            )
            UNION ALL
            SELECT e.run_id, e.step, e.job_id FROM stillhouse.job e
            JOIN stillhouse.job g ON (g.run_id, g.step, g.ordinal) = (e.run_id, e.step, e.ordinal)
            WHERE e.kind = 'embed' AND g.kind = 'gradient'
                AND (
                    e.state = 'cancelled' AND g.state <> 'cancelled'
                    OR (e.first_index, e.n_samples) <> (g.first_index, g.n_samples)
                )
            """
        ),
    ]

    /// What evaluations have found is in the metrics of the version that they were about, and nowhere else.
    private static let evaluations = [
        Invariant(
            21,
            "evaluations_are_metrics",
            """
            SELECT j.job_id, 'it has no result' AS why FROM stillhouse.job j
            WHERE j.kind = 'evaluate' AND (j.state = 'submitted' OR j.state = 'applied' AND NOT EXISTS (
                SELECT FROM stillhouse.evaluation e
                WHERE (e.job_id, e.attempt, e.version_id) = (j.job_id, j.attempt, j.base_version_id)
            ))
            UNION ALL
            SELECT j.job_id, 'it is about another version' FROM stillhouse.job j
            LEFT JOIN stillhouse.version v ON v.version_id = j.base_version_id
            WHERE j.kind = 'evaluate' AND j.state IN ('available', 'running', 'applied', 'dead') AND (
                v.version_id IS NULL OR v.state NOT IN ('published', 'retired')
                OR (v.run_id, v.number) <> (j.run_id, j.step)
            )
            UNION ALL
            SELECT j.job_id, 'its metric ' || f.name || ' is not that of the version' FROM stillhouse.job j
            JOIN stillhouse.evaluation e ON (e.job_id, e.attempt) = (j.job_id, j.attempt)
            CROSS JOIN LATERAL jsonb_each_text(e.metrics) AS f (name, value)
            WHERE j.kind = 'evaluate' AND j.state = 'applied' AND NOT EXISTS (
                SELECT FROM stillhouse.metric m
                WHERE (m.run_id, m.number) = (j.run_id, j.step) AND m.name = format('evaluation.%s.%s', e.name, f.name)
                    AND m.value = f.value::double precision
            )
            """
        )
    ]

    /// Whoever holds or delivered a job was entitled to, and delivered all of it.
    private static let custody = [
        Invariant(
            9,
            "running_jobs_have_live_sessions",
            """
            SELECT j.job_id FROM stillhouse.job j, stillhouse.setting s,
                LATERAL (SELECT make_interval(secs => 2 * s.session_ttl_s + s.rescue_interval_s) AS patience) p
            WHERE j.state = 'running' AND j.claimed_at < clock_timestamp() - p.patience AND NOT EXISTS (
                SELECT FROM stillhouse.worker_session w
                WHERE w.session = j.worker_session AND w.last_seen > clock_timestamp() - p.patience
                    AND w.ended_at IS NULL
            )
            """
        ),
        Invariant(
            11,
            "gradients_have_all_parts",
            """
            SELECT g.job_id, g.attempt, g.state FROM stillhouse.gradient g
            JOIN stillhouse.job j ON (j.job_id, j.attempt) = (g.job_id, g.attempt)
            JOIN stillhouse.run_head h ON h.run_id = g.run_id
            WHERE h.state <> 'cancelled' AND (
                g.state = 'submitted'
                OR g.state = 'applied' AND h.restoring_since IS NULL AND j.step >= (
                    SELECT coalesce(max(v.number), 0) FROM stillhouse.version v
                    WHERE v.run_id = g.run_id AND v.durable AND v.state = 'published'
                )
            ) AND g.n_parts <> (
                SELECT count(*) FROM stillhouse.gradient_part p WHERE (p.job_id, p.attempt) = (g.job_id, g.attempt)
            )
            """
        ),
        Invariant(
            14,
            "gradients_start_from_the_parent",
            """
            SELECT m.version_id, j.job_id FROM stillhouse.version_member m
            JOIN stillhouse.version v USING (version_id) JOIN stillhouse.job j USING (job_id)
            WHERE v.state IN ('published', 'retired') AND j.base_version_id IS DISTINCT FROM v.parent_id
            """
        ),
        Invariant(
            16,
            "submitter_held_the_attempt",
            """
            SELECT g.job_id, g.attempt FROM stillhouse.gradient g JOIN stillhouse.job_attempt a USING (job_id, attempt)
            WHERE a.worker_session IS DISTINCT FROM g.worker_session
            UNION ALL
            SELECT r.job_id, r.attempt FROM stillhouse.artifact r JOIN stillhouse.job_attempt a USING (job_id, attempt)
            WHERE a.worker_session IS DISTINCT FROM r.worker_session
            UNION ALL
            SELECT r.job_id, r.attempt FROM stillhouse.evaluation r
            JOIN stillhouse.job_attempt a USING (job_id, attempt)
            WHERE a.worker_session IS DISTINCT FROM r.worker_session
            """
        ),
        Invariant(
            18,
            "crashes_are_repaired",
            """
            SELECT e.epoch, s.epoch AS sentinel FROM stillhouse.database_epoch e
            LEFT JOIN stillhouse.sentinel s USING (only_row) WHERE s.epoch IS DISTINCT FROM e.epoch
            """
        ),
    ]
}
