//! Text metrics: distances, overlaps, translation scores, what is read from answers.

use super::{Inputs, agree, x};
use bakeoff::text::bleu::{Bleu, Smoothing};
use bakeoff::text::chrf::Chrf;
use bakeoff::text::rouge::{self, Variant};
use bakeoff::text::ter::Ter;
use bakeoff::text::tokens::{self, Tokenizer};
use bakeoff::text::{
    Overlap, bag, damerau, form, gsm8k, jaro, lcs, levenshtein, rates, squad, stem, words,
};
use serde_json::{Value, json};

#[test]
fn golden_text_metrics() {
    // every function has its place; one that is new here is named, and no failure
    agree("text_metrics.json", ours);
}

fn ours(function: &str, i: &Inputs) -> Option<Value> {
    distances(function, i)
        .or_else(|| overlaps(function, i))
        .or_else(|| translations(function, i))
        .or_else(|| forms(function, i))
}

fn distances(function: &str, i: &Inputs) -> Option<Value> {
    Some(match function {
        "edit_distances" => {
            let [a, b] = ["a", "b"].map(|name| words::code_points(i.text(name)));
            json!({
                "levenshtein": levenshtein::distance(&a, &b),
                "levenshtein_similarity": levenshtein::similarity(&a, &b),
                "osa": levenshtein::osa(&a, &b),
                "damerau_levenshtein": damerau::distance(&a, &b),
                "indel_similarity": lcs::indel_similarity(&a, &b),
                "lcs_length": lcs::length(&a, &b),
                "jaro": jaro::jaro(&a, &b),
                "jaro_winkler": jaro::jaro_winkler(&a, &b),
            })
        }
        "error_rates" => {
            let (hypothesis, reference) = (i.text("hypothesis"), i.text("reference"));
            let by_word = rates::words(hypothesis, reference);
            let by_character = rates::characters(hypothesis, reference);
            json!({"word_edits": by_word.edits, "wer": x(by_word.rate()), "cer": x(by_character.rate())})
        }
        "bag_of_words" => {
            let (a, b) = (i.text("a"), i.text("b"));
            json!({"jaccard": bag::jaccard(a, b), "cosine": bag::cosine(a, b)})
        }
        _ => return None,
    })
}

fn overlaps(function: &str, i: &Inputs) -> Option<Value> {
    Some(match function {
        "rouge" => {
            let (candidate, reference) = (i.text("candidate"), i.text("reference"));
            let one = |variant| {
                let Overlap {
                    precision,
                    recall,
                    f1,
                    ..
                } = rouge::rouge(variant, candidate, reference, i.yes("stemmer"));
                json!({"p": precision, "r": recall, "f": f1})
            };
            json!({"rouge1": one(Variant::N(1)), "rouge2": one(Variant::N(2)),
                "rougeL": one(Variant::L), "rougeLsum": one(Variant::Lsum)})
        }
        "porter_stem" => json!({"stem": stem(i.text("word"))}),
        "rouge_tokens" => {
            let tokens = rouge::tokenized(i.text("text"), i.yes("stemmer"));
            json!({"tokens": tokens.split_whitespace().collect::<Vec<_>>()})
        }
        "squad" => {
            let prediction = i.text("prediction");
            let answers = i.texts("answers");
            let f1 = answers.iter().map(|a| squad::overlap(prediction, a).f1);
            let exact = answers.iter().any(|a| squad::exact(prediction, a));
            json!({"exact_match": f64::from(u8::from(exact)), "f1": f1.fold(0.0, f64::max),
                "normalized": squad::normalised(prediction)})
        }
        _ => return None,
    })
}

fn translations(function: &str, i: &Inputs) -> Option<Value> {
    Some(match function {
        "bleu_tokenize" => {
            let tokens = tokens::tokens(i.text("text"), tokenizer(i)?);
            json!({ "tokens": tokens })
        }
        "bleu_sentence" => {
            let bleu = bleu(i)?;
            shown(
                &bleu,
                &bleu.counts(i.text("hypothesis"), &i.texts("references")),
            )
        }
        "bleu_corpus" => {
            let bleu = bleu(i)?;
            shown(
                &bleu,
                &summed(i, |found, expected| bleu.counts(found, expected)),
            )
        }
        "chrf_sentence" => {
            let chrf = chrf(i);
            json!({"score": chrf.score(&chrf.counts(i.text("hypothesis"), &i.texts("references")))})
        }
        "chrf_corpus" => {
            let chrf = chrf(i);
            json!({"score": chrf.score(&summed(i, |found, expected| chrf.counts(found, expected)))})
        }
        "ter_sentence" => {
            let (edits, length) = ter(i).edits(i.text("hypothesis"), &i.texts("references"));
            json!({"score": Ter::score(edits, length)})
        }
        "ter_corpus" => {
            let sums = summed(i, |found, expected| {
                let (edits, length) = ter(i).edits(found, expected);
                vec![edits, length]
            });
            json!({"score": Ter::score(sums[0], sums[1])})
        }
        _ => return None,
    })
}

