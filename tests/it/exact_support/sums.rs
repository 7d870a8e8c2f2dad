//! What a measure says of every cohort of a span, exactly: by brute force, from
//! the language of measures as it is documented.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use lodestar::measure::filter::{Clause, Column};
use lodestar::measure::{Cohort as Whom, Condition, Dimension, Filter, Kind, Measure, Quantity};
use sha2::{Digest as _, Sha256};

use super::brute::{Brute, Member, Session, Standing, Unit};

/// Whom a number is about: the id of a unit, and one value a dimension of
/// people, `(all)` among them.
pub(crate) type Cohort = (String, Vec<String>);

pub(crate) const ALL: &str = "(all)";

/// The sum that a statistic is made of, and, of a ratio, what it is divided by.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Sum {
    pub(crate) over: f64,
    pub(crate) under: f64,
}

/// People, and sums by key and statistic. Those of cohorts that have nobody in
/// common add up.
#[derive(Clone, Debug)]
pub(crate) struct Totals {
    pub(crate) people: i64,
    pub(crate) sums: Vec<Vec<Sum>>,
}

impl Totals {
    fn nobody(keys: usize, statistics: usize) -> Self {
        Self {
            people: 0,
            sums: vec![vec![Sum::default(); statistics]; keys],
        }
    }

    fn add(&mut self, key: usize, sums: &[Sum]) {
        for (mine, more) in self.sums[key].iter_mut().zip(sums) {
            mine.over += more.over;
            mine.under += more.under;
        }
    }

    /// Everybody of both.
    pub(crate) fn and(mut self, other: &Self) -> Self {
        self.people += other.people;
        for (key, sums) in other.sums.iter().enumerate() {
            self.add(key, sums);
        }
        self
    }

    /// A statistic of a key.
    pub(crate) fn value(&self, kind: Kind, key: usize, statistic: usize) -> f64 {
        let Sum { over, under } = self.sums[key][statistic];
        match kind {
            Kind::Count(_) => over,
            Kind::Share(_) | Kind::Mean { .. } => over / self.people as f64,
            Kind::Ratio { .. } => over / under,
            _ => f64::NAN,
        }
    }
}

/// One measure in one span.
pub(crate) struct Counted {
    pub(crate) units: BTreeMap<String, Unit>,
    /// By the declared dimensions of people that it has.
    pub(crate) values: Vec<Vec<String>>,
    /// By number: one id a dimension of keys.
    pub(crate) keys: Vec<Vec<String>>,
    pub(crate) totals: BTreeMap<Cohort, Totals>,
    /// People without those of the coach who has most of them.
    pub(crate) outsiders: BTreeMap<Cohort, i64>,
    /// Keys that people have, and that they keep.
    pub(crate) pairs: (usize, usize),
}

/// What is asked of a span.
pub(crate) struct Question<'a> {
    pub(crate) measure: &'a Measure,
    /// Which vector of the release feeds the measure.
    pub(crate) vector: usize,
    /// Name of the release's period.
    pub(crate) release: &'a str,
    pub(crate) secret: &'a [u8; 32],
    pub(crate) coalition: u32,
}

/// Which vector feeds each measure: those without keys share one if people,
/// levels, rows and span are the same.
pub(crate) fn vectors(measures: &[&Measure]) -> Vec<usize> {
    let mut known: Vec<Option<String>> = Vec::new();
    let place = |measure: &&Measure| {
        let said = (
            measure.cohort,
            &measure.filter,
            &measure.levels,
            measure.every,
        );
        let people: Vec<&str> = measure.people().collect();
        let shared = keyed(measure).is_empty();
        let name = shared.then(|| format!("{said:?} {people:?}"));
        let found = known.iter().position(|one| shared && *one == name);
        found.unwrap_or_else(|| {
            known.push(name);
            known.len() - 1
        })
    };
    measures.iter().map(place).collect()
}

/// The dimensions of a measure that rows have.
pub(crate) fn keyed(measure: &Measure) -> Vec<&Dimension> {
    let of_rows = |dimension: &&Dimension| !matches!(dimension, Dimension::People(_));
    measure.dimensions.iter().filter(of_rows).collect()
}

/// A leaf unit, and values of the declared dimensions.
type Alike<'a> = (&'a str, &'a [String]);

/// People by coach.
type Caseloads<'a> = HashMap<&'a str, i64>;

