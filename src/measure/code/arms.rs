//! What somebody's part in programmes and their outcomes say → keys of cohorts,
//! and changes.

use lodestar_privacy::public::VALUE_STEPS;

use super::super::Value;
use super::super::effect::Starts;
use super::super::family::CohortKeys;
use super::Beside;
use super::people::{Entry, halved};
use crate::calendar::Period;
use crate::ingest::Mine;

/// No change, on the scale of changes.
const NONE: u32 = VALUE_STEPS as u32 / 2;

/// Of somebody with a part in a programme and what it needs of a metric: the
/// changes since the starts that concern them.
pub(super) fn entries(
    of: &Mine<'_>,
    beside: &Beside<'_>,
    starts: &Starts,
    keys: &CohortKeys,
) -> Vec<Entry> {
    let mut entries = Vec::new();
    if of.outcomes.is_empty() {
        return entries;
    }
    let member = of.member;
    let bases: Vec<Period> = starts.bases().collect();
    let before = |place: usize, metric: u16| {
        let known = beside.before.get(&bases[place])?;
        let whose = (member.person, metric);
        let whose = known.binary_search_by_key(&whose, |one| (one.person, one.metric));
        Some(known[whose.ok()?].value)
    };
    for outcome in of.outcomes {
        for assigned in beside.arms.of(member.unit, of.values()) {
            let Some(code) = starts.code(&assigned) else {
                continue;
            };
            let Some(key) = keys.code((code, outcome.metric), false) else {
                continue;
            };
            let change = |place: usize| {
                let before = before(place, outcome.metric)?;
                Some((place, halved(outcome.value as i32 - before as i32)))
            };
            let changes = starts.since(code).into_iter().map(change);
            let Some(changes) = changes.collect::<Option<Vec<_>>>() else {
                continue;
            };
            let mut all = vec![NONE; starts.len()];
            for (place, change) in changes {
                all[place] = change;
            }
            entries.push(Entry {
                key,
                values: (0..).map(Value::Since).zip(all).collect(),
                unit: starts.unit(&assigned),
            });
        }
    }
    entries
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fmt::Write as _;

    use proptest::prelude::*;

    use super::*;
    use crate::config::{self, Project};
    use crate::declare;
    use crate::ingest::whole::{self, Whole};
    use crate::ingest::{Key, Org, Request};
    use crate::measure::Measure;
    use crate::measure::value::Amount;
    use crate::measure::vector::Vectors;

    const CONFIG: &str = r#"
[project]
organisation = "Acme"
[periods]
every = "half"
first = "2024-H1"
[dimensions]
programme = ["none", "solo"]
[sources.org]
path = "org.csv"
[sources.programmes]
path = "programmes.csv"
[sources.people]
path = "people.csv"
[sources.sessions]
path = "sessions.csv"
[sources.outcomes]
path = "outcomes.csv"
[[metrics]]
id = "sick"
range = [0, 100]
[[metrics]]
id = "sold"
range = [0, 10]
[[competencies]]
id = "focus"
[[measures]]
use = "programme_effect"
"#;
    const ORG: &str = "org_unit,label,parent\na,A,Acme\na1,A1,a\na2,A2,a\nb,B,Acme\nc,C,Acme\n";
    const PROGRAMMES: &str = "programme,arm,starts_on,org_unit\n\
        lead,pilot,2024-03-01,a\nlead,rollout,2024-10-01,a2\nlead,comparison,,Acme\n\
        lead,rollout,2025-02-01,c\nsolo,pilot,2024-07-01,\nsolo,comparison,,b\n";
    const UNITS: [&str; 4] = ["a1", "a2", "b", "c"];
    const DAYS: [&str; 3] = ["2023-12-31", "2024-06-30", "2024-12-31"];

    /// Unit, whether they are of `solo`, and of each metric the values of three
    /// halves.
    type Person = (usize, bool, [[Option<u8>; 3]; 2]);

    fn read(people: &BTreeMap<u32, Person>) -> (Project, Org, Whole, Vectors) {
        let mut persons = "person_id,org_unit,programme\n".to_owned();
        let mut outcomes = "person_id,measured_on,metric,value\n".to_owned();
        for (id, (unit, solo, known)) in people {
            let part = if *solo { "solo" } else { "none" };
            writeln!(persons, "p{id},{},{part}", UNITS[*unit]).expect("text");
            for (metric, values) in ["sick", "sold"].iter().zip(known) {
                for (day, value) in DAYS.iter().zip(values) {
                    if let Some(value) = value {
                        writeln!(outcomes, "p{id},{day},{metric},{value}").expect("text");
                    }
                }
            }
        }
        let folder = tempfile::tempdir().expect("a folder");
        let sessions = "session_id,coachee_id,coach_id,held_on,minutes,competency\n";
        for (name, text) in [
            ("lodestar.toml", CONFIG),
            ("org.csv", ORG),
            ("programmes.csv", PROGRAMMES),
            ("people.csv", &persons),
            ("sessions.csv", sessions),
            ("outcomes.csv", &outcomes),
        ] {
            std::fs::write(folder.path().join(name), text).expect("a file");
        }
        let project = config::load(&folder.path().join("lodestar.toml")).expect("a project");
        let org = Org::load(&project).expect("an organisation");
        let period = project.calendar.first.next();
        let vectors = declare::due_vectors(&project, org.programmes(), &period);
        let bases: Vec<Period> = declare::bases(&vectors).collect();
        let request = Request {
            periods: &[period],
            outcome_spans: &bases,
            ..Request::default()
        };
        let key = Key::new([7; 16]);
        let intake = whole::read(&project, &org, &key, &request).expect("an input");
        (project, org, intake, vectors)
    }

    /// The labels of a key, changes in hundredths of the scale, and the unit.
    type Said = (String, Vec<i64>, Option<u32>);

    /// What is known of everybody, by pseudonym.
    fn said(people: &BTreeMap<u32, Person>) -> BTreeMap<u128, Vec<Said>> {
        let (_, org, intake, vectors) = read(people);
        let of_span = &intake.periods[0];
        let tree = org.tree(&of_span.period).expect("a tree");
        let arms = org.programmes().arms(&tree);
        let beside = Beside {
            before: &intake.outcomes_before,
            arms: &arms,
        };
        let keys = &vectors.keys[0];
        let starts = keys.starts().expect("starts");
        let declared = keys.declared(&arms);
        let labels = declared.labels;
        let mut all: BTreeMap<u128, Vec<Said>> = BTreeMap::new();
        let entries = of_span.people().flat_map(|mine| {
            let entries = entries(&mine, &beside, starts, keys);
            entries.into_iter().map(move |entry| (mine.member, entry))
        });
        for (member, entry) in entries {
            let unit = member.unit;
            assert!(!declared.vacant.contains(&(unit, entry.key)), "{unit}");
            let ids = labels[entry.key as usize].iter();
            let ids: Vec<&str> = ids.map(|label| label.id.as_str()).collect();
            let value = |of: Value| {
                let mut known = entry.values.iter();
                known.find(|(one, _)| *one == of).map(|known| known.1)
            };
            let changes = (0..starts.len() as u16).map(|place| {
                let change = Amount::Of(Value::Since(place)).of(value);
                (change as f64 / VALUE_STEPS as f64 * 200.0).round() as i64 - 100
            });
            let said = (ids.join(" "), changes.collect(), entry.unit);
            all.entry(member.person).or_default().push(said);
        }
        all
    }

    /// What is known of one person.
    fn alone(unit: usize, solo: bool, sick: [Option<u8>; 3]) -> Vec<Said> {
        let person = (unit, solo, [sick, [None; 3]]);
        let all = said(&BTreeMap::from([(1, person)]));
        all.into_values().next().unwrap_or_default()
    }

    #[test]
    fn who_counts_where_and_with_what_follows_from_starts_and_values() {
        let known = [Some(10), Some(20), Some(40)];
        let one = |key: &str, changes: [i64; 2], unit: u32| {
            vec![(key.to_owned(), changes.to_vec(), Some(unit))]
        };
        // Bases: the second half of 2023, and the first of 2024.
        let pilot = alone(0, false, known);
        assert_eq!(pilot, one("lead sick 2024-H1 1", [30, 0], 1));
        let rollout = alone(1, false, known);
        assert_eq!(rollout, one("lead sick 2024-H2 0", [0, 20], 2));
        let comparison = alone(2, false, known);
        let of_lead = one("lead sick (comparison) ", [30, 20], 0);
        let of_solo = one("solo sick (comparison) ", [0, 20], 3);
        assert_eq!(comparison, [of_lead.clone(), of_solo].concat());
        // Whose start is yet to come has no part; who takes part alone has it
        // whatever the unit does.
        assert_eq!(alone(3, false, known), []);
        let solo = one("solo sick 2024-H2 0", [0, 20], 5);
        assert_eq!(alone(3, true, known), solo);
        assert_eq!(alone(2, true, known), [of_lead, solo].concat());
        // A value that a part does not need may be missing.
        let without = |half: usize| {
            let mut values = known;
            values[half] = None;
            values
        };
        assert_eq!(alone(0, false, without(1)).len(), 1);
        assert_eq!(alone(0, false, without(0)), []);
        assert_eq!(alone(1, false, without(0)).len(), 1);
        assert_eq!(alone(1, false, without(1)), []);
        assert_eq!(alone(2, false, without(0)).len(), 1, "of solo alone");
        for unit in 0..3 {
            assert_eq!(alone(unit, true, without(2)), []);
        }
    }

    #[test]
    fn nobody_can_be_where_neither_the_unit_nor_anybody_takes_part() {
        let (_, org, intake, vectors) = read(&BTreeMap::new());
        let tree = org.tree(&intake.periods[0].period).expect("a tree");
        let keys = vectors.keys[0].declared(&org.programmes().arms(&tree));
        let vacant: Vec<String> = keys
            .vacant
            .iter()
            .map(|&(unit, key)| {
                let labels = keys.labels[key as usize].iter();
                let ids: Vec<&str> = labels.map(|label| label.id.as_str()).collect();
                format!("{} {}", tree.unit(unit as usize).id, ids.join(" "))
            })
            .filter(|text| text.contains("sick"))
            .collect();
        // Whoever takes part in `solo` may be of any unit; its comparison is of `b`.
        let solo = "solo sick (comparison) ";
        let lead = "lead sick (comparison) ";
        assert_eq!(
            vacant,
            [
                "b lead sick 2024-H1 1",
                "b lead sick 2024-H2 0",
                "c lead sick 2024-H1 1",
                "c lead sick 2024-H2 0",
                &format!("c {lead}"),
                &format!("c {solo}"),
                "a1 lead sick 2024-H2 0",
                &format!("a1 {lead}"),
                &format!("a1 {solo}"),
                "a2 lead sick 2024-H1 1",
                &format!("a2 {lead}"),
                &format!("a2 {solo}"),
            ]
        );
    }

    #[test]
    fn nothing_is_published_before_the_first_start() {
        let (project, org, ..) = read(&BTreeMap::new());
        let before = project.calendar.first.previous();
        let vectors = |period: &Period| {
            let starts = Starts::of(org.programmes(), *period);
            (
                starts.is_empty(),
                declare::due_vectors(&project, org.programmes(), period),
            )
        };
        assert!(vectors(&before).0);
        let (is_empty, first) = vectors(&project.calendar.first);
        assert!(!is_empty && first.tables.len() == 1);
        // `lead` alone, of either metric, and its comparison.
        assert_eq!(first.tables[0].rows, [0, 1]);
        let measure: &Measure = &project.measures[0];
        assert_eq!(first.families[0].most, measure.max_cells);
        assert_eq!(
            first.tables[0].others[0].keys,
            [Some(2), Some(3), None, None]
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        /// Whoever is taken away takes their own entries along, and nothing else;
        /// of each programme and metric there is at most one.
        #[test]
        fn entries_are_of_one_person_alone(
            people in proptest::collection::vec(
                (
                    0..UNITS.len(),
                    any::<bool>(),
                    proptest::array::uniform2(proptest::array::uniform3(
                        proptest::option::weighted(0.8, 0_u8..=10),
                    )),
                ),
                1..12,
            ),
            leaver in any::<prop::sample::Index>(),
        ) {
            let mut people: BTreeMap<u32, Person> = (0..).zip(people).collect();
            let all = said(&people);
            for mine in all.values() {
                prop_assert!(mine.len() <= 4);
                let about = |said: &Said| {
                    said.0.split(' ').take(2).map(str::to_owned).collect::<Vec<_>>()
                };
                let mut abouts: Vec<_> = mine.iter().map(about).collect();
                abouts.sort();
                abouts.dedup();
                prop_assert_eq!(abouts.len(), mine.len());
            }
            let leaver = leaver.index(people.len()) as u32;
            let gone = people.remove(&leaver).expect("somebody");
            let theirs = said(&BTreeMap::from([(leaver, gone)]));
            let mut together = said(&people);
            prop_assert!(theirs.keys().all(|person| !together.contains_key(person)));
            together.extend(theirs);
            prop_assert_eq!(together, all);
        }
    }
}
