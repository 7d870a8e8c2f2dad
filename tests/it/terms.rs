//! Terms that nobody put in the codebook: what many people's notes say is found, what
//! fewer than k say never is, and the numbers are those of the notes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use lodestar::config;
use lodestar_privacy::noisy::{Noisy, Term};
use lodestar_privacy::rehearsal::{Rehearsal, Script};
use polars::prelude::{DataFrame, ParquetReader, SerReader};

use crate::exact_support::Dice;
use crate::exact_support::draws::{Inputs, periods, rehearsal};
use crate::support::{HEADER, Project, short_or_full};

/// What one in twenty says.
const PLANTED: [&str; 3] = ["silent calendar creep", "proxy manager", "stretchlag"];

/// What nine people say, of whom k would be ten.
const RARE: &str = "basilisk covenant";

const K: usize = 10;

/// A word of letters alone, which no list of stop words has.
pub(crate) fn word(number: usize) -> String {
    let letter = |place: u32| {
        let digit = number / 20_usize.pow(place) % 20;
        char::from(b"bcdfghjklmnpqrstvwxz"[digit])
    };
    format!("{}a{}o{}u", letter(0), letter(1), letter(2))
}

/// The number of a word by how often it is said, of so many: by Zipf's law the n-th most
/// frequent is 1/n as frequent as the first.
pub(crate) fn zipf(dice: &mut Dice, words: usize) -> usize {
    let share = dice.roll(1 << 20) as f64 / f64::from(1 << 20);
    ((words as f64 + 1.0).powf(share) - 1.0) as usize
}

/// The words of a note: of many that are rare and few that everybody uses.
fn note(dice: &mut Dice, words: usize) -> String {
    let words: Vec<String> = (0..words).map(|_| word(zipf(dice, 4_999))).collect();
    words.join(" ")
}

/// People with two sessions each, about one of two competencies; planted terms in the
/// notes of one in twenty.
pub(crate) fn crowd(people: usize, settings: &str) -> Project {
    let project = Project::tiny();
    let mut dice = Dice::new(7);
    let mut staff = String::from("person_id,org_unit\n");
    let mut sessions = format!("{HEADER}\n");
    for n in 0..people {
        let _ = writeln!(staff, "p{n},{}", ["north", "south"][n % 2]);
        for session in 0..2 {
            let competency = ["adaptability", "courage"][session];
            let mut note = note(&mut dice, 40);
            if session == 0 {
                let planted = (0..PLANTED.len()).filter(|one| (n + 7 * one) % 20 == 0);
                let planted = planted.map(|one| PLANTED[one]);
                let rare = (n % (people / 9) == 1 && n / (people / 9) < 9).then_some(RARE);
                for term in planted.chain(rare) {
                    let _ = write!(note, ".\nToo much {term}, again");
                }
            }
            let _ = writeln!(
                sessions,
                "s{session},p{n},c{},2025-02-03,60,{competency},,\"{note}\"",
                n % 200
            );
        }
    }
    project.crowd(&staff, &sessions);
    project.edit("k = 10\n", &format!("k = {K}\n{settings}"));
    let all = String::from_utf8(project.read("lodestar.toml")).unwrap();
    let more = "[[competencies]]\nid = \"courage\"\n[[measures]]\nuse = \"emerging_terms\"\nmax_cells = 1000\n";
    project.write("lodestar.toml", all + more);
    project
}

fn rehearsed(project: &Project) -> (Rehearsal, Script) {
    let loaded = config::load(&project.config()).unwrap();
    let inputs = Inputs::read(&loaded);
    rehearsal(&loaded, &inputs, periods(&loaded)[0])
}

fn found(noisy: &Noisy) -> &[Term] {
    let found = noisy.blocks.iter().find_map(|block| block.found.as_ref());
    &found.unwrap().terms
}

#[test]
#[expect(
    clippy::print_stdout,
    reason = "the figures are for whoever asks for them"
)]
fn what_one_in_twenty_says_is_found_at_an_epsilon_of_one_and_what_few_say_is_not() {
    let project = crowd(20_000, "epsilon = 1.44\n");
    let (rehearsal, script) = rehearsed(&project);
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    let releases = short_or_full(3, 10);
    for _ in 0..releases {
        let noisy = rehearsal.draw(&script).unwrap();
        assert!(
            (0.9..=1.0).contains(&noisy.cost.epsilon),
            "{}",
            noisy.cost.epsilon
        );
        let terms: BTreeSet<(Option<usize>, &str)> = found(&noisy)
            .iter()
            .map(|term| (term.section, term.words.as_str()))
            .collect();
        for planted in PLANTED {
            *times.entry(planted).or_default() += usize::from(terms.contains(&(None, planted)));
        }
        let rare = |(_, words): &(Option<usize>, &str)| RARE.contains(words);
        assert!(!terms.iter().any(rare), "{terms:?}");
    }
    println!("found in {releases} releases: {times:?}");
    assert!(
        PLANTED.iter().all(|one| times[one] >= releases - 1),
        "{times:?}"
    );
}

fn table(project: &Project) -> DataFrame {
    let path = project.path("published/current/emerging_terms.parquet");
    let file = std::fs::File::open(path).unwrap();
    ParquetReader::new(file).finish().unwrap()
}

