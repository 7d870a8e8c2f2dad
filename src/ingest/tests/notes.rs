//! Notes: the same themes from every format, and of the text nothing.

use arrow::array::{ArrayRef, StringArray};
use lodestar_tagging::{Entry, Language, Tagger};

use super::parquet::encode;
use super::*;
use crate::ingest::{PeriodFacts, SessionThemes};

const NOTED: &str =
    "session_id,coachee_id,coach_id,held_on,minutes,competency,themes,note_language,note\n";

/// A project whose themes are found by "unsure" and by "neue Wege", but not by "not
/// so new".
fn noted() -> Fixture {
    let mut fixture = Fixture::new();
    let mut tagger = Tagger::default();
    let (english, german) = (Language::ENGLISH, Language::of("de").expect("known"));
    for (theme, language, text) in [
        (0, english, "unsure"),
        (1, english, "change"),
        (1, german, "neue Wege"),
    ] {
        let entry = Entry {
            theme,
            language,
            text,
            excepted: false,
        };
        tagger.add(&entry).expect("a term");
    }
    fixture.project.framework.tagger = Arc::new(tagger);
    fixture
}

/// What sessions are about, in the order of their minutes.
fn told(facts: &PeriodFacts) -> Vec<(Vec<Option<u16>>, Vec<u16>)> {
    let mut sessions: Vec<_> = facts.sessions.iter().collect();
    sessions.sort_by_key(|session| session.minutes);
    let themes = sessions.iter().map(|session| facts.themes(session));
    let owned = |SessionThemes { coach, note }: SessionThemes<'_>| (coach.to_vec(), note.to_vec());
    themes.map(owned).collect()
}

/// Minutes, themes, language and text.
type Row = (u32, &'static str, &'static str, &'static str);

const ROWS: [Row; 7] = [
    (10, "doubt", "", "canary: UNSURE,\nthen change"),
    (20, "", "", "Neue\n\nWege; canary \"unsure\"?"),
    (30, "change", "de-AT", "unsure, neuer Weg canary"),
    (40, "", "ja", "unsure canary"),
    (50, "luck", "en", "not unsure. canary"),
    (60, "", "", ""),
    (70, "doubt", "", "canary unsurely"),
];

#[test]
fn every_format_tells_the_same_themes() {
    let fixture = noted();
    let csv = ROWS.map(|(minutes, themes, language, note)| {
        let note = note.replace('"', "\"\"");
        format!("{minutes},ana,c,2025-02-03,{minutes},courage,{themes},{language},\"{note}\"\n")
    });
    let json = ROWS.map(|(minutes, themes, language, note)| {
        serde_json::json!({
            "session_id": minutes.to_string(), "coachee_id": "ana", "coach_id": "c",
            "held_on": "2025-02-03", "minutes": minutes, "competency": "courage",
            "themes": themes, "note_language": language, "note": note,
        })
        .to_string()
    });
    let column = |of: &dyn Fn(&Row) -> String| -> ArrayRef {
        Arc::new(
            ROWS.iter()
                .map(|row| Some(of(row)))
                .collect::<StringArray>(),
        )
    };
    let parquet = encode(vec![
        ("session_id", column(&|row| row.0.to_string())),
        ("coachee_id", column(&|_| "ana".to_owned())),
        ("coach_id", column(&|_| "c".to_owned())),
        ("held_on", column(&|_| "2025-02-03".to_owned())),
        ("minutes", column(&|row| row.0.to_string())),
        ("competency", column(&|_| "courage".to_owned())),
        ("themes", column(&|row| row.1.to_owned())),
        ("note_language", column(&|row| row.2.to_owned())),
        ("note", column(&|row| row.3.to_owned())),
    ]);
    let expected = [
        (vec![Some(0)], vec![0, 1]),
        (vec![], vec![0, 1]),
        (vec![Some(1)], vec![1]),
        (vec![], vec![]),
        (vec![None], vec![]),
        (vec![], vec![]),
        (vec![Some(0)], vec![0]),
    ];
    for (name, bytes) in [
        (
            "sessions.csv",
            format!("{NOTED}{}", csv.concat()).into_bytes(),
        ),
        ("sessions.ndjson", json.join("\n").into_bytes()),
        ("sessions.parquet", parquet),
    ] {
        fixture.put(name, bytes);
        let intake = fixture.read(&["2025-Q1"]);
        assert_eq!(told(&intake.periods[0]), expected, "{name}");
        assert_eq!(intake.themes_in_notes, [3, 3], "{name}");
        let said = (intake.said.note, intake.said.theme_in_note);
        assert_eq!((said, intake.unknown_themes), ((6, 4), 1), "{name}");
        assert_eq!(intake.notes.unasked, 1, "of the Japanese note: {name}");
        assert!(!format!("{intake:?}").contains("canary"), "{name}");
        fs::remove_file(fixture.dir.path().join(name)).expect("removed");
    }
}

#[test]
fn without_terms_notes_are_not_read() {
    let fixture = Fixture::new();
    fixture.put(
        "sessions.ndjson",
        r#"{"session_id":"s","coachee_id":"ana","coach_id":"c","held_on":"2025-02-03","minutes":60,"competency":"courage","note":7}"#,
    );
    let intake = fixture.read(&["2025-Q1"]);
    assert_eq!(totals(&intake, "sessions"), [1, 1, 0, 0]);
    assert_eq!((intake.said.note, told(&intake.periods[0]).len()), (0, 1));
}

#[test]
fn a_note_that_is_no_text_is_quarantined_and_not_repeated() {
    let fixture = noted();
    fixture.put(
        "sessions.ndjson",
        r#"{"session_id":"s","coachee_id":"ana","coach_id":"c","held_on":"2025-02-03","minutes":60,"competency":"courage","note":["canary"]}"#,
    );
    let intake = fixture.read(&["2025-Q1"]);
    assert_eq!(faults(&intake, "sessions"), [(1, "note", "value")]);
    assert!(!format!("{intake:?}").contains("canary"));
}

#[test]
fn sessions_that_differ_in_what_their_notes_are_about_are_not_the_same() {
    let fixture = noted();
    let row = |note: &str| format!("s,ana,c,2025-02-03,60,courage,,,{note}\n");
    let mut found = Vec::new();
    for order in [["unsure", "change"], ["change", "unsure"]] {
        fixture.put(
            "sessions.csv",
            format!("{NOTED}{}{}", row(order[0]), row(order[1])),
        );
        let intake = fixture.read(&["2025-Q1"]);
        assert_eq!(totals(&intake, "sessions"), [2, 1, 1, 0]);
        found.push(told(&intake.periods[0]));
    }
    assert_eq!(found[0], found[1]);
}
