//! People of whom all sorts of things are known, at random.

use std::fmt::Write as _;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

pub(super) const PEOPLE: usize = 600;

/// Every built-in measure, of one span, and caps that bind.
pub(super) fn config() -> String {
    let mut config = DECLARED.to_owned();
    for name in [
        "coaching_mix",
        "coverage",
        "engagement",
        "trigger_mix",
        "theme_prevalence",
    ] {
        writeln!(config, "[[measures]]\nuse = \"{name}\"").expect("text");
    }
    config += "max_cells = 2\n";
    for name in [
        "business_outcomes",
        "competency_progress",
        "north_star",
        "programme_effect",
        "rater_agreement",
        "skill_gap",
        "strength_shift",
        "survey_items",
        "theme_outcome",
    ] {
        let measure = format!("[[measures]]\nuse = \"{name}\"\nevery = \"half\"\nmax_cells = 2");
        writeln!(config, "{measure}\nlevels = [0, 1, 2]").expect("text");
    }
    config
}

const DECLARED: &str = r#"
[project]
organisation = "Acme"
[periods]
every = "half"
first = "2024-H1"
[dimensions]
job_level = ["staff", "manager"]
programme = ["none", "solo"]
format = ["single", "team"]
[sources.org]
path = "org.csv"
[sources.programmes]
path = "programmes.csv"
[sources.people]
path = "people.csv"
[sources.sessions]
path = "sessions.csv"
[sources.assessments]
path = "assessments.csv"
[sources.outcomes]
path = "outcomes.csv"
[[competencies]]
id = "courage"
[[competencies]]
id = "focus"
[[competencies]]
id = "trust"
[[themes]]
id = "conflict"
competencies = ["courage", "trust"]
[[themes]]
id = "change"
competencies = ["courage", "focus"]
[[instruments]]
id = "leadership"
min = 1
max = 5
reliability = 0.85
norm_sd = 0.7
min_raters = 2
items = ["asks", "listens", "helps"]
[[metrics]]
id = "sick"
range = [0, 100]
[[metrics]]
id = "sold"
range = [0, 10]
[[metrics]]
id = "stayed"
range = [0, 1]
[north_star]
targets = [{ competency = "courage", level = 3 }, { competency = "trust", level = 4 }]
"#;

pub(super) const ORG: &str =
    "org_unit,label,parent\na,A,Acme\na1,A1,a\na2,A2,a\nb,B,Acme\nb1,B1,b\nc,C,Acme\n";

pub(super) const PROGRAMMES: &str = "programme,arm,starts_on,org_unit\n\
    lead,pilot,2024-03-01,a1\nlead,rollout,2024-08-01,c\nlead,comparison,,Acme\n\
    solo,pilot,2024-02-01,\nsolo,comparison,,b\n";

/// A seeded stream of draws.
pub(super) struct Dice(ChaCha8Rng);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    pub(super) fn roll(&mut self, sides: usize) -> usize {
        (self.0.next_u64() % sides as u64) as usize
    }

    fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.roll(of.len())]
    }
}

/// Files by name.
pub(super) fn files() -> [(&'static str, String); 4] {
    let mut dice = Dice::new(1);
    let mut people = "person_id,org_unit,job_level,programme\n".to_owned();
    let mut sessions = "session_id,coachee_id,coach_id,held_on,minutes,competency,themes,mode,\
                        trigger,format\n"
        .to_owned();
    let mut assessments =
        "subject_id,competency,instrument,score,assessed_on,wave,rater_id,rater_group,item\n"
            .to_owned();
    let mut outcomes = "person_id,measured_on,metric,value\n".to_owned();
    for id in 0..PEOPLE {
        let unit = dice.pick(&["a1", "a2", "b1", "c"]);
        let job_level = dice.pick(&["staff", "manager"]);
        let part = dice.pick(&["none", "solo"]);
        writeln!(people, "p{id},{unit},{job_level},{part}").expect("text");
        let many = [0, 1, 4, 14][dice.roll(4)];
        // Some are the same in everything, so that sums reach their ends.
        let steady = session(&mut dice);
        for number in 0..many {
            let row = if many == 14 {
                steady.clone()
            } else {
                session(&mut dice)
            };
            writeln!(sessions, "s{id}x{number},p{id},{row}").expect("text");
        }
        assessed(&mut assessments, id, &mut dice);
        for metric in ["sick", "sold", "stayed"] {
            for day in ["2023-12-31", "2024-06-30", "2024-12-31"] {
                let value = dice.pick(&["0", "1", "0.5", "10", "100"]);
                let high = if metric == "sick" { "100" } else { "1" };
                let value = if value.len() > 1 && value != "0.5" {
                    high
                } else {
                    value
                };
                if dice.roll(12) > 0 {
                    writeln!(outcomes, "p{id},{day},{metric},{value}").expect("text");
                }
            }
        }
    }
    [
        ("people.csv", people),
        ("sessions.csv", sessions),
        ("assessments.csv", assessments),
        ("outcomes.csv", outcomes),
    ]
}

/// A session, from its coach on.
fn session(dice: &mut Dice) -> String {
    [
        dice.pick(&["kim", "lee", "mo", ""]),
        dice.pick(&["2024-07-01", "2024-10-10", "2024-12-31"]),
        dice.pick(&["5", "60", "600"]),
        dice.pick(&["courage", "focus;trust", "trust;courage;focus"]),
        dice.pick(&["", "conflict", "change;conflict", "weather"]),
        dice.pick(&["coaching", "mentoring", ""]),
        dice.pick(&["proactive", "reactive", ""]),
        dice.pick(&["single", "team", ""]),
    ]
    .join(",")
}

/// Two waves of everything about a person, but for what is left out.
fn assessed(all: &mut String, id: usize, dice: &mut Dice) {
    const RATERS: [(&str, &str, &str); 6] = [
        ("", "self", "asks"),
        ("", "self", "listens"),
        ("", "self", "helps"),
        ("boss", "manager", ""),
        ("ann", "peer", ""),
        ("bob", "peer", ""),
    ];
    // At the ends of the scale, at its middle, or anywhere.
    let way = dice.roll(4);
    for competency in ["courage", "focus", "trust"] {
        if dice.roll(6) == 0 {
            continue;
        }
        for (wave, day) in [("baseline", "2024-03-05"), ("follow_up", "2024-10-05")] {
            if dice.roll(8) == 0 {
                continue;
            }
            for (rater, group, item) in RATERS {
                let score = match (way, (group == "self") == (wave == "baseline")) {
                    (0, true) | (1, false) => "1",
                    (0, false) | (1, true) => "5",
                    (2, _) => "3",
                    _ => dice.pick(&["1", "2.5", "3", "4", "5"]),
                };
                writeln!(
                    all,
                    "p{id},{competency},leadership,{score},{day},{wave},{rater},{group},{item}"
                )
                .expect("text");
            }
        }
    }
}
