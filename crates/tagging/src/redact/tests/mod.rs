mod names;

use std::sync::LazyLock;

use proptest::prelude::*;

use super::{Kind, MARK, Names, Own, Redactor};
use crate::Tagger;
use crate::normal::composed;

static TAGGER: LazyLock<Tagger> = LazyLock::new(Tagger::default);

/// Nobody's names.
static NOBODY: LazyLock<Names<'_>> = LazyLock::new(|| Names::new(&TAGGER));

/// What is taken out of a note, each with its kind.
fn told(note: &str) -> Vec<(Kind, String)> {
    let note = &*composed(note);
    let mut redactor = Redactor::new(&NOBODY);
    let redacted = redactor.redact(note, Own::default());
    let kinds = redacted.found();
    // What was taken out is what stands between what is left.
    let left: Vec<&str> = redacted.text().split(MARK).collect();
    assert_eq!(left.len(), kinds.len() + 1, "{note}");
    let (mut rest, mut out) = (&note[left[0].len()..], Vec::new());
    for (place, kind) in kinds.iter().enumerate() {
        let next = left[place + 1];
        let end = match next {
            "" if place + 2 == left.len() => rest.len(),
            next => rest.find(next).expect("what is left is in the note"),
        };
        out.push((*kind, rest[..end].to_owned()));
        rest = &rest[end + next.len()..];
    }
    out
}

/// Of each text all is taken out.
#[track_caller]
fn all(kind: Kind, texts: &[&str]) {
    for text in texts {
        let note = format!("so far: {text}, and on");
        assert_eq!(told(&note), [(kind, composed(text).into_owned())], "{text}");
    }
}

#[track_caller]
fn none(texts: &[&str]) {
    for text in texts {
        assert_eq!(told(&format!("so far: {text}, and on")), [], "{text}");
    }
}

#[test]
fn mail_addresses_and_handles() {
    all(
        Kind::Mail,
        &[
            "anna.smith@example.com",
            "ANNA+x@Example.co.uk",
            "o'brien@mail.example.org",
            "jürgen_müller@straße.de",
            "root@localhost",
            "@anna_s",
        ],
    );
    none(&["met @ ten", "5 @ 3", "an @", "@ @"]);
    assert_eq!(told("<a.b@c.de>.")[0].1, "a.b@c.de");
    assert_eq!(told("mailto:a@b.de;c@d.de").len(), 2);
}

#[test]
fn web_addresses() {
    all(
        Kind::Url,
        &[
            "https://example.com/a?b=c#d",
            "http://localhost:8080/x",
            "ftp://files.example",
            "www.example.at",
            "WWW.Example.Com/path",
            "example.com",
            "intranet.firma.de",
            "shop.example.co.uk/basket",
            "bit.ly/3xYz",
            "Example.ORG",
        ],
    );
    none(&[
        "e.g. this",
        "z.B. so",
        "the end.The next",
        "done.It was",
        "a.m. or p.m",
        "and/or",
        "version 3.2.1",
        "u.a./etc. so",
        "plan.docx",
        "1:1",
        "Anna: so",
        "5.Now",
    ]);
    assert_eq!(told("(www.example.com).")[0].1, "www.example.com");
    assert_eq!(told("see example.com.Then we")[0].1, "example.com.Then");
}

#[test]
fn accounts_and_cards() {
    all(
        Kind::Account,
        &[
            "DE89370400440532013000",
            "DE89 3704 0044 0532 0130 00",
            "gb29 NWBK 6016 1331 9268 19",
            "AT61-1904-3002-3457-3201",
            "NO9386011117947",
            "4111 1111 1111 1111",
            "3782-822463-10005",
        ],
    );
    none(&[
        "at10 meet with them all",
        "in20",
        "AB12 CDEF",
        "2019 2020 2021 2022",
    ]);
}

#[test]
fn days_with_their_years() {
    all(
        Kind::Date,
        &[
            "03.05.1985",
            "3. 5. 1985",
            "3/5/85",
            "5/23/1985",
            "1985-05-03",
            "3 May 1985",
            "3rd of March 1985",
            "March 3rd, 1985",
            "3. März 1985",
            "12-Dec-1990",
            "le 1 août '79".trim_start_matches("le "),
        ],
    );
    none(&[
        "in May 2024",
        "24/7",
        "3.2.1",
        "13.13.2024x"
            .trim_end_matches('x')
            .trim_start_matches("13.13."),
        "Q3 2025",
        "1 of 3 in 2024",
        "5 people in 2020",
        "3 May, 24 people",
    ]);
}

#[test]
fn days_and_years_of_birth() {
    for (note, out) in [
        ("born on 3 May in Graz", "3 May"),
        ("Her birthday is May 3.", "May 3"),
        ("geb. 3.5. in Graz", "3.5"),
        ("Geburtsdatum: 3. Mai", "3. Mai"),
        ("born in 1985", "1985"),
        ("DOB 1985", "1985"),
    ] {
        assert_eq!(told(note), [(Kind::Date, out.to_owned())], "{note}");
    }
    none(&["born leader of 3 teams", "since 1985", "on 3 May"]);
}

