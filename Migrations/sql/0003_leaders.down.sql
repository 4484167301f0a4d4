ALTER TABLE stillhouse.setting
    DROP CONSTRAINT setting_leader_stops_before_ttl,
    DROP COLUMN leader_renewal_s,
    DROP COLUMN leader_stop_s,
    DROP COLUMN leader_ttl_s;

ALTER TABLE stillhouse.version DROP COLUMN term;

DROP TABLE stillhouse.leader;
