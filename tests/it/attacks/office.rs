//! Synthetic organisations under attack.

use crate::exact_support::{Sample, Settings, Table};

/// Periods and what is declared; `k`, ε and measures are a project's own.
const DECLARED: &str = r#"
[periods]
first = "2024-Q1"
last = "2024-Q2"
[dimensions]
job_level = ["staff", "manager"]
[[competencies]]
id = "courage"
[[competencies]]
id = "focus"
[[themes]]
id = "ambiguity"
competencies = ["courage"]
[[themes]]
id = "conflict"
competencies = ["courage"]
[[themes]]
id = "trust"
competencies = ["focus"]
[[instruments]]
id = "leadership"
min = 1
max = 5
reliability = 0.85
norm_sd = 0.7
"#;

/// All tables on coachees, and head-counts.
pub(super) const MEASURES: &str = r#"
[[measures]]
use = "engagement"
[[measures]]
use = "coaching_mix"
[[measures]]
use = "trigger_mix"
[[measures]]
use = "coverage"
"#;

/// How often coachees meet, and how long.
pub(super) const ENGAGEMENT: &str = r#"
[[measures]]
use = "engagement"
"#;

/// And what managers rate.
pub(super) const RATED: &str = r#"
[[measures]]
use = "engagement"
[[measures]]
use = "coverage"
[[measures]]
use = "skill_gap"
every = "quarter"
"#;

/// Who and what there is.
#[derive(Clone)]
pub(super) struct Office {
    declared: String,
    org: Table,
    pub(super) people: Table,
    pub(super) sessions: Table,
    pub(super) assessments: Table,
}

impl Office {
    /// Two divisions of two (`a1` to `b2`), nobody in them.
    pub(super) fn empty() -> Self {
        let mut org = Table::new(&["org_unit", "label", "parent"]);
        for (unit, parent) in [
            ("a", "Acme"),
            ("b", "Acme"),
            ("a1", "a"),
            ("a2", "a"),
            ("b1", "b"),
            ("b2", "b"),
        ] {
            org.push(&[unit, unit, parent]);
        }
        Self {
            declared: DECLARED.to_owned(),
            org,
            people: Table::new(&["person_id", "org_unit", "job_level"]),
            sessions: Table::new(&[
                "session_id",
                "coachee_id",
                "coach_id",
                "held_on",
                "minutes",
                "competency",
                "themes",
                "mode",
                "trigger",
            ]),
            assessments: Table::new(&[
                "subject_id",
                "competency",
                "instrument",
                "score",
                "assessed_on",
                "rater_id",
                "rater_group",
            ]),
        }
    }

    /// The same with a further unit.
    pub(super) fn unit(&mut self, unit: &str, parent: &str) {
        self.org.push(&[unit, unit, parent]);
    }

    /// So many further themes, `1` and so on.
    pub(super) fn further_themes(&mut self, themes: usize) {
        for theme in 1..=themes {
            let text = format!("[[themes]]\nid = \"{theme}\"\ncompetencies = [\"courage\"]\n");
            self.declared.push_str(&text);
        }
    }

    pub(super) fn person(&mut self, id: &str, unit: &str, job_level: &str) {
        self.people.push(&[id, unit, job_level]);
    }

    /// A session on a day, of so many minutes, about these themes.
    pub(super) fn met(&mut self, id: &str, coach: &str, day: &str, minutes: &str, themes: &str) {
        let number = self.sessions.rows.len().to_string();
        let about = "courage;focus";
        self.sessions.push(&[
            &number,
            id,
            coach,
            day,
            minutes,
            about,
            themes,
            "coaching",
            "proactive",
        ]);
    }

    /// So many people of a unit, each of whom had a session with a coach of their own in
    /// both quarters.
    pub(super) fn crowd(&mut self, unit: &str, people: usize) {
        for number in 0..people {
            let id = format!("{unit} {number}");
            self.person(&id, unit, ["staff", "manager"][number % 2]);
            let themes = ["ambiguity", "conflict;trust", ""][number % 3];
            for day in ["2024-02-01", "2024-05-01"] {
                self.met(&id, &id, day, "60", themes);
            }
        }
    }

    /// One more in `a1`, of whom as much is counted as can be, in both quarters.
    pub(super) fn victim(&mut self) {
        self.person("victim", "a1", "staff");
        for day in 1..=12 {
            for month in ["02", "05"] {
                let held_on = format!("2024-{month}-{day:02}");
                self.met("victim", "own", &held_on, "600", "ambiguity;conflict;trust");
            }
        }
    }

    /// As a project.
    pub(super) fn sample(&self, settings: &Settings) -> Sample {
        let (org, people, sessions) = (&self.org, &self.people, &self.sessions);
        let sample = Sample::by_hand(&self.declared, settings, org, people, sessions);
        if self.assessments.rows.is_empty() {
            sample
        } else {
            sample.with("assessments", &self.assessments)
        }
    }
}

/// A policy and measures under which units show and guesses are hard.
pub(super) fn guarded(epsilon: f64) -> Settings {
    Settings {
        epsilon,
        ..Settings::exact(3, 1, 4).and(MEASURES)
    }
}
