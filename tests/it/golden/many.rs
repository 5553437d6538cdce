//! Several at once: corrections, omnibus tests, repeats, raters, discrimination.

use super::Inputs;
use bakeoff::stats::{agreement, correction, discrimination, ranks, repeats};
use serde_json::{Value, json};

pub fn ours(function: &str, i: &Inputs) -> Option<Value> {
    several(function, i)
        .or_else(|| repeated(function, i))
        .or_else(|| raters(function, i))
}

fn several(function: &str, i: &Inputs) -> Option<Value> {
    Some(match function {
        "cochran_q" => {
            let q = ranks::cochran_q(&i.rows("x"))?;
            json!({"q": q.chi2, "df": q.df, "p_value": q.p})
        }
        "friedman" => {
            let f = ranks::friedman(&i.rows("x"))?;
            json!({"chi2": f.chi2, "p_value": f.p})
        }
        "adjust_p_values" => {
            let p = i.list("p");
            json!({"holm": correction::holm(&p), "bh": correction::benjamini_hochberg(&p),
                "by": correction::benjamini_yekutieli(&p), "bonferroni": correction::bonferroni(&p),
                "sidak": correction::sidak(&p), "hochberg": correction::hochberg(&p)})
        }
        "correlations" => {
            let (a, b) = (i.list("x"), i.list("y"));
            let (pearson, spearman) = (
                ranks::pearson(&a, &b, 0.95)?,
                ranks::spearman(&a, &b, 0.95)?,
            );
            json!({"spearman": spearman.r, "spearman_p": spearman.p,
                "kendall_tau_b": ranks::kendall(&a, &b), "pearson": pearson.r,
                "pearson_p": pearson.p, "pearson_lower": pearson.interval.map(|i| i.0),
                "pearson_upper": pearson.interval.map(|i| i.1)})
        }
        "binary_score_metrics" => {
            let truth: Vec<bool> = i.list("y").iter().map(|y| *y == 1.0).collect();
            let d = discrimination::discrimination(&truth, &i.list("score"))?;
            json!({"auroc": d.auroc, "average_precision": d.average_precision,
                "brier": d.brier, "log_loss": d.log_loss})
        }
        _ => return None,
    })
}

fn repeated(function: &str, i: &Inputs) -> Option<Value> {
    Some(match function {
        "variance_components" | "variance_components_unbalanced" => {
            let balanced = function == "variance_components";
            let c = repeats::components(&i.rows(if balanced { "x" } else { "groups" }))?;
            json!({"mean": c.mean, "ms_between": c.ms_between, "ms_within": c.ms_within,
                "var_within": c.within(), "var_between": c.between(), "n0": c.repeats,
                "var_between_untruncated": c.between_raw, "icc1": c.icc, "se_mean": c.error,
                "se_if_k_infinite": c.error_floor, "se_naive_rows_independent": c.error_of_rows})
        }
        "flaky_probability" => {
            let (passes, epochs) = (i.n("passes"), i.n("epochs"));
            let between = (i.f("low"), i.f("high"));
            let prior = (i.f("prior_a"), i.f("prior_b"));
            json!({"prob": repeats::flaky(passes, epochs, between, prior),
                "within_variance": repeats::within_variance(passes, epochs)})
        }
        "pass_at_k" => {
            let (n, c, k) = (i.n("n"), i.n("c"), i.n("k"));
            json!({"pass_at_k": repeats::pass_at_k(n, c, k),
                "pass_hat_k": repeats::pass_hat_k(n, c, k)})
        }
        _ => return None,
    })
}

fn raters(function: &str, i: &Inputs) -> Option<Value> {
    let ratings = || -> Vec<Vec<Option<f64>>> {
        let rows = i.get("ratings").as_array().expect("ratings");
        let row = |r: &Value| {
            r.as_array()
                .expect("a row")
                .iter()
                .map(Value::as_f64)
                .collect()
        };
        rows.iter().map(row).collect()
    };
    Some(match function {
        "cohen_kappa" => {
            let k = agreement::kappa(&i.indices("a"), &i.indices("b"), i.n("categories"), 0.95)?;
            json!({"observed": k.observed, "kappa": k.kappa, "linear": k.linear,
                "quadratic": k.quadratic, "se": k.error, "lower": k.interval.map(|i| i.0),
                "upper": k.interval.map(|i| i.1)})
        }
        "gwet_ac1" => {
            let chosen =
                |row: Vec<Option<f64>>| row.iter().map(|r| r.map(|r| r as usize)).collect();
            let rows: Vec<Vec<Option<usize>>> = ratings().into_iter().map(chosen).collect();
            let a = agreement::ac1(&rows, i.n("categories"))?;
            json!({"ac1": a.ac1, "pe": a.chance, "se": a.error})
        }
        "fleiss_kappa" => json!({"kappa": agreement::fleiss(&i.rows("counts"))}),
        "krippendorff_alpha" => {
            let level = match i.text("level") {
                "nominal" => agreement::Level::Nominal,
                "ordinal" => agreement::Level::Ordinal,
                "interval" => agreement::Level::Interval,
                _ => agreement::Level::Ratio,
            };
            json!({"alpha": agreement::krippendorff(&ratings(), level)})
        }
        "position_bias" => {
            let (first, second) = (i.n("always_first"), i.n("always_second"));
            let b = agreement::position_bias(i.n("consistent"), first, second)?;
            json!({"consistency": b.consistency, "bias_p_value": b.p,
                "first_minus_second": b.first_minus_second})
        }
        _ => return None,
    })
}
