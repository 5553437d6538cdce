//! From a finished run to a verdict on one target.
//!
//! Not worse must be shown: one-sided 5 %, paired, within the margin, by the scorer that decides. What
//! else may not get worse is judged by itself. A broken guard is never outweighed.

use super::cases::{flips, slices};
use super::guard::{Both, guards, within_unit};
use super::hints::{Facts, of_lint, of_shifts};
use super::oddity::{Expected, Replies};
use super::ported::{Answer, Guard, Ported, Rewrite};
use super::shifts::{Shifts, shifts, times};
use super::{LintRow, words};
use crate::plan::Snapshot;
use crate::stats::{Estimate, paired, ratio};
use crate::store::Stored;
use crate::summary::judge::{CONFIDENCE, Terms, judge};
use crate::summary::pairing::Pairing;
use crate::summary::side::{Side, sides};
use crate::summary::{Contrast, Verdict};

/// Who is held against whom: names of candidates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pair {
    /// The model that the prompt comes from.
    pub from: String,
    /// The model that it goes to.
    pub to: String,
    /// The model that it goes to, with another prompt.
    pub rewrite: Option<String>,
    /// The first model asked again.
    pub control: Option<String>,
    /// Whether the prompt has a schema for its answers.
    pub schema: bool,
}

/// What is asked of a run.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// The run's plan.
    pub plan: &'a Snapshot,
    /// Its replies and scores; `None` if nothing was sent.
    pub stored: Option<&'a Stored>,
    /// What the lint found.
    pub lint: &'a [LintRow],
    /// Within what difference the target counts as not worse.
    pub margin: f64,
    /// Whether better by more than the margin is a difference too.
    pub equivalence: bool,
}

/// All that is known of one target.
pub fn port(asked: &Asked<'_>, pair: &Pair) -> Ported {
    let names = [Some(&pair.from), Some(&pair.to), pair.rewrite.as_ref()];
    let mut told = asked.lint.iter().filter(|row| {
        row.judge
            || names
                .into_iter()
                .flatten()
                .any(|name| *name == row.candidate)
    });
    let lint = told.by_ref().map(LintRow::json).collect();
    let mut ported = Ported {
        schema: "bakeoff.port/1",
        verdict: Answer::NotPortable,
        sentence: String::new(),
        from: pair.from.clone(),
        to: pair.to.clone(),
        run: None,
        scorer: asked.plan.primary.clone(),
        margin: asked.margin,
        lint,
        contrast: None,
        equivalent: None,
        equivalence: asked.equivalence,
        rewrite: None,
        control: None,
        guards: Vec::new(),
        shifts: Shifts::default(),
        cost_ratio: None,
        latency_ratio: None,
        flips: Vec::new(),
        slices: Vec::new(),
        hints: of_lint(asked.lint, &pair.from, &pair.to),
        notes: Vec::new(),
        next: None,
        unit: true,
    };
    if let Some(held) = asked
        .stored
        .and_then(|stored| Held::of(asked, stored, pair))
    {
        held.tell(pair, &mut ported);
    }
    ported.sentence = words::sentence(&ported);
    ported
}

/// The run, and the first model in it.
struct Held<'a> {
    asked: &'a Asked<'a>,
    stored: &'a Stored,
    sides: Vec<Side>,
    said: Replies<'a>,
    expected: Expected,
}

/// One comparison with the first model.
struct Found {
    verdict: Answer,
    contrast: Contrast,
    equivalent: bool,
    guards: Vec<Guard>,
    cost: Option<Estimate>,
    latency: Option<Estimate>,
}

impl<'a> Held<'a> {
    fn of(asked: &'a Asked<'a>, stored: &'a Stored, pair: &Pair) -> Option<Held<'a>> {
        let said = Replies::of(asked.plan, stored, &pair.from)?;
        Some(Held {
            asked,
            stored,
            sides: sides(asked.plan, stored, &asked.plan.primary),
            expected: said.expected(pair.schema),
            said,
        })
    }

    fn side(&self, name: &str) -> Option<&Side> {
        self.sides.iter().find(|side| side.name == name)
    }

    fn contrast(&self, a: &Side, b: &Side) -> Contrast {
        judge(a, b, &Pairing::of(a, b), self.terms())
    }

    fn terms(&self) -> Terms<'a> {
        Terms {
            scorer: &self.asked.plan.primary,
            margin: self.asked.margin,
            alpha: 0.05,
            seed: self.asked.plan.seed,
        }
    }

