-- SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
--
-- A report's numbers, computed once more from the exported transitions. Run on the database of
-- `report --sqlite`, where report.json is an array of what `report -o json --by comm,rport` has
-- said of the same log; prints every number that differs.

CREATE TEMP TABLE said (what, of, value);
CREATE TEMP TABLE counted (what, of, value);
CREATE TEMP TABLE report AS
	SELECT value AS line, value ->> '$.type' AS type FROM json_each(readfile('report.json'));

-- The matrix and the states

INSERT INTO said SELECT 'matrix', old.key || ' ' || new.key, new.value
	FROM report, json_each(line -> '$.transitions') old, json_each(old.value) new
	WHERE report.type = 'matrix';
INSERT INTO counted SELECT 'matrix', old || ' ' || new, count(*) FROM transitions GROUP BY old, new;

INSERT INTO said SELECT number.key, state.key, number.value
	FROM report, json_each(line -> '$.states') state, json_each(state.value) number
	WHERE report.type = 'states' AND number.value > 0;
INSERT INTO counted SELECT 'entered', new, count(*) FROM transitions WHERE old <> new GROUP BY new;
INSERT INTO counted SELECT 'left', old, count(*) FROM transitions
	WHERE old <> new AND NOT (old = 'LISTEN' AND new IN ('SYN_RECV', 'NEW_SYN_RECV')) GROUP BY old;

-- Churn: its totals, and the sums of its buckets

CREATE TEMP TABLE happened AS
	SELECT *, CASE
		WHEN old = 'SYN_SENT' AND new = 'ESTABLISHED' THEN 'opened_active'
		WHEN old = 'SYN_RECV' AND new IN ('ESTABLISHED', 'FIN_WAIT1') THEN 'opened_passive'
		WHEN old IN ('SYN_SENT', 'SYN_RECV', 'NEW_SYN_RECV') AND new = 'CLOSE' THEN 'failed'
		WHEN old NOT IN ('LISTEN', 'TIME_WAIT') AND new IN ('CLOSE', 'TIME_WAIT') THEN 'closed'
		END AS happening
	FROM transitions WHERE old <> new;

INSERT INTO said SELECT 'churn', number.key, number.value FROM report, json_each(line) number
	WHERE report.type = 'churn'
	AND number.key IN ('opened_active', 'opened_passive', 'closed', 'failed');
INSERT INTO said SELECT 'buckets', number.key, sum(number.value)
	FROM report, json_each(line -> '$.buckets') bucket, json_each(bucket.value) number
	WHERE report.type = 'churn' AND number.key <> 'time' GROUP BY number.key;
INSERT INTO counted SELECT 'churn', happening, count(*) FROM happened WHERE happening IS NOT NULL
	GROUP BY happening;
INSERT INTO counted SELECT 'buckets', of, value FROM counted WHERE what = 'churn';

INSERT INTO said SELECT 'closed first', side.key, side.value
	FROM report, json_each(line -> '$.closed_first') side WHERE report.type = 'churn';
INSERT INTO counted SELECT 'closed first', 'here', count(*) FROM transitions
	WHERE new = 'FIN_WAIT1' AND old IN ('ESTABLISHED', 'SYN_RECV');
INSERT INTO counted SELECT 'closed first', 'peer', count(*) FROM transitions
	WHERE new = 'CLOSE_WAIT' AND old = 'ESTABLISHED';
INSERT INTO counted SELECT 'closed first', 'neither', count(*) FROM transitions
	WHERE new = 'CLOSE' AND old = 'ESTABLISHED';

-- Connections: each is what its last transition says, that of a stand-in in TIME_WAIT excepted

CREATE TEMP TABLE connection AS
	SELECT *, comm || ' ' || rport AS name FROM (
		SELECT *, row_number() OVER (PARTITION BY cookie ORDER BY seq DESC) AS back
		FROM happened WHERE old <> 'TIME_WAIT' AND 'LISTEN' NOT IN (new)
	) WHERE back = 1;

INSERT INTO said SELECT 'exported', outcome || ' ' || comm || ' ' || rport, count(*)
	FROM connections GROUP BY 2;
INSERT INTO counted SELECT 'exported', CASE WHEN happening IN ('closed', 'failed') THEN happening
	WHEN new IN ('SYN_SENT', 'SYN_RECV', 'NEW_SYN_RECV') THEN 'opening' ELSE 'open' END ||
	' ' || name, count(*) FROM connection GROUP BY 2;
INSERT INTO said SELECT 'exported bytes', comm || ' ' || rport, sum(bytes_sent + bytes_received)
	FROM connections GROUP BY 2 HAVING count(reason);
INSERT INTO counted SELECT 'exported bytes', name, sum(bytes_sent + bytes_received) FROM connection
	GROUP BY 2 HAVING count(reason);

INSERT INTO said SELECT 'group ' || number.key,
	(line ->> '$.by.comm') || ' ' || (line ->> '$.by.rport'), number.value
	FROM report, json_each(line) number WHERE report.type = 'group' AND number.key IN
	('connections', 'closed', 'failed', 'left', 'bytes_sent', 'bytes_received', 'retransmits',
	 'open_most');
INSERT INTO counted SELECT 'group connections', name, count(*) FROM connection GROUP BY name;
INSERT INTO counted SELECT 'group closed', name, total(happening = 'closed') FROM connection
	GROUP BY name;
INSERT INTO counted SELECT 'group failed', name, total(happening = 'failed') FROM connection
	GROUP BY name;
INSERT INTO counted SELECT 'group left', name, total(coalesce(happening, '') NOT IN ('closed', 'failed'))
	FROM connection GROUP BY name;
