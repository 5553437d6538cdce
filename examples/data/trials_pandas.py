"""pandas, in a project's folder after `bakeoff run`: python trials_pandas.py"""

import pandas as pd

trials = pd.read_parquet("bakeoff-report/trials.parquet")

# How good, and at what cost: over the trials that were answered.
answered = trials[trials["outcome"] == "answered"]
quality = answered.groupby("candidate").agg(n=("case", "size"), quality=("label", "mean"), usd=("cost_usd", "sum"))
print(quality.reset_index().sort_values(["quality", "candidate"], ascending=[False, True]))

# The cases on which the candidates do not agree.
by_case = trials.groupby("case")["label"].agg(worst="min", best="max").reset_index()
print(by_case[by_case["worst"] < by_case["best"]].sort_values("case").head(5))

# Milliseconds for each token written.
timed = trials[(trials["output_tokens"] > 0) & trials["latency_ms"].notna()]
print((timed["latency_ms"] / timed["output_tokens"]).groupby(timed["candidate"]).median())