    fn tell(&self, pair: &Pair, ported: &mut Ported) {
        let Some(from) = self.side(&pair.from) else {
            return;
        };
        let plan = self.asked.plan;
        ported.run = Some(self.stored.run.id.clone());
        ported.unit = within_unit(from);
        let control = pair.control.as_ref().and_then(|name| self.side(name));
        ported.control = control.map(|again| self.contrast(again, from));
        let replies = Replies::of(plan, self.stored, &pair.to);
        let column = plan.candidates.iter().find(|column| column.name == pair.to);
        if let (Some(to), Some(said), Some(column)) = (self.side(&pair.to), replies, column) {
            ported.unit &= within_unit(to);
            let found = self.against(from, to, &said);
            let seed = plan.seed;
            ported.shifts = shifts(from, &self.said, &said, &self.expected, seed);
            ported.flips = flips(
                self.stored,
                (from, &self.said),
                (to, &said),
                &plan.primary,
                &self.expected,
            );
            ported.slices = slices(to, from, &Pairing::of(to, from), seed);
            let facts = Facts {
                to: column,
                said: &said,
                shifts: &ported.shifts,
                schema: pair.schema,
                margin: self.asked.margin,
            };
            ported.hints.extend(of_shifts(&facts));
            ported.verdict = found.verdict;
            ported.equivalent = Some(found.equivalent);
            ported.guards = found.guards;
            (ported.cost_ratio, ported.latency_ratio) = (found.cost, found.latency);
            ported.contrast = Some(found.contrast);
        }
        ported.rewrite = pair
            .rewrite
            .as_ref()
            .and_then(|name| self.rewrite(from, pair, name));
        let rescued = |it: &Rewrite| it.verdict == Answer::Portable;
        let wanting = matches!(ported.verdict, Answer::NotPortable | Answer::Inconclusive);
        if wanting && ported.rewrite.as_ref().is_some_and(rescued) {
            ported.verdict = Answer::PortableAfterRewrite;
        }
        notes(ported, control.is_some());
        let own = column.filter(|column| {
            let mut all = plan.candidates.iter();
            let first = all.find(|first| first.name == pair.from);
            first.is_some_and(|first| first.prompt_hash != column.prompt_hash)
        });
        ported.notes.extend(
            own.map(|column| format!("{} is asked with its own prompt {}", pair.to, column.prompt)),
        );
    }

    fn against(&self, from: &Side, to: &Side, said: &Replies<'_>) -> Found {
        let contrast = self.contrast(to, from);
        let both = Both {
            from: &self.said,
            to: said,
            expected: &self.expected,
        };
        let names = (from.name.as_str(), to.name.as_str());
        let (plan, margin) = (self.asked.plan, self.asked.margin);
        let guards = guards(plan, self.stored, margin, names, &both);
        let pairing = Pairing::of(to, from);
        let bounds = self.bounds(from, to, &pairing);
        let equivalent = contrast.verdict != Verdict::Invalid
            && bounds.is_some_and(|(low, high)| low > -margin && high < margin);
        let better = bounds.is_some_and(|(low, _)| low > margin);
        let broken = guards.iter().any(|guard| guard.broken);
        let verdict = match contrast.verdict {
            Verdict::Invalid => Answer::Invalid,
            Verdict::Regressed => Answer::NotPortable,
            _ if broken => Answer::NotPortable,
            Verdict::Inconclusive => Answer::Inconclusive,
            _ if self.asked.equivalence && better => Answer::NotPortable,
            _ if self.asked.equivalence && !equivalent => Answer::Inconclusive,
            _ => Answer::Portable,
        };
        let ratio = |of: fn(&crate::summary::side::Cell) -> Option<f64>, make: ratio::Make| {
            let known =
                |case: &usize| of(&to.cells[*case]).is_some() && of(&from.cells[*case]).is_some();
            let cases: Vec<usize> = (0..to.cells.len()).filter(known).collect();
            let values = |side: &Side| -> Vec<f64> {
                cases
                    .iter()
                    .filter_map(|case| of(&side.cells[*case]))
                    .collect()
            };
            times(
                &values(to),
                &values(from),
                from.groups(&cases).as_deref(),
                make,
            )
        };
        Found {
            verdict,
            equivalent,
            guards,
            cost: ratio(|cell| cell.cost, ratio::by_means),
            latency: ratio(|cell| cell.latency, ratio::by_geometric_means),
            contrast,
        }
    }

    /// The one-sided 5 % bounds of the difference. That both lie within the margin is what two
    /// one-sided tests (Schuirmann 1987) show.
    fn bounds(&self, from: &Side, to: &Side, pairing: &Pairing) -> Option<(f64, f64)> {
        let left = pairing.left();
        let (x, y) = (to.scores(&left), from.scores(&pairing.right()));
        let groups = to.groups(&left);
        let found = paired::paired(&x, &y, groups.as_deref(), CONFIDENCE, self.asked.plan.seed)?;
        found.one_sided_95.filter(|_| x.len() > 1)
    }

    fn rewrite(&self, from: &Side, pair: &Pair, name: &str) -> Option<Rewrite> {
        let plan = self.asked.plan;
        let said = Replies::of(plan, self.stored, name)?;
        let side = self.side(name)?;
        let column = plan.candidates.iter().find(|column| column.name == name)?;
        let found = self.against(from, side, &said);
        let plain = self.side(&pair.to);
        Some(Rewrite {
            name: name.to_owned(),
            prompt: column.prompt.clone(),
            verdict: found.verdict,
            gain: plain.map(|plain| self.contrast(side, plain)),
            equivalent: found.equivalent,
            guards: found.guards,
            cost_ratio: found.cost,
            latency_ratio: found.latency,
            contrast: found.contrast,
        })
    }
}

/// What a reader must know.
fn notes(ported: &mut Ported, controlled: bool) {
    let mut notes = Vec::new();
    if let Some(note) = ported.contrast.as_ref().and_then(|it| it.note.as_ref()) {
        notes.push(note.clone());
    }
    let itself = ported.control.as_ref().map(|control| control.verdict);
    if itself == Some(Verdict::Regressed) || itself == Some(Verdict::Improved) {
        notes.push(format!(
            "{} differs from itself, asked twice at the same time: look at its answers before you trust the difference",
            ported.from
        ));
    }
    if !controlled {
        notes.push(
            "without a control: how far the first model differs from itself is not known".into(),
        );
    }
    if ported.rewrite.is_some() {
        notes.push("a prompt rewritten on these very cases looks better on them than it is: keep some cases apart".into());
    }
    ported.notes = notes;
}