#[test]
fn terms_are_published_with_their_numbers() {
    let project = crowd(2_000, "epsilon = 1000.0\n");
    project.lodestar("check").ok();
    project.lodestar("run").ok();
    project.verify("releases/2025-Q1").ok();
    let table = table(&project);
    let text = |name: &str| table.column(name).unwrap().str().unwrap().clone();
    let (competency, term) = (text("competency"), text("term"));
    let n = table.column("n").unwrap().i64().unwrap().clone();
    let lift = table.column("lift").unwrap().f64().unwrap().clone();
    let row = |of: &str, words: &str| {
        let mut rows = competency.iter().zip(term.iter());
        rows.position(|row| row == (Some(of), Some(words)))
    };
    for planted in PLANTED {
        let anywhere = row("(all)", planted).unwrap();
        assert!((80..=110).contains(&n.get(anywhere).unwrap()), "{planted}");
        assert_eq!(lift.get(anywhere), None);
        let here = row("adaptability", planted).unwrap();
        assert!(lift.get(here).unwrap() > 1.0, "{planted}");
        assert_eq!(row("courage", planted), None);
    }
    let rows: Vec<_> = competency.iter().zip(term.iter()).collect();
    assert!(rows.is_sorted());
}

#[test]
fn released_terms_are_proposed_for_the_codebook() {
    let project = crowd(2_000, "epsilon = 1000.0\n");
    let nothing = project.lodestar("themes suggest").refused(8, &["current"]);
    assert!(nothing.stdout.is_empty());
    project.edit(
        "id = \"ambiguity\"\n",
        "id = \"ambiguity\"\nterms = [\"calendar overload\", \"proxy\"]\n",
    );
    project.lodestar("run").ok();
    let facts = project.lodestar("themes suggest --json").ok().json();
    assert_eq!(facts["period"], "2025-Q1");
    let terms = facts["terms"].as_array().unwrap();
    let of = |term: &str| terms.iter().find(|one| one["term"] == term);
    let alike = of("silent calendar creep").unwrap();
    assert_eq!(alike["themes"][0], "ambiguity");
    assert_eq!(alike["competencies"][0]["competency"], "adaptability");
    // What the codebook has is heard no more, and parts the words around it.
    assert!(of("proxy manager").is_none() && of("manager").is_some());
    assert!(
        of("stretchlag").unwrap()["themes"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    let said = project.lodestar("themes suggest").ok().stdout;
    assert!(said.contains("silent calendar creep"), "{said}");
    assert!(
        said.lines().all(|line| line.chars().count() <= 80),
        "{said}"
    );
}

#[test]
fn a_measure_by_term_that_could_not_be_is_refused_where_it_stands() {
    for (from, to, words) in [
        (
            "max_cells = 1000",
            "levels = [0, 1]",
            "terms are looked for in the whole organisation",
        ),
        (
            "max_cells = 1000",
            "dimensions = [\"term\"]",
            "terms are looked for by competency alone",
        ),
        (
            "max_cells = 1000",
            "statistics = [{ name = \"minutes\", kind = \"mean\", of = \"minutes\" }]",
            "counts and shares",
        ),
    ] {
        let project = crowd(20, "");
        project.edit(from, to);
        project.lodestar("check").refused(2, &[words]);
    }
}

/// Columns of a table as text.
fn terms_of(project: &Project) -> Vec<String> {
    let table = table(project);
    let terms = table.column("term").unwrap().str().unwrap().clone();
    terms.iter().map(|term| term.unwrap().to_owned()).collect()
}

#[test]
fn names_are_taken_out_where_no_theme_has_terms() {
    let named = |column: &str| {
        let project = crowd(800, "epsilon = 1000.0\n");
        let text = |name: &str| String::from_utf8(project.read(name)).unwrap();
        let people: Vec<String> = text("input/people.csv")
            .lines()
            .map(|row| match row.strip_prefix('p') {
                Some(row) if row.starts_with(|c: char| c.is_ascii_digit()) => {
                    format!("p{row},Zebulon Quillfeather")
                }
                _ => format!("{row},{column}"),
            })
            .collect();
        project.write("input/people.csv", people.join("\n") + "\n");
        let sessions = text("input/sessions.csv").replace(",,\"", ",,\"Quillfeather was here. ");
        project.write("input/sessions.csv", sessions);
        project.lodestar("run").ok();
        terms_of(&project).contains(&"quillfeather".to_owned())
    };
    assert!(named("called"), "the test sees what is not taken out");
    assert!(!named("name"));
}

#[test]
fn what_is_hidden_does_not_follow_from_lifts() {
    // So few people that some numbers of terms are below k, and a cap that leaves few.
    let project = crowd(300, "epsilon = 300.0\n");
    project.edit("max_cells = 1000", "max_cells = 6");
    project.lodestar("run").ok();
    let table = table(&project);
    let text = |name: &str| table.column(name).unwrap().str().unwrap().clone();
    let (competency, term) = (text("competency"), text("term"));
    let n = table.column("n").unwrap().i64().unwrap().clone();
    let lift = table.column("lift").unwrap().f64().unwrap().clone();
    let rows = || {
        (0..table.height()).map(|row| (competency.get(row).unwrap(), term.get(row).unwrap(), row))
    };
    let shown: BTreeMap<(&str, &str), i64> = rows()
        .filter_map(|(c, t, row)| Some(((c, t), n.get(row)?)))
        .collect();
    let mut looked = 0;
    for (of, words, row) in rows() {
        let Some(lift) = lift.get(row).filter(|_| of != "(all)") else {
            continue;
        };
        let both = shown
            .iter()
            .filter(|((c, t), _)| *c == of && shown.contains_key(&("(all)", t)));
        let (mut here, mut anywhere) = (0, 0);
        for ((_, t), n) in both {
            here += n;
            anywhere += shown[&("(all)", *t)];
        }
        let expected = shown[&("(all)", words)] as f64 * here as f64 / anywhere as f64;
        assert!(
            (lift - shown[&(of, words)] as f64 / expected).abs() < 1e-9,
            "{of} {words}"
        );
        looked += 1;
    }
    assert!(looked > 5 && shown.len() < table.height());
}
