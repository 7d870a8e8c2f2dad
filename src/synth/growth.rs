//! What coaching does to skills: what is planted, and what scores follow.

use super::codebook::{COMPETENCIES, Codebook, PAIRS};
use super::half::HalfYear;
use super::org::Org;
use super::people::{CONTINUE, REFOCUS};
use super::rng::Draws;
use super::sessions::{MEAN_SESSIONS_MILLI, SESSIONS};
use super::spread::{Chances, Spread};
use super::world::{Mix, World};

// Scores and skills are in hundredths of a point.

/// The 360 instrument's lowest and highest score, and the step between scores.
const SCALE: (i32, i32) = (100, 500);
const STEP: i32 = 50;
/// Mean skill of those who start in the first half-year.
pub(super) const SKILL: i32 = 310;
/// How much better those are who start a half-year later, in competencies that
/// the North Star names.
pub(super) const DRIFT: i32 = 10;
/// How skills differ between people.
pub(super) const SKILLS: Spread = Spread::new(6, 91);
/// What a rating adds: with the rounding to a step, 15 % of the variance of a
/// score, as the instrument's reliability of 0.85 says.
pub(super) const ERROR: Spread = Spread::new(6, 32);
/// How lenient a manager or peer is, whenever they rate.
pub(super) const LENIENCY: Spread = Spread::new(6, 14);
/// How much better people rate themselves.
pub(super) const SELF_BIAS: i32 = 30;

/// Gains of the coached by competency, and whether one division alone has them.
const GAINS: [(&str, i32, bool); 3] = [
    ("adaptability", 35, false),
    ("decision_making", 35, false),
    ("feedback", 50, true),
];
/// What the theme that goes with progress adds to the gain of the coached who
/// work on it.
pub(super) const THEME_GAIN: i32 = 60;
/// Competencies that the North Star names, and the level that it asks for.
pub(super) const TARGETS: [&str; 3] = ["adaptability", "decision_making", "feedback"];
pub(super) const TARGET: i32 = 400;

/// Of 100 coached, and of 100 others, how many take part in a half-year.
pub(super) const TAKE_PART: u64 = 80;
pub(super) const COMPARISON: u64 = 12;
/// Competencies that are due for a person in a half-year: every second one.
pub(super) const DUE: usize = COMPETENCIES / 2;

/// Mean number of sessions of those coached in a half-year, in hundredths: of
/// 2000 coached quarters [`CONTINUE`] belong to people who are coached in both.
pub(super) const MEAN_DOSE: i32 = (MEAN_SESSIONS_MILLI * 2000 / (2000 - CONTINUE) / 10) as i32;

/// What is planted.
pub(super) struct Growth {
    /// Gain of the coached, by division and competency.
    pub(super) gains: Vec<[i32; COMPETENCIES]>,
    /// The division that is peculiar.
    pub(super) division: usize,
    /// The pair of competency and theme that goes with progress.
    pub(super) pair: usize,
    /// The competencies that the North Star names.
    pub(super) targets: Vec<usize>,
}

impl Growth {
    pub(super) fn new(org: &Org, world: &World, draws: &mut Draws) -> Self {
        let Codebook { competencies, .. } = &world.codebook;
        let place = |id: &str| competencies.iter().position(|own| own == id);
        let division = draws.below(org.divisions.len() as u64) as usize;
        let mut gains = vec![[0; COMPETENCIES]; org.divisions.len()];
        for (number, gains) in gains.iter_mut().enumerate() {
            for (id, gain, one) in GAINS {
                if let Some(competency) = place(id)
                    && (!one || number == division)
                {
                    gains[competency] = gain;
                }
            }
        }
        let pair = theme(world, &gains[division], draws);
        Self {
            gains,
            division,
            pair,
            targets: TARGETS.iter().filter_map(|id| place(id)).collect(),
        }
    }

    /// Mean skill of those who start in a half-year.
    pub(super) fn start(&self, competency: usize, half: u32) -> i32 {
        let drift = if self.targets.contains(&competency) {
            DRIFT * half as i32
        } else {
            0
        };
        SKILL + drift
    }

    /// What a person gains who had so many sessions in the half-year: in
    /// proportion to them, and the planted gain on average.
    pub(super) fn gain(
        &self,
        division: usize,
        competency: usize,
        sessions: i32,
        theme: bool,
    ) -> i32 {
        let gain = self.gains[division][competency];
        let dosed = (gain * sessions * 100 + MEAN_DOSE / 2) / MEAN_DOSE;
        if theme && sessions > 0 && competency == self.competency() {
            dosed + THEME_GAIN
        } else {
            dosed
        }
    }

