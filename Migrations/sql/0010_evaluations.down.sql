-- The schema before plans no evaluations and hands none out; metrics stay.
DROP FUNCTION stillhouse.evaluation_submit_v1(bigint, integer, uuid, jsonb);
DROP FUNCTION stillhouse.job_fail_v3(bigint, integer, uuid, text, text);
DROP FUNCTION stillhouse.job_claim_v4(uuid, integer, text[]);
DROP INDEX stillhouse.job_evaluation;
DELETE FROM stillhouse.job WHERE kind = 'evaluate';
DROP TABLE stillhouse.evaluation;
