//! Bounded counts by brute force, straight from the input files.
//!
//! Written from the documentation, in other words and with other data
//! structures than the engine: of it only the declared configuration and the
//! list of input files are used. Periods are calendar quarters. The tie of
//! conflicting rows by their keyed content is left out: no sample has one that
//! matters.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::civil::{Date, DateTime, date};
use lodestar::config::{Framework, Project, Source};
use sha2::{Digest as _, Sha256};

use super::Table;

/// A quarter's first and last day.
type Quarter = (Date, Date);

struct OrgRow {
    unit: String,
    parent: String,
    valid: Quarter,
}

struct PersonRow {
    unit: String,
    valid: Quarter,
}

struct Session {
    held: Date,
    updated: Option<DateTime>,
    competencies: Vec<String>,
    themes: Vec<String>,
}

/// All inputs of a project, each row accepted or forgotten.
pub(crate) struct Brute {
    root: String,
    framework: Framework,
    org: Vec<OrgRow>,
    people: HashMap<String, Vec<PersonRow>>,
    /// By person and session id.
    sessions: BTreeMap<(String, String), Session>,
    /// Person, coach, day.
    met: Vec<(String, String, Date)>,
}

/// A unit of one period.
#[derive(Clone, Debug)]
pub(crate) struct Unit {
    pub(crate) parent: Option<String>,
    pub(crate) level: i32,
    pub(crate) standing: bool,
}

/// A coachee of one period.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    unit: String,
    /// Which keys count, after the cap.
    pub(crate) kept: Vec<usize>,
    /// How many there are before it.
    pub(crate) keys: usize,
    coaches: BTreeSet<String>,
}

/// One period, counted.
pub(crate) struct Counted {
    /// (competency, theme) by number.
    pub(crate) keys: Vec<(String, String)>,
    pub(crate) units: BTreeMap<String, Unit>,
    pub(crate) members: Vec<Member>,
}

/// A published cohort: its id, level, and the units that it is made of.
pub(crate) type Cohort = (String, i32, Vec<String>);

/// `2024-Q2` by its days.
fn named(name: &str) -> Quarter {
    let (year, quarter) = name.split_once("-Q").unwrap();
    let month = quarter.parse::<i8>().unwrap() * 3;
    let last = date(year.parse().unwrap(), month, 1).last_of_month();
    (date(last.year(), month - 2, 1), last)
}

fn quarter_of(day: Date) -> Quarter {
    named(&format!("{}-Q{}", day.year(), (day.month() + 2) / 3))
}

/// The days of a row, open ends far away; `None`: they are wrong.
fn valid(from: &str, to: &str) -> Option<Quarter> {
    let day = |text: &str, open: Date| match text {
        "" => Some(open),
        text => text.parse().ok(),
    };
    let days = (day(from, Date::MIN)?, day(to, Date::MAX)?);
    (days.0 <= days.1).then_some(days)
}

fn meet(a: Quarter, b: Quarter) -> bool {
    a.0 <= b.1 && b.0 <= a.1
}

fn list(text: &str) -> Vec<String> {
    let items = text
        .split(';')
        .map(str::trim)
        .filter(|item| !item.is_empty());
    items.map(str::to_owned).collect()
}

fn is_id(text: &str) -> bool {
    !text.is_empty() && text.len() <= 256 && !text.chars().any(char::is_control)
}

