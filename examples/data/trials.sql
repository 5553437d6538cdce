-- DuckDB, in a project's folder after `bakeoff run`: duckdb < trials.sql
-- How good, and at what cost: over the trials that were answered.
SELECT candidate, count(*) AS n, avg(label) AS quality, sum(cost_usd) AS usd
FROM 'bakeoff-report/trials.parquet'
WHERE outcome = 'answered'
GROUP BY candidate ORDER BY quality DESC, candidate;

-- The cases on which the candidates do not agree.
SELECT "case", min(label) AS worst, max(label) AS best
FROM 'bakeoff-report/trials.parquet'
GROUP BY "case" HAVING min(label) < max(label)
ORDER BY "case" LIMIT 5;

-- Milliseconds for each token written.
SELECT candidate, median(latency_ms / output_tokens) AS ms_a_token
FROM 'bakeoff-report/trials.parquet'
WHERE output_tokens > 0 AND latency_ms IS NOT NULL
GROUP BY candidate ORDER BY candidate;
