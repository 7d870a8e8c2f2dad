//! The inputs of a project by brute force: which rows count, and who belongs
//! where in a span of months.
//!
//! Written from the documentation, in other words and with other data
//! structures than the engine: of it only the declared configuration and the
//! list of input files are used. Years are calendar years. The tie of
//! conflicting rows by their keyed content is left out: no sample has one that
//! matters.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::civil::{Date, DateTime, date};
use lodestar::config::{Dimension, Framework, Instrument, Metric, Project, Source, Target};

use super::Table;
use super::assessed::{Assessment, Measured};

/// Ids of units.
pub(super) type Leaves = BTreeSet<String>;

/// First and last day.
pub(crate) type Days = (Date, Date);

struct OrgRow {
    unit: String,
    parent: String,
    valid: Days,
}

struct PersonRow {
    unit: String,
    /// By declared dimension.
    values: Vec<String>,
    valid: Days,
}

/// An accepted session; minutes and cost in hundredths.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    held: Date,
    updated: Option<DateTime>,
    pub(crate) competencies: Vec<String>,
    pub(crate) themes: Vec<String>,
    pub(crate) minutes: i64,
    pub(crate) coaching_minutes: Option<i64>,
    /// Empty where nothing is said, as are trigger and format.
    pub(crate) mode: String,
    pub(crate) trigger: String,
    pub(crate) format: String,
    pub(crate) cost: i64,
}

/// All inputs of a project, each row accepted or forgotten.
pub(crate) struct Brute {
    root: String,
    pub(crate) framework: Framework,
    pub(crate) formats: Vec<String>,
    pub(crate) dimensions: Vec<Dimension>,
    org: Vec<OrgRow>,
    people: BTreeMap<String, Vec<PersonRow>>,
    /// By person and session id.
    sessions: BTreeMap<(String, String), Session>,
    /// Person, coach or rater, day.
    met: Vec<(String, String, Date)>,
    pub(crate) instruments: Vec<Instrument>,
    pub(crate) metrics: Vec<Metric>,
    pub(crate) targets: Vec<Target>,
    /// By person.
    pub(super) assessments: BTreeMap<String, Vec<Assessment>>,
    /// By person and metric.
    pub(super) outcomes: BTreeMap<(String, String), Vec<Measured>>,
}

/// A unit of one span.
#[derive(Clone, Debug)]
pub(crate) struct Unit {
    pub(crate) parent: Option<String>,
    pub(crate) level: i32,
    pub(crate) standing: bool,
}

/// Somebody of the head-count of one span.
#[derive(Debug)]
pub(crate) struct Member<'a> {
    pub(crate) name: &'a str,
    pub(crate) unit: &'a str,
    /// By declared dimension.
    pub(crate) values: &'a [String],
    pub(crate) sessions: Vec<&'a Session>,
    pub(crate) coaches: BTreeSet<&'a str>,
}

/// One span: its days, its units, and everybody in them.
pub(crate) struct Standing<'a> {
    pub(crate) days: Days,
    pub(crate) units: BTreeMap<String, Unit>,
    pub(crate) members: Vec<Member<'a>>,
}

/// `2024-Q2`, `2024-H1` or `2024` by its days.
fn named(name: &str) -> Days {
    let Some((year, part)) = name.split_once('-') else {
        let year = name.parse().unwrap();
        return (date(year, 1, 1), date(year, 12, 31));
    };
    let (kind, number) = part.split_at(1);
    let months = if kind == "Q" { 3 } else { 6 };
    let number: i8 = number.parse().unwrap();
    let last = date(year.parse().unwrap(), number * months, 1).last_of_month();
    (date(last.year(), last.month() - months + 1, 1), last)
}

pub(super) fn quarter_of(day: Date) -> Days {
    named(&format!("{}-Q{}", day.year(), (day.month() + 2) / 3))
}

/// A number in hundredths; `None`: it is none, or out of bounds.
fn hundredths(text: &str, bounds: std::ops::RangeInclusive<f64>) -> Option<i64> {
    let number: f64 = text.parse().ok()?;
    bounds
        .contains(&number)
        .then_some((number * 100.0).round() as i64)
}

/// The days of a row, open ends far away; `None`: they are wrong.
fn valid(from: &str, to: &str) -> Option<Days> {
    let day = |text: &str, open: Date| match text {
        "" => Some(open),
        text => text.parse().ok(),
    };
    let days = (day(from, Date::MIN)?, day(to, Date::MAX)?);
    (days.0 <= days.1).then_some(days)
}

fn meet(a: Days, b: Days) -> bool {
    a.0 <= b.1 && b.0 <= a.1
}

fn list(text: &str) -> Vec<String> {
    let items = text
        .split(';')
        .map(str::trim)
        .filter(|item| !item.is_empty());
    items.map(str::to_owned).collect()
}

pub(super) fn is_id(text: &str) -> bool {
    !text.is_empty() && text.len() <= 256 && !text.chars().any(char::is_control)
}