/// What somebody adds to the sums of some keys.
pub(super) type Adds = Vec<(usize, Vec<Sum>)>;

/// What cohorts are told apart by, and what is summed of them.
pub(super) struct Form<'a> {
    /// Dimensions of people, by name.
    pub(super) people: Vec<&'a str>,
    /// Within a cohort: one id a dimension of keys.
    pub(super) keys: Vec<Vec<String>>,
    /// Sums of a key.
    pub(super) width: usize,
    /// Whether the largest caseload is taken away.
    pub(super) ruled: bool,
}

/// What the keys and filters of a measure are read with.
struct Asked<'a> {
    brute: &'a Brute,
    question: &'a Question<'a>,
    keys: Vec<Vec<String>>,
    seed: [u8; 16],
}

impl Brute {
    /// One measure, of every cohort of a span.
    pub(crate) fn count(&self, standing: &Standing<'_>, question: &Question<'_>) -> Counted {
        let measure = question.measure;
        let asked = Asked {
            brute: self,
            question,
            keys: self.keys(measure),
            seed: seed(question.secret, question.release),
        };
        let mut pairs = (0, 0);
        let adds = standing.members.iter().filter_map(|member| {
            let rows = asked.rows_of(member)?;
            let (had, kept) = asked.adds(member, &rows);
            pairs.0 += had;
            pairs.1 += kept.len();
            Some((member, kept))
        });
        let adds: Vec<_> = adds.collect();
        let form = Form {
            people: measure.people().collect(),
            keys: asked.keys.clone(),
            width: measure.statistics.len(),
            ruled: question.coalition == 1 && measure.cohort == Whom::Coachees,
        };
        let counted = self.gather(standing, form, adds);
        Counted { pairs, ..counted }
    }

    /// What some people add up to, in every cohort of a span.
    pub(super) fn gather(
        &self,
        standing: &Standing<'_>,
        form: Form<'_>,
        adds: Vec<(&Member<'_>, Adds)>,
    ) -> Counted {
        let nobody = Totals::nobody(form.keys.len(), form.width);
        let mut counted = Counted {
            units: standing.units.clone(),
            values: form.people.iter().map(|name| self.values(name)).collect(),
            keys: form.keys,
            totals: BTreeMap::new(),
            outsiders: BTreeMap::new(),
            pairs: (0, 0),
        };
        for unit in standing.units.keys() {
            for values in choices(&counted.values) {
                let cohort = (unit.clone(), values);
                counted.totals.insert(cohort, nobody.clone());
            }
        }
        // People of one leaf and with the same values are in the same cohorts.
        let mut alike: HashMap<Alike<'_>, (Totals, Caseloads<'_>)> = HashMap::new();
        for (member, kept) in adds {
            let mine = alike.entry((member.unit, member.values));
            let (totals, coaches) = mine.or_insert_with(|| (nobody.clone(), HashMap::new()));
            totals.people += 1;
            for (key, sums) in &kept {
                totals.add(*key, sums);
            }
            for coach in &member.coaches {
                *coaches.entry(coach).or_default() += 1;
            }
        }
        let mut caseloads: HashMap<Cohort, Caseloads<'_>> = HashMap::new();
        for (group, (totals, coaches)) in alike {
            for cohort in self.cohorts_of(group, &form.people, &standing.units) {
                let sum = counted.totals.get_mut(&cohort).unwrap();
                *sum = totals.clone().and(sum);
                let all = caseloads.entry(cohort).or_default();
                for (coach, people) in &coaches {
                    *all.entry(coach).or_default() += people;
                }
            }
        }
        for (cohort, totals) in &counted.totals {
            let largest = caseloads.get(cohort).and_then(|all| all.values().max());
            let taken = largest.filter(|_| form.ruled).copied().unwrap_or(0);
            counted
                .outsiders
                .insert(cohort.clone(), totals.people - taken);
        }
        counted
    }

