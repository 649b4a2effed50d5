-- The rule of log.py in the server. VERSION stands for a digest of this file.

CREATE UNLOGGED TABLE IF NOT EXISTS request_logs (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subject text NOT NULL UNIQUE,
    first bigint NOT NULL,
    next bigint NOT NULL,
    oldest bigint NOT NULL,
    newest bigint NOT NULL,
    -- moments before this number have been deleted
    swept bigint NOT NULL
) WITH (fillfactor = 25);  -- room for the next version of a row beside it

CREATE UNLOGGED TABLE IF NOT EXISTS request_moments (
    log bigint NOT NULL,
    number bigint NOT NULL,
    moment bigint NOT NULL,
    PRIMARY KEY (log, number)
) WITH (autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 20000);

CREATE OR REPLACE FUNCTION soundrack_judge_VERSION(
    IN the_subject text, IN per_minute bigint, IN burst bigint, IN now_us bigint, IN enter boolean,
    OUT remaining bigint, OUT reset_us bigint, OUT wait_us bigint
) LANGUAGE plpgsql AS $$
DECLARE
    minute CONSTANT bigint := 60000000;
    a_second CONSTANT bigint := 1000000;
    log_id bigint;
    log_first bigint := 0;
    log_next bigint := 0;
    log_oldest bigint := 0;
    log_newest bigint := 0;
    log_swept bigint := 0;
    judged_at bigint := now_us;
    passes_at bigint := now_us;
    low bigint;
    high bigint;
    middle bigint;
    step bigint := 1;
    found_moment bigint;
BEGIN
    IF enter THEN
        LOOP
            SELECT id, first, next, oldest, newest, swept
                INTO log_id, log_first, log_next, log_oldest, log_newest, log_swept
                FROM request_logs WHERE subject = the_subject FOR UPDATE;
            EXIT WHEN FOUND;
            INSERT INTO request_logs (subject, first, next, oldest, newest, swept)
                VALUES (the_subject, 0, 0, 0, 0, 0) ON CONFLICT DO NOTHING;
        END LOOP;
    ELSE
        SELECT id, first, next, oldest, newest
            INTO log_id, log_first, log_next, log_oldest, log_newest
            FROM request_logs WHERE subject = the_subject;
        IF NOT FOUND THEN
            log_first := 0;
            log_next := 0;
        END IF;
    END IF;

    -- prune
    IF log_first < log_next THEN
        IF log_newest > now_us + minute OR log_newest <= now_us - minute THEN
            log_first := log_next;
        ELSE
            judged_at := GREATEST(now_us, log_newest);
            IF log_oldest <= judged_at - minute THEN
                low := log_first;
                high := log_next - 1;
                WHILE low + step < high LOOP
                    SELECT moment INTO STRICT found_moment FROM request_moments WHERE log = log_id AND number = low + step;
                    EXIT WHEN found_moment > judged_at - minute;
                    low := low + step;
                    step := step * 2;
                END LOOP;
                high := LEAST(high, low + step);
                WHILE high - low > 1 LOOP
                    middle := (low + high) / 2;
                    SELECT moment INTO STRICT found_moment FROM request_moments WHERE log = log_id AND number = middle;
                    IF found_moment <= judged_at - minute THEN
                        low := middle;
                    ELSE
                        high := middle;
                    END IF;
                END LOOP;
                log_first := high;
                SELECT moment INTO STRICT log_oldest FROM request_moments WHERE log = log_id AND number = high;
            END IF;
        END IF;
    END IF;

    -- judge
    IF log_next - log_first >= per_minute THEN
        SELECT moment + minute INTO STRICT passes_at
            FROM request_moments WHERE log = log_id AND number = log_next - per_minute;
    END IF;
    IF burst > 0 AND log_next - log_first >= burst THEN
        SELECT moment + a_second INTO STRICT found_moment
            FROM request_moments WHERE log = log_id AND number = log_next - burst;
        IF found_moment > judged_at THEN
            passes_at := GREATEST(passes_at, found_moment);
        END IF;
    END IF;
    wait_us := passes_at - now_us;

    -- enter
    IF enter AND wait_us <= 0 THEN
        INSERT INTO request_moments (log, number, moment) VALUES (log_id, log_next, judged_at);
        IF log_first = log_next THEN
            log_oldest := judged_at;
        END IF;
        log_newest := judged_at;
        log_next := log_next + 1;
        IF log_first - log_swept >= 64 THEN
            DELETE FROM request_moments WHERE log = log_id AND number >= log_swept AND number < log_first;
            log_swept := log_first;
        END IF;
        UPDATE request_logs
            SET first = log_first, next = log_next, oldest = log_oldest, newest = log_newest, swept = log_swept
            WHERE id = log_id;
    END IF;

    remaining := GREATEST(0, per_minute - (log_next - log_first));
    reset_us := CASE WHEN log_first < log_next THEN log_newest + minute ELSE now_us END;
END;
$$;

CREATE OR REPLACE FUNCTION soundrack_sweep_VERSION(IN now_us bigint) RETURNS bigint LANGUAGE sql AS $$
    -- what has been idle for two minutes; whoever is being counted at the same time is left
    WITH idle AS (
        SELECT id FROM request_logs WHERE newest < now_us - 120000000 FOR UPDATE SKIP LOCKED LIMIT 10000
    ), gone AS (
        DELETE FROM request_logs USING idle WHERE request_logs.id = idle.id RETURNING request_logs.id
    ), moments_gone AS (
        DELETE FROM request_moments USING gone WHERE log = gone.id
    )
    SELECT count(*) FROM gone;
$$;
