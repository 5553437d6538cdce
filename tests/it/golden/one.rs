//! Distributions and one sample: rates, means, quantiles, the bootstrap, clusters.

use super::{Inputs, x};
use bakeoff::stats::resample::{self, Bootstrap};
use bakeoff::stats::{
    beta, binomial, chi_squared, cluster, mean, moments, normal, quantile, rate, student,
};
use serde_json::{Value, json};

pub fn ours(function: &str, i: &Inputs) -> Option<Value> {
    distributions(function, i)
        .or_else(|| rates(function, i))
        .or_else(|| means(function, i))
        .or_else(|| quantiles(function, i))
}

fn distributions(function: &str, i: &Inputs) -> Option<Value> {
    Some(match function {
        "normal_quantile" => json!({"x": x(normal::quantile(i.f("p")))}),
        "normal_cdf" => json!({"p": normal::cdf(i.f("x"))}),
        "student_t_quantile" => json!({"x": x(student::quantile(i.f("p"), i.f("df")))}),
        "student_t_cdf" => json!({"p": student::cdf(i.f("x"), i.f("df"))}),
        "beta_cdf" => json!({"p": beta::cdf(i.f("x"), i.f("a"), i.f("b"))}),
        "beta_quantile" => json!({"x": beta::quantile(i.f("p"), i.f("a"), i.f("b"))}),
        "binomial_cdf" => {
            let (k, n, p) = (i.n("k") as u64, i.n("n") as u64, i.f("p"));
            json!({"cdf": binomial::cdf(k, n, p), "pmf": binomial::pmf(k, n, p)})
        }
        "chi2_sf" => json!({"p": chi_squared::sf(i.f("x"), i.f("df"))}),
        "f_sf" => json!({"p": chi_squared::f_sf(i.f("x"), i.f("df1"), i.f("df2"))}),
        "ln_gamma" => json!({"y": statrs::function::gamma::ln_gamma(i.f("x"))}),
        _ => return None,
    })
}

fn rates(function: &str, i: &Inputs) -> Option<Value> {
    let interval = |of: fn(usize, usize, f64) -> (f64, f64)| {
        let (low, high) = of(i.n("successes"), i.n("n"), i.f("confidence"));
        json!({"lower": low, "upper": high})
    };
    Some(match function {
        "wilson_ci" => interval(rate::wilson),
        "clopper_pearson_ci" => interval(rate::clopper_pearson),
        "agresti_coull_ci" => interval(rate::agresti_coull),
        "jeffreys_ci" => interval(rate::jeffreys),
        "beta_binomial_ci" => {
            let (a, b) = (i.f("prior_a"), i.f("prior_b"));
            let (mean, (low, high)) =
                rate::posterior(i.n("successes"), i.n("n"), a, b, i.f("confidence"));
            json!({"mean": mean, "lower": low, "upper": high})
        }
        "binomial_test" => {
            let (k, n) = (i.n("successes") as u64, i.n("n") as u64);
            json!({"p_value": binomial::test(k, n, i.f("p0"), i.alternative())})
        }
        _ => return None,
    })
}

fn means(function: &str, i: &Inputs) -> Option<Value> {
    Some(match function {
        "mean_t_ci" => {
            let t = mean::t_interval(&i.list("x"), i.f("confidence"))?;
            json!({"mean": t.mean, "se": t.error, "df": t.df, "lower": t.low, "upper": t.high})
        }
        "stratified_mean" => {
            let found = mean::stratified(&i.list("x"), &i.indices("stratum"), &i.list("weights"))?;
            json!({"mean": found.0, "se": found.1})
        }
        "bootstrap_exhaustive" => {
            let b = Bootstrap::of_mean(&i.list("x"), 1_000_000, 1)?;
            let up_to = |t: &f64| b.replicates.partition_point(|r| r <= t) as f64;
            let cdf: Vec<f64> = i.list("thresholds").iter().map(up_to).collect();
            let count = b.replicates.len() as f64;
            json!({"se": b.error(), "z0": b.bias_correction(), "acceleration": b.acceleration,
                "cdf": cdf.iter().map(|c| c / count).collect::<Vec<_>>(), "resamples": count})
        }
        "bca_adjusted_levels" => {
            let (z0, a) = (i.f("z0"), i.f("acceleration"));
            let (low, high) = resample::bca_levels(z0, a, i.f("confidence"))?;
            json!({"lower_level": low, "upper_level": high})
        }
        "jackknife_acceleration_mean" => {
            json!({"acceleration": resample::acceleration(&i.list("x"))})
        }
        "bootstrap_mean_ci_band" => {
            let b = Bootstrap::of_mean(&i.list("x"), 20_000, 1)?;
            let (low, high) = match i.text("method") {
                "percentile" => b.percentile(i.f("confidence")),
                "basic" => b.basic(i.f("confidence")),
                _ => b.bca(i.f("confidence")),
            };
            json!({"lower": low, "upper": high, "se": b.error()})
        }
        "bootstrap_t_mean_ci_band" => {
            let (low, high) = mean::bootstrap_t(&i.list("x"), i.f("confidence"), 20_000, 1)?;
            json!({"lower": low, "upper": high})
        }
        "cluster_robust_mean" => {
            let c = cluster::mean(&i.list("y"), &i.indices("cluster"))?;
            let (one, two) = (
                c.interval_cr1(i.f("confidence")),
                c.interval(i.f("confidence")),
            );
            json!({"mean": c.mean, "clusters": c.clusters, "se_cr0": c.cr0, "se_cr1": c.cr1,
                "se_cr2": c.cr2, "se_cr3": c.cr3, "df_bm": c.df, "lower_cr1": one.0,
                "upper_cr1": one.1, "lower_cr2": two.0, "upper_cr2": two.1})
        }
        "cluster_bootstrap_se_exact" => {
            json!({"se": cluster::mean(&i.list("y"), &i.indices("cluster"))?.cr0})
        }
        "design_effect" => {
            let (effect, n) = cluster::design_effect(i.f("cluster_size"), i.f("icc"), i.f("n"));
            json!({"design_effect": effect, "effective_n": n})
        }
        _ => return None,
    })
}

fn quantiles(function: &str, i: &Inputs) -> Option<Value> {
    Some(match function {
        "harrell_davis" => {
            let (q, error) = quantile::harrell_davis(&i.list("x"), i.f("p"))?;
            json!({"q": q, "jackknife_se": error})
        }
        "quantile_type7" => {
            json!({"q": quantile::estimate(&i.list("x"), i.f("p"), 0.95)?.value})
        }
        "quantile_order_statistic_ci" => {
            let q = quantile::estimate(&i.list("x"), i.f("p"), i.f("confidence"))?;
            json!({"lower": q.low, "upper": q.high})
        }
        "quantile_ci_ranks" => {
            let n = i.n("n");
            let r = quantile::ranks(n, i.f("p"), i.f("confidence"));
            json!({"lower_rank": r.low.unwrap_or(0), "upper_rank": r.high.unwrap_or(n + 1),
                "coverage": r.coverage})
        }
        "effect_sizes" => {
            let (a, b) = (i.list("x"), i.list("y"));
            let d: Vec<f64> = a.iter().zip(&b).map(|(a, b)| a - b).collect();
            let superiority = bakeoff::stats::ranks::superiority(&a, &b)?;
            json!({"cohen_dz": moments::mean(&d)? / moments::deviation(&d)?,
                "prob_superiority": superiority, "cliffs_delta": 2.0 * superiority - 1.0})
        }
        _ => return None,
    })
}
