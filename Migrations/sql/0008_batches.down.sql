DROP FUNCTION stillhouse.gradient_offer_v1(
    uuid, bigint[], integer[], bytea[], bytea[], bigint[], bigint[], double precision[], jsonb[], double precision[]
);

DO $$
DECLARE
    v_function regprocedure;
BEGIN
    FOR v_function IN
        SELECT p.oid::regprocedure FROM pg_proc p
        WHERE p.pronamespace = 'stillhouse'::regnamespace AND 'p_session' = ANY (p.proargnames)
    LOOP
        EXECUTE format('ALTER ROUTINE %s RESET jit RESET enable_seqscan', v_function);
    END LOOP;
END
$$;
