//! Names in their usual forms, and a row's own ids.

use super::*;
use crate::{Entry, Language, Reader};

/// A codebook with two terms that are names, in two languages.
fn tagger() -> Tagger {
    let mut tagger = Tagger::default();
    for (text, language) in [("trust", "en"), ("build trust with", "en"), ("Sorge", "de")] {
        let entry = Entry {
            theme: 0,
            language: Language::of(language).expect("known"),
            text,
            excepted: false,
        };
        tagger.add(&entry).expect("a term");
    }
    tagger
}

/// What is left of a note, marks as `_`.
fn left(listed: &[&str], own: Own<'_>, note: &str) -> String {
    let tagger = tagger();
    let mut names = Names::new(&tagger);
    for name in listed {
        assert!(names.add(name), "{name}");
    }
    let mut redactor = Redactor::new(&names);
    let redacted = redactor.redact(note, own);
    redacted.text().replace(MARK, "_")
}

#[track_caller]
fn leaves(listed: &[&str], cases: &[(&str, &str)]) {
    for (note, expected) in cases {
        assert_eq!(left(listed, Own::default(), note), *expected, "{note}");
    }
}

#[test]
fn a_name_is_known_in_its_usual_forms() {
    leaves(
        &[
            "Dr. Anna-Maria van der Linden",
            "Schmidt, Jörg",
            "J. R. O'Brien",
        ],
        &[
            ("Met Anna-Maria van der Linden.", "Met _-_ _."),
            ("met anna about it", "met _ about it"),
            ("ANNA said so", "_ said so"),
            ("Anna's team, anna’s plan", "_ team, _ plan"),
            ("Annas Team", "_ Team"),
            ("Frau Dr. van der Linden kam", "_ kam"),
            ("with Schmidt, Jörg, and on", "with _, _, and on"),
            ("Jorg, Joerg and JÖRG", "_, _ and _"),
            ("J. Schmidt and Schmidt, J. R. came", "_ and _ came"),
            ("J.Schmidt came", "_ came"),
            ("Hr. Schmidt kam", "_ kam"),
            ("O'Brien, O’Brien, OBrien", "_, _, _"),
            ("(Schmidt) \"Anna\" Schmidt/Anna", "(_) \"_\" _/_"),
            ("end.Anna said", "end._ said"),
            ("Annabel and Schmidtke", "Annabel and Schmidtke"),
            ("dr and van der", "dr and van der"),
        ],
    );
}

/// However it is written: what a reader takes for a word is looked at as one.
#[test]
fn a_name_is_known_whatever_it_is_glued_to() {
    leaves(
        &["Anna Smith", "Bjo\u{308}rn Quill", "Γιώργος", "D'Angelo"],
        &[
            (
                "Anna\u{202f}! Anna\u{202f}: Anna\u{b8}",
                "_ ! _ : _ \u{327}",
            ),
            ("« Anna\u{202f}»", "« _ »"),
            ("anna\u{202f}smith", "_ _"),
            (
                "d'Anna, d’Anna, dell'Anna, qu’anna",
                "d'_, d’_, dell'_, qu’_",
            ),
            ("D'Angelo, d’angelo, l'Angelo", "_, _, l'Angelo"),
            (
                "Anna'll go, Anna'd stay, Anna’ve",
                "_'ll go, _'d stay, _’ve",
            ),
            ("Anna''s plan, \u{2bc}Anna, Smith'3x", "_ plan, _, _'3x"),
            ("Bjoern, Bjo\u{308}rn, BJÖRN", "_, _, _"),
            ("ΓΙΏΡΓΟΣ, γιωργος", "_, _"),
            ("An\u{ad}na and an\u{200d}na", "_ and _"),
            ("d'\u{308}\u{2bc}Anna", "d'\u{308}\u{2bc}_"),
            ("coll'Anna, QUAND'Anna", "coll'_, QUAND'_"),
            ("Annan't", "Annan't"),
        ],
    );
    // With an English name that a contraction begins as.
    leaves(&["Don Won"], &[("I don't, he won't", "I don't, he won't")]);
}

