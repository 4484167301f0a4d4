ALTER TABLE stillhouse.weights_chunk RESET (
    autovacuum_vacuum_cost_delay, toast.autovacuum_vacuum_cost_delay, toast.autovacuum_vacuum_scale_factor,
    toast.autovacuum_vacuum_threshold
);
ALTER TABLE stillhouse.weights_chunk_unlogged RESET (
    autovacuum_vacuum_cost_delay, toast.autovacuum_vacuum_cost_delay, toast.autovacuum_vacuum_scale_factor,
    toast.autovacuum_vacuum_threshold
);
ALTER TABLE stillhouse.gradient_chunk RESET (
    autovacuum_vacuum_cost_delay, toast.autovacuum_vacuum_cost_delay, toast.autovacuum_vacuum_scale_factor,
    toast.autovacuum_vacuum_threshold
);
ALTER TABLE stillhouse.gradient_chunk_unlogged RESET (
    autovacuum_vacuum_cost_delay, toast.autovacuum_vacuum_cost_delay, toast.autovacuum_vacuum_scale_factor,
    toast.autovacuum_vacuum_threshold
);
