//! `gate.html`: what the page needs of the run and of the baseline's run.

use super::super::args::Global;
use super::super::host::Host;
use super::super::place;
use super::super::stored::{load, reported, short_id};
use super::Held;
use crate::gate::Gated;
use crate::project::Catalog;
use crate::report::{Beside, Look, gate_page, gather};
use crate::source::Problem;
use crate::store::Store;

/// The page, which shows what was said on the cases that moved.
pub(super) fn page(
    host: &Host,
    global: &Global,
    store: &Store,
    gated: &Gated,
    held: &Held,
) -> Result<String, Problem> {
    let (root, _) = place(host, global);
    let catalog = Catalog::new(&root, global.allow_path);
    let (plan, stored) = load(store, &held.row.id)?;
    // The baseline's run may be in another store, or in none.
    let old = held
        .baseline
        .as_ref()
        .and_then(|it| load(store, &it.run).ok());
    let old = old.map(|(plan, stored)| gather(&plan, &stored));
    let beside = Beside {
        run: &reported(store, &plan, &stored),
        name: &short_id(store, &held.row.id),
        baseline: old.as_ref(),
    };
    let look = Look {
        width: host.width,
        color: false,
        part: &|path| catalog.text(path),
    };
    gate_page(gated, &beside, &look)
}
