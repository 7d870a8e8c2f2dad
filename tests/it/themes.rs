//! `themes check`: which terms of a codebook find something in notes that were made up
//! for it, and which do not what they should.

use serde_json::{Value, json};

use crate::support::Project;

/// Notes, and how many sessions have each.
const NOTES: [(usize, &str); 5] = [
    (50, "Talked of the weather."),
    (20, "Wants to delegate, and to hand over more."),
    (12, "Not unclear. Does not trust."),
    (10, "UNCLEAR\npriorities; honest feedback on it."),
    (8, "Had a vision test."),
];

/// Of unclear priorities and vision, of trust, of delegating, of feedback.
fn noted() -> Project {
    let project = Project::tiny();
    let notes = NOTES.iter();
    let notes = notes.flat_map(|(times, note)| std::iter::repeat_n(note, *times));
    let rows = notes.enumerate().map(|(n, note)| {
        let person = n % 40;
        format!("s{n},p{person:02},c,2025-02-03,60,adaptability,,\"{note}\"")
    });
    let mut rows: Vec<String> = rows.collect();
    // A row with too few fields has no note, and is counted.
    rows.push("s100,p00".to_owned());
    project.sessions(&rows);
    let ambiguity = "id = \"ambiguity\"\ncompetencies = [\"adaptability\"]\n";
    let theme = |id: &str, terms: &str| {
        format!("[[themes]]\nid = \"{id}\"\ncompetencies = [\"adaptability\"]\nterms = {terms}\n")
    };
    let terms = "terms = [\"unclear\", \"unclear priority\", \"priorities\", \"vision\"]\n\
                 except = [\"vision test\", \"priority seat\"]\n";
    let themes = [
        ambiguity,
        terms,
        &theme("trust", "[\"trust\", \"PRIORITY\"]"),
        &theme("delegation", "[\"delegate\", \"hand over\"]"),
        &theme("feedback", "[\"feedback\"]"),
    ];
    project.edit(ambiguity, &themes.concat());
    project
}

const TOLD: &str = "\
100 notes read
1 row can't be read: `lodestar check` says which, and why
theme       terms  notes   share  only negated
ambiguity       4     10  10.0 %            12
trust           2      0   0.0 %            12
delegation      2     20  20.0 %             0
feedback        1     10  10.0 %             0

in no note:
  ambiguity: \"priority seat\" (exception)

in notes, but never counting:
  ambiguity: \"unclear\" (within a longer term in 10, negated in 12: \"unclear
    priority\"), \"priorities\" (within a longer term in 10: \"unclear priority\",
    \"priority seat\"), \"vision\" (within an exception in 8: \"vision test\")
  trust: \"trust\" (negated in 12), \"PRIORITY\" (within a longer term in 10:
    \"unclear priority\")

always beside another term of their theme, so one of them could go:
  delegation: \"delegate\", \"hand over\"

in 20.0 % of the notes or more, so too broad perhaps:
  delegation: \"delegate\" (20.0 %), \"hand over\" (20.0 %)

negated in 50.0 % of their notes or more:
  ambiguity: \"unclear\" (12 of 22)
  trust: \"trust\" (12 of 12)

the same by their stems, so each finds what the others find:
  ambiguity \"priorities\", trust \"PRIORITY\"

themes of 20.0 % of the notes or more: `delegation`

themes that come with another in 80.0 % of their notes or more:
  ambiguity: 100.0 % have feedback, too (10)

These are exact counts of private notes: keep them on the private side. Terms
  that are chosen by looking at the notes, or the counts, of the people whom
  they then count are outside of ε: tune them on notes of another time or of
  other people.
";

