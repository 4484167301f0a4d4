-- The ledger of Stillhouse: queue, gradients and weights versions, all in one schema.
--
-- No foreign key points at or from job, gradient, worker_session or a chunk table: their rows are written on the hot
-- path and deleted in bulk. `stillhouse verify` asserts those relations instead.

CREATE SCHEMA stillhouse;
REVOKE ALL ON SCHEMA stillhouse FROM PUBLIC;

-- planned -> available -> running -> submitted -> applied; dead and cancelled wait for the operator.
CREATE TYPE stillhouse.job_state AS ENUM (
    'planned', 'available', 'running', 'submitted', 'applied', 'dead', 'cancelled'
);

CREATE TYPE stillhouse.attempt_outcome AS ENUM (
    'submitted', 'released', 'failed', 'expired', 'lost', 'cancelled'
);

CREATE TYPE stillhouse.step_state AS ENUM ('planned', 'open', 'applied');

-- blocked: an operator must act. Pausing is no state, so that a blocked run can be paused and stays blocked.
CREATE TYPE stillhouse.run_state AS ENUM ('active', 'blocked', 'finished', 'cancelled');

CREATE TYPE stillhouse.session_state AS ENUM ('active', 'draining', 'closed');

CREATE TYPE stillhouse.gradient_state AS ENUM ('submitted', 'applied');

-- draft: invisible, belongs to one aggregator. retired: its ledger rows stay, its chunks are gone.
CREATE TYPE stillhouse.version_state AS ENUM ('draft', 'published', 'retired', 'abandoned');

-- Which protocol the functions below speak; only migrations write here.
CREATE TABLE stillhouse.protocol (
    only_row boolean PRIMARY KEY DEFAULT true CONSTRAINT protocol_only_row CHECK (only_row),
    minimum integer NOT NULL,
    current integer NOT NULL,
    CONSTRAINT protocol_order CHECK (minimum <= current)
);
INSERT INTO stillhouse.protocol (minimum, current) VALUES (1, 1);

-- Constants that every process reads from here. Seconds, so that a test scales all of them down with one UPDATE.
CREATE TABLE stillhouse.setting (
    only_row boolean PRIMARY KEY DEFAULT true CONSTRAINT setting_only_row CHECK (only_row),

    -- Liveness: a session is dead session_ttl_s after its last beat; it stops claiming by itself before that.
    beat_interval_s double precision NOT NULL DEFAULT 5,
    session_ttl_s double precision NOT NULL DEFAULT 20,
    self_fence_s double precision NOT NULL DEFAULT 15,
    reconcile_after_s double precision NOT NULL DEFAULT 20,

    -- Rescue, and how long nobody is judged after the server started.
    rescue_interval_s double precision NOT NULL DEFAULT 5,
    settling_s double precision NOT NULL DEFAULT 30,

    -- Deadlines of jobs: four times the 95th percentile of recent ones, within these bounds.
    deadline_initial_s double precision NOT NULL DEFAULT 600,
    deadline_minimum_s double precision NOT NULL DEFAULT 60,
    deadline_maximum_s double precision NOT NULL DEFAULT 3600,

    -- Back-off after an error, doubled each time; then the limits at which a job is dead.
    backoff_s double precision NOT NULL DEFAULT 2,
    backoff_maximum_s double precision NOT NULL DEFAULT 60,
    error_limit integer NOT NULL DEFAULT 3,
    rescue_limit integer NOT NULL DEFAULT 10,

    -- Idle workers poll at this pace, growing from the first to the second.
    poll_busy_s double precision NOT NULL DEFAULT 1,
    poll_idle_s double precision NOT NULL DEFAULT 5,

    -- Planning ahead and retention. A draft must die before a chunk that only it names may be deleted.
    plan_horizon integer NOT NULL DEFAULT 64,
    versions_kept integer NOT NULL DEFAULT 3,
    draft_lifetime_s double precision NOT NULL DEFAULT 300,
    chunk_grace_s double precision NOT NULL DEFAULT 600,

    -- Attempts, ended sessions and events are kept for so long; gradients, versions and members for ever.
    history_days integer NOT NULL DEFAULT 14,

    CONSTRAINT setting_ttl_spans_three_beats CHECK (beat_interval_s > 0 AND session_ttl_s >= 3 * beat_interval_s),
    CONSTRAINT setting_self_fence_before_ttl CHECK (self_fence_s > beat_interval_s AND self_fence_s < session_ttl_s),
    CONSTRAINT setting_draft_dies_before_chunk CHECK (draft_lifetime_s > 0 AND draft_lifetime_s < chunk_grace_s),
    CONSTRAINT setting_deadlines_in_order CHECK (
        0 < deadline_minimum_s AND deadline_minimum_s <= deadline_initial_s AND deadline_initial_s <= deadline_maximum_s
    ),
    CONSTRAINT setting_polls_in_order CHECK (0 < poll_busy_s AND poll_busy_s <= poll_idle_s),
    CONSTRAINT setting_positive CHECK (
        reconcile_after_s > 0 AND rescue_interval_s > 0 AND settling_s >= 0 AND backoff_s > 0
        AND backoff_maximum_s >= backoff_s
        AND error_limit > 0 AND rescue_limit > 0 AND plan_horizon > 0 AND versions_kept > 0
        AND history_days > 0
    )
);
INSERT INTO stillhouse.setting DEFAULT VALUES;