    /// Somebody's units up to the root, and in each their own values and `(all)`.
    fn cohorts_of(
        &self,
        (leaf, values): Alike<'_>,
        people: &[&str],
        units: &BTreeMap<String, Unit>,
    ) -> Vec<Cohort> {
        let place = |name: &&str| self.dimensions.iter().position(|d| d.name == **name);
        let own = people.iter().map(place);
        let own = own.map(|at| at.map_or(vec![], |at| vec![values[at].clone()]));
        let choices = choices(&own.collect::<Vec<_>>());
        let up = |unit: &&str| units[*unit].parent.as_deref();
        let above = std::iter::successors(Some(leaf), up);
        let cohorts = |unit: &str| {
            choices
                .iter()
                .map(move |c| (unit.to_owned(), c.clone()))
                .collect()
        };
        above
            .flat_map(|unit| -> Vec<Cohort> { cohorts(unit) })
            .collect()
    }

    /// The declared values of a dimension of people.
    fn values(&self, name: &str) -> Vec<String> {
        let mut declared = self.dimensions.iter();
        let declared = declared.find(|dimension| dimension.name == name);
        let values = declared.map_or(&[][..], |dimension| &dimension.values);
        values.iter().map(|value| value.id.clone()).collect()
    }

    /// Competency after competency (its themes, then `other`), of each format
    /// after format.
    fn keys(&self, measure: &Measure) -> Vec<Vec<String>> {
        let dimensions = keyed(measure);
        let mut keys = vec![vec![]];
        if dimensions.contains(&&Dimension::Competency) {
            let ids = self.framework.competencies.iter().map(|one| one.id.clone());
            keys = ids.map(|id| vec![id]).collect();
        }
        if dimensions.contains(&&Dimension::Theme) {
            let of = |(at, key): (usize, &Vec<String>)| {
                let themes = self.framework.themes.iter();
                let listed = themes.filter(move |theme| theme.competencies.contains(&at));
                let ids = listed.map(|theme| theme.label.id.clone());
                let ids: Vec<String> = ids.chain(["other".to_owned()]).collect();
                let key = key.clone();
                ids.into_iter()
                    .map(move |id| [key.clone(), vec![id]].concat())
            };
            keys = keys.iter().enumerate().flat_map(of).collect();
        }
        if dimensions.contains(&&Dimension::Format) {
            assert_eq!(dimensions.last(), Some(&&Dimension::Format));
            let of = |key: &Vec<String>| {
                let formats = self.formats.iter();
                let keys = formats.map(|format| [key.clone(), vec![format.clone()]].concat());
                keys.collect::<Vec<_>>()
            };
            keys = keys.iter().flat_map(of).collect();
        }
        keys
    }

    /// Whether a row or person has one of the values of a clause.
    fn holds(&self, clause: &Clause, member: &Member<'_>, session: Option<&Session>) -> bool {
        let any = |ids: &[&str], value: &str| {
            let asked = clause.values.iter().map(|code| ids[usize::from(*code)]);
            asked.into_iter().any(|id| id == value)
        };
        match (clause.column, session) {
            (Column::People(at), _) => {
                let ids = self.dimensions[at].values.iter().map(|value| &*value.id);
                any(&ids.collect::<Vec<_>>(), &member.values[at])
            }
            (Column::Coached, _) => any(
                &["no", "yes"],
                if member.sessions.is_empty() {
                    "no"
                } else {
                    "yes"
                },
            ),
            (Column::RaterGroup | Column::Metric | Column::Item, _) | (_, None) => true,
            (Column::Mode, Some(row)) => any(&["coaching", "mentoring"], &row.mode),
            (Column::Trigger, Some(row)) => any(&["proactive", "reactive"], &row.trigger),
            (Column::Format, Some(row)) => {
                let ids: Vec<&str> = self.formats.iter().map(|id| &**id).collect();
                any(&ids, &row.format)
            }
            (Column::Competency, Some(row)) => {
                let ids = self.framework.competencies.iter().map(|one| &*one.id);
                let ids: Vec<&str> = ids.collect();
                row.competencies.iter().any(|id| any(&ids, id))
            }
        }
    }

    /// Without a row: only what is said of people.
    pub(super) fn passes(
        &self,
        filter: &Filter,
        member: &Member<'_>,
        row: Option<&Session>,
    ) -> bool {
        let mut clauses = filter.clauses.iter();
        clauses.all(|clause| self.holds(clause, member, row))
    }

