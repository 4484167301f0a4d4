DROP FUNCTION stillhouse.gradient_submit_v1;
DROP FUNCTION stillhouse.gradient_put_v1;
DROP FUNCTION stillhouse.job_fail_v1;
DROP FUNCTION stillhouse.job_release_v1;
DROP FUNCTION stillhouse.job_claim_v1;
DROP FUNCTION stillhouse.session_close_v1;
DROP FUNCTION stillhouse.session_beat_v1;
DROP FUNCTION stillhouse.session_open_v1;
