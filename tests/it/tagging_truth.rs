//! How well themes are found, and identifiers taken out, in synthetic notes, of which
//! it is known what they are about. With `LODESTAR_TESTS=full` ten times as many.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;

use arrow::array::AsArray as _;
use lodestar::config;
use lodestar::synth::{self, Options};
use lodestar_tagging::{Kind, Language, Names, Own, Reader, Redactor};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::support::{Project, short_or_full};

/// A note and whose it is.
struct Note {
    session: String,
    person: String,
    coach: String,
    text: String,
    language: String,
}

/// What is true of a note.
struct Truth {
    themes: BTreeSet<String>,
    misspelt: BTreeSet<String>,
    /// Kind and text.
    planted: Vec<(String, String)>,
}

fn notes(project: &Project) -> Vec<Note> {
    let mut notes = Vec::new();
    for entry in std::fs::read_dir(project.path("input/sessions")).unwrap() {
        let file = File::open(entry.unwrap().path()).unwrap();
        let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
        for batch in reader.build().unwrap() {
            let batch = batch.unwrap();
            let column = |name: &str| batch.column_by_name(name).unwrap().as_string::<i32>();
            for row in 0..batch.num_rows() {
                let text = |name: &str| column(name).value(row).to_owned();
                notes.push(Note {
                    session: text("session_id"),
                    person: text("coachee_id"),
                    coach: text("coach_id"),
                    text: text("note"),
                    language: text("note_language"),
                });
            }
        }
    }
    notes
}

fn table(project: &Project, name: &str) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_path(project.path(name)).unwrap();
    let rows = reader.records().map(Result::unwrap);
    rows.map(|row| row.iter().map(str::to_owned).collect())
        .collect()
}

fn truth(project: &Project) -> BTreeMap<String, Truth> {
    let list = |text: &str| -> BTreeSet<String> {
        let items = text.split(';').filter(|item| !item.is_empty());
        items.map(str::to_owned).collect()
    };
    let planted = |text: &str| -> Vec<(String, String)> {
        let items = text.split('|').filter_map(|item| item.split_once('='));
        items
            .map(|(kind, text)| (kind.to_owned(), text.to_owned()))
            .collect()
    };
    let rows = table(project, "truth/notes.csv").into_iter();
    let one = |row: Vec<String>| {
        let truth = Truth {
            themes: list(&row[1]),
            misspelt: list(&row[2]),
            planted: planted(&row[3]),
        };
        (row[0].clone(), truth)
    };
    rows.map(one).collect()
}

/// Whether something that was planted can still be read: of a name any word of it that
/// has three letters.
fn is_left(kind: &str, planted: &str, left: &str) -> bool {
    if kind != "name" {
        return left.contains(planted);
    }
    let is_word = |c: char| c.is_alphanumeric() || c == '\'';
    let titles = ["Ms", "Frau", "van", "der", "von"];
    let mut words = planted.split(|c| !is_word(c));
    words.any(|word| {
        word.chars().count() > 2
            && !titles.contains(&word)
            && left.split(|c| !is_word(c)).any(|other| other == word)
    })
}

#[derive(Default, Debug)]
struct Counts {
    notes: usize,
    found: usize,
    right: usize,
    true_themes: usize,
    misspelt: usize,
    planted: BTreeMap<String, usize>,
    left: BTreeMap<String, Vec<String>>,
    /// Notes in which nothing was planted, and what was taken out of them all the same.
    plain: usize,
    taken: Vec<Kind>,
}

fn counted(project: &Project) -> Counts {
    let configured = config::load(&project.config()).unwrap();
    let tagger = &configured.framework.tagger;
    let mut names = Names::new(tagger);
    for row in table(project, "input/names.csv") {
        assert!(names.add(&row[0]));
    }
    let people: BTreeMap<String, String> = table(project, "input/people.csv")
        .into_iter()
        .map(|row| (row[0].clone(), row[3].clone()))
        .collect();
    let (mut redactor, mut reader) = (Redactor::new(&names), Reader::new(tagger));
    let truth = truth(project);
    let mut counts = Counts::default();
    for note in notes(project) {
        let truth = &truth[&note.session];
        let own = Own {
            names: &[&people[&note.person]],
            ids: &[&note.session, &note.person, &note.coach],
        };
        let redacted = redactor.redact(&note.text, own);
        let left = redacted.text();
        for (kind, planted) in &truth.planted {
            *counts.planted.entry(kind.clone()).or_default() += 1;
            if is_left(kind, planted, &left.replace('\n', " ")) {
                let kept = counts.left.entry(kind.clone()).or_default();
                kept.push(format!("{planted} in {}", note.text));
            }
        }
        if truth.planted.is_empty() {
            counts.plain += 1;
            counts.taken.extend(redacted.found());
        }
        let tags = reader.tag(&redacted, Some(Language::of_tag(&note.language)));
        let theme = |theme: &u16| &configured.framework.themes[usize::from(*theme)].label.id;
        let right = tags.iter().filter(|tag| truth.themes.contains(theme(tag)));
        counts.right += right.count();
        counts.found += tags.len();
        counts.true_themes += truth.themes.len();
        counts.misspelt += truth.misspelt.len();
        counts.notes += 1;
    }
    counts
}

#[test]
fn themes_are_found_and_identifiers_taken_out_of_synthetic_notes() {
    let project = Project::empty();
    let options = Options {
        notes: true,
        ..Options::new(short_or_full(1000, 10_000) as u32, 7, project.path(""))
    };
    synth::generate(&options).unwrap();
    let counts = counted(&project);
    let share = |part: usize, whole: usize| part as f64 / whole as f64;
    let (precision, recall) = (
        share(counts.right, counts.found),
        share(counts.right, counts.true_themes),
    );
    let planted: usize = counts.planted.values().sum();
    let left: usize = counts.left.values().map(Vec::len).sum();
    let taken_out = 1.0 - share(left, planted);
    eprintln!(
        "{} notes, {} themes, {} of them misspelt: precision {precision:.4}, recall {recall:.4}; \
         {planted} planted {:?}, {:?} left: {taken_out:.4} taken out",
        counts.notes,
        counts.true_themes,
        counts.misspelt,
        counts.planted,
        counts
            .left
            .iter()
            .map(|(kind, left)| (kind, left.len()))
            .collect::<Vec<_>>(),
    );
    assert!(counts.notes > 3000 && planted > 1000 && counts.plain > 1000);
    assert!(precision >= 0.95 && recall >= 0.95, "{precision} {recall}");
    let examples: Vec<_> = counts.left.values().flatten().take(10).collect();
    assert!(taken_out >= 0.99, "{taken_out} {examples:#?}");
    // Hours, amounts, versions and words that are names stay.
    assert!(
        share(counts.taken.len(), counts.plain) < 0.01,
        "{:?}",
        counts.taken
    );
}
