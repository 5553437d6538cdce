//! Rankings from pairwise preferences, judges calibrated by human labels.

use super::{Inputs, x};
use bakeoff::stats::bradley_terry::{self, Game, Ranking};
use bakeoff::stats::{moments, ppi, rogan_gladen};
use serde_json::{Value, json};

pub fn ours(function: &str, i: &Inputs) -> Option<Value> {
    Some(match function {
        "bradley_terry" => {
            let r = bradley_terry::table(&i.rows("wins"), &[]).ok()?;
            json!({"strength_centered": r.strengths, "strength_ref0": from_first(&r),
                "se_ref0": errors(&r.covariance), "log_likelihood": r.log_likelihood,
                "elo": r.elo(1000.0)})
        }
        "bradley_terry_half_ties" => {
            let r = bradley_terry::table(&i.rows("wins"), &i.rows("ties")).ok()?;
            json!({"strength_centered": r.strengths})
        }
        "bradley_terry_davidson" => {
            let r = bradley_terry::davidson(&i.rows("wins"), &i.rows("ties")).ok()?;
            json!({"strength_centered": r.strengths, "log_likelihood": r.log_likelihood, "nu": r.tie})
        }
        "bradley_terry_rao_kupper" => {
            let r = bradley_terry::rao_kupper(&i.rows("wins"), &i.rows("ties")).ok()?;
            json!({"strength_centered": r.strengths, "log_likelihood": r.log_likelihood, "theta": r.tie})
        }
        "bradley_terry_sandwich" => {
            let (a, b, score) = (i.indices("a"), i.indices("b"), i.list("a_wins"));
            let models = match i.get("models") {
                Value::Array(names) => names.len(),
                count => count.as_f64().expect("models") as usize,
            };
            let game = |place: usize| Game {
                a: a[place],
                b: b[place],
                score: score[place],
                case: place,
                style: Vec::new(),
            };
            let games: Vec<Game> = (0..a.len()).map(game).collect();
            let r = bradley_terry::games(models, &games).ok()?;
            json!({"strength_ref0": from_first(&r), "se_hessian": errors(&r.hessian_covariance),
                "se_sandwich_hc0": errors(&r.covariance)})
        }
        "ppi_mean" => {
            let (y, f) = (i.list("y"), i.list("f_labelled"));
            let rest = i.list("f_unlabelled");
            let confidence = i.f("confidence");
            let side = |p: ppi::Calibrated| {
                let (low, high) = p.normal_interval(confidence);
                json!({"estimate": p.value, "lambda": p.lambda, "lower": low, "upper": high})
            };
            let labels = ppi::labels_only(&y)?;
            let (low, high) = labels.normal_interval(confidence);
            let all: Vec<f64> = f.iter().chain(&rest).copied().collect();
            json!({"naive_judge_mean": moments::mean(&all), "classical": labels.value,
                "ppi": side(ppi::ppi(&y, &f, &rest)?), "ppi_plus": side(ppi::ppi_plus(&y, &f, &rest)?),
                "classical_ci": {"lower": low, "upper": high}})
        }
        "rogan_gladen" => {
            let judge = rogan_gladen::Judge {
                specificity: i.f("specificity"),
                negatives: i.n("m_negative"),
                sensitivity: i.f("sensitivity"),
                positives: i.n("m_positive"),
            };
            let found = judge.correct(i.f("judge_positive_rate"), i.n("n"), i.f("confidence"))?;
            json!({"estimate_raw": found.raw, "estimate": found.estimate.value,
                "lower": x(found.estimate.low), "upper": x(found.estimate.high), "delta_se": found.error})
        }
        _ => return None,
    })
}

fn from_first(r: &Ranking) -> Vec<f64> {
    r.strengths.iter().map(|s| s - r.strengths[0]).collect()
}

fn errors(covariance: &[Vec<f64>]) -> Vec<f64> {
    (0..covariance.len())
        .map(|i| covariance[i][i].max(0.0).sqrt())
        .collect()
}
