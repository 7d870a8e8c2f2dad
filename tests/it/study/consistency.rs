//! Does what is known of other levels make numbers as much better as the theory
//! of generalised least squares says, and do fitted numbers add up?
//!
//! ```text
//! LODESTAR_STUDY_RUNS=200 cargo test --test it study::consistency -- --nocapture
//! ```
//!
//! The same draws, with and without it: many releases of one aggregation.

use std::collections::BTreeMap;

use lodestar::calendar::{Every, Period};
use lodestar::config::Project;
use lodestar::fit::{self, Fitted, Sizes};
use lodestar_privacy::Public;
use lodestar_privacy::noisy::{Cohort, Group, Noisy, Value};
use lodestar_privacy::public::{Block, Classes, Coordinate, Rule};

use super::worlds::{configured, set_spans};
use super::{ACME, runs};
use crate::exact_support::draws::{Inputs, periods, rehearsal};

/// Squared errors of what was measured at a level, in its own units.
#[derive(Clone, Copy, Default)]
struct Errors {
    numbers: u32,
    /// As drawn, and combined.
    drawn: f64,
    combined: f64,
    /// Of numbers that tell of people: how many, and their errors in people: combined …
    counts: u32,
    combined_people: f64,
    /// … as allotted.
    allotted: f64,
    /// The variances that are stated of the first two.
    drawn_stated: f64,
    combined_stated: f64,
}

impl Errors {
    fn add(&mut self, truth: f64, drawn: (f64, f64), combined: (f64, f64)) {
        self.numbers += 1;
        self.drawn += (drawn.0 - truth).powi(2);
        self.combined += (combined.0 - truth).powi(2);
        self.drawn_stated += drawn.1.powi(2);
        self.combined_stated += combined.1.powi(2);
    }

    /// The root mean square error, combined, in that as drawn; and as stated.
    fn falls(&self) -> [f64; 2] {
        [
            (self.combined / self.drawn).sqrt(),
            (self.combined_stated / self.drawn_stated).sqrt(),
        ]
    }
}

/// How many people combined and exact numbers tell of, among so many.
fn people(coordinate: &Coordinate, numbers: [f64; 2], sizes: [i64; 2]) -> Option<[f64; 2]> {
    let factor = f64::from(coordinate.factor);
    match coordinate.rule {
        Rule::Has => Some(numbers.map(|number| number / factor)),
        Rule::AtLeast { .. } | Rule::Within { .. } => {
            let people = |at: usize| f64::midpoint(sizes[at] as f64, numbers[at] / factor);
            Some([people(0), people(1)])
        }
        _ => None,
    }
}

/// By what was measured, and level.
type All = BTreeMap<(String, u32), Errors>;

/// Whether it is the same people in every draw.
fn is_itself(cohort: &Cohort) -> bool {
    matches!(cohort.group, Group::Unit(_)) && !cohort.values.contains(&Value::Other)
}

fn is_same(a: &Cohort, b: &Cohort) -> bool {
    (a.group, a.key, &a.values) == (b.group, b.key, &b.values)
}

/// Each line of a kind adds up, as far down as is asked, and so do values of units.
fn assert_adds_up(sizes: &Sizes, levels: u32, people: impl Fn(usize) -> i64) {
    let forest = sizes.forest();
    let end = forest.of_level(levels - 1).end;
    for total in 0..end {
        let lines = forest.lines(total).iter();
        for line in lines.filter(|line| line.iter().all(|&one| one < end)) {
            let sum: i64 = line.iter().map(|&one| people(one)).sum();
            assert_eq!(sum, people(total));
        }
    }
    for (total, parts) in sizes.columns().filter(|(_, parts)| parts[0] < end) {
        let sum: i64 = parts.iter().map(|&one| people(one)).sum();
        assert_eq!(sum, people(total));
    }
}