    /// A theme counts under each of the session's competencies that lists it,
    /// else in `other` of the first.
    fn pairs(&self, session: &Session) -> BTreeSet<Vec<String>> {
        let mut pairs = BTreeSet::new();
        for theme in &session.themes {
            let declared = self.framework.themes.iter().find(|t| t.label.id == *theme);
            let lists = |competency: &&String| {
                let at = &self.framework.competencies;
                let at = at.iter().position(|c| c.id == **competency).unwrap();
                declared.is_some_and(|theme| theme.competencies.contains(&at))
            };
            let under: Vec<&String> = session.competencies.iter().filter(lists).collect();
            if under.is_empty() {
                pairs.insert(vec![session.competencies[0].clone(), "other".to_owned()]);
            }
            pairs.extend(under.into_iter().map(|c| vec![c.clone(), theme.clone()]));
        }
        pairs
    }
}

impl Asked<'_> {
    /// The rows of a person that count; `None`: they are in no cohort.
    fn rows_of<'s>(&self, member: &Member<'s>) -> Option<Vec<&'s Session>> {
        let filter = &self.question.measure.filter;
        let passes = |row| self.brute.passes(filter, member, row);
        let rows = member.sessions.iter().copied();
        let rows: Vec<&Session> = rows.filter(|row| passes(Some(row))).collect();
        let belongs = match self.question.measure.cohort {
            Whom::Coachees => !rows.is_empty(),
            Whom::Headcount => passes(None),
            other => panic!("{other:?} are not counted from sessions"),
        };
        belongs.then_some(rows)
    }

    /// How many keys a person has, and what they add to those that they keep.
    fn adds(&self, member: &Member<'_>, rows: &[&Session]) -> (usize, Adds) {
        let dimensions = keyed(self.question.measure);
        if dimensions.is_empty() {
            let rows: Vec<(&Session, i64, i64)> = rows.iter().map(|row| (*row, 1, 0)).collect();
            return (0, vec![(0, self.sums(member, &rows))]);
        }
        let mut by_key: BTreeMap<usize, Vec<(&Session, i64, i64)>> = BTreeMap::new();
        for row in rows {
            let mine: BTreeSet<Vec<String>> = if dimensions.contains(&&Dimension::Theme) {
                self.brute.pairs(row)
            } else if dimensions.contains(&&Dimension::Competency) {
                row.competencies.iter().map(|id| vec![id.clone()]).collect()
            } else {
                BTreeSet::from([vec![]])
            };
            let of_row = |mut key: Vec<String>| {
                if dimensions.contains(&&Dimension::Format) {
                    key.push(row.format.clone());
                }
                self.keys.iter().position(|known| *known == key)
            };
            let mut mine: Vec<usize> = mine.into_iter().filter_map(of_row).collect();
            mine.sort_unstable();
            // By competency alone, time and cost are shared out.
            let shared = !dimensions.contains(&&Dimension::Theme)
                && dimensions.contains(&&Dimension::Competency);
            let parts = if shared { mine.len() as i64 } else { 1 };
            for (part, key) in (0..).zip(mine) {
                by_key.entry(key).or_default().push((row, parts, part));
            }
        }
        let had = by_key.len();
        let name = pseudonym(self.question.secret, member.name);
        let mut kept: Vec<_> = by_key.into_iter().collect();
        let draw = |key| draw(&self.seed, name, Drawn::Vector(self.question.vector), key);
        kept.sort_by_key(|(key, _)| draw(*key));
        kept.truncate(self.question.measure.max_cells as usize);
        let sums = kept
            .into_iter()
            .map(|(key, rows)| (key, self.sums(member, &rows)));
        (had, sums.collect())
    }

    /// What some rows of a person, each with its number of parts and which of
    /// them, make of every statistic.
    fn sums(&self, member: &Member<'_>, rows: &[(&Session, i64, i64)]) -> Vec<Sum> {
        let statistics = self.question.measure.statistics.iter();
        let sum = |statistic: &lodestar::measure::Statistic| {
            let only = &statistic.only;
            let passes = |row: &Session| self.brute.passes(only, member, Some(row));
            let passing = |of: Quantity| total(of, rows, passes);
            let known = |of: Quantity, per: Quantity| {
                total(per, rows, |row| of == per || steps(of, row).is_some())
            };
            let flag = |holds: bool| Sum {
                over: f64::from(u8::from(holds)),
                under: 0.0,
            };
            match statistic.kind {
                Kind::Count(condition) | Kind::Share(condition) => flag(match condition {
                    Condition::Row if only.is_empty() || only.asks_rows() => {
                        rows.iter().any(|(row, ..)| passes(row))
                    }
                    Condition::Row => self.brute.passes(only, member, None),
                    Condition::Flag(_) => false,
                    Condition::AtLeast { of, least } => passing(of) >= least,
                    Condition::Within { of, per, low, high } => {
                        let (part, whole) = (passing(of), known(of, per));
                        let near = |a: f64, b: f64| a <= b + 1e-9;
                        whole > 0.0 && near(whole * low, part) && near(part, whole * high)
                    }
                }),
                Kind::Mean { of, clip } => Sum {
                    over: passing(of).max(clip.0).min(clip.1),
                    under: 0.0,
                },
                Kind::Ratio { of, per, clip } => {
                    let (part, whole) = (passing(of), known(of, per));
                    let by = if whole > clip { clip / whole } else { 1.0 };
                    Sum {
                        over: part * by,
                        under: whole * by,
                    }
                }
                _ => flag(false),
            }
        };
        statistics.map(sum).collect()
    }
}