/// A source's rows with as many fields as the header, as cells by name.
fn rows<T>(source: &Source, mut each: impl FnMut(&dyn Fn(&str) -> String) -> T) -> Vec<T> {
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
            org: Vec::new(),
            people: HashMap::new(),
            sessions: BTreeMap::new(),
            met: Vec::new(),
        };
        brute.org = rows(project.sources.org.as_ref().unwrap(), |cell| OrgRow {
            unit: cell("org_unit"),
            parent: cell("parent"),
            valid: valid(&cell("valid_from"), &cell("valid_to")).unwrap(),
        });
        let people = rows(project.sources.people.as_ref().unwrap(), |cell| {
            let row = PersonRow {
                unit: cell("org_unit"),
                valid: valid(&cell("valid_from"), &cell("valid_to"))?,
            };
            let known = project.dimensions.iter().all(|dimension| {
                let value = cell(&dimension.name);
                dimension.values.iter().any(|declared| declared.id == value)
            });
            let sound = is_id(&cell("person_id")) && known && brute.takes_people(&row);
            sound.then(|| (cell("person_id"), row))
        });
        for (person, row) in people.into_iter().flatten() {
            brute.people.entry(person).or_default().push(row);
        }
        let sessions = rows(&project.sources.sessions, |cell| {
            (Self::meeting(cell), brute.session(cell))
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

    fn session(&self, cell: &dyn Fn(&str) -> String) -> Option<((String, String), Session)> {
        let (person, _, held) = Self::meeting(cell)?;
        let minutes: f64 = cell("minutes").parse().ok()?;
        let competencies = list(&cell("competency"));
        let declared = |id: &String| self.framework.competencies.iter().any(|c| c.id == *id);
        let updated = match cell("updated_at").as_str() {
            "" => None,
            text => Some(text.parse().ok()?),
        };
        let sound = is_id(&cell("session_id"))
            && minutes > 0.0
            && minutes <= 1440.0
            && !competencies.is_empty()
            && competencies.iter().all(declared)
            && ["", "coaching", "mentoring"].contains(&cell("mode").as_str())
            && ["", "proactive", "reactive"].contains(&cell("trigger").as_str())
            && self.unit_of(&person, quarter_of(held)).is_some();
        let session = Session {
            held,
            updated,
            competencies,
            themes: list(&cell("themes")),
        };
        sound.then(|| ((person, cell("session_id")), session))
    }

    /// The units of a period, each as it stands at its end, else as it last did.
    fn units(&self, period: Quarter) -> BTreeMap<String, Unit> {
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

    /// The leaf unit of a person in a period, if there is one.
    fn unit_of(&self, person: &str, period: Quarter) -> Option<&str> {
        let rows = self.people.get(person)?.iter();
        let rows = rows.filter(|row| meet(row.valid, period));
        let row = rows.max_by_key(|row| (row.valid.1.min(period.1), row.valid.0))?;
        let present = |unit: &&OrgRow| meet(unit.valid, period);
        let exists = row.unit == self.root
            || (self.org.iter().filter(present)).any(|unit| unit.unit == row.unit);
        let inner = self.units_have_parent(&row.unit, period);
        (exists && !inner).then_some(row.unit.as_str())
    }

    /// Whether, in a period, some unit hangs under this one.
    fn units_have_parent(&self, parent: &str, period: Quarter) -> bool {
        let rows = || self.org.iter().filter(move |row| meet(row.valid, period));
        rows().filter(|row| row.parent == parent).any(|row| {
            // Only a unit's latest row says where it hangs.
            !rows().any(|later| later.unit == row.unit && later.valid > row.valid)
        })
    }

    /// Counts one period under a cap, with the hashes of a secret.
    pub(crate) fn count(&self, period: &str, secret: &[u8; 32], max_cells: u32) -> Counted {
        let days = named(period);
        let keys = keys(&self.framework);
        let mut found: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
        for ((person, _), session) in &self.sessions {
            if quarter_of(session.held) == days {
                let mine = found.entry(person).or_default();
                mine.extend(self.codes(session, &keys));
            }
        }
        let mut coaches: HashMap<&str, BTreeSet<String>> = HashMap::new();
        let year_before = days.1.first_of_month() - jiff::Span::new().months(11);
        for (person, coach, day) in &self.met {
            if (year_before..=days.1).contains(day) {
                coaches.entry(person).or_default().insert(coach.clone());
            }
        }
        let seed = seed(secret, period);
        let member = |(person, keys): (&str, BTreeSet<usize>)| {
            let name = pseudonym(secret, person);
            let mut kept: Vec<usize> = keys.iter().copied().collect();
            kept.sort_by_key(|key| draw(&seed, name, *key));
            kept.truncate(max_cells as usize);
            Member {
                unit: self.unit_of(person, days).unwrap().to_owned(),
                kept,
                keys: keys.len(),
                coaches: coaches.get(person).cloned().unwrap_or_default(),
            }
        };
        Counted {
            keys,
            units: self.units(days),
            members: found.into_iter().map(member).collect(),
        }
    }

    /// A theme counts under each of the session's competencies that lists it,
    /// else in `other` of the first.
    fn codes(&self, session: &Session, keys: &[(String, String)]) -> Vec<usize> {
        let number = |competency: &String, theme: &str| {
            let key = keys.iter().position(|(c, t)| c == competency && t == theme);
            key.unwrap()
        };
        let mut codes = Vec::new();
        for theme in &session.themes {
            let declared = self.framework.themes.iter().find(|t| t.label.id == *theme);
            let lists = |competency: &&String| {
                let at = &self.framework.competencies;
                let at = at.iter().position(|c| c.id == **competency).unwrap();
                declared.is_some_and(|theme| theme.competencies.contains(&at))
            };
            let under: Vec<&String> = session.competencies.iter().filter(lists).collect();
            if under.is_empty() {
                codes.push(number(&session.competencies[0], "other"));
            }
            codes.extend(under.into_iter().map(|c| number(c, theme)));
        }
        codes
    }
}

/// Competency after competency its themes, then `other`.
fn keys(framework: &Framework) -> Vec<(String, String)> {
    let mut keys = Vec::new();
    for (at, competency) in framework.competencies.iter().enumerate() {
        let listed = framework
            .themes
            .iter()
            .filter(|t| t.competencies.contains(&at));
        let themes = listed.map(|theme| theme.label.id.clone());
        for theme in themes.chain(["other".to_owned()]) {
            keys.push((competency.id.clone(), theme));
        }
    }
    keys
}

/// SipHash-2-4 with 128 bits, keyed by half of the secret, of byte 1 and the id.
fn pseudonym(secret: &[u8; 32], person: &str) -> u128 {
    let key = secret[..16].try_into().unwrap();
    let text = [&[1], person.as_bytes()].concat();
    let hash = siphasher::sip128::SipHasher24::new_with_key(&key).hash(&text);
    hash.as_u128()
}

fn seed(secret: &[u8; 32], period: &str) -> [u8; 16] {
    let revision = 0_u32.to_le_bytes();
    let text = [
        b"lodestar cells v1\0",
        &secret[..],
        &revision,
        period.as_bytes(),
    ]
    .concat();
    Sha256::digest(text)[..16].try_into().unwrap()
}

/// SipHash-2-4 of person, block 0 and key: the smallest are kept.
fn draw(seed: &[u8; 16], person: u128, key: usize) -> u64 {
    let block = 0_u64.to_le_bytes();
    let key = (key as u32).to_le_bytes();
    let text = [&person.to_le_bytes()[..], &block, &key].concat();
    siphasher::sip::SipHasher24::new_with_key(seed).hash(&text)
}

impl Counted {
    /// Whether a unit is another, or anywhere below it.
    fn is_within(&self, unit: &str, above: &str) -> bool {
        let parent = |unit: &&str| self.units[*unit].parent.as_deref();
        std::iter::successors(Some(unit), parent).any(|unit| unit == above)
    }

    fn members_of<'a>(&'a self, units: &'a [String]) -> impl Iterator<Item = &'a Member> {
        let mut leaves: HashMap<&str, bool> = HashMap::new();
        self.members.iter().filter(move |member| {
            let within = || units.iter().any(|unit| self.is_within(&member.unit, unit));
            *leaves.entry(&member.unit).or_insert_with(within)
        })
    }

    /// The people of some units, and how many of them have each key.
    pub(crate) fn cells(&self, units: &[String]) -> (i64, Vec<i64>) {
        let mut cells = vec![0; self.keys.len()];
        let mut people = 0;
        for member in self.members_of(units) {
            people += 1;
            member.kept.iter().for_each(|key| cells[*key] += 1);
        }
        (people, cells)
    }

    /// The people of a unit without those of the coach who has most of them.
    fn outsiders(&self, unit: &str, coalition: u32) -> i64 {
        let mut people = 0;
        let mut caseloads: BTreeMap<&str, i64> = BTreeMap::new();
        let unit = [unit.to_owned()];
        for member in self.members_of(&unit) {
            people += 1;
            for coach in &member.coaches {
                *caseloads.entry(coach).or_default() += 1;
            }
        }
        let largest = caseloads.values().copied().max().unwrap_or(0);
        people - if coalition == 1 { largest } else { 0 }
    }

    /// The children of a unit, in order of id.
    pub(crate) fn children(&self, parent: &str) -> Vec<String> {
        let mine = |unit: &Unit| unit.parent.as_deref() == Some(parent);
        let children = self.units.iter().filter(|(_, unit)| mine(unit));
        children.map(|(id, _)| id.clone()).collect()
    }

    /// What shows where noise is nil: a cohort appears iff s − (k − 1) is above
    /// its level's threshold. Hidden siblings make a group with the smallest
    /// shown.
    pub(crate) fn visible(&self, k: u32, coalition: u32, thresholds: &[i64]) -> Vec<Cohort> {
        let s = |unit: &String| self.outsiders(unit, coalition);
        let appears = |id: &String| {
            let unit = &self.units[id];
            let shifted = s(id) - i64::from(k) + 1;
            unit.standing && shifted > thresholds[unit.level as usize]
        };
        let root = self.units.iter().find(|(_, unit)| unit.parent.is_none());
        let (root, _) = root.unwrap();
        let mut cohorts = Vec::new();
        let mut parents: Vec<String> = [root.clone()].into_iter().filter(appears).collect();
        while let Some(parent) = parents.pop() {
            let level = self.units[&parent].level;
            let (mut shown, mut hidden): (Vec<_>, Vec<_>) =
                self.children(&parent).into_iter().partition(appears);
            if !hidden.is_empty()
                && let Some(joins) = shown.iter().min_by_key(|unit| (s(unit), *unit)).cloned()
            {
                shown.retain(|unit| *unit != joins);
                hidden.push(joins);
                cohorts.push((format!("(other units) {parent}"), level + 1, hidden));
            }
            cohorts.push((parent.clone(), level, vec![parent]));
            parents.extend(shown);
        }
        cohorts
    }
}
