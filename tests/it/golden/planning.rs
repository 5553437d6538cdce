//! Power, sample sizes, detectable differences, false alarms.

use super::{Inputs, x};
use bakeoff::stats::alarm::{self, Outlook};
use bakeoff::stats::{power, rate};
use serde_json::{Value, json};

pub fn ours(function: &str, i: &Inputs) -> Option<Value> {
    sizes(function, i).or_else(|| detectable(function, i))
}

fn cases(exact: impl Into<Option<f64>>) -> Value {
    let exact = exact.into();
    json!({"n_exact": exact, "n": exact.map(f64::ceil)})
}

fn miller_variance(i: &Inputs) -> f64 {
    let (a, b) = ((i.f("sigma2_a"), i.f("k_a")), (i.f("sigma2_b"), i.f("k_b")));
    power::difference_variance(i.f("omega2"), a, b)
}

fn sizes(function: &str, i: &Inputs) -> Option<Value> {
    let (alpha, goal) = (|| i.f("alpha"), || i.f("power"));
    Some(match function {
        "paired_t_sample_size" => cases(power::cases_paired_t(i.f("effect_size"), goal(), alpha())),
        "miller_sample_size" => cases(power::cases(
            miller_variance(i),
            i.f("delta"),
            alpha(),
            goal(),
        )),
        "mcnemar_sample_size" => {
            let (psi, delta) = (i.f("discordant_rate"), i.f("diff"));
            cases(power::cases_paired_binary(psi, delta, alpha(), goal()))
        }
        "noninferiority_sample_size" => {
            let (sd, margin, truth) = (i.f("sd"), i.f("margin"), i.f("true_diff"));
            cases(power::cases_not_worse(sd, margin, truth, alpha(), goal()))
        }
        "proportion_sample_size" => cases(rate::cases_for_half_width(
            i.f("p"),
            i.f("half_width"),
            alpha(),
        )),
        _ => return None,
    })
}

fn detectable(function: &str, i: &Inputs) -> Option<Value> {
    let (alpha, goal) = (|| i.f("alpha"), || i.f("power"));
    Some(match function {
        "paired_t_power" => {
            json!({"power": power::paired_t(i.f("n"), i.f("effect_size"), alpha(), i.alternative())})
        }
        "paired_t_mde" => {
            json!({"mde": power::mde_paired_t(i.n("n"), goal(), alpha(), i.f("sd"))})
        }
        "two_sample_t_mde" => {
            json!({"mde": power::mde_two_sample_t(i.n("n_per_group"), goal(), alpha(), i.f("sd"))})
        }
        "miller_mde" => {
            json!({"mde": power::mde(miller_variance(i), i.n("n"), alpha(), goal())})
        }
        "mcnemar_exact_power" => {
            let (exact, mid_p) = power::mcnemar_exact(i.n("n"), i.f("p10"), i.f("p01"), alpha());
            json!({"power_exact": exact, "power_midp": mid_p})
        }
        "gate_false_alarms" => {
            let a = alarm::false_alarms(alpha(), i.f("runs"));
            json!({"expected": a.expected, "prob_any": a.any, "mean_runs_to_alarm": x(a.runs_to_first)})
        }
        "curtailment" => {
            let range = (i.f("min_score"), i.f("max_score"));
            let (n, done, sum) = (i.n("n"), i.n("done"), i.f("sum"));
            let (least, most, outlook) = alarm::curtail(n, done, sum, range, i.f("threshold"))?;
            let state = match outlook {
                Outlook::CertainPass => "certain_pass",
                Outlook::CertainFail => "certain_fail",
                Outlook::Open => "open",
            };
            json!({"final_min": least, "final_max": most, "state": state})
        }
        _ => return None,
    })
}