-- What was decided when the run was created; never updated. What changes is in run_head.
CREATE TABLE stillhouse.run (
    run_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),

    -- What is trained, and how. Workers take these from here and nowhere else.
    seed bigint NOT NULL,
    recipe jsonb NOT NULL,
    model jsonb NOT NULL,
    layout jsonb NOT NULL,
    parameter_count bigint NOT NULL,

    -- What a worker must agree on before it may claim.
    recipe_digest bytea NOT NULL,
    layout_digest bytea NOT NULL,
    dataset_digest bytea NOT NULL,

    -- How much work it is: positions of one epoch's permutation, and steps until it is finished.
    epoch_samples bigint NOT NULL,
    total_steps integer NOT NULL,

    CONSTRAINT run_name_is_unique UNIQUE (name),
    CONSTRAINT run_name_is_printable CHECK (name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$'),
    CONSTRAINT run_has_work CHECK (parameter_count > 0 AND epoch_samples > 0 AND total_steps > 0),
    CONSTRAINT run_digests_are_sha256 CHECK (
        octet_length(recipe_digest) = 32 AND octet_length(layout_digest) = 32 AND octet_length(dataset_digest) = 32
    )
);

-- One immutable state of the model. `number` counts along the surviving history, `version_id` is never reused.
CREATE TABLE stillhouse.version (
    version_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id bigint NOT NULL REFERENCES stillhouse.run,
    number integer NOT NULL,
    parent_id bigint REFERENCES stillhouse.version,
    step integer,
    state stillhouse.version_state NOT NULL DEFAULT 'draft',
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    published_at timestamptz,

    -- What its one update consumed, and at which rate: with its members enough to compute it again.
    samples bigint NOT NULL,
    units bigint NOT NULL,
    learning_rate double precision NOT NULL,

    -- Equal chains prove equal history, also between two runs.
    members_digest bytea NOT NULL,
    content_digest bytea NOT NULL,
    chain_digest bytea NOT NULL,

    CONSTRAINT version_counts CHECK (number >= 0 AND samples >= 0 AND units >= 0),
    CONSTRAINT version_zero_has_no_parent CHECK ((number = 0) = (parent_id IS NULL) AND (number = 0) = (step IS NULL)),
    CONSTRAINT version_digests_are_sha256 CHECK (
        octet_length(members_digest) = 32 AND octet_length(content_digest) = 32 AND octet_length(chain_digest) = 32
    )
);
CREATE UNIQUE INDEX version_by_number ON stillhouse.version (run_id, number) WHERE state IN ('published', 'retired');
CREATE INDEX version_draft ON stillhouse.version (created_at) WHERE state = 'draft';

-- Where a run stands. Publication, planning and the operator meet on this row, and it is the first they lock.
CREATE TABLE stillhouse.run_head (
    run_id bigint PRIMARY KEY REFERENCES stillhouse.run,
    state stillhouse.run_state NOT NULL DEFAULT 'active',
    reason text,
    paused boolean NOT NULL DEFAULT false,

    -- The fence of publication: only the child of this version may become the next one.
    version_id bigint NOT NULL REFERENCES stillhouse.version,
    number integer NOT NULL,
    samples_total bigint NOT NULL DEFAULT 0,

    -- How long a job of this run may take, as the coordinator last measured it.
    job_deadline_s double precision NOT NULL
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 200);

