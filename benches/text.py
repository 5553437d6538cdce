"""The same pairs through the Python libraries: python benches/text.py FILE

FILE is what `BAKEOFF_PAIRS=FILE cargo bench --bench text` wrote. Needs rapidfuzz, rouge-score and
sacrebleu. The tokenisers' caches of sacreBLEU are emptied before each round, as texts seldom repeat.
"""

import json
import logging
import statistics
import sys
import time

from rapidfuzz import distance
from rouge_score import rouge_scorer
from sacrebleu.metrics import BLEU, CHRF, TER
from sacrebleu.tokenizers import tokenizer_13a, tokenizer_re, tokenizer_ter

logging.disable(logging.CRITICAL)
pairs = [json.loads(line) for line in open(sys.argv[1])]


def forget():
    for cached in (
        tokenizer_13a.Tokenizer13a,
        tokenizer_re.TokenizerRegexp,
        tokenizer_ter.TercomTokenizer,
    ):
        cached.__call__.cache_clear()


def measure(name, metric, rounds=5):
    rates = []
    for _ in range(rounds):
        done, started, took = 0, time.perf_counter(), 0.0
        while took < 0.3:
            forget()
            for a, b in pairs:
                metric(a, b)
            done += len(pairs)
            took = time.perf_counter() - started
        rates.append(done / took)
    print(f"{name:24} {statistics.median(rates):>12.0f} pairs/s")


def rouge(*types, stemmer=False):
    scorer = rouge_scorer.RougeScorer(list(types), use_stemmer=stemmer)
    return lambda a, b: scorer.score(b, a)


bleu, chrf, plus, ter = BLEU(effective_order=True), CHRF(), CHRF(word_order=2), TER()
measure("levenshtein", distance.Levenshtein.normalized_similarity)
measure("osa", distance.OSA.distance)
measure("damerau", distance.DamerauLevenshtein.distance)
measure("indel", distance.Indel.normalized_similarity)
measure("jaro_winkler", distance.JaroWinkler.similarity)
measure("rougeL", rouge("rougeL"))
measure("rougeL, stemmer", rouge("rougeL", stemmer=True))
measure("rouge2", rouge("rouge2"))
measure("rougeLsum", rouge("rougeLsum"))
measure("sentence BLEU", lambda a, b: bleu.sentence_score(a, [b]))
measure("chrF", lambda a, b: chrf.sentence_score(a, [b]))
measure("chrF++", lambda a, b: plus.sentence_score(a, [b]))
measure("TER", lambda a, b: ter.sentence_score(a, [b]))