    /// Competency of the theme that goes with progress.
    pub(super) fn competency(&self) -> usize {
        self.pair / super::codebook::LISTED
    }
}

/// Picks a pair under a competency that has no gain of its own, of a theme
/// that belongs to it alone, if possible one that is as frequent everywhere.
fn theme(world: &World, gains: &[i32; COMPETENCIES], draws: &mut Draws) -> usize {
    let mut deck: Vec<usize> = (0..PAIRS)
        .filter(|pair| gains[pair / super::codebook::LISTED] == 0)
        .filter(|&pair| {
            let theme = world.codebook.pairs[pair];
            theme != world.rising && world.codebook.pairs_of(theme).count() == 1
        })
        .collect();
    draws.shuffle(&mut deck);
    let usual = |pair: &&usize| {
        let theme = world.codebook.pairs[**pair];
        let peculiar = |planted: &super::world::Planted| {
            planted.over.contains(&theme) || planted.under.contains(&theme)
        };
        !world.planted.iter().any(peculiar)
    };
    let found = deck.iter().find(usual).or(deck.first());
    found.copied().unwrap_or_default()
}

/// What an instrument shows of a skill that is rated with an error.
pub(super) fn rated(skill: i32) -> i32 {
    let steps = (skill + STEP / 2).div_euclid(STEP) * STEP;
    steps.clamp(SCALE.0, SCALE.1)
}

/// Whose ratings make a score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Group {
    Oneself,
    Manager,
}

impl Group {
    pub(super) const ALL: [Self; 2] = [Self::Oneself, Self::Manager];

    /// As it is called in the table of assessments.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Oneself => "self",
            Self::Manager => "manager",
        }
    }
}

/// Moments of scores, in points.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Moments {
    pub(super) mean: f64,
    pub(super) square: f64,
    /// Share at the target level or above.
    pub(super) at_target: f64,
}

impl Moments {
    /// Adds a part of the people.
    pub(super) fn add(&mut self, part: f64, of: Self) {
        self.mean += part * of.mean;
        self.square += part * of.square;
        self.at_target += part * of.at_target;
    }

    pub(super) fn variance(self) -> f64 {
        self.square - self.mean * self.mean
    }
}

/// Scores that are expected, from what is planted alone.
pub(super) struct Expected<'a> {
    org: &'a Org,
    world: &'a World,
    growth: &'a Growth,
    /// By group, what is added to the mean skill.
    added: [Chances; 2],
    /// Numbers of sessions of those coached in both quarters, or in one.
    doses: Vec<(i32, f64)>,
}

/// Scores of those with a pair, before and after.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pairs {
    pub(super) before: Moments,
    pub(super) after: Moments,
}

impl Pairs {
    pub(super) fn change(&self) -> f64 {
        self.after.mean - self.before.mean
    }

    /// The change in units of the mean standard deviation (`g_av`).
    pub(super) fn hedges_g(&self) -> f64 {
        let variance = f64::midpoint(self.before.variance(), self.after.variance());
        self.change() / variance.sqrt()
    }
}

impl<'a> Expected<'a> {
    pub(super) fn new(org: &'a Org, world: &'a World, growth: &'a Growth) -> Self {
        let own = SKILLS.chances().plus(&ERROR.chances());
        let manager = own.plus(&LENIENCY.chances());
        let own = own.plus(&Chances::new(SELF_BIAS, vec![1.0]));
        let one = Chances::new(1, SESSIONS.map(|share| share as f64 / 1000.0).to_vec());
        let both = CONTINUE as f64 / (2000 - CONTINUE) as f64;
        let mut doses: Vec<_> = one.each().map(|(n, p)| (n, p * (1.0 - both))).collect();
        doses.extend(one.plus(&one).each().map(|(n, p)| (n, p * both)));
        Self {
            org,
            world,
            growth,
            added: [own, manager],
            doses,
        }
    }

    /// Scores that ratings of a mean skill have.
    pub(super) fn scores(&self, group: Group, skill: i32) -> Moments {
        let mut moments = Moments::default();
        for (added, share) in self.added[group as usize].each() {
            let score = rated(skill + added);
            let points = f64::from(score) / 100.0;
            let of = Moments {
                mean: points,
                square: points * points,
                at_target: f64::from(u8::from(score >= TARGET)),
            };
            moments.add(share, of);
        }
        moments
    }

