"""Polars, in a project's folder after `bakeoff run`: python trials_polars.py"""

import polars as pl

trials = pl.read_parquet("bakeoff-report/trials.parquet")

# How good, and at what cost: over the trials that were answered.
answered = trials.filter(pl.col("outcome") == "answered")
quality = answered.group_by("candidate").agg(
    pl.len().alias("n"), pl.col("label").mean().alias("quality"), pl.col("cost_usd").sum().alias("usd")
)
print(quality.sort("quality", "candidate", descending=[True, False]))

# The cases on which the candidates do not agree.
by_case = trials.group_by("case").agg(pl.col("label").min().alias("worst"), pl.col("label").max().alias("best"))
print(by_case.filter(pl.col("worst") < pl.col("best")).sort("case").head(5))

# Milliseconds for each token written.
timed = trials.filter((pl.col("output_tokens") > 0) & pl.col("latency_ms").is_not_null())
speed = timed.with_columns((pl.col("latency_ms") / pl.col("output_tokens")).alias("ms_a_token"))
print(speed.group_by("candidate").agg(pl.col("ms_a_token").median()).sort("candidate"))
