//! Somebody's own rows as a probe into another's.
//!
//! Known: the session ids of the person who is spied upon, and how rows are judged. Who
//! attacks is a subject, too, and writes rows about themselves as they like. Published:
//! here what would be without any noise, so that nothing can hide in it.

use super::office::{MEASURES, Office};
use super::stand::Stand;
use crate::exact_support::Settings;

/// Two units, a spy, and perhaps the person spied upon.
fn office(victim: bool) -> Office {
    let mut office = Office::empty();
    for unit in ["a1", "b1"] {
        office.crowd(unit, 12);
    }
    office.person("spy", "a1", "staff");
    office.met("spy", "coach", "2024-02-07", "60", "trust");
    if victim {
        office.victim();
    }
    office
}

type Tables = std::collections::BTreeMap<String, Vec<u8>>;

/// All tables of facts, byte by byte.
fn published(office: &Office) -> Tables {
    let settings = Settings::exact(3, 1, 4).and(MEASURES);
    let mut tables = Stand::new(&office.sample(&settings), "2024-Q1")
        .exact()
        .tables;
    tables.retain(|name, _| !name.starts_with("dim_"));
    tables
}

/// Rows with ids of the person's sessions, or with ids of nobody's.
fn collide(office: &mut Office, ids: impl Iterator<Item = usize>) {
    for id in ids {
        office.met("spy", "coach", "2024-02-09", "45", "conflict");
        let row = office.sessions.rows.last_mut().unwrap();
        row[0] = id.to_string();
    }
}

#[test]
fn ids_of_another_persons_sessions_find_nothing() {
    let first = office(false).sessions.rows.len();
    for victim in [true, false] {
        let [mut same, mut fresh] = [office(victim), office(victim)];
        collide(&mut same, first..first + 24);
        collide(&mut fresh, 9_000..9_024);
        assert!(published(&same) == published(&fresh), "{victim}");
    }
}

#[test]
fn no_value_of_ones_own_rows_spoils_what_is_said_of_others() {
    let plain = published(&office(true));
    for value in [
        "NaN",
        "nan",
        "inf",
        "-inf",
        "",
        "null",
        "-1",
        "1e308",
        "1e999",
        "-0",
        "9223372036854775808",
        "0x10",
        "1_000",
    ] {
        let mut bad = office(true);
        bad.met("spy", "coach", "2024-02-08", value, "trust");
        if value == "-0" {
            // No minutes, so a session: it must count as one of 0.
            let mut zero = office(true);
            zero.met("spy", "coach", "2024-02-08", "0", "trust");
            assert!(published(&bad) == published(&zero), "{value}");
        } else {
            assert!(published(&bad) == plain, "{value}");
        }
    }
}

#[test]
fn neither_order_nor_copies_of_rows_tell_anything() {
    let plain = office(true);
    let mut other = plain.clone();
    for table in [&mut other.people, &mut other.sessions] {
        table.rows.reverse();
        let copies = table.rows.clone();
        table.rows.extend(copies);
    }
    assert!(published(&other) == published(&plain));
}

/// The same probes find what they look for where it is the spy's own.
#[test]
fn probes_see_ones_own_rows() {
    let plain = published(&office(true));
    let own = |id: usize, minutes: &str| {
        let mut office = office(true);
        collide(&mut office, std::iter::once(id));
        office.sessions.rows.last_mut().unwrap()[4] = minutes.to_owned();
        published(&office)
    };
    // A further session counts, and one with the id of their own first takes its place or
    // gives way to it.
    let spy = office(false).sessions.rows.len() - 1;
    assert!(own(9_000, "45") != plain);
    assert!(own(spy, "45") != own(9_000, "45"));
}
