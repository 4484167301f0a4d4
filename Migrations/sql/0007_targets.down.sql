-- A cache: what it held is computed again.
DROP FUNCTION stillhouse.target_put_v1(uuid, bytea[], bytea[]);
DROP FUNCTION stillhouse.target_get_v1(uuid, bytea[]);
DROP TABLE stillhouse.target;
ALTER TABLE stillhouse.setting
    DROP CONSTRAINT setting_target_cache_is_no_debt, DROP COLUMN target_cache_bytes;