INSERT INTO counted SELECT 'group bytes_sent', name, total(bytes_sent) FROM connection GROUP BY name;
INSERT INTO counted SELECT 'group bytes_received', name, total(bytes_received) FROM connection
	GROUP BY name;
INSERT INTO counted SELECT 'group retransmits', name, total(retransmits) FROM connection
	GROUP BY name;
INSERT INTO counted SELECT 'group open_most', name, max(open, 0) FROM (
	SELECT name, max(open) AS open FROM (
		SELECT comm || ' ' || rport AS name, sum(CASE WHEN happening = 'closed' THEN -1
			WHEN happening LIKE 'opened%' THEN 1 ELSE 0 END)
			OVER (PARTITION BY comm, rport ORDER BY seq) AS open FROM happened
	) GROUP BY name
) WHERE name IN (SELECT name FROM connection);

INSERT INTO said SELECT 'failures ' || why.key,
	(line ->> '$.by.comm') || ' ' || (line ->> '$.by.rport'), why.value
	FROM report, json_each(line -> '$.failures') why WHERE report.type = 'group';
INSERT INTO counted SELECT 'failures ' || reason, name, count(*) FROM connection
	WHERE happening = 'failed' GROUP BY reason, name;
INSERT INTO said SELECT 'ends ' || why.key,
	(line ->> '$.by.comm') || ' ' || (line ->> '$.by.rport'), why.value
	FROM report, json_each(line -> '$.ends') why WHERE report.type = 'group';
INSERT INTO counted SELECT 'ends ' || reason, name, count(*) FROM connection
	WHERE happening = 'closed' GROUP BY reason, name;

-- Percentiles: by sorting, the value of this rank

CREATE TEMP TABLE sample AS
	SELECT 'connect' AS of, state_ns AS ns, cookie FROM happened WHERE happening = 'opened_active'
	UNION ALL SELECT 'handshake', done.time_ns - syn.time_ns, done.cookie
		FROM happened done JOIN happened syn USING (cookie)
		WHERE done.happening = 'opened_passive' AND syn.new = 'NEW_SYN_RECV'
	UNION ALL SELECT 'life', life_ns, cookie FROM happened WHERE happening = 'closed'
	UNION ALL SELECT 'state ' || old, state_ns, NULL FROM happened;
DELETE FROM sample WHERE ns IS NULL;
INSERT INTO sample SELECT sample.of || ' ' || name, ns, NULL FROM sample JOIN connection USING (cookie);

CREATE TEMP TABLE ranked AS
	SELECT *, row_number() OVER (PARTITION BY of ORDER BY ns) AS rank,
		count(*) OVER (PARTITION BY of) AS number FROM sample;
INSERT INTO counted SELECT CASE q.column1 WHEN 1000 THEN 'max' ELSE 'p' || (q.column1 / 10) END,
	of, ns / 1000.0 FROM ranked, (VALUES (500), (900), (990), (1000)) q
	WHERE rank = (number * q.column1 + 999) / 1000;
INSERT INTO counted SELECT DISTINCT 'timed', of, number FROM ranked;

CREATE TEMP TABLE percentiles AS
	SELECT line, (line ->> '$.of') || coalesce(' ' || (line ->> '$.state'), '') AS of FROM report
	WHERE type = 'percentiles';
INSERT INTO percentiles SELECT member.value, member.key || ' ' || (line ->> '$.by.comm') || ' ' ||
	(line ->> '$.by.rport') FROM report, json_each(line) member
	WHERE report.type = 'group' AND member.key IN ('connect', 'handshake', 'life');
INSERT INTO said SELECT CASE number.key WHEN 'count' THEN 'timed' ELSE replace(number.key, '_us', '') END,
	of, number.value FROM percentiles, json_each(line) number
	WHERE number.key IN ('count', 'p50_us', 'p90_us', 'p99_us', 'max_us') AND line ->> '$.count' > 0;

-- Findings about services: who failed to connect where, and which connections were brief

INSERT INTO said SELECT 'connect_failed', (line ->> '$.address') || ' ' || (line ->> '$.port'),
	line ->> '$.count' FROM report WHERE type = 'finding' AND line ->> '$.finding' = 'connect_failed';
INSERT INTO counted SELECT 'connect_failed', raddr || ' ' || rport, count(*) FROM transitions
	WHERE old = 'SYN_SENT' AND new = 'CLOSE' AND lport > 0 GROUP BY 2 HAVING count(*) >= 3;
INSERT INTO said SELECT 'brief', (line ->> '$.address') || ' ' || (line ->> '$.port'),
	line ->> '$.count' FROM report WHERE type = 'finding' AND line ->> '$.finding' = 'brief'
	AND line ->> '$.role' = 'active';
INSERT INTO counted SELECT 'brief', raddr || ' ' || rport, brief FROM (
	SELECT sent.raddr, sent.rport, total(done.state_ns < sent.state_ns) AS brief, count(*) AS number
	FROM transitions sent LEFT JOIN transitions done
		ON done.cookie = sent.cookie AND done.old = 'ESTABLISHED'
	WHERE sent.old = 'SYN_SENT' AND sent.new = 'ESTABLISHED' GROUP BY sent.raddr, sent.rport
) WHERE brief >= 100 AND brief > number / 2;

-- A median and its like may differ by 1 %, all else by nothing.

SELECT what, of, 'said', said.value, 'counted', counted.value
	FROM counted LEFT JOIN said USING (what, of)
	WHERE said.value IS NULL OR abs(said.value - counted.value) >
		CASE WHEN what IN ('p50', 'p90', 'p99') THEN counted.value / 100 ELSE 0.0005 END
UNION ALL SELECT what, of, 'said', said.value, 'counted', NULL FROM said
	WHERE (what, of) NOT IN (SELECT what, of FROM counted);
SELECT 'compared ' || count(*) FROM said;
