//! Rows that wait on disk say the same as those in memory.

use std::fmt::Write as _;

use super::*;

/// Rows of many people, some of them twice, and some of one id that disagree.
fn rows(fixture: &Fixture) {
    let mut people = String::from("person_id,org_unit\n");
    let mut text = HEAD.to_owned();
    for person in 0..700 {
        let unit = ["north", "south"][person % 2];
        writeln!(people, "p{person},{unit}").expect("text");
        for session in 0..(person % 9) {
            let (day, coach) = (1 + session * 3, (person + session) % 13);
            for copy in 0..=usize::from(session == 3) {
                let minutes = 30 + copy * (person % 2);
                writeln!(
                    text,
                    "s{session},p{person},c{coach},2025-02-{day:02},{minutes},focus,doubt,,,"
                )
                .expect("text");
            }
        }
    }
    fixture.put("people.csv", people);
    fixture.put("sessions.csv", text);
}

fn read_in(
    fixture: &Fixture,
    memory: usize,
    threads: usize,
) -> Result<Whole, super::super::IngestError> {
    let org = Org::load(&fixture.project)?;
    let request = Request {
        periods: &[quarter("2025-Q1")],
        memory: Some(memory),
        ..Request::default()
    };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
    let key = Key::new([7; 16]);
    let read = || read(&fixture.project, &org, &key, &request);
    pool.build().expect("threads").install(read)
}

#[test]
fn what_waits_on_disk_comes_back() {
    let fixture = Fixture::new();
    rows(&fixture);
    let roomy = read_in(&fixture, usize::MAX, 1).expect("read");
    assert_eq!(totals(&roomy, "sessions"), [3181, 2793, 388, 0]);
    assert_eq!(roomy.periods[0].sessions.len(), 2793);
    for (memory, threads) in [(0, 1), (0, 3), (30_000, 2), (usize::MAX, 3)] {
        let found = read_in(&fixture, memory, threads).expect("read");
        assert!(found.periods == roomy.periods, "{memory} {threads}");
        assert_eq!(found.reports, roomy.reports);
    }
    // Nothing of it is left.
    let left = fs::read_dir(&fixture.project.state).expect("the state folder");
    assert_eq!(left.count(), 0);
}

#[test]
fn a_disk_that_takes_nothing_ends_the_run() {
    let fixture = Fixture::new();
    rows(&fixture);
    fixture.put("state", "a file where the folder belongs");
    let error = read_in(&fixture, 0, 2).expect_err("nowhere to wait");
    assert_eq!(error.exit_code(), 7);
    assert!(error.to_string().contains("state"), "{error}");
    assert!(read_in(&fixture, usize::MAX, 2).is_ok());
}
