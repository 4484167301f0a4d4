DROP TABLE stillhouse.metric;
DROP TABLE stillhouse.event;
DROP TABLE stillhouse.weights_chunk;
DROP TABLE stillhouse.version_chunk;
DROP TABLE stillhouse.version_member;
DROP TABLE stillhouse.bad_sample;
DROP TABLE stillhouse.gradient_chunk;
DROP TABLE stillhouse.gradient;
DROP TABLE stillhouse.worker_session;
DROP TABLE stillhouse.job_attempt;
DROP TABLE stillhouse.job;
DROP TABLE stillhouse.step;
DROP TABLE stillhouse.run_head;
DROP TABLE stillhouse.version;
DROP TABLE stillhouse.run;
DROP TABLE stillhouse.setting;
DROP TABLE stillhouse.protocol;

DROP TYPE stillhouse.version_state;
DROP TYPE stillhouse.gradient_state;
DROP TYPE stillhouse.session_state;
DROP TYPE stillhouse.run_state;
DROP TYPE stillhouse.step_state;
DROP TYPE stillhouse.attempt_outcome;
DROP TYPE stillhouse.job_state;

DROP SCHEMA stillhouse;