/// A source's rows with as many fields as the header, as cells by name.
pub(super) fn rows<T>(
    source: &Source,
    mut each: impl FnMut(&dyn Fn(&str) -> String) -> T,
) -> Vec<T> {
    let files = lodestar::ingest::files(source).unwrap();
    let table = Table::read_all(&files);
    let whole = table
        .rows
        .iter()
        .filter(|row| row.len() == table.names.len());
    whole
        .map(|row| each(&|name| table.at(name).map(|at| row[at].clone()).unwrap_or_default()))
        .collect()
}

impl Brute {
    pub(crate) fn read(project: &Project) -> Self {
        let mut brute = Self {
            root: project.organisation.clone(),
            framework: project.framework.clone(),
            formats: project.formats.iter().map(|f| f.id.clone()).collect(),
            dimensions: project.dimensions.clone(),
            org: Vec::new(),
            people: BTreeMap::new(),
            sessions: BTreeMap::new(),
            met: Vec::new(),
            instruments: project.instruments.clone(),
            metrics: project.metrics.clone(),
            targets: project.targets().to_vec(),
            assessments: BTreeMap::new(),
            outcomes: BTreeMap::new(),
        };
        brute.org = rows(project.sources.org.as_ref().unwrap(), |cell| OrgRow {
            unit: cell("org_unit"),
            parent: cell("parent"),
            valid: valid(&cell("valid_from"), &cell("valid_to")).unwrap(),
        });
        let people = rows(project.sources.people.as_ref().unwrap(), |cell| {
            let row = PersonRow {
                unit: cell("org_unit"),
                values: project.dimensions.iter().map(|d| cell(&d.name)).collect(),
                valid: valid(&cell("valid_from"), &cell("valid_to"))?,
            };
            let mut known = project.dimensions.iter().zip(&row.values);
            let known = known.all(|(dimension, value)| {
                dimension
                    .values
                    .iter()
                    .any(|declared| declared.id == *value)
            });
            let sound = is_id(&cell("person_id")) && known && brute.takes_people(&row);
            sound.then(|| (cell("person_id"), row))
        });
        for (person, row) in people.into_iter().flatten() {
            brute.people.entry(person).or_default().push(row);
        }
        let mut leaves = HashMap::new();
        let sessions = rows(&project.sources.sessions, |cell| {
            (Self::meeting(cell), brute.session(cell, &mut leaves))
        });
        for (met, session) in sessions {
            brute.met.extend(met);
            if let Some((key, session)) = session {
                let known = brute.sessions.get(&key);
                if known.is_none_or(|known| known.updated < session.updated) {
                    brute.sessions.insert(key, session);
                }
            }
        }
        if let Some(assessments) = &project.sources.assessments {
            let rated = rows(assessments, Self::rating);
            brute.met.extend(rated.into_iter().flatten());
            brute.assessments = brute.assessed(assessments, &mut leaves);
        }
        if let Some(outcomes) = &project.sources.outcomes {
            brute.outcomes = brute.measured(outcomes, &mut leaves);
        }
        brute
    }

    /// A declared unit without child units on any of the row's days.
    fn takes_people(&self, row: &PersonRow) -> bool {
        let mut org = self.org.iter();
        (row.unit == self.root || org.any(|unit| unit.unit == row.unit))
            && !self
                .org
                .iter()
                .any(|unit| unit.parent == row.unit && meet(unit.valid, row.valid))
    }

    /// Who met whom, and when, whatever else is wrong with the row.
    fn meeting(cell: &dyn Fn(&str) -> String) -> Option<(String, String, Date)> {
        let held = cell("held_on").parse().ok()?;
        let (person, coach) = (cell("coachee_id"), cell("coach_id"));
        (is_id(&person) && is_id(&coach)).then_some((person, coach, held))
    }

    /// A manager or coach who rated somebody, and when.
    fn rating(cell: &dyn Fn(&str) -> String) -> Option<(String, String, Date)> {
        let rated = cell("assessed_on").parse().ok()?;
        let (person, rater) = (cell("subject_id"), cell("rater_id"));
        let knows = ["manager", "coach"].contains(&cell("rater_group").as_str());
        (knows && is_id(&person) && is_id(&rater)).then_some((person, rater, rated))
    }

