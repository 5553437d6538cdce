//! Judging every rule: what each found, and what the gate says of all together.

use super::early::{Looks, Sure};
use super::metric;
use super::pair::{Pairs, Scores};
use super::words::{self, rule_text, share_of};
use super::{Answer, BETS, BLOCK, FALSE_BLOCK, FLAG, Flip, Gated, Judged, Mode, Question, Versus};
use crate::plan::Stopped;
use crate::project::{Rule, ScorerRule};
use crate::stats::paired::paired;
use crate::stats::{Estimate, mean};
use crate::summary::judge::{CONFIDENCE, Terms, UNMATCHED, judge_scores};
use crate::summary::{Verdict, clusters};

/// Every rule on every candidate. `run`, `baseline`, `changes` and `next` are the caller's to fill in.
pub fn judge(question: &Question<'_>) -> Gated {
    let (mut rules, mut flips, mut unmatched) = (Vec::new(), Vec::new(), Vec::new());
    let looks = question.rounds.as_ref().map(|_| {
        let mut looks = Looks::new(question);
        looks.look(&question.pairs);
        looks
    });
    for (index, versus) in question.pairs.iter().enumerate() {
        let pairs = versus.before.map(|before| Pairs::new(versus.now, before));
        for rule in question.rules {
            let judged = match rule {
                Rule::Scorer(rule) => {
                    let looks = looks.as_ref();
                    let sure = looks.and_then(|looks| looks.of(index, &rule.scorer));
                    let bet = looks.map(|looks| (sure, looks.any_worse()));
                    scorer(question, versus, pairs.as_ref(), (rule, bet), &mut flips)
                }
                Rule::Metric(rule) => metric::judge(question, versus, pairs.as_ref(), rule),
            };
            rules.extend(judged);
        }
        for case in pairs.into_iter().flat_map(|pairs| pairs.unmatched) {
            if !unmatched.contains(&case) {
                unmatched.push(case);
            }
        }
    }
    let verdict = all_together(question.mode, &rules);
    let paired = rules
        .iter()
        .filter(|rule| rule.difference.is_some())
        .count();
    let stage = if question.pooled { 2 } else { 1 };
    flips.sort_by(|a, b| (a.now - a.before).total_cmp(&(b.now - b.before)));
    let mut gated = Gated {
        schema: "bakeoff.gate/1".into(),
        verdict,
        sentence: String::new(),
        mode: question.mode,
        stage,
        run: String::new(),
        baseline: None,
        rules,
        changes: Vec::new(),
        unmatched,
        flips,
        false_alarms: FALSE_BLOCK * paired.min(1) as f64 * question.runs_a_month,
        next: None,
        notes: Vec::new(),
        stopped_early: question.rounds.as_ref().and_then(|it| it.stopped.clone()),
    };
    gated.sentence = words::sentence(&gated);
    gated
}

fn all_together(mode: Mode, rules: &[Judged]) -> Answer {
    let one = |rule: &Judged| match rule.verdict {
        Verdict::Invalid => Answer::Invalid,
        Verdict::Regressed if rule.flagged => Answer::Undecided,
        Verdict::Regressed => Answer::Fail,
        Verdict::Inconclusive if mode == Mode::Release => Answer::Undecided,
        _ => Answer::Pass,
    };
    // No rule at all is no pass.
    rules.iter().map(one).max().unwrap_or(Answer::Invalid)
}

/// The one-sided error of a rule against the baseline.
pub(super) fn claim(question: &Question<'_>) -> f64 {
    if !question.pooled {
        return FLAG;
    }
    // Any one of them blocks, so they share the error.
    let shared = question
        .rules
        .iter()
        .filter(|rule| words::paired(rule))
        .count()
        * question.pairs.len();
    BLOCK / shared.max(1) as f64
}

/// Two-sided confidence whose limits are this rule's one-sided bounds.
pub(super) fn level(question: &Question<'_>) -> f64 {
    1.0 - 2.0 * claim(question)
}

