//! What intervals hold of terms that nobody declared.
//!
//! ```text
//! LODESTAR_STUDY_RUNS=20 LODESTAR_STUDY_ORGANISATIONS=20 LODESTAR_STUDY_PEOPLE=12000 \
//!     cargo test --test it study::terms -- --nocapture
//! ```
//!
//! Notes whose words come as often as words do (Zipf's law), a sentence of three words
//! each time, and beside them one that is said of one competency alone. Nobody says
//! more than counts, so numbers have no bias. Which terms a release has a number of it
//! found itself; what they are compared with is counted in the notes.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write as _;

use lodestar::config;
use lodestar::insight::{self, Status};
use lodestar_privacy::noisy::Noisy;
use lodestar_privacy::public::ANYWHERE;
use lodestar_privacy::rehearsal::{Rehearsal, Script};

use super::figures::Counts;
use super::{number, runs};
use crate::exact_support::Dice;
use crate::exact_support::draws::{Inputs, periods, rehearsal};
use crate::support::{HEADER, Project};
use crate::terms::{word, zipf};

const COMPETENCIES: [&str; 2] = ["adaptability", "courage"];
const VOCABULARY: usize = 5_000;
const SENTENCES: usize = 3;
const LENGTH: usize = 3;

/// What is said of the first competency alone, by one in `PLANTED_IN`.
const PLANTED: [&str; 2] = ["calendar", "creep"];
const PLANTED_IN: usize = 20;

/// More keys than anybody's notes have.
const MAX_CELLS: usize = 128;

/// How often [`zipf`] gives a number.
fn frequency(number: usize) -> f64 {
    (((number + 2) as f64) / ((number + 1) as f64)).ln() / (VOCABULARY as f64 + 1.0).ln()
}

