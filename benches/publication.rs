//! What becomes of noisy numbers: fitted until they add up, given intervals and
//! statuses, written as Parquet with a manifest. Nothing is stored.
//!
//! ```text
//! cargo bench --bench publication
//! ```
//!
//! 209 units of 72 themes: 15,048 rows, of 100,000 people.

mod people;
mod project;

use divan::Bencher;
use divan::counter::ItemsCount;
use lodestar::ingest::Org;
use lodestar::publish;
use lodestar::schedule::Window;
use lodestar_privacy::ledger::Records;
use lodestar_privacy::{Noisy, Public};

const PEOPLE: u32 = 100_000;

fn main() {
    divan::main();
}

#[divan::bench(sample_count = 11)]
fn encode(bencher: Bencher) {
    let (noisy, public) = drawn();
    let table = &public.tables[0];
    let rows = public.tree(0).units().len() * public.rows_a_unit(table);
    bencher
        .counter(ItemsCount::new(rows))
        .bench(|| publish::encode(&noisy, &public));
}

/// The release of the year, as a run would declare it, drawn once.
fn drawn() -> (Noisy, Public) {
    let (_folder, project) = project::make("sessions.csv");
    let org = Org::load(&project).expect("an organisation");
    let first = project.calendar.first;
    let window = Window::of(&project, &org, &Records::default(), &first).expect("a window");
    let (_, public, _) = window.periods.into_iter().next().expect("a period");
    let (rehearsal, script) = people::rehearsal(&public, PEOPLE);
    let noisy = rehearsal.draw(&script).expect("noise");
    (noisy, public)
}
