//! What is true of a synthetic organisation: planted, and counted.

mod outcomes;
mod planted;
mod scores;

use std::ops::Range;

use serde::Serialize;

use self::planted::Planted;
use super::codebook::{COMPETENCIES, Codebook, LISTED, PAIRS};
use super::growth::Expected;
use super::org::{ORGANISATION, Org};
use super::people::{ANY_COACH, CHANGE_COACH, CONTINUE, LEVELS, REFOCUS};
use super::sessions::{EXPECTED_KEYS_PPM, SESSIONS};
use super::study::Exact;
use super::world::{OVER_FACTOR, UNDER_DIVISOR, World};
use super::write::{Csv, Folder};
use super::{Options, SynthError};
use crate::calendar::Period;

/// Keys beyond so many are what a cap of theme measures would lose.
const CAP: usize = 4;
/// Pairs, and an `other` per competency.
const KEYS: usize = PAIRS + COMPETENCIES;

/// What is counted while a quarter's sessions are made.
pub(super) struct Tally {
    divisions: Vec<Counts>,
    figures: Figures,
}

#[derive(Clone)]
struct Counts {
    coachees: u64,
    people: [u64; KEYS],
}

/// Exact figures of one quarter.
#[derive(Serialize)]
pub(super) struct Figures {
    period: String,
    coachees: u64,
    sessions: u64,
    /// Different (person, competency, theme).
    keys: u64,
    /// Of these, beyond four of a person.
    keys_beyond_four: u64,
}

impl Tally {
    pub(super) fn new(period: Period, divisions: usize) -> Self {
        let figures = Figures {
            period: period.name(),
            coachees: 0,
            sessions: 0,
            keys: 0,
            keys_beyond_four: 0,
        };
        let divisions = vec![
            Counts {
                coachees: 0,
                people: [0; KEYS]
            };
            divisions
        ];
        Self { divisions, figures }
    }

    /// Counts one coachee.
    pub(super) fn add(&mut self, division: usize, sessions: usize, keys: &[usize]) {
        let counts = &mut self.divisions[division];
        counts.coachees += 1;
        for &key in keys {
            counts.people[key] += 1;
        }
        self.figures.coachees += 1;
        self.figures.sessions += sessions as u64;
        self.figures.keys += keys.len() as u64;
        self.figures.keys_beyond_four += keys.len().saturating_sub(CAP) as u64;
    }

    /// Counts those of somebody else, too.
    pub(super) fn merge(mut self, other: &Self) -> Self {
        for (counts, others) in self.divisions.iter_mut().zip(&other.divisions) {
            counts.coachees += others.coachees;
            for (people, others) in counts.people.iter_mut().zip(&others.people) {
                *people += others;
            }
        }
        self.figures.coachees += other.figures.coachees;
        self.figures.sessions += other.figures.sessions;
        self.figures.keys += other.figures.keys;
        self.figures.keys_beyond_four += other.figures.keys_beyond_four;
        self
    }

    /// Says how many sessions there were, where coachees were counted alone.
    pub(super) fn held(&mut self, sessions: u64) {
        self.figures.sessions = sessions;
    }

    pub(super) fn figures(&self) -> &Figures {
        &self.figures
    }

    /// Number of coachees of some divisions.
    pub(super) fn coachees_of(&self, divisions: Range<usize>) -> u64 {
        let counts = self.divisions[divisions].iter();
        counts.map(|counts| counts.coachees).sum()
    }

    /// Number of coachees.
    pub(super) fn coachees(&self) -> u64 {
        self.figures.coachees
    }
}

/// Writes `truth/`.
pub(super) fn write(
    folder: &Folder,
    options: &Options,
    exact: &Exact<'_>,
    tallies: &[Tally],
) -> Result<(), SynthError> {
    let Exact {
        org, world, growth, ..
    } = exact;
    let notes = if options.notes { NOTES } else { "" };
    let readme = format!("{}{notes}", include_str!("../data/truth.md"));
    folder.text("truth/README.md", &readme)?;
    let expected = Expected::new(org, world, growth);
    let truth = Truth::new(options, exact, &expected, tallies);
    json(folder, &truth)?;
    let mut csv = rates_file(folder)?;
    for (quarter, tally) in tallies.iter().enumerate() {
        let mixes = (0..org.divisions.len()).map(|division| world.mix(division, quarter as u32));
        let mixes: Vec<_> = mixes.collect();
        let expected = |parts: Range<usize>, pair: usize| {
            let (mut sum, mut coachees) = (0, 0);
            for part in parts {
                let of = tally.divisions[part].coachees;
                sum += of * mixes[part].expected_ppm(pair);
                coachees += of;
            }
            Some(sum / coachees.max(1))
        };
        rates(&mut csv, org, world, tally, &expected)?;
    }
    csv.finish()?;
    scores::write(folder, exact, &expected)?;
    outcomes::write(folder, exact)
}

