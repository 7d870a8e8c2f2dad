//! Whoever waits is told how much of the files has been read.

use std::sync::Mutex;

use lodestar_privacy::parts::PARTS;

use super::*;
use crate::progress::Progress;

/// Of each work: its name, its steps, and those that were done.
#[derive(Debug, Default)]
struct Heard(Mutex<Vec<(&'static str, u64, u64)>>);

impl Progress for Heard {
    fn begin(&self, work: &'static str, steps: u64) {
        self.0.lock().expect("no panic").push((work, steps, 0));
    }

    fn add(&self, steps: u64) {
        let mut all = self.0.lock().expect("no panic");
        all.last_mut().expect("a work has begun").2 += steps;
    }

    fn end(&self) {}
}

#[test]
fn all_bytes_are_told() {
    let fixture = Fixture::new();
    let text = format!("{HEAD}1,ana,c1,2025-02-03,45,focus,,,,\n").repeat(1);
    let json = r#"{"session_id":"1","coachee_id":"ana","coach_id":"c1","held_on":"2025-02-03","minutes":45,"competency":"focus"}"#;
    for (name, bytes, all) in [
        ("sessions.csv", text.into_bytes(), true),
        ("sessions.ndjson", json.as_bytes().to_vec(), true),
        (
            "sessions.parquet",
            parquet::encode(parquet::columns()),
            false,
        ),
    ] {
        fixture.put(name, &bytes);
        let heard: &'static Heard = Box::leak(Box::default());
        let request = Request {
            progress: Some(heard),
            ..Request::default()
        };
        let org = Org::load(&fixture.project).expect("an organisation");
        read(&fixture.project, &org, &Key::new([7; 16]), &request).expect("read");
        let heard = heard.0.lock().expect("no panic");
        let people = PEOPLE.len() as u64;
        assert_eq!(heard[0], ("people", people, people));
        let (work, steps, done) = heard[1];
        assert_eq!((work, steps), ("sessions", bytes.len() as u64));
        // A Parquet file has more than its row groups.
        assert!(
            0 < done && done <= steps && (done == steps || !all),
            "{name} {done}"
        );
        assert_eq!(heard[2], ("duplicates", PARTS as u64, PARTS as u64));
        fs::remove_file(fixture.dir.path().join(name)).expect("removed");
    }
}
