//! Two samples: pairs of passes and fails, pairs of numbers, independent samples.

use super::{Inputs, x};
use bakeoff::stats::discordance::Pairs;
use bakeoff::stats::{flips, independent, noninferior, paired, ranks, ratio};
use serde_json::{Value, json};

pub fn ours(function: &str, i: &Inputs) -> Option<Value> {
    binary(function, i)
        .or_else(|| numeric(function, i))
        .or_else(|| unpaired(function, i))
}

fn interval((low, high): (f64, f64)) -> Value {
    json!({"lower": low, "upper": high})
}

fn binary(function: &str, i: &Inputs) -> Option<Value> {
    let pairs = || Pairs {
        n11: i.n("n11"),
        n10: i.n("n10"),
        n01: i.n("n01"),
        n00: i.n("n00"),
    };
    Some(match function {
        "mcnemar" => {
            let p = pairs();
            let large = p.asymptotic();
            json!({"p_exact": p.exact(), "p_midp": p.mid_p(), "p_exact_greater": p.exact_greater(),
                "chi2": large.map(|a| a.chi2), "p_asymptotic": large.map(|a| a.p),
                "p_asymptotic_cc": large.map(|a| a.p_corrected)})
        }
        "newcombe_paired_ci" => {
            let (low, high) = pairs().newcombe(i.f("confidence"));
            json!({"diff": pairs().difference(), "phi": pairs().phi(), "lower": low, "upper": high})
        }
        "tango_paired_ci" => interval(pairs().tango(i.f("confidence"))),
        "bonett_price_paired_ci" => {
            let (estimate, se, (low, high)) = pairs().bonett_price(i.f("confidence"));
            json!({"estimate": estimate, "se": se, "lower": low, "upper": high})
        }
        "bayes_paired_superiority" => {
            let (better, difference) = pairs().superiority(i.f("prior"));
            json!({"prob_a_better": better, "mean_diff": difference})
        }
        "noninferiority_paired_binary" => {
            let (z, p) = pairs().not_worse(i.f("margin"));
            json!({"z": x(z), "p_value": p})
        }
        _ => return None,
    })
}

fn numeric(function: &str, i: &Inputs) -> Option<Value> {
    Some(match function {
        "paired_t_test" => {
            let d: Vec<f64> = i
                .list("x")
                .iter()
                .zip(i.list("y"))
                .map(|(x, y)| x - y)
                .collect();
            let t = paired::t_test(&d, 0.0, i.alternative(), i.f("confidence"))?;
            json!({"diff": t.mean, "t": x(t.t), "df": t.df, "p_value": t.p,
                "lower": x(t.low), "upper": x(t.high)})
        }
        "wilcoxon_signed_rank_exact" => {
            let (w, p) = ranks::signed_rank_exact(&i.list("d"), i.alternative());
            json!({"w_plus": w, "p_value": p})
        }
        "wilcoxon_signed_rank_normal" => {
            let pratt = i.text("zero_method") == "pratt";
            let (z, p) = ranks::signed_rank_normal(&i.list("d"), i.alternative(), pratt)?;
            json!({"z": z, "p_value": p})
        }
        "sign_test" => {
            let s = ranks::sign_test(&i.list("d"), i.alternative());
            json!({"positive": s.positive, "nonzero": s.nonzero, "p_value": s.p})
        }
        "sign_flip_permutation_exact" => {
            let f = flips::exact(&i.list("d"))?;
            json!({"p_two_sided": f.two_sided, "p_greater": f.greater, "permutations": f.flips})
        }
        "tost_mean" => {
            let t = noninferior::tost(&i.list("d"), i.f("low"), i.f("high"))?;
            json!({"p_value": t.p, "t_low": x(t.above_low.t), "p_low": t.above_low.p,
                "t_high": x(t.below_high.t), "p_high": t.below_high.p, "df": t.above_low.df})
        }
        "noninferiority_mean" => {
            let (margin, alpha) = (i.f("margin"), i.f("alpha"));
            let t = noninferior::not_worse(&i.list("d"), margin, alpha)?;
            json!({"t": x(t.t), "df": t.df, "p_value": t.p, "lower_bound": t.low,
                "non_inferior": t.p <= alpha})
        }
        "fieller_ratio_ci" => {
            let (a, b) = (i.list("numerator"), i.list("denominator"));
            let r = ratio::fieller(&a, &b, i.f("confidence"))?;
            json!({"ratio": x(r.ratio), "delta_se": x(r.error), "bounded": r.interval.is_some(),
                "lower": r.interval.map(|i| i.0), "upper": r.interval.map(|i| i.1)})
        }
        "paired_ratio_of_means_log_ci" => {
            let (a, b) = (i.list("numerator"), i.list("denominator"));
            let r = ratio::of_means(&a, &b, i.f("confidence"))?;
            json!({"ratio": r.ratio, "se_log": r.error, "lower": r.low, "upper": r.high})
        }
        _ => return None,
    })
}

fn unpaired(function: &str, i: &Inputs) -> Option<Value> {
    let counts = || (i.n("s1"), i.n("n1"), i.n("s2"), i.n("n2"));
    Some(match function {
        "welch_t_test" => {
            let (a, b) = (i.list("x"), i.list("y"));
            let t = independent::welch(&a, &b, i.alternative(), i.f("confidence"))?;
            json!({"t": x(t.t), "df": t.df, "p_value": t.p, "diff": t.mean,
                "lower": x(t.low), "upper": x(t.high)})
        }
        "newcombe_independent_ci" => {
            let (s1, n1, s2, n2) = counts();
            let (low, high) = independent::newcombe((s1, n1), (s2, n2), i.f("confidence"));
            json!({"diff": s1 as f64 / n1 as f64 - s2 as f64 / n2 as f64, "lower": low, "upper": high})
        }
        "agresti_caffo_ci" => {
            let (s1, n1, s2, n2) = counts();
            interval(independent::agresti_caffo(
                (s1, n1),
                (s2, n2),
                i.f("confidence"),
            ))
        }
        "bayes_independent_superiority" => {
            let (s1, n1, s2, n2) = counts();
            let prior = (i.f("prior_a"), i.f("prior_b"));
            json!({"prob": independent::superiority((s1, n1), (s2, n2), prior)})
        }
        _ => return None,
    })
}
