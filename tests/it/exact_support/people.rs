//! What a measure of assessments or outcomes says of every cohort of a span, by
//! brute force.
//!
//! Everybody adds moments to the cohorts of the keys that they have: places on a
//! scale from 0 to 1, flags, and of pairs squares. Statistics follow from these.

use std::collections::{BTreeMap, BTreeSet};

use lodestar::config::Target;
use lodestar::measure::filter::Column;
use lodestar::measure::{Cohort as Whom, Dimension, Kind, Measure};

use super::SECRET;
use super::assessed::{GROUPS, Said, answers, outcome, place, preferred};
use super::brute::{Brute, Member, Standing};
use super::sums::{Adds, Counted, Drawn, Form, Sum, draw, pseudonym, seed};

/// The cohorts of one key, and those beside them.
pub(crate) struct Keyed {
    /// One id a dimension of cohorts.
    pub(crate) ids: Vec<String>,
    pub(crate) counted: Counted,
    pub(crate) other: Option<Counted>,
}

/// A measure in a release.
pub(crate) struct Asked<'a> {
    pub(crate) measure: &'a Measure,
    /// All measures that are due in it, in order.
    pub(crate) due: &'a [&'a Measure],
    pub(crate) release: &'a str,
    pub(crate) coalition: u32,
}

/// What somebody adds to one key: the number of the key within cohorts, and
/// moments.
type Entry = (usize, Vec<f64>);

/// Places of moments.
pub(crate) const BASELINE: usize = 0;
pub(crate) const FOLLOW_UP: usize = 1;
pub(crate) const SQUARES: usize = 4;
/// Of everything with one value and one flag.
pub(crate) const VALUE: usize = 0;
pub(crate) const FLAG: usize = 1;

/// Whether a measure is by the competencies that have a target, and `(all)`.
pub(crate) fn to_targets(measure: &Measure) -> bool {
    measure.asks(|kind| matches!(kind, Kind::Tipping | Kind::ShareOfPeople))
}

/// The number of a measure's family of cohorts: those of the same people, keys
/// and span are one, and what a measure is compared with comes after its own.
fn family(asked: &Asked<'_>) -> usize {
    let mut known: Vec<String> = Vec::new();
    let mut number = |said: String| {
        let place = known.iter().position(|one| *one == said);
        place.unwrap_or_else(|| {
            known.push(said);
            known.len() - 1
        })
    };
    for measure in asked.due {
        let people: Vec<&str> = measure.people().collect();
        let keys: Vec<&Dimension> = measure.cohort_keys().collect();
        let bound = (!measure.cohort.is_of_sessions()).then_some(measure.max_cells);
        let (whom, every) = (measure.cohort, measure.every);
        let read = (&measure.filter, measure.instrument);
        let own = number(format!(
            "{whom:?} {people:?} {every:?} {keys:?} {read:?} {bound:?}"
        ));
        if measure.name == asked.measure.name {
            return own;
        }
        if to_targets(measure) {
            number(format!("coachees beside {people:?} {every:?}"));
            number(format!("headcount beside {people:?} {every:?}"));
        }
    }
    panic!("the measure is due")
}