#[test]
fn what_terms_find_and_do_not_is_told() {
    let project = noted();
    let said = project.lodestar("themes check").ok();
    assert_eq!(said.stdout, TOLD);
    assert_eq!(said.stderr, "");
    // It writes nothing, and needs no lock.
    assert!(!project.path("state").exists() && !project.path("published").exists());
    let said = project.lodestar("themes check --terms").ok().stdout;
    let table = "\
term                                   notes  alone  within  excepted  negated
ambiguity \"unclear\"                        0      0      10         0       12
ambiguity \"unclear priority\"              10     10       0         0        0
ambiguity \"priorities\"                     0      0      10         0        0
ambiguity \"vision\"                         0      0       0         8        0
ambiguity \"vision test\" (exception)        8
ambiguity \"priority seat\" (exception)      0
trust \"trust\"                              0      0       0         0       12
";
    assert!(said.contains(table), "{said}");
    let said = project
        .lodestar("themes check --broad 0.5 --together 1")
        .ok();
    let broad = |line: &&str| line.contains("or more");
    let told: Vec<&str> = said.stdout.lines().filter(broad).collect();
    let expected = [
        "negated in 50.0 % of their notes or more:",
        "themes that come with another in 100.0 % of their notes or more:",
    ];
    assert_eq!(told, expected);
}

#[test]
fn of_many_terms_in_no_note_the_first_are_named() {
    let project = noted();
    project.edit(
        "[\"feedback\"]",
        "[\"feedback\", \"aa\", \"bb\", \"cc\", \"dd\", \"ee\"]",
    );
    let unmatched = |options: &str| {
        let said = project.lodestar(&format!("themes check{options}")).ok();
        let lines = said
            .stdout
            .lines()
            .skip_while(|line| *line != "in no note:");
        lines.take(3).collect::<Vec<_>>().join("\n")
    };
    let first = "in no note:\n  ambiguity: \"priority seat\" (exception)\n  \
                 feedback: \"aa\", \"bb\", \"cc\" and 2 more (`--terms`)";
    assert_eq!(unmatched(""), first);
    assert!(unmatched(" --terms").ends_with("\"cc\", \"dd\", \"ee\""));
}

#[test]
fn machines_are_told_the_same() {
    let facts = noted().lodestar("themes check --json").ok().json();
    assert_eq!(
        (&facts["notes"], &facts["unread"]),
        (&json!(100), &json!(1))
    );
    let theme = json!({"theme": "ambiguity", "notes": 10, "share": 0.1, "only_negated": 12});
    assert_eq!(facts["themes"][0], theme);
    let priority = json!({"theme": "ambiguity", "term": "unclear priority"});
    let term = json!({
        "theme": "ambiguity", "term": "unclear", "language": "en", "exception": false,
        "notes": 22, "counts": 0, "alone": 0, "within": 10, "excepted": 0, "negated": 12,
        "covered_by": [priority],
    });
    assert_eq!(facts["terms"][0], term);
    let named = |list: &Value| -> Vec<String> {
        let entries = list.as_array().unwrap().iter();
        let named = entries.map(|entry| entry["term"].as_str().unwrap().to_owned());
        named.collect()
    };
    for (finding, terms) in [
        ("unmatched", &["priority seat"][..]),
        (
            "never_counting",
            &["unclear", "priorities", "vision", "trust", "PRIORITY"],
        ),
        ("redundant", &["delegate", "hand over"]),
        ("broad", &["delegate", "hand over"]),
        ("negated", &["unclear", "trust"]),
    ] {
        assert_eq!(named(&facts[finding]), terms, "{finding}");
    }
    assert_eq!(named(&facts["same"][0]), ["priorities", "PRIORITY"]);
    assert_eq!(facts["broad_themes"], json!(["delegation"]));
    let pair = json!({"theme": "ambiguity", "with": "feedback", "notes": 10, "share": 1.0});
    assert_eq!(facts["together"], json!([pair]));
}

#[test]
fn what_can_not_be_checked_says_why() {
    let project = Project::tiny();
    project
        .lodestar("themes check")
        .refused(2, &["no theme of the codebook has `terms`"]);
    project.edit(
        "id = \"ambiguity\"\n",
        "id = \"ambiguity\"\nterms = [\"unclear\"]\n",
    );
    let said = project.lodestar("themes check").ok().stdout;
    assert!(
        said.starts_with("0 notes read\nno session has a note: "),
        "{said}"
    );
    project.edit("sessions.csv", "none.csv");
    project
        .lodestar("themes check")
        .refused(3, &["input/none.csv", "no such file"]);
    project
        .lodestar("themes")
        .refused(2, &["Usage: lodestar themes"]);
}