-- A fixed, ordered set of jobs over consecutive positions of an epoch. Step t turns version t into version t + 1.
CREATE TABLE stillhouse.step (
    run_id bigint REFERENCES stillhouse.run,
    step integer,
    epoch integer NOT NULL,
    state stillhouse.step_state NOT NULL DEFAULT 'planned',
    n_jobs integer NOT NULL,
    samples bigint NOT NULL,
    opened_at timestamptz,
    PRIMARY KEY (run_id, step),
    CONSTRAINT step_counts CHECK (step >= 0 AND epoch >= 0 AND n_jobs > 0 AND samples > 0)
) WITH (fillfactor = 70);

CREATE TABLE stillhouse.job (
    job_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,

    -- What is to be done: positions [first_index, first_index + n_samples) of the epoch's permutation.
    run_id bigint NOT NULL,
    step integer NOT NULL,
    ordinal integer NOT NULL,
    epoch integer NOT NULL,
    first_index bigint NOT NULL,
    n_samples integer NOT NULL,
    base_version_id bigint,

    -- Who does it. With worker_session, attempt is the fence of every write about the job.
    state stillhouse.job_state NOT NULL DEFAULT 'planned',
    attempt integer NOT NULL DEFAULT 0,
    worker_session uuid,

    -- When. None of these is indexed, so that a claim stays a cheap update.
    available_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    claimed_at timestamptz,
    deadline_at timestamptz,
    finished_at timestamptz,

    -- How often it went wrong: errors by its own fault, rescues perhaps by the machine's.
    errors integer NOT NULL DEFAULT 0,
    rescues integer NOT NULL DEFAULT 0,
    last_error text,

    CONSTRAINT job_counts CHECK (step >= 0 AND ordinal >= 0 AND first_index >= 0 AND n_samples > 0),
    CONSTRAINT job_running_has_fence CHECK (
        state <> 'running' OR (worker_session IS NOT NULL AND claimed_at IS NOT NULL AND deadline_at IS NOT NULL)
    )
) WITH (
    fillfactor = 70,
    autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_cost_delay = 0
);
CREATE UNIQUE INDEX job_by_step ON stillhouse.job (run_id, step, ordinal);
CREATE INDEX job_claim ON stillhouse.job (run_id, job_id) WHERE state = 'available';
CREATE INDEX job_held ON stillhouse.job (worker_session) WHERE state = 'running';
CREATE INDEX job_submitted ON stillhouse.job (run_id, step) WHERE state = 'submitted';
CREATE INDEX job_dead ON stillhouse.job (run_id) WHERE state = 'dead';

-- What became of each claim; the evidence when something is asked later.
CREATE TABLE stillhouse.job_attempt (
    job_id bigint,
    attempt integer,
    worker_session uuid NOT NULL,
    started_at timestamptz NOT NULL,
    ended_at timestamptz,
    outcome stillhouse.attempt_outcome,
    error text,
    PRIMARY KEY (job_id, attempt),
    CONSTRAINT job_attempt_ends_with_outcome CHECK ((ended_at IS NULL) = (outcome IS NULL))
) WITH (fillfactor = 80);

-- One row per worker process and run. The session is a bearer secret, the alias is what people see.
CREATE TABLE stillhouse.worker_session (
    session uuid PRIMARY KEY,
    alias bigint GENERATED ALWAYS AS IDENTITY,
    login name NOT NULL,
    run_id bigint NOT NULL,

    -- Who it says it is.
    host text NOT NULL,
    device text NOT NULL,
    build text NOT NULL,
    numeric_profile text NOT NULL,
    protocol integer NOT NULL,

    -- How it is. A beat changes only these, none is indexed, and half of each page is left free for it.
    state stillhouse.session_state NOT NULL DEFAULT 'active',
    last_seen timestamptz NOT NULL DEFAULT clock_timestamp(),
    number integer,
    stats jsonb NOT NULL DEFAULT '{}',

    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at timestamptz,
    exit_code integer,

    CONSTRAINT worker_session_closed_has_end CHECK ((state = 'closed') = (ended_at IS NOT NULL))
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 200);
CREATE UNIQUE INDEX worker_session_by_alias ON stillhouse.worker_session (alias);
CREATE INDEX worker_session_open ON stillhouse.worker_session (started_at) WHERE ended_at IS NULL;