/// Where the run stopped early, if it did.
fn stopped<'a>(question: &'a Question<'_>, versus: &Versus<'_>) -> Option<&'a Stopped> {
    question.rounds.as_ref()?.stopped(versus.now)
}

/// What the bet on a rule has shown, and whether one has shown any rule broken.
type BetOn = (Option<Sure>, bool);

/// Whether a drop that shows at this stage is only flagged.
pub(super) fn flagged(question: &Question<'_>, found: Verdict) -> bool {
    found == Verdict::Regressed && question.mode == Mode::Commit && !question.pooled
}

/// A rule about a scorer: against the baseline, against a fixed least value, or both.
fn scorer(
    question: &Question<'_>,
    versus: &Versus<'_>,
    pairs: Option<&Pairs<'_>>,
    (rule, bet): (&ScorerRule, Option<BetOn>),
    flips: &mut Vec<Flip>,
) -> Vec<Judged> {
    let mut judged = Vec::new();
    if words::paired(&Rule::Scorer(rule.clone())) {
        let mut blank = blank(&versus.now.name, rule.scorer.clone());
        let Some(pairs) = pairs else {
            blank.reason = "there is no baseline to compare with".into();
            return vec![blank];
        };
        let scores = pairs.scores(&rule.scorer);
        let planned = question.rounds.as_ref().map(|it| it.planned);
        let margin = margin(rule, planned.unwrap_or(scores.now.len()));
        blank.rule = rule_text(&Rule::Scorer(rule.clone()), margin);
        blank.limit = margin;
        let moved = scores.ids.iter().zip(scores.now.iter().zip(&scores.before));
        flips.extend(moved.filter(|(_, (now, before))| now != before).map(
            |(case, (now, before))| Flip {
                candidate: versus.now.name.clone(),
                scorer: rule.scorer.clone(),
                case: case.clone(),
                before: *before,
                now: *now,
            },
        ));
        let open = bet.map(|bet| (bet, stopped(question, versus)));
        judged.push(against(question, &scores, open, blank));
    }
    if let Some(least) = rule.min {
        judged.push(floor(question, versus, rule, least));
    }
    judged
}

/// The margin: the rule's own, else 5 points up to 100 cases and 2 above.
pub(super) fn margin(rule: &ScorerRule, cases: usize) -> f64 {
    let usual = if cases <= 100 { 0.05 } else { 0.02 };
    rule.margin.map_or(usual, |share| share.0)
}