impl Brute {
    /// A measure's cohorts, key by key; last `(all)`, if there is one.
    pub(crate) fn by_key(&self, standing: &Standing<'_>, asked: &Asked<'_>) -> Vec<Keyed> {
        let measure = asked.measure;
        let ids = self.cohort_keys(measure);
        let (seed, family) = (seed(&SECRET, asked.release), family(asked));
        let count = ids.len();
        // Beside the keys: the other side of each, then `(all)`.
        let mut adds: BTreeMap<usize, Vec<(&Member<'_>, Adds)>> = BTreeMap::new();
        for member in &standing.members {
            if !self.passes(&measure.filter, member, None) {
                continue;
            }
            let name = pseudonym(&SECRET, member.name);
            let mut mine = self.entries(measure, member, standing, &ids);
            let all = mine.remove(&(2 * count));
            let mut kept: Vec<usize> = mine.keys().copied().collect();
            kept.sort_by_key(|key| draw(&seed, name, Drawn::Family(family), *key));
            kept.truncate(measure.max_cells as usize);
            mine.retain(|key, _| kept.contains(key));
            mine.extend(all.map(|entry| (2 * count, entry)));
            for (key, (within, moments)) in mine {
                let sums = moments.into_iter().map(|over| Sum { over, under: 0.0 });
                let adds = adds.entry(key).or_default();
                adds.push((member, vec![(within, sums.collect())]));
            }
        }
        let mut counted = |key: usize| {
            let form = Form {
                people: measure.people().collect(),
                keys: bands(measure),
                width: 6,
                ruled: asked.coalition == 1,
            };
            self.gather(standing, form, adds.remove(&key).unwrap_or_default())
        };
        let two = measure.cohort.other().is_some();
        let mut all: Vec<Keyed> = Vec::new();
        for (key, ids) in ids.iter().enumerate() {
            all.push(Keyed {
                ids: ids.clone(),
                counted: counted(key),
                other: two.then(|| counted(count + key)),
            });
        }
        if to_targets(measure) {
            all.push(Keyed {
                ids: vec!["(all)".to_owned()],
                counted: counted(2 * count),
                other: None,
            });
            all.retain(|keyed| keyed.ids[0] == "(all)" || self.target(&keyed.ids[0]).is_some());
        }
        all
    }

    /// The target of a competency.
    pub(crate) fn target(&self, competency: &str) -> Option<&Target> {
        let mut ids = self.framework.competencies.iter();
        let at = ids.position(|one| one.id == competency)?;
        let mut targets = self.targets.iter();
        targets.find(|target| usize::from(target.competency) == at)
    }

    /// The keys of a measure's cohorts that have rows, in declared order.
    fn cohort_keys(&self, measure: &Measure) -> Vec<Vec<String>> {
        let competencies = || self.framework.competencies.iter().map(|one| one.id.clone());
        match measure.cohort {
            Whom::Outcome => {
                let metrics = self.metrics.iter();
                metrics.map(|one| vec![one.label.id.clone()]).collect()
            }
            Whom::Asked => {
                let of = |one: &lodestar::config::Instrument| {
                    let id = one.label.id.clone();
                    let items = one.items.iter().map(|item| item.id.clone());
                    items.map(|item| vec![id.clone(), item]).collect::<Vec<_>>()
                };
                self.instruments.iter().flat_map(of).collect()
            }
            Whom::Themed => {
                let of = |(at, id): (usize, String)| {
                    let themes = self.framework.themes.iter();
                    let listed = themes.filter(move |theme| theme.competencies.contains(&at));
                    let id = id.clone();
                    listed.map(move |theme| vec![id.clone(), theme.label.id.clone()])
                };
                competencies().enumerate().flat_map(of).collect()
            }
            Whom::Paired if measure.dimensions.contains(&Dimension::RaterGroup) => {
                let mut clauses = measure.filter.clauses.iter();
                let asked = clauses.find(|clause| clause.column == Column::RaterGroup);
                let groups = GROUPS.iter().enumerate().filter(|(code, _)| {
                    asked.is_none_or(|clause| clause.values.contains(&(*code as u16)))
                });
                let groups: Vec<&str> = groups.map(|(_, group)| *group).collect();
                let of = |id: String| {
                    let one = |group: &&str| vec![id.clone(), (*group).to_owned()];
                    groups.iter().map(one).collect::<Vec<_>>()
                };
                competencies().flat_map(of).collect()
            }
            _ => competencies().map(|id| vec![id]).collect(),
        }
    }

    /// What a person adds, by number of the key: first those with rows, then
    /// those beside them, then `(all)`.
    fn entries(
        &self,
        measure: &Measure,
        member: &Member<'_>,
        standing: &Standing<'_>,
        ids: &[Vec<String>],
    ) -> BTreeMap<usize, Entry> {
        let none = Vec::new();
        let rows = self.assessments.get(member.name).unwrap_or(&none);
        let answers = answers(self, rows, standing.days);
        let instrument = measure.instrument.map(|at| &self.instruments[at]);
        let said = |competency: &str| {
            let instrument = instrument.unwrap();
            Said::new(rows, competency, instrument, standing.days)
        };
        let mut all = BTreeMap::new();
        for (key, id) in ids.iter().enumerate() {
            let mut beside = false;
            let entry = match measure.cohort {
                Whom::Outcome => {
                    beside = member.sessions.is_empty();
                    let about = (member.name.to_owned(), id[0].clone());
                    let measured = self.outcomes.get(&about);
                    let value = measured.and_then(|measured| outcome(measured, standing.days));
                    value.map(|value| (0, vec![value]))
                }
                Whom::Asked => answers.get(&(id[0].clone(), id[1].clone())).map(|answer| {
                    let instrument = self.instrument(&id[0]).unwrap();
                    let top = *answer >= place(instrument, instrument.top_box);
                    (0, vec![*answer, flag(top)])
                }),
                Whom::Rated => {
                    let seen = said(&id[0]).seen();
                    seen.and_then(|(gap, r_wg)| Some((0, vec![gap, r_wg?])))
                }
                Whom::Assessed => self.level(&said(&id[0]), &id[0], measure),
                Whom::Paired => {
                    let said = said(&id[0]);
                    let pair = match id.get(1) {
                        Some(group) => said.pair(group),
                        None => preferred(|group| said.pair(group)),
                    };
                    pair.map(|pair| self.pair(measure, pair))
                }
                Whom::Themed => {
                    let said = said(&id[0]);
                    let has = |session: &&super::brute::Session| {
                        session.competencies.contains(&id[0]) && session.themes.contains(&id[1])
                    };
                    beside = !member.sessions.iter().any(has);
                    let pair = preferred(|group| said.pair(group));
                    pair.map(|(baseline, follow_up)| (0, vec![follow_up - baseline]))
                }
                other => panic!("{other:?} are counted from sessions"),
            };
            let place = if beside { ids.len() + key } else { key };
            all.extend(entry.map(|entry| (place, entry)));
        }
        if to_targets(measure) || measure.cohort == Whom::Assessed {
            let at = self.at_all(measure, &said);
            all.extend(at.map(|at| (2 * ids.len(), (0, vec![0.5, flag(at)]))));
        }
        all
    }

    /// Somebody's level in a competency, and whether it is at the target.
    fn level(&self, said: &Said<'_>, competency: &str, measure: &Measure) -> Option<Entry> {
        let instrument = &self.instruments[measure.instrument?];
        let level = preferred(|group| said.level(group))?.score();
        let level = place(instrument, level);
        let at = self.target(competency).is_some_and(|target| {
            let bar = place(instrument, target.level);
            if instrument.higher_is_better {
                level >= bar
            } else {
                level <= bar
            }
        });
        Some((0, vec![level, flag(at)]))
    }

    /// Whether the targets that somebody has reached carry half of the weight of
    /// those they were assessed in; `None`: in none.
    fn at_all<'s>(&self, measure: &Measure, said: &impl Fn(&str) -> Said<'s>) -> Option<bool> {
        let (mut reached, mut all) = (0.0, 0.0);
        for target in &self.targets {
            let id = &self.framework.competencies[usize::from(target.competency)].id;
            let Some((_, moments)) = self.level(&said(id), id, measure) else {
                continue;
            };
            all += target.weight;
            reached += moments[FLAG] * target.weight;
        }
        (all > 0.0).then_some(reached >= all / 2.0)
    }