/// The sums of the counts of every sentence of a corpus; references are lists by stream.
fn summed(i: &Inputs, counts: impl Fn(&str, &[&str]) -> Vec<f64>) -> Vec<f64> {
    let mut sums = Vec::new();
    for (at, hypothesis) in i.texts("hypotheses").iter().enumerate() {
        let streams = i.get("references").as_array().expect("lists");
        let references: Vec<&str> = streams.iter().filter_map(|s| s[at].as_str()).collect();
        let counts = counts(hypothesis, &references);
        sums.resize(counts.len(), 0.0);
        sums.iter_mut()
            .zip(counts)
            .for_each(|(sum, count)| *sum += count);
    }
    sums
}

fn shown(bleu: &Bleu, counts: &[f64]) -> Value {
    let found = bleu.score(counts).expect("counts of its own");
    json!({"score": found.score, "precisions": found.precisions,
        "brevity_penalty": found.brevity_penalty, "sys_len": found.found,
        "ref_len": found.expected, "counts": found.matches, "totals": found.totals})
}

fn tokenizer(i: &Inputs) -> Option<Tokenizer> {
    Some(
        match i.maybe("tokenize").and_then(Value::as_str).unwrap_or("13a") {
            "13a" => Tokenizer::Western,
            "intl" => Tokenizer::International,
            "zh" => Tokenizer::Chinese,
            "char" => Tokenizer::Char,
            "none" => Tokenizer::None,
            _ => return None,
        },
    )
}

fn bleu(i: &Inputs) -> Option<Bleu> {
    let value = i.maybe("smooth_value").and_then(Value::as_f64);
    Some(Bleu {
        tokenizer: tokenizer(i)?,
        lowercase: i.yes("lowercase"),
        smoothing: match i.maybe("smooth").and_then(Value::as_str) {
            Some("none") => Smoothing::None,
            Some("floor") => Smoothing::Floor(value.unwrap_or(0.1)),
            Some("add-k") => Smoothing::AddK(value.unwrap_or(1.0)),
            _ => Smoothing::Exp,
        },
        effective_order: i.yes("effective_order"),
        orders: i
            .maybe("max_ngram_order")
            .map_or(4, |n| n.as_u64().expect("a count") as usize),
    })
}

fn chrf(i: &Inputs) -> Chrf {
    let number = |name, default| i.maybe(name).and_then(Value::as_f64).unwrap_or(default);
    Chrf {
        characters: number("char_order", 6.0) as usize,
        words: number("word_order", 0.0) as usize,
        beta: number("beta", 2.0),
        lowercase: i.yes("lowercase"),
        space: i.yes("whitespace"),
        epsilon: i.yes("eps_smoothing"),
    }
}

fn ter(i: &Inputs) -> Ter {
    Ter {
        normalized: i.yes("normalized"),
        no_punctuation: i.yes("no_punct"),
        asian_support: i.yes("asian_support"),
        case_sensitive: i.yes("case_sensitive"),
    }
}

fn forms(function: &str, i: &Inputs) -> Option<Value> {
    Some(match function {
        "unicode_forms" => {
            let text = i.text("text");
            json!({"nfc": form::nfc(text), "nfkc": form::nfkc(text), "lower": text.to_lowercase(),
                "casefold": form::casefold(text)})
        }
        "exact_match" => {
            let (a, b) = (i.text("a"), i.text("b"));
            let same = |form: fn(&str) -> String| form(a) == form(b);
            json!({
                "raw": a == b,
                "lower": same(str::to_lowercase),
                "no_punct": same(form::without_punctuation),
                "no_digits": same(form::without_digits),
                "strip": same(|text| text.trim_matches(words::is_space).to_owned()),
                "nfc": same(form::nfc),
                "nfkc_casefold": same(|text| form::casefold(&form::nfkc(text))),
            })
        }
        "gsm8k_extract" => {
            let text = i.text("text");
            let flexible = gsm8k::flexible(text);
            json!({"strict": gsm8k::strict(text), "flexible": flexible,
                "flexible_cleaned": flexible.map(gsm8k::cleaned)})
        }
        _ => return None,
    })
}
