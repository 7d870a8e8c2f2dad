//! From notes to themes, through the real binary: measures count what coaches
//! listed, what the codebook finds in their notes, or both.

use std::fmt::Write as _;

use polars::prelude::{ParquetReader, SerReader};

use crate::support::{HEADER, Project};

/// 2,000 coachees of one organisation. Coaches list `ambiguity` of every second one,
/// and write of it of every third one; of every fifth they write that there is none
/// of it. Those who list it three times are as those who list it once.
fn noted(terms: &str) -> Project {
    let project = Project::tiny();
    let mut people = String::from("person_id,org_unit\n");
    let mut sessions = format!("{HEADER}\n");
    for n in 0..2000 {
        let _ = writeln!(people, "p{n},{}", ["north", "south"][n / 2 % 2]);
        let theme = if n % 2 == 0 { "ambiguity" } else { "" };
        let note = match (n % 3, n % 5) {
            (0, _) => "Talked of PRIORITIES,\nall of them unclear; and again: unclear priority.",
            (_, 0) => "No unclear priorities. The nuclear family, not so clear a priority.",
            _ => "",
        };
        let _ = writeln!(
            sessions,
            "s,p{n},c{},2025-02-03,60,adaptability,{theme},\"{note}\"",
            n % 50
        );
    }
    project.crowd(&people, &sessions);
    project.edit("k = 10\n", "k = 10\nepsilon = 1000.0\n");
    project.edit(
        "id = \"ambiguity\"\n",
        &format!("id = \"ambiguity\"\n{terms}\n"),
    );
    for source in ["either", "coach", "codebook"] {
        let measure = format!(
            "[[measures]]\nuse = \"theme_prevalence\"\nname = \"by_{source}\"\n\
             theme_source = \"{source}\"\n"
        );
        let all = String::from_utf8(project.read("lodestar.toml")).unwrap();
        project.write("lodestar.toml", all + &measure);
    }
    project
}

/// People with the theme at the root.
fn people_with_it(project: &Project, table: &str) -> f64 {
    let path = project.path(&format!("published/current/{table}.parquet"));
    let frame = ParquetReader::new(std::fs::File::open(path).unwrap())
        .finish()
        .unwrap();
    let themes = frame.column("theme").unwrap().str().unwrap();
    let row = themes.iter().position(|theme| theme == Some("ambiguity"));
    let column = frame.column("n").unwrap();
    let column = column.cast(&polars::prelude::DataType::Float64).unwrap();
    column.f64().unwrap().get(row.unwrap()).unwrap()
}

#[test]
fn measures_count_themes_of_coaches_of_notes_or_of_both() {
    let project =
        noted("terms = [\"unclear priority\", \"unclear\"]\nexcept = [\"nuclear family\"]");
    let facts = project.lodestar("check --json").ok().json();
    assert_eq!(facts["notes"]["read"], 933);
    assert_eq!(facts["notes"]["with_theme"], 667);
    assert_eq!(facts["notes"]["themes"]["ambiguity"], 667);
    let said = project.lodestar("check").ok();
    assert!(
        said.stdout
            .contains("933 notes read: 667 of them have a theme of the codebook"),
        "{said:?}"
    );
    project.lodestar("run").ok();
    // Half list it; a third write of it, half of whom do not list it.
    for (table, people) in [
        ("by_coach", 1000.0),
        ("by_codebook", 667.0),
        ("by_either", 1333.0),
    ] {
        let counted = people_with_it(&project, table);
        assert!((counted - people).abs() < 10.0, "{table}: {counted}");
    }
    let manifest = String::from_utf8(project.read("published/current/manifest.json")).unwrap();
    for text in [
        "Themes are those that coaches listed and those whose terms are in their notes.",
        "Themes are those that coaches listed.",
        "Themes are those whose terms are in coaches' notes.",
    ] {
        assert!(manifest.contains(text), "{text}");
    }
}

#[test]
fn what_tells_who_somebody_is_is_taken_out_first() {
    let project = noted("terms = [\"unclear priority\", \"example\"]");
    let note = "Unclear 0171/1234567 priority: see www.example.com, or ask a@b.de and c@d.de";
    let sessions = String::from_utf8(project.read("input/sessions.csv")).unwrap();
    let noted = sessions.replace("No unclear priorities.", note);
    project.write("input/sessions.csv", noted);
    let facts = project.lodestar("check --json").ok().json();
    // Nothing is found in what was taken out, or across it.
    assert_eq!(facts["notes"]["themes"]["ambiguity"], 667);
    assert_eq!(facts["notes"]["read"], 933);
    let redacted = &facts["notes"]["redacted"];
    let kinds = ["mail", "url", "phone", "account", "date", "id"].map(|kind| &redacted[kind]);
    assert_eq!(kinds, [532, 266, 266, 0, 0, 0], "{redacted}");
    let said = project.lodestar("check").ok();
    let redacted =
        "redacted before that: 532 e-mail addresses, 266 web addresses, 266 phone numbers";
    assert!(said.stdout.contains(redacted), "{said:?}");
}

