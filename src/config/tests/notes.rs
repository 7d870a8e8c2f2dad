//! `[notes]`, and the terms of themes.

use lodestar_tagging::{Names, Own, Reader, Redactor};

use super::refusals::{Case, refused};
use super::{MINIMAL, accepted};
use crate::measure::ThemeSource;

/// Whether the theme of [`MINIMAL`] is found, with these lines added to it.
fn finds(theme: &str, others: &str, note: &str) -> bool {
    let project = accepted(&format!("{MINIMAL}{theme}\n{others}"));
    let names = Names::new(&project.framework.tagger);
    let mut redactor = Redactor::new(&names);
    let mut reader = Reader::new(&project.framework.tagger);
    let themes = reader
        .tag(&redactor.redact(note, Own::default()), None)
        .len();
    themes > 0
}

#[test]
fn terms_are_a_list_or_lists_by_language() {
    let list = "terms = [\"clear priority\"]\nexcept = [\"clear priority list\"]";
    assert!(finds(list, "", "clear priorities"));
    assert!(!finds(list, "", "clear priorities lists"));
    assert!(!finds(list, "", "no clear priorities"));
    assert!(finds(
        list,
        "[notes]\nnegation = false",
        "no clear priorities"
    ));
    let german = "terms = [\"neue Aufgabe\"]";
    assert!(finds(
        german,
        "[notes]\nlanguage = \"de\"",
        "vor neuen Aufgaben"
    ));
    assert!(!finds(german, "", "vor neuen Aufgaben"));
    let both = "terms = { en = [\"clear priority\"], de = [\"neue Aufgabe\"], any = [\"OKR\"] }";
    for note in ["clear priorities", "neue Aufgaben", "okr"] {
        assert!(finds(both, "", note), "{note}");
    }
    assert!(!finds(both, "", "okrs"));
    assert!(accepted(MINIMAL).framework.tagger.is_empty());
}

#[test]
fn a_measure_says_whose_themes_count() {
    let measure = "[[measures]]\nuse = \"theme_outcome\"\ntheme_source = \"codebook\"\n";
    let assessed =
        "[[instruments]]\nid = \"i\"\nmin = 1\nmax = 5\n[sources.assessments]\npath = \"a.csv\"\n";
    let project = accepted(&format!("{MINIMAL}terms = [\"x\"]\n{assessed}{measure}"));
    assert_eq!(project.measures[0].theme_source, ThemeSource::Codebook);
}

#[test]
fn what_can_be_no_term_is_refused_where_it_stands() {
    let long = format!("terms = [\"{}\"]\n", "x".repeat(257));
    let words = format!("terms = [\"{}\"]\n", "x ".repeat(11));
    let many = format!("terms = [{}]\n", "\"x\",".repeat(1001));
    refused(&[
        Case(
            "",
            "terms = \"x\"\n",
            (12, 9),
            "`themes[1].terms` is text",
            "by language",
        ),
        Case("", "terms = [1]\n", (12, 10), "is a whole number", "a word"),
        Case(
            "",
            "terms = [\"a\", \" \"]\n",
            (12, 15),
            "is empty",
            "a word",
        ),
        Case(
            "",
            "terms = [\"a\", \"a\"]\n",
            (12, 15),
            "listed twice",
            "once",
        ),
        Case(
            "",
            "terms = [\"–!\"]\n",
            (12, 10),
            "no word in it",
            "one to ten words",
        ),
        Case("", &long, (12, 10), "is too long", "at most 256 bytes"),
        Case(
            "",
            &words,
            (12, 10),
            "more than 10 words",
            "one to ten words",
        ),
        Case("", &many, (12, 9), "has too many", "at most 1000"),
        Case(
            "",
            "terms = { dn = [\"a\"] }\n",
            (12, 11),
            "no language `dn`",
            "did you mean",
        ),
        Case(
            "",
            "except = [\"a\"]\n",
            (12, 10),
            "without `terms`",
            "exceptions",
        ),
        Case(
            "",
            "terms = [\"a\"]\nexcept = [\"a\"]\n",
            (13, 11),
            "listed twice",
            "once",
        ),
    ]);
}

#[test]
fn what_notes_and_measures_cannot_say_is_refused() {
    refused(&[
        Case(
            "",
            "[notes]\nlanguage = \"english\"\n",
            (13, 12),
            "cannot be \"english\"",
            "`en`",
        ),
        Case(
            "",
            "[notes]\nnegation = 1\n",
            (13, 12),
            "is a whole number",
            "true or false",
        ),
        Case(
            "",
            "[notes]\nredact = true\n",
            (13, 1),
            "unknown key `notes.redact`",
            "negation",
        ),
        Case(
            "",
            "[[measures]]\nuse = \"engagement\"\ntheme_source = \"coach\"\n",
            (14, 16),
            "for measures by `theme`",
            "take it out",
        ),
        Case(
            "",
            "[[measures]]\nuse = \"theme_prevalence\"\ntheme_source = \"codebook\"\n",
            (14, 16),
            "no theme has terms",
            "`terms`",
        ),
        Case(
            "",
            "[[measures]]\nuse = \"theme_prevalence\"\ntheme_source = \"both\"\n",
            (14, 16),
            "cannot be \"both\"",
            "`either`",
        ),
    ]);
}
