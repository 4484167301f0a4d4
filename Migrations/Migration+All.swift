package import Postgres

extension Migration {
    /// Every migration of this build, the oldest first; released ones are never edited.
    package static let all: [Migration] = [
        Migration(
            number: 1,
            name: "initial",
            up: PackageResources._001_initial_up_sql,
            down: PackageResources._001_initial_down_sql,
            guardedTables: ["stillhouse.run", "stillhouse.weights_chunk"]
        ),
        Migration(
            number: 2,
            name: "worker_calls",
            up: PackageResources._002_worker_calls_up_sql,
            down: PackageResources._002_worker_calls_down_sql
        ),
        Migration(
            number: 3,
            name: "leaders",
            up: PackageResources._003_leaders_up_sql,
            down: PackageResources._003_leaders_down_sql
        ),
        Migration(
            number: 4,
            name: "durability",
            up: PackageResources._004_durability_up_sql,
            down: PackageResources._004_durability_down_sql,
            guardedTables: ["stillhouse.weights_chunk_unlogged", "stillhouse.gradient_chunk_unlogged"]
        ),
        Migration(
            number: 5,
            name: "gate",
            up: PackageResources._005_gate_up_sql,
            down: PackageResources._005_gate_down_sql
        ),
        Migration(
            number: 6,
            name: "roles",
            up: PackageResources._006_roles_up_sql,
            down: PackageResources._006_roles_down_sql
        ),
        Migration(
            number: 7,
            name: "targets",
            up: PackageResources._007_targets_up_sql,
            down: PackageResources._007_targets_down_sql
        ),
        Migration(
            number: 8,
            name: "batches",
            up: PackageResources._008_batches_up_sql,
            down: PackageResources._008_batches_down_sql
        ),
        Migration(
            number: 9,
            name: "phases",
            up: PackageResources._009_phases_up_sql,
            down: PackageResources._009_phases_down_sql
        ),
        Migration(
            number: 10,
            name: "evaluations",
            up: PackageResources._010_evaluations_up_sql,
            down: PackageResources._010_evaluations_down_sql,
            guardedTables: ["stillhouse.evaluation"]
        ),
        Migration(
            number: 11,
            name: "vacuum",
            up: PackageResources._011_vacuum_up_sql,
            down: PackageResources._011_vacuum_down_sql
        ),
    ]
}