/// What its README says of notes, where there are any.
const NOTES: &str =
    "- `notes.csv`: of each session which themes its note is about (`themes`), which of
  them are misspelt, and what in it tells who somebody is (`identifiers`, each with its
  kind).
";

/// Writes `truth/truth.json`.
pub(super) fn json(folder: &Folder, truth: &impl Serialize) -> Result<(), SynthError> {
    let mut json = serde_json::to_string_pretty(truth).map_err(|error| SynthError::Io {
        path: "truth/truth.json".into(),
        source: error.into(),
    })?;
    json.push('\n');
    folder.text("truth/truth.json", &json)
}

/// Opens `truth/theme_rates.csv`.
pub(super) fn rates_file(folder: &Folder) -> Result<Csv, SynthError> {
    folder.csv(
        "truth/theme_rates.csv",
        &[
            "period",
            "org_unit",
            "competency",
            "theme",
            "coachees",
            "people",
            "share",
            "expected_share",
        ],
    )
}

/// The organisation and its divisions, each with the places of its divisions.
fn units(org: &Org) -> Vec<(&str, Range<usize>)> {
    let mut units = vec![(ORGANISATION, 0..org.divisions.len())];
    let divisions = org.divisions.iter().enumerate();
    units.extend(divisions.map(|(index, unit)| (unit.id.as_str(), index..index + 1)));
    units
}

/// The rows of one period: the organisation, then its divisions. What is
/// expected of a pair in some divisions, in millionths, may be unknown.
pub(super) fn rates(
    csv: &mut Csv,
    org: &Org,
    world: &World,
    tally: &Tally,
    expected: &dyn Fn(Range<usize>, usize) -> Option<u64>,
) -> Result<(), SynthError> {
    for (unit, parts) in units(org) {
        let counts = &tally.divisions[parts.clone()];
        let coachees = tally.coachees_of(parts.clone());
        for key in 0..KEYS {
            let people: u64 = counts.iter().map(|counts| counts.people[key]).sum();
            let (competency, theme) = if key < PAIRS {
                (
                    key / LISTED,
                    world.codebook.themes[world.codebook.pairs[key]].as_str(),
                )
            } else {
                (key - PAIRS, "other")
            };
            // Nothing is planted in `other`: its expected share is left open.
            let planned = Some(key).filter(|key| *key < PAIRS);
            let planned = planned.and_then(|pair| expected(parts.clone(), pair));
            let planned = planned.map(decimal).unwrap_or_default();
            csv.row(&[
                &tally.figures.period,
                unit,
                &world.codebook.competencies[competency],
                theme,
                &coachees.to_string(),
                &people.to_string(),
                &decimal((people * 1_000_000 + coachees / 2) / coachees.max(1)),
                &planned,
            ])?;
        }
    }
    Ok(())
}

/// Millionths as a decimal number.
fn decimal(millionths: u64) -> String {
    format!("{}.{:06}", millionths / 1_000_000, millionths % 1_000_000)
}

/// A number with six decimals; never −0.
fn six(number: f64) -> String {
    let millionths = (number * 1e6).round() as i64;
    let sign = if millionths < 0 { "-" } else { "" };
    format!("{sign}{}", decimal(millionths.unsigned_abs()))
}

/// A number that may be missing.
fn optional(number: Option<f64>) -> String {
    number.map(six).unwrap_or_default()
}

/// What part of so many is how many.
fn ratio(part: u64, of: u64) -> Option<f64> {
    (of > 0).then(|| part as f64 / of as f64)
}

/// Thousandths as a number.
fn share(thousandths: u64) -> f64 {
    thousandths as f64 / 1000.0
}

