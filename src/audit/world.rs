//! Small synthetic organisations, with what rows can do wrong in them, as files.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::AuditError;
use crate::config::{self, Project};
use crate::synth::rng::Draws;

/// What is declared before anybody says anything.
#[derive(Clone, Copy, Debug)]
pub(super) struct Declared {
    /// `lodestar.toml`.
    pub(super) project: &'static str,
    /// `org.csv`.
    pub(super) org: &'static str,
    /// `programmes.csv`.
    pub(super) programmes: &'static str,
}

/// Everything that can be measured, of two divisions of two units.
pub(super) const EVERYTHING: Declared = Declared {
    project: include_str!("project.toml"),
    org: ORG,
    programmes: PROGRAMMES,
};

const ORG: &str = "\
org_unit,label,parent
a,A,Acme
b,B,Acme
a1,A1,a
a2,A2,a
b1,B1,b
b2,B2,b
";
const PROGRAMMES: &str = "\
programme,arm,starts_on,org_unit
lead,pilot,2024-02-01,a1
lead,comparison,,b1
lead,rollout,2024-05-01,b2
";
const LEAVES: [&str; 4] = ["a1", "a2", "b1", "b2"];

/// A table of rows about people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    People,
    Sessions,
    Assessments,
    Outcomes,
}

impl Source {
    const ALL: [Self; 4] = [
        Self::People,
        Self::Sessions,
        Self::Assessments,
        Self::Outcomes,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::People => "people",
            Self::Sessions => "sessions",
            Self::Assessments => "assessments",
            Self::Outcomes => "outcomes",
        }
    }

    fn header(self) -> &'static str {
        match self {
            Self::People => "person_id,org_unit,job_level,programme",
            Self::Sessions => {
                "session_id,coachee_id,coach_id,held_on,minutes,competency,themes,updated_at,mode,\
                 trigger,note"
            }
            Self::Assessments => {
                "subject_id,competency,instrument,score,assessed_on,wave,rater_id,rater_group,item"
            }
            Self::Outcomes => "person_id,measured_on,metric,value",
        }
    }
}

/// A row about a person.
#[derive(Clone, Debug)]
struct Row {
    source: Source,
    person: usize,
    text: String,
}

/// Everything that is said of some people.
#[derive(Clone, Debug, Default)]
pub(super) struct World {
    rows: Vec<Row>,
    pub(super) people: usize,
}

impl World {
    /// One more person.
    pub(super) fn person(&mut self, unit: &str, job_level: &str) -> usize {
        let person = self.people;
        self.people += 1;
        let programme = ["none", "lead"][person % 2];
        let text = format!("p{person},{unit},{job_level},{programme}");
        self.push(Source::People, person, text);
        person
    }

    /// A row of a person; `{p}` in it is the person's id.
    pub(super) fn say(&mut self, source: Source, person: usize, cells: &str) {
        self.push(source, person, cells.replace("{p}", &format!("p{person}")));
    }

    fn push(&mut self, source: Source, person: usize, text: String) {
        self.rows.push(Row {
            source,
            person,
            text,
        });
    }

    /// The same without one person: a neighbour.
    pub(super) fn without(&self, person: usize) -> Self {
        let others = self.rows.iter().filter(|row| row.person != person);
        Self {
            rows: others.cloned().collect(),
            people: self.people,
        }
    }

    /// The same in another order of rows.
    pub(super) fn shuffled(&self, draws: &mut Draws) -> Self {
        let mut other = self.clone();
        draws.shuffle(&mut other.rows);
        other
    }

    /// The same with some rows twice.
    pub(super) fn doubled(&self, draws: &mut Draws) -> Self {
        let mut other = self.clone();
        let again = self.rows.iter().filter(|_| draws.chance(1, 3));
        other.rows.extend(again.cloned());
        other
    }

    fn csv(&self, source: Source) -> String {
        let mut text = format!("{}\n", source.header());
        for row in self.rows.iter().filter(|row| row.source == source) {
            let _ = writeln!(text, "{}", row.text);
        }
        text
    }

    /// People of every sort: with keys beyond all caps and amounts beyond all clips,
    /// with ids that others have too, with rows that are broken, moved or corrected.
    pub(super) fn random(draws: &mut Draws) -> Self {
        let mut world = Self::default();
        for (at, leaf) in LEAVES.iter().cycle().take(28).enumerate() {
            let job_level = pick(draws, &["staff", "staff", "manager", "executive"]);
            let person = world.person(leaf, job_level);
            let eager = at % 7 == 0;
            world.sessions(person, eager, draws);
            world.assessments(person, eager, draws);
            world.outcomes(person, draws);
        }
        world
    }