    fn session(
        &self,
        cell: &dyn Fn(&str) -> String,
        leaves: &mut HashMap<Days, Leaves>,
    ) -> Option<((String, String), Session)> {
        let (person, _, held) = Self::meeting(cell)?;
        let minutes = hundredths(&cell("minutes"), 0.0..=1440.0).filter(|minutes| *minutes > 0)?;
        let amount = |name: &str, most: f64| match cell(name).as_str() {
            "" => Some(None),
            text => hundredths(text, 0.0..=most).map(Some),
        };
        let mode = cell("mode");
        let coaching = amount("coaching_minutes", minutes as f64 / 100.0)?;
        let by_mode = match mode.as_str() {
            "coaching" => Some(minutes),
            "mentoring" => Some(0),
            _ => None,
        };
        let mut competencies: Vec<String> = Vec::new();
        for one in list(&cell("competency")) {
            if !competencies.contains(&one) {
                competencies.push(one);
            }
        }
        let declared = |id: &String| self.framework.competencies.iter().any(|c| c.id == *id);
        let updated = match cell("updated_at").as_str() {
            "" => None,
            text => Some(text.parse().ok()?),
        };
        // Where no format is declared, the column is not read.
        let format = Some(cell("format")).filter(|_| !self.formats.is_empty());
        let format = format.unwrap_or_default();
        let sound = is_id(&cell("session_id"))
            && !competencies.is_empty()
            && competencies.iter().all(declared)
            && ["", "coaching", "mentoring"].contains(&mode.as_str())
            && ["", "proactive", "reactive"].contains(&cell("trigger").as_str())
            && (format.is_empty() || self.formats.contains(&format))
            && self.is_somewhere(&person, quarter_of(held), leaves);
        let session = Session {
            held,
            updated,
            competencies,
            themes: list(&cell("themes")),
            minutes,
            coaching_minutes: coaching.or(by_mode),
            mode,
            trigger: cell("trigger"),
            format,
            cost: amount("cost", 10_000_000.0)?.unwrap_or(0),
        };
        sound.then(|| ((person, cell("session_id")), session))
    }

    /// Whether a person has a place in a period; its leaves are looked up once.
    pub(super) fn is_somewhere(
        &self,
        person: &str,
        period: Days,
        known: &mut HashMap<Days, Leaves>,
    ) -> bool {
        let leaves = known.entry(period).or_insert_with(|| self.leaves(period));
        self.place_of(person, period, leaves).is_some()
    }

    /// The units of a period, each as it stands at its end, else as it last did.
    fn units(&self, period: Days) -> BTreeMap<String, Unit> {
        let mut found: BTreeMap<&str, &OrgRow> = BTreeMap::new();
        for row in self.org.iter().filter(|row| meet(row.valid, period)) {
            let known = found.entry(&row.unit).or_insert(row);
            if known.valid < row.valid {
                *known = row;
            }
        }
        found.remove(self.root.as_str());
        let level = |id: &str| {
            let parent = |id: &&str| found.get(id).map(|row| row.parent.as_str());
            std::iter::successors(Some(id), parent).count() as i32 - 1
        };
        let unit = |(id, row): (&&str, &&OrgRow)| {
            let unit = Unit {
                parent: Some(row.parent.clone()),
                level: level(id),
                standing: row.valid.1 >= period.1,
            };
            ((*id).to_owned(), unit)
        };
        let root = Unit {
            parent: None,
            level: 0,
            standing: true,
        };
        let mut units: BTreeMap<String, Unit> = found.iter().map(unit).collect();
        units.insert(self.root.clone(), root);
        units
    }

    /// Leaf unit and values of a person in a period, if there are any.
    fn place_of(&self, person: &str, period: Days, leaves: &Leaves) -> Option<(&str, &[String])> {
        let rows = self.people.get(person)?.iter();
        let rows = rows.filter(|row| meet(row.valid, period));
        let row = rows.max_by_key(|row| (row.valid.1.min(period.1), row.valid.0))?;
        let place = (row.unit.as_str(), &*row.values);
        leaves.contains(&row.unit).then_some(place)
    }

    /// The units of a period under which none hangs.
    fn leaves(&self, period: Days) -> Leaves {
        let rows = || self.org.iter().filter(move |row| meet(row.valid, period));
        // Only a unit's latest row says where it hangs.
        let later = |row: &OrgRow| rows().any(|r| r.unit == row.unit && r.valid > row.valid);
        let parents = rows().filter(|row| !later(row)).map(|row| &row.parent);
        let parents: BTreeSet<&String> = parents.collect();
        let all = rows().map(|row| &row.unit).chain([&self.root]);
        let leaves = all.filter(|unit| !parents.contains(unit));
        leaves.cloned().collect()
    }

    /// Everybody of a span, by its name.
    pub(crate) fn standing(&self, span: &str) -> Standing<'_> {
        let days = named(span);
        let mut sessions: HashMap<&str, Vec<&Session>> = HashMap::new();
        for ((person, _), session) in &self.sessions {
            if (days.0..=days.1).contains(&session.held) {
                sessions.entry(person).or_default().push(session);
            }
        }
        let mut coaches: HashMap<&str, BTreeSet<&str>> = HashMap::new();
        let year_before = days.1.first_of_month() - jiff::Span::new().months(11);
        for (person, coach, day) in &self.met {
            if (year_before..=days.1).contains(day) {
                coaches.entry(person).or_default().insert(coach);
            }
        }
        let leaves = self.leaves(days);
        let member = |name| -> Option<Member<'_>> {
            let (unit, values) = self.place_of(name, days, &leaves)?;
            Some(Member {
                name,
                unit,
                values,
                sessions: sessions.remove(name).unwrap_or_default(),
                coaches: coaches.remove(name).unwrap_or_default(),
            })
        };
        Standing {
            days,
            units: self.units(days),
            members: self
                .people
                .keys()
                .map(String::as_str)
                .filter_map(member)
                .collect(),
        }
    }
}