/// How many notes are about a theme whose term is a name, where some rows are there
/// and others are not.
fn about_jensen(names: &str, without: &str) -> serde_json::Value {
    let project = noted("terms = [\"Jensen method\"]");
    let mut people = String::from("person_id,org_unit,name\n");
    let mut sessions = format!("{HEADER},coachee_name,coach_name\n");
    for n in 0..40 {
        let name = if n < 2 { "Jensen, Ida" } else { "Tove Lund" };
        let _ = writeln!(people, "p{n},north,\"{name}\"");
        let (coachee, coach) = match n {
            2 => ("Ida Jensen", ""),
            3 => ("", "Bo Jensen"),
            _ => ("", ""),
        };
        let note = "Tries the Jensen method with Tove, as Frau Unbekannt (c1, p5) does.";
        let _ = writeln!(
            sessions,
            "s{n},p{n},c1,2025-02-03,60,adaptability,,{note:?},{coachee},{coach}"
        );
    }
    let kept = |table: &str| -> String {
        let person = |line: &&str| without.is_empty() || !line.contains(without);
        table.split_inclusive('\n').filter(person).collect()
    };
    project.write("input/people.csv", kept(&people));
    project.write("input/sessions.csv", kept(&sessions));
    if !names.is_empty() {
        project.write("input/names.csv", format!("name\n{names}\n"));
        let source =
            "[sources.names]\npath = \"input/names.csv\"\nsynthetic = true\n[sources.people]\n";
        project.edit("[sources.people]\n", source);
    }
    let facts = project.lodestar("check --json").ok().json();
    facts["notes"].clone()
}

/// What is taken out of somebody's note is what their own rows and the public list
/// call them and others: nobody's row decides what somebody else's note is about.
#[test]
fn a_persons_name_is_taken_out_of_their_own_notes_alone() {
    // Two by their people row, one by the session's name of the coachee, one by its
    // name of the coach.
    let all = about_jensen("", "");
    assert_eq!(all["themes"]["ambiguity"], 36, "{all}");
    // Of everybody the name after a title, and the coach's id; of those who are called
    // so, their own name; of one their own id.
    assert_eq!(all["redacted"]["id"], 41, "{all}");
    assert_eq!(all["redacted"]["name"], 40 + 38 + 4, "{all}");
    // Without one who is called so, or one who is not.
    let one_less = about_jensen("", "p0,");
    assert_eq!(one_less["themes"]["ambiguity"], 36, "{one_less}");
    assert_eq!(one_less["read"], 39);
    assert_eq!(about_jensen("", "p7,")["themes"]["ambiguity"], 35);
    // A list is declared, and tells of every note.
    let listed = about_jensen("Ida Jensen", "");
    assert_eq!(listed["themes"]["ambiguity"], 0, "{listed}");
}

#[test]
fn notes_in_a_language_without_terms_are_counted() {
    let project = noted("terms = { en = [\"unclear\"], any = [\"okr\"] }");
    let path = "path = \"input/sessions.csv\"";
    project.edit(
        path,
        &format!("{path}\ndefaults = {{ note_language = \"English\" }}"),
    );
    let said = project.lodestar("check").ok();
    assert!(
        said.stdout
            .contains("933 notes in a language that no term is in"),
        "{said:?}"
    );
    project.edit("\"English\"", "\"en-GB\"");
    let said = project.lodestar("check --json").ok().json();
    assert_eq!(said["notes"]["no_term_of_their_language"], 0);
    assert!(said["notes"]["with_theme"].as_u64() > Some(0));
}

#[test]
fn a_codebook_that_finds_nothing_says_so() {
    let project = noted("terms = { de = [\"unklar\"] }");
    let said = project.lodestar("check").ok();
    assert!(
        said.stdout.contains(
            "933 notes read: 0 of them have a theme of the codebook\nin no note: `ambiguity`"
        ),
        "{said:?}"
    );
}
