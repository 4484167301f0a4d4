-- One coordinator and one aggregator of each run lead; others stand by. Whoever leads proves it in every transaction by
-- (name, term, session), so a leader that was stopped and continued changes nothing.

-- LOGGED, as a term never goes back: neither when a leader resigns nor when its lease runs out nor after a crash.
CREATE TABLE stillhouse.leader (
    name text PRIMARY KEY,
    session uuid NOT NULL,
    term bigint NOT NULL DEFAULT 1,
    host text NOT NULL,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz NOT NULL,

    -- Makes the term a key: a takeover changes it and so waits for whoever holds the row FOR KEY SHARE, while a renewal
    -- changes no key and waits for nobody. A long transaction of a leader thus keeps it, instead of costing it its lease.
    CONSTRAINT leader_term_is_a_key UNIQUE (name, term),
    CONSTRAINT leader_name_is_known CHECK (name ~ '^(coordinator|aggregator:[0-9]+)$'),
    CONSTRAINT leader_term_is_positive CHECK (term > 0)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 200);

-- Under which term of its run's aggregator a version was made; 0 for start weights and for what is older than terms.
ALTER TABLE stillhouse.version ADD COLUMN term bigint NOT NULL DEFAULT 0;

-- A leader renews long before it stops by itself, and stops long before anyone may take over.
ALTER TABLE stillhouse.setting
    ADD COLUMN leader_renewal_s double precision NOT NULL DEFAULT 5,
    ADD COLUMN leader_stop_s double precision NOT NULL DEFAULT 10,
    ADD COLUMN leader_ttl_s double precision NOT NULL DEFAULT 15,
    ADD CONSTRAINT setting_leader_stops_before_ttl CHECK (
        0 < leader_renewal_s AND leader_renewal_s < leader_stop_s AND leader_stop_s < leader_ttl_s
    );