#[test]
fn a_name_that_is_a_word_needs_a_capital_or_another_name() {
    leaves(
        &["Hope Baker", "Will Rose", "Mark Jensen", "Grace Li"],
        &[
            (
                "I hope this will mark a change",
                "I hope this will mark a change",
            ),
            (
                "Hope is not a plan. Will it work?",
                "Hope is not a plan. Will it work?",
            ),
            ("We met Hope again", "We met _ again"),
            ("asked Will and Mark's boss", "asked _ and _ boss"),
            ("Hope Baker called", "_ _ called"),
            ("Will Jensen come?", "_ _ come?"),
            ("Mrs. Rose came. J. Rose, too", "_ came. _, too"),
            ("WILL IT MARK A CHANGE", "WILL IT MARK A CHANGE"),
            (
                "- Mark it\n- Rose early.\nGrace period",
                "- Mark it\n- Rose early.\nGrace period",
            ),
            ("li and Li", "li and _"),
            ("we met\nHope there", "we met\n_ there"),
            (
                "we met.\n\nHope there\n\nHope",
                "we met.\n\nHope there\n\nHope",
            ),
            ("hope jensen and jensen-rose", "_ _ and _-_"),
            ("what Jensen said", "what _ said"),
        ],
    );
}

#[test]
fn a_name_that_is_a_german_noun_needs_another_name_or_a_title() {
    leaves(
        &[
            "Petra Koch",
            "Uwe Sommer",
            "Ina van der Berg",
            "Ole Fischer-Lang",
        ],
        &[
            ("mit Ina van der Berg am Berg", "mit _ _ am Berg"),
            (
                "mit ina van der berg und ole fischer-lang",
                "mit _ _ und _ _-_",
            ),
            ("Sommer,\nUwe", "_,\n_"),
            ("Im Sommer kam Petra", "Im Sommer kam _"),
            ("Der Koch und Herr Koch", "Der Koch und _"),
            ("Uwe Sommer sprach", "_ _ sprach"),
            ("Frau Sommer sprach", "_ sprach"),
        ],
    );
}

#[test]
fn a_name_that_is_a_word_of_the_codebook_hides_no_theme() {
    leaves(
        &["Peter Trust", "Ina Sorge"],
        &[
            ("to build trust with peter", "to build trust with _"),
            ("so Trust said", "so _ said"),
            ("Trust matters", "Trust matters"),
            ("voller Sorge und Sorge", "voller Sorge und Sorge"),
            ("mit Ina Sorge", "mit _ _"),
        ],
    );
}

#[test]
fn after_a_title_a_name_need_not_be_known() {
    leaves(
        &[],
        &[
            ("Mr. Unknown left", "_ left"),
            ("bei Frau Unbekannt-Neu war", "bei _ war"),
            ("Herr Dr. von Neu kam", "_ kam"),
            ("Herrn B.\nNeu", "_"),
            ("seine Frau. Konflikte", "seine Frau. Konflikte"),
            ("meine Frau und ich", "meine Frau und ich"),
            ("MS Teams, MR scan, dr who", "MS Teams, MR scan, dr who"),
        ],
    );
}

#[test]
fn a_rows_own_names_and_ids_are_asked_of_its_note_alone() {
    let own = Own {
        names: &["Tove Lund"],
        ids: &["k-7x", "Ann Doe", "north", "ab", "7"],
    };
    for (note, expected) in [
        ("Tove, lund's K-7X", "_, _ _"),
        ("k-7xy k-7 North northern", "k-7xy k-_ _ northern"),
        ("Ann met Doe", "_ met _"),
        ("ab 7 17", "ab _ 17"),
    ] {
        assert_eq!(left(&[], own, note), expected, "{note}");
    }
    assert_eq!(left(&[], Own::default(), "Tove north"), "Tove north");
}

#[test]
fn after_a_title_a_name_is_taken_out_however_far_it_stands() {
    leaves(
        &[],
        &[
            ("Mr.  Dupont, Mr.\r\nDupont, Mr.\tDupont", "_, _, _"),
            ("Mr\u{202f}Dupont, Frau\u{2009}Dupont, Mr.Dupont", "_, _, _"),
            ("Mme DUPONT, Frau SCHMIDT, Dr. DUPONT", "_, _, _"),
            ("Herr Dr. med. Dupont, Mme d'Arc", "_, _"),
            ("Frau Mu\u{308}nster", "_"),
            (
                "Asked a Dr.\n\nNext time more",
                "Asked a Dr.\n\nNext time more",
            ),
            ("the Dr. said, the Frau said", "the Dr. said, the Frau said"),
        ],
    );
}

#[test]
fn nothing_is_found_in_or_across_a_name() {
    let mut tagger = tagger();
    let entry = Entry {
        theme: 1,
        language: Language::ENGLISH,
        text: "time to think",
        excepted: false,
    };
    tagger.add(&entry).expect("a term");
    let mut names = Names::new(&tagger);
    names.add("Tom To");
    let (mut redactor, mut reader) = (Redactor::new(&names), Reader::new(&tagger));
    for (note, themes) in [
        ("time to think", &[1][..]),
        ("time Tom think", &[]),
        ("time Tom To think", &[]),
        ("no time, Tom: time to think", &[1]),
    ] {
        assert_eq!(
            reader.tag(&redactor.redact(note, Own::default()), None),
            themes,
            "{note}"
        );
    }
}