    /// Shares of a division's people who are assessed in a competency for a
    /// half-year: coached, and others.
    fn assessed(&self, division: usize, competency: usize, half: &HalfYear) -> (f64, f64) {
        let mix = self.world.mix(division, half.last().0);
        let (due, focus) = (DUE as f64, mix.focus_share(competency));
        let coached = half.coached() * TAKE_PART as f64 / 100.0;
        let others = (1.0 - half.coached()) * COMPARISON as f64 / 100.0;
        let missed = 1.0 - 1.0 / due;
        (
            coached / 2.0 * (focus + (1.0 - focus) / due),
            others / 2.0 * (1.0 - missed * missed),
        )
    }

    /// Share of the coached with a score in the theme's competency who worked on
    /// the theme in the half-year.
    pub(super) fn theme_share(&self, division: usize, half: &HalfYear) -> f64 {
        let mix = |place: usize| self.world.mix(division, half.quarters[place].0);
        let [first, last] = [mix(0), mix(1)];
        let (competency, pair) = (self.growth.competency(), self.growth.pair);
        let focus = |mix: &Mix| mix.focus_share(competency);
        // Of those who focus on the competency in a quarter.
        let works = |mix: &Mix| mix.expected_ppm(pair) as f64 / 1e6 / focus(mix);
        let both = CONTINUE as f64 / (2000 - CONTINUE) as f64;
        let turned = REFOCUS as f64 / 1000.0;
        // The focus of the half-year's end may be that of its first quarter, too.
        let same = (1.0 - turned) + turned * focus(&first);
        let focused = both * (1.0 - (1.0 - works(&last)) * (1.0 - works(&first) * same))
            + (1.0 - both) * f64::midpoint(works(&first), works(&last));
        let turned_away = both * turned * focus(&first) * works(&first);
        let by_chance = (1.0 - focus(&last)) / DUE as f64;
        (focus(&last) * focused + by_chance * turned_away) / (focus(&last) + by_chance)
    }

    /// Scores of the coached at the end of a half-year.
    fn after(&self, group: Group, division: usize, competency: usize, half: &HalfYear) -> Moments {
        let start = self.growth.start(competency, half.number);
        let with = if competency == self.growth.competency() {
            self.theme_share(division, half)
        } else {
            0.0
        };
        let mut after = Moments::default();
        for &(sessions, share) in &self.doses {
            for (theme, part) in [(false, 1.0 - with), (true, with)] {
                if part > 0.0 {
                    let gain = self.growth.gain(division, competency, sessions, theme);
                    after.add(share * part, self.scores(group, start + gain));
                }
            }
        }
        after
    }

    /// Scores of those with a pair in some divisions.
    pub(super) fn pairs(
        &self,
        divisions: std::ops::Range<usize>,
        competency: usize,
        group: Group,
        half: &HalfYear,
    ) -> Pairs {
        let start = self.growth.start(competency, half.number);
        let before = self.scores(group, start);
        let (mut after, mut people) = (Moments::default(), 0.0);
        for division in divisions {
            let size = f64::from(self.org.division_people(division));
            let (coached, others) = self.assessed(division, competency, half);
            after.add(
                size * coached,
                self.after(group, division, competency, half),
            );
            after.add(size * others, before);
            people += size * (coached + others);
        }
        let mut mean = Moments::default();
        mean.add(1.0 / people, after);
        Pairs {
            before,
            after: mean,
        }
    }

    /// Managers' scores of a half-year: of those who end in it, and of those who
    /// start for the next.
    pub(super) fn levels(
        &self,
        divisions: std::ops::Range<usize>,
        competency: usize,
        half: &HalfYear,
        next: Option<&HalfYear>,
    ) -> Moments {
        let (mut levels, mut people) = (Moments::default(), 0.0);
        let mut add = |size: f64, of: Moments| {
            levels.add(size, of);
            people += size;
        };
        for division in divisions {
            let size = f64::from(self.org.division_people(division));
            let (coached, others) = self.assessed(division, competency, half);
            let group = Group::Manager;
            add(
                size * coached,
                self.after(group, division, competency, half),
            );
            let start = |number| self.scores(group, self.growth.start(competency, number));
            add(size * others, start(half.number));
            if let Some(next) = next {
                let (coached, others) = self.assessed(division, competency, next);
                add(size * (coached + others), start(next.number));
            }
        }
        let mut mean = Moments::default();
        mean.add(1.0 / people, levels);
        mean
    }
}