/// What a row says of a quantity, in ones or hundredths.
fn steps(of: Quantity, row: &Session) -> Option<i64> {
    match of {
        Quantity::Sessions => Some(1),
        Quantity::Minutes => Some(row.minutes),
        Quantity::CoachingMinutes => row.coaching_minutes,
        Quantity::ProactiveSessions => match row.trigger.as_str() {
            "" => None,
            trigger => Some(i64::from(trigger == "proactive")),
        },
        Quantity::Cost => Some(row.cost),
    }
}

/// A quantity of rows, in its unit. What is shared out goes in hundredths, the
/// first parts taking what is left.
fn total(of: Quantity, rows: &[(&Session, i64, i64)], counts: impl Fn(&Session) -> bool) -> f64 {
    let whole = matches!(of, Quantity::Sessions | Quantity::ProactiveSessions);
    let counting = rows.iter().filter(|(row, ..)| counts(row));
    let amounts = counting.map(|(row, parts, part)| {
        let all = steps(of, row).unwrap_or(0);
        if whole {
            all
        } else {
            (all + parts - 1 - part) / parts
        }
    });
    let sum: i64 = amounts.sum();
    if whole {
        sum as f64
    } else {
        sum as f64 / 100.0
    }
}

/// Each dimension's value, or `(all)`.
pub(crate) fn choices(values: &[Vec<String>]) -> Vec<Vec<String>> {
    let mut all = vec![vec![]];
    for values in values {
        let more = |known: &Vec<String>| {
            let values = [ALL.to_owned()].into_iter().chain(values.iter().cloned());
            let known = known.clone();
            values
                .map(move |value| [known.clone(), vec![value]].concat())
                .collect::<Vec<_>>()
        };
        all = all.iter().flat_map(more).collect();
    }
    all
}

/// The key of what is hashed: SipHash-2-4 with 128 bits, keyed by half of the
/// secret, of a byte that says what.
pub(super) fn key(secret: &[u8; 32], what: u8) -> [u8; 16] {
    let key = secret[..16].try_into().unwrap();
    let hash = siphasher::sip128::SipHasher24::new_with_key(&key).hash(&[what]);
    hash.as_u128().to_le_bytes()
}

/// SipHash-2-4 with 128 bits of the id.
pub(super) fn pseudonym(secret: &[u8; 32], person: &str) -> u128 {
    let hasher = siphasher::sip128::SipHasher24::new_with_key(&key(secret, 1));
    hasher.hash(person.as_bytes()).as_u128()
}

pub(super) fn seed(secret: &[u8; 32], period: &str) -> [u8; 16] {
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

/// Whose keys are drawn: those of a vector, or of a family of cohorts.
#[derive(Clone, Copy)]
pub(super) enum Drawn {
    Vector(usize),
    Family(usize),
}

/// SipHash-2-4 of person, number, key and whose number it is: the smallest are kept.
pub(super) fn draw(seed: &[u8; 16], person: u128, of: Drawn, key: usize) -> u64 {
    let (number, whose) = match of {
        Drawn::Vector(number) => (number as u32, 0),
        Drawn::Family(number) => (number as u32, 1),
    };
    let key = (key as u32).to_le_bytes();
    let number = number.to_le_bytes();
    let text = [&person.to_le_bytes()[..], &number, &key, &[whose]].concat();
    siphasher::sip::SipHasher24::new_with_key(seed).hash(&text)
}