-- The manifest of one pushed result: a job is counted once, whoever computed it and how often.
CREATE TABLE stillhouse.gradient (
    job_id bigint,
    attempt integer,
    worker_session uuid NOT NULL,
    run_id bigint NOT NULL,
    state stillhouse.gradient_state NOT NULL DEFAULT 'submitted',
    submitted_at timestamptz NOT NULL DEFAULT clock_timestamp(),

    -- How much it stands for: the payload is a sum over units.
    samples bigint NOT NULL,
    units bigint NOT NULL,

    -- Its payload: `digest` is the SHA-256 of its parts' digests, one after the other.
    n_parts integer NOT NULL,
    digest bytea NOT NULL,

    -- What it says about learning: the loss summed over units, the terms by name, the norm of the mean.
    loss double precision NOT NULL,
    terms jsonb NOT NULL,
    norm double precision NOT NULL,

    PRIMARY KEY (job_id, attempt),
    CONSTRAINT gradient_counts CHECK (samples >= 0 AND units >= 0 AND n_parts > 0),
    CONSTRAINT gradient_is_finite CHECK (
        loss > '-Infinity' AND loss < 'Infinity' AND norm >= 0 AND norm < 'Infinity'
    )
) WITH (fillfactor = 85);
CREATE UNIQUE INDEX gradient_counts_once ON stillhouse.gradient (job_id) WHERE state IN ('submitted', 'applied');

-- Part i covers parameters [i * 2^18, (i + 1) * 2^18) of the run's layout. Floats do not compress: stored plain.
CREATE TABLE stillhouse.gradient_chunk (
    job_id bigint,
    attempt integer,
    part integer,
    digest bytea NOT NULL,
    data bytea NOT NULL,
    PRIMARY KEY (job_id, attempt, part),
    CONSTRAINT gradient_chunk_fits CHECK (octet_length(digest) = 32 AND octet_length(data) <= 1114112)
);
ALTER TABLE stillhouse.gradient_chunk ALTER COLUMN data SET STORAGE EXTERNAL;

-- Samples that could not be decoded: the same bytes fail on every machine, so that results stay equal.
CREATE TABLE stillhouse.bad_sample (
    run_id bigint,
    sample_id bigint,
    key text NOT NULL,
    reason text NOT NULL,
    job_id bigint NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (run_id, sample_id)
);

-- Which gradients a version consists of, in the order in which they were added.
CREATE TABLE stillhouse.version_member (
    version_id bigint,
    ordinal integer,
    job_id bigint NOT NULL,
    attempt integer NOT NULL,
    PRIMARY KEY (version_id, ordinal),
    CONSTRAINT version_member_counts_once UNIQUE (job_id, attempt)
);

-- The bytes of a version, role by role (0 student, 1 frozen, 2 carried, 3 and 4 moments, 5 teacher).
CREATE TABLE stillhouse.version_chunk (
    version_id bigint,
    role smallint,
    ordinal integer,
    digest bytea NOT NULL,
    PRIMARY KEY (version_id, role, ordinal),
    CONSTRAINT version_chunk_digest_is_sha256 CHECK (octet_length(digest) = 32)
);
CREATE INDEX version_chunk_by_digest ON stillhouse.version_chunk (digest);

-- At most 1 MiB of tensor bytes, named by their SHA-256 and stored once, whatever number of versions and runs name them.
CREATE TABLE stillhouse.weights_chunk (
    digest bytea PRIMARY KEY,
    touched_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    data bytea NOT NULL,
    CONSTRAINT weights_chunk_fits CHECK (octet_length(digest) = 32 AND octet_length(data) BETWEEN 1 AND 1048576)
) WITH (fillfactor = 90);
ALTER TABLE stillhouse.weights_chunk ALTER COLUMN data SET STORAGE EXTERNAL;

-- What happened, for people: append-only.
CREATE TABLE stillhouse.event (
    event_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    run_id bigint,
    kind text NOT NULL,
    detail jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX event_by_run ON stillhouse.event (run_id, event_id);

-- Numbers about one version: loss, norms, learning rate, evaluations.
CREATE TABLE stillhouse.metric (
    run_id bigint,
    number integer,
    name text,
    value double precision NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (run_id, number, name)
);