/// An organisation whose notes are known.
struct Spoken {
    project: Project,
    people: usize,
    /// By competency (or anywhere) and term: who says it.
    said: HashMap<(&'static str, String), u32>,
}

impl Spoken {
    fn new(people: usize, seed: u64) -> Self {
        let project = Project::tiny();
        let mut dice = Dice::new(seed);
        let mut said: HashMap<(&'static str, String), u32> = HashMap::new();
        let mut staff = String::from("person_id,org_unit\n");
        let mut sessions = format!("{HEADER}\n");
        for n in 0..people {
            let _ = writeln!(staff, "p{n},{}", ["north", "south"][n % 2]);
            let mut mine: HashSet<(&'static str, String)> = HashSet::new();
            for (at, competency) in COMPETENCIES.into_iter().enumerate() {
                let sentence = |_| {
                    (0..LENGTH)
                        .map(|_| word(zipf(&mut dice, VOCABULARY)))
                        .collect()
                };
                let mut sentences: Vec<Vec<String>> = (0..SENTENCES).map(sentence).collect();
                if at == 0 && dice.roll(PLANTED_IN) == 0 {
                    sentences.push(PLANTED.map(str::to_owned).into());
                }
                for sentence in &sentences {
                    for length in 1..=LENGTH {
                        let terms = sentence.windows(length).map(|words| words.join(" "));
                        mine.extend(
                            terms.flat_map(|term| [(competency, term.clone()), (ANYWHERE, term)]),
                        );
                    }
                }
                let note = sentences.iter().map(|words| words.join(" "));
                let note = note.collect::<Vec<_>>().join(". ");
                let coach = n % 200;
                let _ = writeln!(
                    sessions,
                    "s{at},p{n},c{coach},2025-02-03,60,{competency},,\"{note}\""
                );
            }
            assert!(mine.len() <= MAX_CELLS);
            for one in mine {
                *said.entry(one).or_default() += 1;
            }
        }
        project.crowd(&staff, &sessions);
        let all = String::from_utf8(project.read("lodestar.toml")).unwrap();
        let more = format!(
            "[[competencies]]\nid = \"courage\"\n[[measures]]\nuse = \"emerging_terms\"\n\
             max_cells = {MAX_CELLS}\n"
        );
        project.write("lodestar.toml", all + &more);
        Self {
            project,
            people,
            said,
        }
    }

    fn rehearsed(&self) -> (Rehearsal, Script) {
        let project = config::load(&self.project.config()).unwrap();
        let inputs = Inputs::read(&project);
        rehearsal(&project, &inputs, periods(&project)[0])
    }
}

/// How likely somebody says a term in a note of a competency, and in any of the two.
fn likely(term: &str, numbers: &HashMap<String, usize>) -> [f64; 3] {
    let words: Vec<&str> = term.split(' ').collect();
    if PLANTED.contains(&words[0]) {
        let part = 1.0 / PLANTED_IN as f64;
        return [part, 0.0, part];
    }
    let frequencies: Vec<f64> = words.iter().map(|word| frequency(numbers[*word])).collect();
    let here: f64 = frequencies.iter().product();
    // Of two words, in one of two places: in both only where they are one word.
    let twice = match &words[..] {
        [first, second] if first == second => here * frequencies[0],
        _ => 0.0,
    };
    let sentence = match words.len() {
        1 => 1.0 - (1.0 - here).powi(LENGTH as i32),
        2 => 2.0 * here - twice,
        _ => here,
    };
    let note = 1.0 - (1.0 - sentence).powi(SENTENCES as i32);
    [note, note, 1.0 - (1.0 - note).powi(2)]
}

/// What is counted of releases.
#[derive(Default)]
struct Held {
    n: Counts,
    share: Counts,
    lift: Counts,
    /// Terms of several words among those that were counted.
    phrases: usize,
    /// By release: whether what was planted was found where it was said, as peculiar.
    planted: Counts,
}

impl Held {
    fn add(
        &mut self,
        spoken: &Spoken,
        script: &Script,
        noisy: &Noisy,
        numbers: &HashMap<String, usize>,
    ) {
        let public = script.public().found(noisy);
        let rows = insight::rows(noisy, &public, 0);
        let labels = |row: &insight::Row| {
            let [competency, term] = &public.blocks[0].keys[row.key][..] else {
                panic!("a competency and a term");
            };
            (competency.id.clone(), term.id.clone())
        };
        let rows: Vec<_> = rows.into_iter().map(|row| (labels(&row), row)).collect();
        let anywhere = |(competency, _): &(String, String)| competency == ANYWHERE;
        // What lifts are made of: numbers that are shown, here and anywhere.
        let shown = |row: &insight::Row| row.figures[0].unmasked.value >= 10.0;
        let all: HashSet<&str> = rows
            .iter()
            .filter(|(of, row)| anywhere(of) && shown(row))
            .map(|((_, term), _)| term.as_str())
            .collect();
        let mut sums: BTreeMap<&str, [f64; 2]> = BTreeMap::new();
        for ((competency, term), row) in &rows {
            if all.contains(term.as_str()) && shown(row) {
                let sums = sums.entry(competency).or_default();
                let likely = likely(term, numbers);
                sums[0] += likely[place(competency)];
                sums[1] += likely[2];
            }
        }
        let mut peculiar = false;
        for ((competency, term), row) in &rows {
            self.phrases += usize::from(term.contains(' '));
            let whole = [competency.as_str(), ANYWHERE];
            let key = COMPETENCIES.into_iter().find(|one| one == competency);
            let n = spoken.said[&(key.unwrap_or(whole[1]), term.clone())];
            let exact = [f64::from(n), f64::from(n) / spoken.people as f64];
            for (counts, at) in [(&mut self.n, 0), (&mut self.share, 1)] {
                add(counts, row, at, Some(exact[at]));
            }
            let likely = likely(term, numbers);
            let [here, same] = sums
                .get(competency.as_str())
                .copied()
                .unwrap_or([f64::NAN; 2]);
            let lift = likely[place(competency)] / likely[2] / (here / same);
            add(
                &mut self.lift,
                row,
                2,
                (competency != ANYWHERE).then_some(lift),
            );
            let low = row.figures[2].shown().map(|lift| lift.low);
            let is_planted = *term == PLANTED.join(" ") && competency == COMPETENCIES[0];
            peculiar |= is_planted && low > Some(1.0);
        }
        self.planted.ok.add(peculiar);
    }
}

/// The place of a section among those of [`likely`].
fn place(section: &str) -> usize {
    COMPETENCIES
        .iter()
        .position(|one| *one == section)
        .unwrap_or(2)
}

/// `exact`: `None` where there is none.
fn add(counts: &mut Counts, row: &insight::Row, at: usize, exact: Option<f64>) {
    let Some(exact) = exact else { return };
    let figure = row.figures[at];
    counts.ok.add(figure.status == Status::Ok);
    let held = figure.unmasked.holds(exact);
    // A lift that is not shown is not estimated.
    if at < 2 || figure.status == Status::Ok {
        counts.all.add(held);
    }
    if let Some(shown) = figure.shown() {
        counts.shown.add(held);
        counts.widths.push((shown.high - shown.low) / 2.0);
    }
}

#[test]
#[expect(clippy::print_stdout, reason = "the figures of docs/accuracy.md")]
fn terms_that_were_found() {
    let organisations = number("LODESTAR_STUDY_ORGANISATIONS", 1);
    let people = number("LODESTAR_STUDY_PEOPLE", 3_000);
    let numbers: HashMap<String, usize> = (0..VOCABULARY).map(|at| (word(at), at)).collect();
    let mut held = Held::default();
    for organisation in 0..organisations {
        let spoken = Spoken::new(people, 1 + organisation as u64);
        let (rehearsal, script) = spoken.rehearsed();
        for _ in 0..runs() {
            let noisy = rehearsal.draw(&script).unwrap();
            held.add(&spoken, &script, &noisy, &numbers);
        }
    }
    let releases = held.planted.ok.of;
    println!(
        "{releases} releases of {people} people; {} phrases",
        held.phrases
    );
    for (name, counts) in [("n", &held.n), ("share", &held.share), ("lift", &held.lift)] {
        println!("emerging_terms.{name}, level 0: {counts}");
    }
    println!(
        "what is planted is told to be peculiar: {}",
        held.planted.ok
    );
    assert!(held.n.all.is_about_95(), "{}", held.n);
    assert!(held.share.all.is_about_95(), "{}", held.share);
    // What two numbers share of chance makes some of them wider than they need be.
    assert!(
        held.lift.all.of == 0 || held.lift.all.share() > 0.92,
        "{}",
        held.lift
    );
}