#[test]
fn telephone_numbers() {
    all(
        Kind::Phone,
        &[
            "+49 171 1234567",
            "+49 (0)171 / 123 45 67",
            "+1 (555) 123-4567",
            "+431234567",
            "0043 1 5880100",
            "0171/1234567",
            "0171 1234567",
            "030 12 34 56 78",
            "01 23 45 67 89",
            "01.23.45.67.89",
            "089-12345",
            "(514) 690-2469",
            "404.293.5654",
            "787-466-5478",
            "787466-5478",
            "1-800-273-8255",
            "555-1234",
            "07911 123456",
            "+49\u{a0}171\u{a0}1234567",
            "0171\n1234567",
            "030–1234567",
            "٠١٧١ ١٢٣٤٥٦٧",
        ],
    );
    none(&[
        "3.2.1",
        "10.15.7",
        "14:30",
        "09.30-10.45",
        "9.30-10.45".trim_start_matches("9.30-"),
        "24/7",
        "Q3 2025",
        "2019-2024",
        "1931-1932",
        "2024/25",
        "1.500.000",
        "1,234,567.89",
        "1 500 000",
        "50000-60000",
        "100 000",
        "0.12345678",
        "3.14159265",
        "12.500,00",
        "10-12",
        "360 degrees",
        "5 of 7",
        "80/20",
        "in 2024. 300 of them",
        "9 to 5",
    ]);
}

#[test]
fn ids() {
    all(
        Kind::Id,
        &[
            "EMP-12345",
            "HR-042",
            "p000123",
            "AB1234",
            "2024q1-000123",
            "12345678",
            "741741",
            "9e107d9d372bb6826bd81d3542a419d6",
            "550e8400-e29b-41d4-a716-446655440000",
            "deadbeef-dead-beef-dead-beefdeadbee1",
            "CASE_4093",
        ],
    );
    for (note, out) in [
        ("Personalnummer: 4711", "4711"),
        ("employee number 4711", "4711"),
        ("ticket #471", "471"),
        ("ID 4711", "4711"),
        ("no. 471", "471"),
    ] {
        assert_eq!(told(note), [(Kind::Id, out.to_owned())], "{note}");
    }
    none(&[
        "Q3",
        "FY2025",
        "COVID-19",
        "B2B",
        "H1-2025",
        "GPT-4",
        "100000",
        "250000",
        "12345",
        "100k",
        "2nd",
        "mp3",
        "Windows10",
        "3.1415926535",
        "no 500 of them",
        "5 %",
        "1:1",
    ]);
}

/// What notes are made of, identifiers and what is like them.
fn piece() -> impl Strategy<Value = String> {
    const PIECES: [&str; 40] = [
        "anna@example.com",
        "@anna",
        "https://example.com/x",
        "www.example.com",
        "example.de",
        "+49 171 1234567",
        "0171/1234567",
        "(514) 690-2469",
        "DE89 3704 0044 0532 0130 00",
        "4111 1111 1111 1111",
        "3.5.1985",
        "3 May 1985",
        "born",
        "EMP-12345",
        "p000123",
        "12345678",
        "550e8400-e29b-41d4-a716-446655440000",
        "24/7",
        "3.2.1",
        "14:30",
        "2024",
        "Q3 2025",
        "1.500.000",
        ".",
        "-",
        "/",
        ",",
        "@",
        "(",
        ")",
        "+",
        "#",
        "id",
        "no",
        "feedback",
        "May",
        "\u{fffc}",
        "'",
        "://",
        "www.",
    ];
    let gap = prop::sample::select(&["", " ", " ", ", ", "\n", ". ", "\u{a0}"][..]);
    let any = prop_oneof![6 => prop::sample::select(&PIECES[..]).prop_map(str::to_owned), 1 => "\\PC{0,6}", 1 => "[0-9./ +-]{0,8}"];
    (any, gap).prop_map(|(piece, gap)| piece + gap)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn what_is_left_is_left_again(pieces in prop::collection::vec(piece(), 0..14)) {
        let note = pieces.concat();
        let mut redactor = Redactor::new(&NOBODY);
        let once = redactor.redact(&note, Own::default()).text().to_owned();
        let again = redactor.redact(&once, Own::default());
        prop_assert_eq!(again.text(), &once);
    }

    #[test]
    fn any_text_can_be_read(note in any::<String>()) {
        let mut redactor = Redactor::new(&NOBODY);
        let redacted = redactor.redact(&note, Own::default());
        let marks = redacted.text().matches(MARK).count();
        prop_assert_eq!(marks, redacted.found().len() + note.matches(MARK).count());
    }
}