/// Nobody is in two classes of people who are told apart.
fn assert_classes_add_up(block: &Block, sizes: &Sizes, fitted: &Fitted) {
    let measured = block.levels.iter();
    for at in measured.flat_map(|level| sizes.forest().of_level(*level)) {
        let counts = |key: usize| fitted.counts(at, key);
        match &block.classes {
            Classes::None => {}
            Classes::Keys => {
                let sum: i64 = (0..block.keys.len()).map(|key| counts(key)[0]).sum();
                assert_eq!(sum, sizes.people(at));
            }
            Classes::Coordinates(places) => {
                for key in 0..block.keys.len() {
                    let sum: i64 = places.iter().map(|&place| counts(key)[place]).sum();
                    assert!(sum <= sizes.people(at));
                }
            }
        }
    }
}

fn add(all: &mut All, kind: usize, noisy: &Noisy, exact: &Noisy, public: &Public) {
    let sizes = fit::sizes(noisy, public, kind);
    assert_adds_up(&sizes, public.kinds[kind].levels, |at| sizes.people(at));
    // Position of each cohort that is the same in every draw, there and here.
    let mut places: Vec<(u32, usize, usize, usize)> = Vec::new();
    for (level, drawn) in (0..).zip(&noisy.kinds[kind].levels) {
        let truth = &exact.kinds[kind].levels[level as usize].cohorts;
        let numbers = sizes.forest().of_level(level);
        for (at, (number, cohort)) in numbers.zip(&drawn.cohorts).enumerate() {
            let there = truth.iter().position(|one| is_same(one, cohort));
            if let Some(there) = there.filter(|_| is_itself(cohort)) {
                places.push((level, at, number, there));
            }
        }
    }
    for &(level, at, number, there) in &places {
        let name = format!("sizes of {}", public.kinds[kind].name);
        let (drawn, truth) = (
            &noisy.kinds[kind].levels[level as usize],
            exact.kinds[kind].levels[level as usize].cohorts[there].size as f64,
        );
        let errors = all.entry((name, level)).or_default();
        let measured = (drawn.cohorts[at].size as f64, drawn.size.sigma);
        errors.add(truth, measured, sizes.combined(number));
        errors.counts += 1;
        errors.combined_people += (sizes.combined(number).0 - truth).powi(2);
        errors.allotted += (sizes.people(number) as f64 - truth).powi(2);
    }
    let blocks = public.blocks.iter().enumerate();
    for (index, block) in blocks.filter(|(_, block)| block.kind == kind) {
        let fitted = fit::fit(noisy, public, index, &sizes);
        let coordinates = block.coordinates.len();
        for key in 0..block.keys.len() {
            for place in 0..coordinates {
                let count = |at: usize| fitted.counts(at, key)[place];
                // All default measures go down from the root.
                assert_adds_up(&sizes, block.levels.len() as u32, count);
            }
        }
        assert_classes_add_up(block, &sizes, &fitted);
        // What is common to all classes has the noise of their cohort's size.
        let sigma = |coordinate: &Coordinate, at: usize| {
            if block.classes != Classes::Keys || coordinate.rule != Rule::Has {
                return fitted.sigma(at);
            }
            let classes = block.keys.len() as f64;
            let common = f64::from(coordinate.factor) * sizes.combined(at).1 / classes;
            (fitted.sigma(at) * (1.0 - 1.0 / classes).sqrt()).hypot(common)
        };
        for (place, &measured) in block.levels.iter().enumerate() {
            let (drawn, truth) = (
                &noisy.blocks[index].levels[place],
                &exact.blocks[index].levels[place],
            );
            let errors = all.entry((block.name.clone(), measured)).or_default();
            let level = &exact.kinds[kind].levels[measured as usize];
            let size = |there: usize| level.cohorts[there].size;
            let here = places.iter().filter(|(level, ..)| *level == measured);
            for &(_, at, number, there) in here {
                let sizes = [sizes.people(number), size(there)];
                for cell in 0..block.keys.len() * coordinates {
                    let coordinate = &block.coordinates[cell % coordinates];
                    let number_drawn = drawn.cells[at][cell] as f64;
                    let combined = fitted.combined(number, cell / coordinates)[cell % coordinates];
                    errors.add(
                        truth.cells[there][cell] as f64,
                        (number_drawn, drawn.noise.sigma),
                        (combined, sigma(coordinate, number)),
                    );
                    let exact = truth.cells[there][cell] as f64;
                    let counts = fitted.counts(number, cell / coordinates);
                    if let Some(people) = people(coordinate, [combined, exact], sizes) {
                        errors.counts += 1;
                        errors.combined_people += (people[0] - people[1]).powi(2);
                        let fitted = counts[cell % coordinates] as f64;
                        errors.allotted += (fitted - people[1]).powi(2);
                    }
                }
            }
        }
    }
}

