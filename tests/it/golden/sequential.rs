//! Evidence that is valid at any time, looks that share one error, and simultaneous ranges.

use super::Inputs;
use bakeoff::stats::anytime::{self, Bets};
use bakeoff::stats::{range, sequence, spending};
use serde_json::{Value, json};

pub fn ours(function: &str, i: &Inputs) -> Option<Value> {
    Some(match function {
        "sign_evalue_one_sided" => {
            let log = anytime::sign_one_sided(i.n("n10"), i.n("n01"));
            json!({"log_e": log, "e": log.exp()})
        }
        "sign_evalue_two_sided" => {
            let log = anytime::sign_two_sided(i.n("n10"), i.n("n01"), i.f("prior"));
            json!({"log_e": log, "e": log.exp(), "anytime_p": anytime::p_value(log)})
        }
        "beta_mixture_confidence_sequence" => {
            let prior = (i.f("prior_a"), i.f("prior_b"));
            let (low, high) = anytime::rate(i.n("successes"), i.n("n"), i.f("alpha"), prior);
            json!({"lower": low, "upper": high})
        }
        "betting_log_wealth" => betting(i),
        "normal_mixture_cs_halfwidth" => {
            let half = sequence::normal_mixture(i.n("n"), i.f("rho"), i.f("alpha"), i.f("sigma"));
            json!({"halfwidth": half})
        }
        "normal_mixture_cs_rho" => {
            json!({"rho": sequence::best_rho(i.n("optimise_at_n"), i.f("alpha"))})
        }
        "empirical_bernstein_cs" => {
            let all = sequence::empirical_bernstein(&i.list("x"), i.f("alpha"));
            let at: Vec<_> = i.indices("at").iter().map(|t| all[t - 1]).collect();
            json!({"center": at.iter().map(|a| a.centre).collect::<Vec<_>>(),
                "radius": at.iter().map(|a| a.radius).collect::<Vec<_>>()})
        }
        "lan_demets_obf_bounds" => {
            let b = spending::obrien_fleming(i.n("looks"), i.f("alpha"))?;
            json!({"z": b.z, "cumulative_alpha": b.spent})
        }
        "studentized_range_quantile" => {
            json!({"q": range::quantile(i.f("p"), i.n("k"), i.f("df"))})
        }
        _ => return None,
    })
}

fn betting(i: &Inputs) -> Value {
    let mut bets = Bets::new(i.f("margin"));
    let (mut up, mut down) = (Vec::new(), Vec::new());
    for d in i.list("d") {
        bets.see(d);
        up.push(bets.not_worse());
        down.push(bets.worse());
    }
    let at =
        |wealth: &[f64]| -> Vec<f64> { i.indices("at").iter().map(|t| wealth[t - 1]).collect() };
    let first = |wealth: &[f64]| {
        wealth
            .iter()
            .position(|w| *w >= 20.0_f64.ln())
            .map(|t| t + 1)
    };
    json!({"log_wealth_not_worse": at(&up), "log_wealth_worse": at(&down),
        "first_pass_at_alpha_05": first(&up), "first_fail_at_alpha_05": first(&down)})
}
