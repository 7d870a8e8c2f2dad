//! A release that was paid for and not published, as by a crash, and is tried again.

use std::fs;

use jiff::civil::date;
use lodestar_privacy::budget::Design;
use lodestar_privacy::ledger::Records;
use lodestar_privacy::release::release;

use super::world::{EVERYTHING, Place, Source, World};
use super::{AuditError, Check, Verdict};
use crate::ingest::{self, Org, Request};
use crate::night::Night;
use crate::pipeline::{self, Options, Run};
use crate::progress::Silent;
use crate::schedule;
use crate::text;

/// Pays for a release, forgets about it, and runs once more.
pub(super) fn check() -> Result<Vec<Verdict>, AuditError> {
    let place = Place::new(&EVERYTHING)?;
    let project = place.with(&people())?;
    let as_of = date(2024, 4, 10);
    let mut run = Run::open(&project)?;
    let org = Org::load(&project)?;
    let due = schedule::closed(&project, as_of);
    let period = due
        .first()
        .ok_or_else(|| AuditError::Own("nothing is due".to_owned()))?;
    let (spans, earlier) = pipeline::wanted(&project, &org, &due);
    let request = Request {
        periods: &spans,
        outcome_spans: &earlier,
        ..Request::default()
    };
    let intake = ingest::read(&project, &org, &run.key(), &request)?;
    let (public, grant) = run.grant(&org, period, false)?;
    let tally = run.tally(&org, public, period, &intake)?;
    let pending = release(tally, grant).map_err(pipeline::RunError::from)?;
    let paid = run.commit(pending)?;
    drop(run);
    let options = Options {
        as_of,
        period: None,
        revise: false,
        dry_run: false,
        memory: None,
        progress: &Silent,
    };
    pipeline::run(&project, &options, &mut Night::default())?;
    let same = paid.files().iter().filter(|(name, bytes)| {
        let folder = project.publish.join("releases").join(paid.release_id());
        fs::read(folder.join(name)).is_ok_and(|published| published == *bytes)
    });
    let (same, all) = (same.count(), paid.files().len());
    let verdict = |what: &str, claim: String, bound: String, holds| Verdict {
        check: Check::Retry,
        mechanism: what.to_owned(),
        claim,
        found: bound,
        samples: 1,
        would_see: "1 file".to_owned(),
        holds,
    };
    let records = Records::inspect(&project.state).map_err(pipeline::RunError::from)?;
    let charges = records.charges.len();
    let charged: u64 = records.charges.iter().map(|charge| charge.rho_micro).sum();
    let drawn = paid.drawn().map_or(0.0, |drawn| rho(&drawn.design)) * 1e6;
    let share = drawn / charged as f64;
    Ok(vec![
        verdict(
            "files as paid for",
            format!("{all} files"),
            format!("{same} files"),
            same == all,
        ),
        Verdict {
            would_see: "2 charges".to_owned(),
            ..verdict(
                "charges",
                "1 charge".to_owned(),
                text::count(charges as u64, "charge"),
                charges == 1,
            )
        },
        Verdict {
            would_see: "100.1 %".to_owned(),
            ..verdict(
                "ρ drawn, of the ledger's",
                "100 %".to_owned(),
                format!("{:.1} %", share * 100.0),
                share <= 1.0,
            )
        },
    ])
}

/// What the mechanisms of a release cost: Δ² ÷ 2σ² each.
fn rho(design: &Design) -> f64 {
    let selections = design.selections.iter().flatten().map(|one| &one.noise);
    let sizes = design.sizes.iter().flatten();
    let all = selections.chain(sizes).chain(design.cells.iter().flatten());
    let all = all.chain(&design.bounds);
    all.map(|noise| noise.sensitivity.powi(2) / (2.0 * noise.sigma.powi(2)))
        .sum()
}

fn people() -> World {
    let mut world = World::default();
    for number in 0..40 {
        let unit = ["a1", "a2", "b1", "b2"][number % 4];
        let person = world.person(unit, "staff");
        let cells =
            "0,{p},{p},2024-02-05,60,courage;delegation,trust;conflict,,coaching,proactive,";
        world.say(Source::Sessions, person, cells);
    }
    world
}