/// What is measured of a period, in so many draws.
fn errors_of(project: &Project, inputs: &Inputs, period: Period, draws: usize) -> All {
    let (rehearsal, script) = rehearsal(project, inputs, period);
    let public = script.public();
    let exact = rehearsal.exact(public).unwrap();
    let mut all = All::new();
    for _ in 0..draws {
        let noisy = rehearsal.draw(&script).unwrap();
        for kind in 0..public.kinds.len() {
            add(&mut all, kind, &noisy, &exact, public);
        }
    }
    all
}

#[expect(clippy::print_stdout, reason = "its figures are what a study is for")]
fn assert_as_stated(all: &All, draws: usize) {
    println!("{draws} draws; of the root mean square error as drawn, per cent:");
    // Where few cohorts show, too few numbers tell nothing.
    let enough = all.iter().filter(|(_, errors)| errors.numbers >= 30);
    for ((name, level), errors) in enough {
        let [fall, stated] = errors.falls().map(|fall| fall * 100.0);
        let numbers = errors.numbers;
        let fitted = (errors.allotted / errors.combined_people).sqrt() * 100.0;
        println!("| {name} | {level} | {numbers} | {fall:.2} | {stated:.2} | {fitted:.2} |");
        // Never worse than it was drawn; and as much better as is stated, as far
        // as so many numbers tell.
        assert!(stated <= 100.0 + 1e-9, "{name} {level}");
        let chance = 2.0 / f64::from(numbers).sqrt() + 0.002;
        assert!((fall / stated - 1.0).abs() < 2.0 * chance, "{name} {level}");
        // What is allotted is whole, and nearer to the truth, not further.
        if errors.counts > 0 {
            let rounding = f64::from(errors.counts) / 12.0;
            assert!(
                errors.allotted <= errors.combined_people * (1.0 + chance) + rounding,
                "{name} {level}"
            );
        }
    }
}

#[test]
fn every_level_is_as_much_better_as_the_theory_says() {
    // The first half-year closes with the second quarter.
    let period = periods(&ACME.project)[1];
    let draws = 5 * runs();
    let all = errors_of(&ACME.project, &ACME.inputs, period, draws);
    assert_as_stated(&all, draws);
    // What departments and divisions borrow from each other.
    let themes = &all[&("theme_prevalence".to_owned(), 1)];
    assert!(themes.allotted < 0.8 * themes.combined_people);
    // With eight divisions the root's error falls by a twentieth or more: by what
    // is stated, which the errors bear out as far as so many numbers tell.
    for level in [0, 1] {
        let stated = all[&("theme_prevalence".to_owned(), level)].falls()[1];
        assert!(stated < 0.95, "{level} {stated}");
    }
}

/// Everybody moves from one band to one: nine numbers that come to the cohort.
#[test]
fn people_of_all_bands_are_everybody() {
    let mut project = ACME.project.clone();
    let measures = configured("[[measures]]\nuse = \"strength_shift\"");
    set_spans(&mut project, Every::Year, 2024, &measures);
    let inputs = Inputs::read(&project);
    let draws = 5 * runs();
    let all = errors_of(&project, &inputs, periods(&project)[0], draws);
    assert_as_stated(&all, draws);
    // The nine numbers tell how many people there are, better than the size alone.
    let sizes = all
        .iter()
        .filter(|((name, _), _)| name.starts_with("sizes"));
    for ((name, level), one) in sizes.filter(|(_, one)| one.numbers >= 30) {
        assert!(one.falls()[1] < 0.7, "{name} {level}");
    }
    let shift = |level: u32| &all[&("strength_shift".to_owned(), level)];
    assert!(
        [0, 1]
            .map(shift)
            .iter()
            .all(|one| one.allotted < one.combined_people)
    );
}