/// `truth.json`.
#[derive(Serialize)]
struct Truth<'a> {
    note: &'static str,
    people: u32,
    seed: u64,
    world: Parameters,
    divisions: Vec<Division<'a>>,
    rising: Rising<'a>,
    frequencies: Vec<Frequency<'a>>,
    figures: Vec<&'a Figures>,
    #[serde(flatten)]
    planted: Planted<'a>,
}

/// The parameters that hold everywhere.
#[derive(Serialize)]
struct Parameters {
    levels: Vec<Level>,
    /// Of the coached, who are coached in the next quarter, too.
    continue_share: f64,
    /// Of those who continue.
    new_focus_share: f64,
    change_coach_share: f64,
    any_coach_share: f64,
    /// Of coachees, by number of sessions in a quarter, from 1.
    sessions_shares: Vec<f64>,
    /// Mean number of listed (competency, theme) pairs of a coachee.
    expected_pairs_per_coachee: f64,
    over_factor: f64,
    under_factor: f64,
}

#[derive(Serialize)]
struct Level {
    id: &'static str,
    share: f64,
    coached_share: f64,
}

/// The effects planted in a division.
#[derive(Serialize)]
pub(super) struct Division<'a> {
    org_unit: &'a str,
    over_represented: Vec<&'a str>,
    under_represented: Vec<&'a str>,
}

/// The effect planted over time.
#[derive(Serialize)]
struct Rising<'a> {
    theme: &'a str,
    /// Of coachees, per period.
    expected_shares: Vec<f64>,
}

/// Relative frequency of a pair before anything is planted.
#[derive(Serialize)]
pub(super) struct Frequency<'a> {
    competency: &'a str,
    theme: &'a str,
    weight: u64,
}

/// The effects planted in each division.
pub(super) fn divisions<'a>(org: &'a Org, world: &'a World) -> Vec<Division<'a>> {
    let themes = &world.codebook.themes;
    let ids = |list: &[usize]| list.iter().map(|&theme| themes[theme].as_str()).collect();
    let divisions = org.divisions.iter().zip(&world.planted);
    let division = divisions.map(|(unit, planted)| Division {
        org_unit: &unit.id,
        over_represented: ids(&planted.over),
        under_represented: ids(&planted.under),
    });
    division.collect()
}

/// The weights of all pairs but the rising theme's, which is set by the shares
/// that are expected of it.
pub(super) fn frequencies(world: &World) -> Vec<Frequency<'_>> {
    let Codebook {
        competencies,
        themes,
        pairs,
    } = &world.codebook;
    let pairs = pairs.iter().enumerate();
    let others = pairs.filter(|(_, theme)| **theme != world.rising);
    let frequency = others.map(|(pair, theme)| Frequency {
        competency: &competencies[pair / LISTED],
        theme: &themes[*theme],
        weight: world.base[pair],
    });
    frequency.collect()
}

impl<'a> Truth<'a> {
    fn new(
        options: &Options,
        exact: &'a Exact<'a>,
        expected: &Expected<'_>,
        tallies: &'a [Tally],
    ) -> Self {
        let Exact { org, world, .. } = exact;
        let quarters = 0..tallies.len() as u32;
        Self {
            note: "Private: the planted truth of a synthetic organisation. Never publish it.",
            people: options.people,
            seed: options.seed,
            world: Parameters::new(),
            divisions: divisions(org, world),
            rising: Rising {
                theme: &world.codebook.themes[world.rising],
                expected_shares: quarters.map(|q| world.rising_ppm(q) as f64 / 1e6).collect(),
            },
            frequencies: frequencies(world),
            figures: tallies.iter().map(Tally::figures).collect(),
            planted: Planted::new(exact, expected),
        }
    }
}

impl Parameters {
    fn new() -> Self {
        let level = |(id, of, coached): (&'static str, u64, u64)| Level {
            id,
            share: share(of),
            coached_share: share(coached),
        };
        Self {
            levels: LEVELS.into_iter().map(level).collect(),
            continue_share: share(CONTINUE),
            new_focus_share: share(REFOCUS),
            change_coach_share: share(CHANGE_COACH),
            any_coach_share: share(ANY_COACH),
            sessions_shares: SESSIONS.into_iter().map(share).collect(),
            expected_pairs_per_coachee: EXPECTED_KEYS_PPM as f64 / 1e6,
            over_factor: OVER_FACTOR as f64,
            under_factor: 1.0 / UNDER_DIVISOR as f64,
        }
    }
}
