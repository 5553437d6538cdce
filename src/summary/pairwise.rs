//! What comparing scorers said: net win rates of two, strengths of several, and whether the judge says the
//! same in both orders.

use super::matrix::Matrix;
use crate::plan::ScorerRef;
use crate::stats::bradley_terry::{Game, Ranking, games};
use crate::stats::{Estimate, agreement, normal, paired};
use crate::store::{Order, Preference};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

const CONFIDENCE: f64 = 0.95;
/// Elo of the reference.
const ANCHOR: f64 = 1000.0;

/// One pairwise scorer's result over a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Pairwise {
    /// The scorer.
    pub scorer: String,
    /// Who judged.
    pub models: Vec<String>,
    /// Whether it said the same in both orders.
    pub consistency: Consistency,
    /// Every two candidates that met.
    pub pairs: Vec<Meeting>,
    /// Strengths of three candidates or more, in the suite's order; empty where there are none.
    pub strengths: Vec<Strength>,
    /// What a reader must know before trusting them, a sentence each.
    pub notes: Vec<String>,
}

/// How a judge that was asked in both orders held to its word.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Consistency {
    /// Share of the judged pairs with the same verdict in both orders; null if none was judged.
    pub value: Option<f64>,
    /// Exact p of "where it contradicts itself it prefers neither place".
    pub p: Option<f64>,
    /// Share that takes the first place minus share that takes the second.
    pub first_minus_second: Option<f64>,
    /// Pairs judged in both orders.
    pub pairs: usize,
    /// Of them, for the first place whatever stood there.
    pub first: usize,
    /// Of them, for the second.
    pub second: usize,
    /// Pairs of equal answers: a tie, and nobody was asked.
    pub same: usize,
    /// Pairs that could not be judged.
    pub unscored: usize,
}

/// Two candidates that met.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Meeting {
    /// The one whose wins are counted.
    pub a: String,
    /// The other.
    pub b: String,
    /// Pairs that `a` won in both orders.
    pub wins: usize,
    /// Pairs that it lost in both orders.
    pub losses: usize,
    /// Ties, and verdicts that changed with the order.
    pub ties: usize,
    /// Wins minus losses over pairs, by case.
    pub net: Estimate,
    /// `newcombe`, `t`, `bca`, `cr2` or `none`.
    pub method: String,
}

/// A candidate's strength among those that met.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Strength {
    /// The candidate.
    pub name: String,
    /// Its Bradley-Terry strength on the logit scale, the reference at 0.
    pub theta: f64,
    /// Standard error of the difference to the reference, clustered by case; 0 for the reference.
    pub error: f64,
    /// 400/ln10·θ, the reference at 1000.
    pub elo: Estimate,
}

/// A pair that was judged, by candidates' places.
struct Met<'a> {
    a: usize,
    b: usize,
    case: usize,
    preference: &'a Preference,
}

/// Every pairwise scorer of the run.
pub(super) fn pairwise(matrix: &Matrix<'_>) -> Vec<Pairwise> {
    let scorers = matrix.plan.scorers.iter();
    let comparing = scorers.filter(|scorer| scorer.kind == "pairwise");
    comparing.map(|scorer| one(matrix, scorer)).collect()
}

fn one(matrix: &Matrix<'_>, scorer: &ScorerRef) -> Pairwise {
    let met = met(matrix, scorer);
    let mut notes = Vec::new();
    let mut by_pair: BTreeMap<(usize, usize), Vec<&Met<'_>>> = BTreeMap::new();
    for one in &met {
        by_pair.entry((one.a, one.b)).or_default().push(one);
    }
    let pairs = by_pair.values();
    let pairs: Vec<Meeting> = pairs
        .filter_map(|met| meeting(matrix, &scorer.name, met, &mut notes))
        .collect();
    let judge = matrix.plan.judges.get(&scorer.name);
    Pairwise {
        scorer: scorer.name.clone(),
        models: judge.map_or_else(Vec::new, |judge| judge.models.clone()),
        consistency: consistency(&met),
        strengths: strengths(matrix, &met, &mut notes),
        pairs,
        notes,
    }
}

/// The pairs of this run that this scorer, as it is now, was to judge.
fn met<'a>(matrix: &Matrix<'a>, scorer: &ScorerRef) -> Vec<Met<'a>> {
    let mut places: HashMap<&str, (usize, usize)> = HashMap::new();
    for (candidate, cells) in matrix.cells.iter().enumerate() {
        for cell in cells {
            places.insert(&cell.trial, (candidate, cell.case));
        }
    }
    let all = matrix.stored.preferences.iter();
    let own = all.filter(|it| it.scorer == scorer.name && it.definition == scorer.hash);
    let mut met: Vec<Met<'_>> = own
        .filter_map(|preference| {
            let (a, case) = *places.get(preference.trial.as_str())?;
            let (b, _) = *places.get(preference.versus.as_str())?;
            Some(Met {
                a,
                b,
                case,
                preference,
            })
        })
        .collect();
    met.sort_by(|x, y| {
        let key = |it: &Met<'_>| (it.a, it.b, it.case);
        key(x)
            .cmp(&key(y))
            .then_with(|| x.preference.trial.cmp(&y.preference.trial))
    });
    met
}