fn against(
    question: &Question<'_>,
    scores: &Scores,
    bet: Option<(BetOn, Option<&Stopped>)>,
    blank: Judged,
) -> Judged {
    let scorer = blank.about.clone();
    if question.changed_scorers.contains(&scorer) {
        let reason =
            format!("the scorer {scorer} is not the one of the baseline: set a new baseline");
        return Judged { reason, ..blank };
    }
    let groups = clusters(scores.groups.iter().map(Option::as_deref));
    // What the bets may err is not left for the test at the end.
    let alpha = claim(question) * bet.map_or(1.0, |_| 1.0 - BETS);
    let terms = Terms {
        scorer: &scorer,
        margin: blank.limit,
        alpha,
        seed: question.seed,
    };
    // Gaps are filled against the candidate, so no case is without a score here.
    let names = (blank.candidate.as_str(), "the baseline");
    let found = judge_scores(
        names,
        &scores.now,
        &scores.before,
        groups.as_deref(),
        0,
        terms,
    );
    if found.verdict == Verdict::Invalid {
        let reason = format!("no case has a score by {scorer} on either side");
        return Judged { reason, ..blank };
    }
    let own = mean::of_scores(&scores.now, groups.as_deref(), CONFIDENCE, question.seed);
    let mut judged = Judged {
        difference: Some(found.difference),
        value: own.map(|own| own.estimate),
        gains: found.gains,
        losses: found.losses,
        method: found.method.clone(),
        ..blank
    };
    let share = scores.unmatched_share();
    if share > UNMATCHED {
        judged.reason = share_of(share, "lack a score on one side or the other");
        return judged;
    }
    let stopped = bet.and_then(|(_, stopped)| stopped);
    let sure = bet.and_then(|((sure, _), _)| sure);
    judged.verdict = match (sure, found.verdict) {
        (Some(Sure::Worse), _) => Verdict::Regressed,
        (Some(Sure::NotWorse), _) if stopped.is_some() => Verdict::NotWorse,
        (Some(Sure::NotWorse), Verdict::Inconclusive) => Verdict::NotWorse,
        (Some(Sure::NotWorse), Verdict::Regressed) => Verdict::SlightlyWorse,
        // The cases that were asked hang on what they said, so the usual test says nothing.
        (None, _) if stopped.is_some() => Verdict::Inconclusive,
        (_, found) => found,
    };
    judged.flagged = flagged(question, judged.verdict);
    if let (Some(stopped), None) = (stopped, sure) {
        if !bet.is_some_and(|((_, any_worse), _)| any_worse) {
            judged.verdict = Verdict::Invalid;
        }
        judged.reason = words::undecided(stopped);
        return judged;
    }
    if let Some(sure) = sure.filter(|_| stopped.is_some() || judged.verdict != found.verdict) {
        judged.method = "betting".into();
        judged.reason = words::sure(&judged, sure == Sure::Worse, stopped);
        return judged;
    }
    judged.need = found
        .need
        .filter(|_| judged.verdict == Verdict::Inconclusive);
    let level = 1.0 - 2.0 * alpha;
    let at = |confidence| {
        paired(
            &scores.now,
            &scores.before,
            groups.as_deref(),
            confidence,
            question.seed,
        )
    };
    let bound = match alpha == FLAG {
        false => at(level).map(|found| found.difference),
        true => at(CONFIDENCE).map(|found| {
            Estimate::new(
                found.difference.value,
                found.one_sided_95,
                found.difference.n,
            )
        }),
    };
    judged.reason = words::reason(
        &judged,
        question.pooled,
        found.note.as_deref(),
        bound.as_ref(),
        level,
    );
    judged
}

/// A least value: broken where the whole interval is below it.
fn floor(question: &Question<'_>, versus: &Versus<'_>, rule: &ScorerRule, least: f64) -> Judged {
    let own = Pairs::new(versus.now, versus.now).scores(&rule.scorer);
    let mut judged = blank(&versus.now.name, rule.scorer.clone());
    judged.rule = format!("{}: at least {least}", rule.scorer);
    judged.limit = least;
    let groups = clusters(own.groups.iter().map(Option::as_deref));
    // The candidate's own gaps count as the worst score.
    let at = |confidence| mean::of_scores(&own.now, groups.as_deref(), confidence, question.seed);
    let (Some(shown), Some(bound)) = (at(CONFIDENCE), at(1.0 - 2.0 * FLAG)) else {
        judged.reason = format!("nothing was scored by {}", rule.scorer);
        return judged;
    };
    judged.value = Some(shown.estimate);
    judged.method = shown.method.into();
    if own.unmatched_share() > UNMATCHED {
        judged.reason = share_of(own.unmatched_share(), "have no score");
        return judged;
    }
    let below = |limit: &Estimate| limit.high.map_or(limit.value < least, |high| high < least);
    let above = |limit: &Estimate| limit.low.map_or(limit.value >= least, |low| low >= least);
    judged.verdict = if below(&bound.estimate) {
        Verdict::Regressed
    } else if above(&bound.estimate) {
        Verdict::NotWorse
    } else {
        Verdict::Inconclusive
    };
    judged.reason = words::limit_reason(&judged, &bound.estimate, 1.0 - 2.0 * FLAG);
    judged
}

/// A rule that found nothing yet: invalid until something else is known.
pub(super) fn blank(candidate: &str, about: String) -> Judged {
    Judged {
        rule: about.clone(),
        about,
        candidate: candidate.to_owned(),
        verdict: Verdict::Invalid,
        flagged: false,
        difference: None,
        value: None,
        limit: 0.0,
        gains: 0,
        losses: 0,
        need: None,
        method: "none".into(),
        reason: String::new(),
    }
}