const LISTED: [&str; 6] = [
    "Anna-Maria van der Linden",
    "Hope Baker",
    "Jörg O'Brien",
    "Koch, Li",
    "Мария Иванова",
    "Peter Trust",
];

fn piece() -> impl Strategy<Value = String> {
    const PIECES: [&str; 30] = [
        "Anna",
        "anna's",
        "LINDEN",
        "van",
        "der",
        "Hope",
        "hope",
        "Baker",
        "Jörg",
        "joerg",
        "O’Brien",
        "Koch",
        "Li",
        "Мария",
        "Trust",
        "trust",
        "Dr.",
        "Frau",
        "J.",
        "I",
        "A",
        "z.B.",
        "said",
        "0171/12345678",
        "anna@x.de",
        "Herr",
        "k-7",
        "\u{fffc}",
        "zu",
        "Mr",
    ];
    let gap = prop::sample::select(&["", " ", " ", " ", ", ", "\n", ". ", "-", "\u{a0}"][..]);
    let any = prop_oneof![8 => prop::sample::select(&PIECES[..]).prop_map(str::to_owned), 1 => "\\PC{0,6}"];
    (any, gap).prop_map(|(piece, gap)| piece + gap)
}

/// What may stand beside a name, or within it, and be seen or not.
fn glue() -> impl Strategy<Value = String> {
    const GLUE: [&str; 34] = [
        " ", "", "!", ",", ".", ":", "-", "_", "'", "''", "’", "ʼ", "\u{202f}", "\u{a0}",
        "\u{2009}", "\u{b8}", "\u{308}", "\u{200b}", "\u{ad}", "\u{37a}", "\u{fe70}", "«", "»",
        "„", "…", "'s", "’ll", "'d", "d'", "qu’", "dell'", "\r\n", "\t", "ﬁ ",
    ];
    prop::sample::select(&GLUE[..]).prop_map(str::to_owned)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, ..ProptestConfig::default() })]

    /// No word that is heard of a note is one of the names, whatever they stand beside.
    #[test]
    fn no_name_is_heard(
        pieces in prop::collection::vec(
            prop_oneof![glue(), prop::sample::select(&["Anna", "ANNA", "björn", "Bjo\u{308}rn", "Zoë", "said"][..]).prop_map(str::to_owned)],
            0..10,
        ),
    ) {
        let note = pieces.concat();
        let tagger = tagger();
        let mut names = Names::new(&tagger);
        for name in ["Anna Quill", "Björn", "Zoe"] {
            names.add(name);
        }
        let (mut redactor, mut reader) = (Redactor::new(&names), Reader::new(&tagger));
        let mut heard = Vec::new();
        reader.hear(&redactor.redact(&note, Own::default()), None, |word| {
            heard.extend(word.map(str::to_owned));
        });
        for word in heard {
            let is_name = ["anna", "björn", "zoë", "zoe"].contains(&&*word);
            prop_assert!(!is_name, "{note:?}: {word}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn what_is_left_of_names_is_left_again(pieces in prop::collection::vec(piece(), 0..12)) {
        let note = pieces.concat();
        let own = Own { names: &["Tove Lund"], ids: &["k-7"] };
        let mut names = NOBODY.clone();
        for name in LISTED {
            names.add(name);
        }
        let mut redactor = Redactor::new(&names);
        let once = redactor.redact(&note, own).text().to_owned();
        let again = redactor.redact(&once, own);
        prop_assert_eq!(again.text(), &once);
    }

    /// Whatever a name stands in, it is not left.
    #[test]
    fn a_planted_name_is_not_left(
        before in prop::collection::vec(piece(), 0..6),
        after in prop::collection::vec(piece(), 0..6),
        form in prop::sample::select(&["Zoë Quill", "Quill, Zoe", "zoë", "QUILL", "Quills", "Z. Quill", "Frau Quill"][..]),
    ) {
        let note = format!("{} {form} {}", before.concat(), after.concat());
        let mut names = NOBODY.clone();
        names.add("Zoë Quill");
        let mut redactor = Redactor::new(&names);
        let left = redactor.redact(&note, Own::default()).text().to_lowercase();
        let is_left = ["quill", "zoe", "zoë"].iter().any(|part| left.contains(part));
        prop_assert!(!is_left, "{}: {}", note, left);
    }
}