    /// What a pair adds, and in which bands it is.
    fn pair(&self, measure: &Measure, (baseline, follow_up): (f64, f64)) -> Entry {
        let instrument = &self.instruments[measure.instrument.unwrap()];
        let (mut improved, mut declined) = (false, false);
        if let (Some(sd), Some(r)) = (instrument.norm_sd, instrument.reliability) {
            let change = (follow_up - baseline) * (instrument.max - instrument.min);
            let index = change / (sd * (2.0 * (1.0 - r)).sqrt());
            let better = if instrument.higher_is_better {
                index
            } else {
                -index
            };
            (improved, declined) = (better > 1.96, better < -1.96);
        }
        let ends = match measure.bands {
            Some((low, high)) => (place(instrument, low), place(instrument, high)),
            None => (1.0 / 3.0, 2.0 / 3.0),
        };
        let band = |place: f64| {
            let at = usize::from(place >= ends.0) + usize::from(place >= ends.1);
            if instrument.higher_is_better {
                at
            } else {
                2 - at
            }
        };
        let by_bands = bands(measure).len() > 1;
        let within = if by_bands {
            3 * band(baseline) + band(follow_up)
        } else {
            0
        };
        let squares = [baseline * baseline, follow_up * follow_up];
        let flags = [flag(improved), flag(declined)];
        let moments = [&[baseline, follow_up][..], &flags, &squares].concat();
        if by_bands {
            return (within, vec![1.0]);
        }
        (0, moments)
    }

    /// Minutes of coachees: those that go to a competency, or to any target, of
    /// all; who has more than the clip counts with the clip.
    pub(crate) fn focus(
        &self,
        standing: &Standing<'_>,
        measure: &Measure,
        (key, clip): (&str, f64),
        coalition: u32,
    ) -> Counted {
        let targets = self.targets.iter();
        let ids = targets.map(|t| &*self.framework.competencies[usize::from(t.competency)].id);
        let asked: BTreeSet<&str> = ids.filter(|id| key == "(all)" || *id == key).collect();
        let coachees = standing
            .members
            .iter()
            .filter(|one| !one.sessions.is_empty());
        let adds = coachees.map(|member| {
            let (mut part, mut whole) = (0.0, 0.0);
            for session in &member.sessions {
                let minutes = session.minutes as f64 / 100.0;
                let mine = session.competencies.iter();
                let mine = mine.filter(|id| asked.contains(id.as_str())).count();
                part += minutes * mine as f64 / session.competencies.len() as f64;
                whole += minutes;
            }
            let by = if whole > clip { clip / whole } else { 1.0 };
            let sum = Sum {
                over: part * by,
                under: whole * by,
            };
            (member, vec![(0, vec![sum])])
        });
        let form = Form {
            people: measure.people().collect(),
            keys: vec![vec![]],
            width: 1,
            ruled: coalition == 1,
        };
        self.gather(standing, form, adds.collect())
    }

    /// Everybody.
    pub(crate) fn everybody(&self, standing: &Standing<'_>, measure: &Measure) -> Counted {
        let form = Form {
            people: measure.people().collect(),
            keys: vec![vec![]],
            width: 0,
            ruled: false,
        };
        let members = standing.members.iter().map(|member| (member, vec![]));
        self.gather(standing, form, members.collect())
    }
}

fn flag(holds: bool) -> f64 {
    f64::from(u8::from(holds))
}

/// The keys within cohorts: from band to band, or none.
fn bands(measure: &Measure) -> Vec<Vec<String>> {
    let bands = ["weakness", "middle", "strength"];
    if !measure.dimensions.contains(&Dimension::FromBand) {
        return vec![vec![]];
    }
    let of = |from: &&str| bands.map(|to| vec![(*from).to_owned(), to.to_owned()]);
    bands.iter().flat_map(of).collect()
}
