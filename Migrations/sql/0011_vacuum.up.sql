-- Payloads and weights are written and deleted by the gigabyte. Autovacuum's usual pace, made for tables that change a
-- little, lets the space of what is gone pile up faster than it frees it: here it works without pauses, and begins when
-- some hundred megabytes are dead, however large the table has become.
DO $$
DECLARE
    payload regclass;
BEGIN
    FOREACH payload IN ARRAY ARRAY[
        'stillhouse.weights_chunk', 'stillhouse.weights_chunk_unlogged',
        'stillhouse.gradient_chunk', 'stillhouse.gradient_chunk_unlogged'
    ]::regclass[] LOOP
        EXECUTE format('ALTER TABLE %s SET (
            autovacuum_vacuum_cost_delay = 0,
            toast.autovacuum_vacuum_cost_delay = 0,
            toast.autovacuum_vacuum_scale_factor = 0,
            toast.autovacuum_vacuum_threshold = 100000
        )', payload);
    END LOOP;
END
$$;