fn consistency(met: &[Met<'_>]) -> Consistency {
    let judged = || {
        met.iter()
            .filter_map(|it| it.preference.result.as_ref().ok())
    };
    let count = |order: Order| judged().filter(|it| it.order == order).count();
    let (consistent, first, second) = (
        count(Order::Consistent),
        count(Order::First),
        count(Order::Second),
    );
    let bias = agreement::position_bias(consistent, first, second);
    Consistency {
        value: bias.map(|it| it.consistency),
        p: bias.map(|it| it.p),
        first_minus_second: bias.map(|it| it.first_minus_second),
        pairs: consistent + first + second,
        first,
        second,
        same: count(Order::Same),
        unscored: met.len() - judged().count(),
    }
}

/// Net win rate of two candidates: the paired difference of their shares, 1, ½ and 0, case by case.
fn meeting(
    matrix: &Matrix<'_>,
    scorer: &str,
    met: &[&Met<'_>],
    notes: &mut Vec<String>,
) -> Option<Meeting> {
    let first = met.first()?;
    let names = &matrix.plan.candidates;
    let (a, b) = (&names[first.a], &names[first.b]);
    let mut cases: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
    let (mut wins, mut losses, mut ties) = (0, 0, 0);
    for one in met {
        let Ok(preferred) = &one.preference.result else {
            continue;
        };
        match preferred.value {
            value if value > 0.5 => wins += 1,
            value if value < 0.5 => losses += 1,
            _ => ties += 1,
        }
        cases.entry(one.case).or_default().push(preferred.value);
    }
    let mean = |values: &Vec<f64>| values.iter().sum::<f64>() / values.len() as f64;
    let won: Vec<f64> = cases.values().map(mean).collect();
    let lost: Vec<f64> = won.iter().map(|value| 1.0 - value).collect();
    let numbers: Vec<usize> = cases.keys().copied().collect();
    let groups = matrix.groups_of(&numbers);
    let seed = matrix.seed(&["pairwise", scorer, &a.id, &b.id]);
    let found = paired::paired(&won, &lost, groups.as_deref(), CONFIDENCE, seed)?;
    if let Some(note) = &found.note {
        notes.push(format!("{} − {}: {note}", a.name, b.name));
    }
    Some(Meeting {
        a: a.name.clone(),
        b: b.name.clone(),
        wins,
        losses,
        ties,
        net: found.difference,
        method: found.method.to_owned(),
    })
}

/// Bradley-Terry strengths where three or more met, ties half a win each, errors clustered by case (by
/// group where cases have one).
fn strengths(matrix: &Matrix<'_>, met: &[Met<'_>], notes: &mut Vec<String>) -> Vec<Strength> {
    let mut there: Vec<usize> = met.iter().flat_map(|it| [it.a, it.b]).collect();
    there.sort_unstable();
    there.dedup();
    if there.len() < 3 {
        return Vec::new();
    }
    let place = |candidate: usize| there.partition_point(|it| *it < candidate);
    let cluster = |case: usize| matrix.groups.as_ref().map_or(case, |groups| groups[case]);
    let game = |it: &Met<'_>| {
        let preferred = it.preference.result.as_ref().ok()?;
        Some(Game {
            a: place(it.a),
            b: place(it.b),
            score: preferred.value,
            case: cluster(it.case),
            style: Vec::new(),
        })
    };
    let played: Vec<Game> = met.iter().filter_map(game).collect();
    let ranking = match games(there.len(), &played) {
        Ok(ranking) => ranking,
        Err(error) => {
            notes.push(format!("no strengths: {error}"));
            return Vec::new();
        }
    };
    if ranking.pseudo {
        notes.push(
            "somebody always won or always lost: half a win each way was added to every pair that met, and \
             the strengths are drawn together by it"
                .into(),
        );
    }
    let names = &matrix.plan.candidates;
    let named = matrix.plan.reference.as_ref();
    let reference = there
        .iter()
        .position(|it| Some(&names[*it].name) == named)
        .unwrap_or(0);
    let strength = |(at, candidate): (usize, &usize)| {
        let (theta, error) = against(&ranking, at, reference);
        let scale = 400.0 / std::f64::consts::LN_10;
        let half = normal::two_sided(CONFIDENCE) * error;
        let elo = |theta: f64| ANCHOR + scale * theta;
        let limits = (at != reference).then(|| (elo(theta - half), elo(theta + half)));
        let games = played.iter().filter(|it| it.a == at || it.b == at).count();
        Strength {
            name: names[*candidate].name.clone(),
            theta,
            error,
            elo: Estimate::new(elo(theta), limits, games),
        }
    };
    there.iter().enumerate().map(strength).collect()
}

fn against(ranking: &Ranking, at: usize, reference: usize) -> (f64, f64) {
    match at == reference {
        true => (0.0, 0.0),
        false => ranking.difference(at, reference),
    }
}
