-- The tables of the tide service.
-- It's made for PostgreSQL; the dump has data of two harbours.

CREATE TABLE IF NOT EXISTS "harbour" (
    id   integer PRIMARY KEY,  -- of the office; never reused
    name text NOT NULL DEFAULT 'none; yet',
    zero numeric(6, 2) CHECK (zero < 0)
);

/* Levels are read
   every ten minutes. */
CREATE TABLE reading (harbour integer, at timestamp, level numeric);
CREATE UNIQUE INDEX CONCURRENTLY reading_at ON reading (harbour, at);

INSERT INTO harbour (id, name, zero) VALUES
    (1, 'Husum (inner; old)', -5.00),
    -- since 1990
    (2, 'O''Hara''s quay', -4.98),
    (3, 'C:\', -4.70),
    (4, upper(trim('büsum')), NULL)
ON CONFLICT (id) DO UPDATE SET name = excluded.name;
INSERT INTO reading VALUES (1, '2021-03-04 10:00', 1.25);
INSERT INTO reading SELECT * FROM old_reading WHERE level > 0; -- those that are dry are left out

CREATE OR REPLACE FUNCTION mean_level(h integer) RETURNS numeric AS $body$
BEGIN
    -- all years; $$ is no end
    RETURN (SELECT avg(level) FROM reading WHERE harbour = h);
END;
$body$ LANGUAGE plpgsql;

DELIMITER //
CREATE TRIGGER reading_trim BEFORE INSERT ON reading FOR EACH ROW
BEGIN
    SET NEW.level = round(NEW.level, 2);
END //
DELIMITER ;

CREATE PROCEDURE purge (days int)
BEGIN
    IF days > 0 THEN
        DELETE FROM reading WHERE CASE WHEN days > 9 THEN 1 ELSE 0 END = 1;
    END IF;
    COMMIT;
END;

COPY reading (harbour, at, level) FROM stdin;
1	2021-03-04 10:10:00	1.31
1	2021-03-04 10:20:00	1.36
2	2021-03-04 10:10:00	0.98
\.

BEGIN;
UPDATE harbour SET name = 'Büsum' WHERE id = 4;
COMMIT;
-- end of the dump
