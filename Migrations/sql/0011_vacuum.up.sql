-- Payloads and weights are written and deleted by the gigabyte. Autovacuum's usual pace, made for tables that change a
-- little, lets the space of what is gone pile up faster than it frees it: here it works without pauses, and begins when
-- some hundred megabytes are dead, however large the table has become.
ALTER TABLE stillhouse.weights_chunk SET (
    autovacuum_vacuum_cost_delay = 0,
    toast.autovacuum_vacuum_cost_delay = 0,
    toast.autovacuum_vacuum_scale_factor = 0,
    toast.autovacuum_vacuum_threshold = 100000
);
ALTER TABLE stillhouse.weights_chunk_unlogged SET (
    autovacuum_vacuum_cost_delay = 0,
    toast.autovacuum_vacuum_cost_delay = 0,
    toast.autovacuum_vacuum_scale_factor = 0,
    toast.autovacuum_vacuum_threshold = 100000
);
ALTER TABLE stillhouse.gradient_chunk SET (
    autovacuum_vacuum_cost_delay = 0,
    toast.autovacuum_vacuum_cost_delay = 0,
    toast.autovacuum_vacuum_scale_factor = 0,
    toast.autovacuum_vacuum_threshold = 100000
);
ALTER TABLE stillhouse.gradient_chunk_unlogged SET (
    autovacuum_vacuum_cost_delay = 0,
    toast.autovacuum_vacuum_cost_delay = 0,
    toast.autovacuum_vacuum_scale_factor = 0,
    toast.autovacuum_vacuum_threshold = 100000
);
