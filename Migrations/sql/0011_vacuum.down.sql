DO $$
DECLARE
    payload regclass;
BEGIN
    FOREACH payload IN ARRAY ARRAY[
        'stillhouse.weights_chunk', 'stillhouse.weights_chunk_unlogged',
        'stillhouse.gradient_chunk', 'stillhouse.gradient_chunk_unlogged'
    ]::regclass[] LOOP
        EXECUTE format('ALTER TABLE %s RESET (
            autovacuum_vacuum_cost_delay, toast.autovacuum_vacuum_cost_delay, toast.autovacuum_vacuum_scale_factor,
            toast.autovacuum_vacuum_threshold
        )', payload);
    END LOOP;
END
$$;