    fn sessions(&mut self, person: usize, eager: bool, draws: &mut Draws) {
        let many = if eager { 9 } else { draws.below(5) };
        for number in 0..many {
            // Of seven, some are corrections of each other; others have the same.
            let id = if eager { number } else { draws.below(7) };
            let coach = pick(draws, &["{p}", "{p}", "coach", "another"]);
            let day = pick(
                draws,
                &[
                    "2024-04-10",
                    "2024-05-20",
                    "2024-06-30",
                    "2024-02-10",
                    "2023-11-30",
                ],
            );
            let minutes = pick(
                draws,
                &["60", "45.5", "600", "1440", "-1", "NaN", "1e999", ""],
            );
            let competency = if eager {
                "courage;adaptability;delegation"
            } else {
                pick(
                    draws,
                    &["courage", "delegation;courage", "juggling", "adaptability"],
                )
            };
            let themes = if eager {
                "ambiguity;conflict;trust;weather"
            } else {
                pick(draws, &["", "conflict", "trust", "ambiguity;trust"])
            };
            let updated = pick(draws, &["", "", "2024-07-01", "2024-07-02", "soon"]);
            let mode = pick(draws, &["coaching", "mentoring", "", "shouting"]);
            let trigger = pick(draws, &["proactive", "reactive", ""]);
            let note = if eager {
                &many_words()
            } else {
                pick(
                    draws,
                    &[
                        "",
                        "not about trust",
                        "a conflict; priorities unclear",
                        "silent calendar creep",
                        "calendar creep again",
                    ],
                )
            };
            let cells = format!(
                "{id},{{p}},{coach},{day},{minutes},{competency},{themes},{updated},{mode},\
                 {trigger},{note}"
            );
            self.say(Source::Sessions, person, &cells);
        }
    }

    fn assessments(&mut self, person: usize, eager: bool, draws: &mut Draws) {
        for competency in ["courage", "adaptability", "delegation"] {
            for (wave, day) in [("baseline", "2023-12-05"), ("follow_up", "2024-05-05")] {
                for (rater, group, item) in [
                    ("", "self", "asks"),
                    ("", "self", "listens"),
                    ("{p}", "manager", ""),
                    ("r1", "peer", ""),
                    ("r2", "peer", ""),
                ] {
                    if !eager && draws.chance(1, 4) {
                        continue;
                    }
                    let score = match eager {
                        true if (group == "self") == (wave == "follow_up") => "5",
                        true => "1",
                        false => pick(draws, &["1", "2.5", "3", "4.5", "5", "NaN", "6", "inf"]),
                    };
                    let cells = format!(
                        "{{p}},{competency},leadership,{score},{day},{wave},{rater},{group},{item}"
                    );
                    self.say(Source::Assessments, person, &cells);
                }
            }
        }
    }

    fn outcomes(&mut self, person: usize, draws: &mut Draws) {
        for metric in ["absence", "growth"] {
            for day in ["2023-11-03", "2024-02-03", "2024-05-03"] {
                let value = pick(
                    draws,
                    &["0", "3", "92", "-5", "2.5", "NaN", "1e308", "-0.0"],
                );
                self.say(
                    Source::Outcomes,
                    person,
                    &format!("{{p}},{day},{metric},{value}"),
                );
            }
        }
    }
}

fn pick<'a>(draws: &mut Draws, all: &[&'a str]) -> &'a str {
    all[draws.below(all.len() as u64) as usize]
}

/// A folder with a project in it, whose rows change.
pub(super) struct Place {
    folder: TempDir,
}

impl Place {
    /// A project that declares this.
    pub(super) fn new(declared: &Declared) -> Result<Self, AuditError> {
        let folder = tempfile::Builder::new().prefix("lodestar-audit-").tempdir();
        let folder = folder.map_err(AuditError::Folder)?;
        let place = Self { folder };
        place.write("lodestar.toml", declared.project)?;
        place.write("org.csv", declared.org)?;
        place.write("programmes.csv", declared.programmes)?;
        Ok(place)
    }

    /// The project with some people's rows in it.
    pub(super) fn with(&self, world: &World) -> Result<Project, AuditError> {
        for source in Source::ALL {
            self.write(&format!("{}.csv", source.name()), &world.csv(source))?;
        }
        let loaded = config::load(&self.path("lodestar.toml"));
        loaded.map_err(|errors| AuditError::Own(errors.render(false)))
    }

    pub(super) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) -> Result<(), AuditError> {
        fs::write(self.path(name), text).map_err(AuditError::Folder)
    }
}

/// A note of more words than of one person are looked at together, the codebook's among
/// them.
fn many_words() -> String {
    let mut note = String::from("Trusting each other: conflicts and unclear priorities.");
    for number in 0..300 {
        let letter = |digit: usize| char::from(b"bdfgklmnprst"[digit % 12]);
        let (first, second, third) = (letter(number), letter(number / 12), letter(number / 144));
        let _ = write!(note, " {first}a{second}o{third}u");
    }
    note
}
