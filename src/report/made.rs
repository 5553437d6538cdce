//! What a run was made of, by its hashes: two runs with the same are the same question.

use crate::plan::{JudgeRef, Snapshot};
use serde::{Deserialize, Serialize};

/// A dataset, prompt, scorer, judge or candidate of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Made {
    /// `dataset`, `prompt`, `scorer`, `judge` or `candidate`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// The beginning of its hash.
    pub hash: String,
    /// What else there is to say of it; may be empty.
    pub about: String,
}

/// All that a plan was made of.
pub fn made(plan: &Snapshot) -> Vec<Made> {
    let one = |kind: &str, name: &str, hash: &str, about: String| Made {
        kind: kind.to_owned(),
        name: name.to_owned(),
        hash: hash.chars().take(16).collect(),
        about,
    };
    let data = &plan.dataset;
    let cases = super::counted(data.cases, "case");
    let mut all = vec![one("dataset", &data.name, &data.hash, cases)];
    for it in &plan.candidates {
        let prompt = one("prompt", &it.prompt, &it.prompt_hash, String::new());
        if !all.contains(&prompt) {
            all.push(prompt);
        }
    }
    for it in &plan.scorers {
        all.push(one("scorer", &it.name, &it.hash, it.kind.clone()));
        let judge = plan.judges.get(&it.name);
        all.extend(judge.map(|judge| one("judge", &it.name, &judge.hash, error(judge))));
    }
    for it in &plan.candidates {
        all.push(one("candidate", &it.name, &it.id, it.model.clone()));
    }
    all
}

/// Who judges, and how often that was found to be right.
fn error(judge: &JudgeRef) -> String {
    let who = judge.models.join(", ");
    match judge.calibrated() {
        Some(it) => {
            let agreed = format!(
                "{who}; agrees with people on {:.0}% of {}",
                100.0 * it.agreement.percent.value,
                super::counted(it.labels, "label")
            );
            match it.skill {
                Some(skill) => format!(
                    "{agreed}; says yes to {:.0}% of what people pass and to {:.0}% of what they fail",
                    100.0 * skill.sensitivity,
                    100.0 * (1.0 - skill.specificity)
                ),
                None => agreed,
            }
        }
        None => format!("{who}; its error was not measured"),
    }
}
