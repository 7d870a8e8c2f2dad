//! How much of what people do is beyond the bounds of one person, and not counted.
//!
//! Of the organisation alone, from three noisy numbers: its size n (`σ_n`), what is
//! kept (K = β·u + γ·n, from a sum u, `σ_u`), and what is cut off, which is measured
//! around the middle of what one person can lose (L = α·(s + n), from a sum s,
//! `σ_s`). The lost share is q = L/T with T = L + K. A number whose noise moves L by
//! l and T by t adds (l − q·t)²·σ² to the variance of L − q·T, so that Fieller's
//! interval (Fieller 1954) is where
//!
//! ```text
//! (L − q·T)² ≤ z²·Σ (l − q·t)²·σ²
//! ```
//!
//! What is beyond a bound is told apart up to so much again: the share is that of
//! what is lost at least, and never above ½. Where T is not well above its noise, or
//! the interval of a share of 0, or of ½, would be too wide, there is none.
//! Descriptive: the interval covers the noise alone. The clip to [0, 1] comes after
//! the interval is made.

use lodestar_privacy::Public;
use lodestar_privacy::noisy::{CutOff, Group, Noisy, NoisyBounds, Value};
use lodestar_privacy::public::{
    Block, Bound, FACTOR_MOST, Label, MetricFacts, Rule, Statistic, StatisticKind,
};

use super::figure::{Drawn, Figure};
use super::interval::{Estimate, z};
use super::rows::Cohorts;
use super::status::{Status, WIDEST_SHARE, stands_out};

/// No share is larger: who loses something keeps as much as is told apart.
const MOST: f64 = 0.5;

/// What of a measure a bound limits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Of {
    /// The keys of a person.
    Keys,
    /// What people's rows add up to in a statistic, by index.
    Sums(usize),
    /// The values of a metric, by id.
    Metric(String),
}

/// What a bound of a measure cuts off.
#[derive(Clone, Debug, PartialEq)]
pub struct Loss {
    /// Index of the measure's table.
    pub table: usize,
    /// What is bounded.
    pub of: Of,
    /// Most keys of a person, or the clip in the unit of what is clipped.
    pub limit: f64,
    /// The share that is lost of all keys, or of all that people's rows add up to.
    pub share: Figure,
}

/// What the bounds of all tables cut off, in order of table and of what they limit.
/// Where the organisation's cohorts are not published there is nothing.
pub fn losses(noisy: &Noisy, public: &Public) -> Vec<Loss> {
    let mut all = Vec::new();
    for (declared, drawn) in public.bounds.iter().zip(&noisy.bounds) {
        for (place, bound) in declared.bounds.iter().enumerate() {
            for reader in readers(public, declared.kind, bound) {
                let whose = (declared.kind, *bound, reader.keys.as_deref());
                let parts = Parts::new(noisy, public, whose, (drawn, place));
                all.extend(parts.map(|parts| Loss {
                    table: reader.table,
                    share: parts.share(),
                    limit: reader.limit,
                    of: reader.of,
                }));
            }
        }
    }
    all.sort_by(|a, b| (a.table, &a.of).cmp(&(b.table, &b.of)));
    all
}

/// What reads numbers that a bound limits.
struct Reader {
    table: usize,
    of: Of,
    limit: f64,
    /// The keys of the cohorts that it is about; `None`: all.
    keys: Option<Vec<usize>>,
}

/// The tables whose numbers a bound limits.
fn readers(public: &Public, kind: usize, bound: &Bound) -> Vec<Reader> {
    let mut found = Vec::new();
    for (index, table) in public.tables.iter().enumerate() {
        let of_keys = match *bound {
            Bound::CohortKeys { .. } if public.blocks[table.block].kind == kind => {
                Some(public.kinds[kind].keys.most)
            }
            Bound::Keys { block, .. } if table.block == block => {
                Some(public.blocks[block].max_cells)
            }
            _ => None,
        };
        found.extend(of_keys.map(|most| Reader {
            table: index,
            of: Of::Keys,
            limit: f64::from(most),
            keys: None,
        }));
        let mut of_metrics = false;
        for (at, statistic) in table.statistics.iter().enumerate() {
            let Some(clip @ Bound::Clip { high, .. }) = public.clip(table, statistic) else {
                continue;
            };
            match steps(statistic) {
                _ if clip != *bound => {}
                Some(steps) => found.push(Reader {
                    table: index,
                    of: Of::Sums(at),
                    limit: high as f64 / steps,
                    keys: None,
                }),
                // Of all statistics of the values alike.
                None if of_metrics => {}
                None => {
                    of_metrics = true;
                    found.extend(metrics(public, index, kind));
                }
            }
        }
    }
    found
}

/// The metrics of a table of whose values a clip cuts off what is above it.
fn metrics(public: &Public, index: usize, kind: usize) -> Vec<Reader> {
    let dimensions = &public.tables[index].dimensions;
    let place = dimensions.iter().position(|name| name == "metric");
    let declared = public.glossary.metrics.iter();
    let clipped = declared.filter(|metric| metric.clip.1 < metric.range.1);
    let one = |metric: &MetricFacts| {
        let labels = public.kinds[kind].keys.labels.iter().enumerate();
        let is_its = |labels: &[Label]| labels.get(place?).map(|label| label.id == metric.label.id);
        let keys = labels.filter(|(_, labels)| is_its(labels) == Some(true));
        let keys: Vec<usize> = keys.map(|(key, _)| key).collect();
        (!keys.is_empty()).then(|| Reader {
            table: index,
            of: Of::Metric(metric.label.id.clone()),
            limit: metric.clip.1,
            keys: Some(keys),
        })
    };
    clipped.filter_map(one).collect()
}

/// Steps of the unit in which the clip of a sum is counted; `None`: of a value.
fn steps(statistic: &Statistic) -> Option<f64> {
    match *statistic.kind.representative() {
        StatisticKind::Mean { scale, .. } | StatisticKind::Ratio { scale, .. } => Some(scale),
        _ => None,
    }
}

/// The noisy numbers that a lost share follows from.
#[derive(Clone, Copy, Debug)]
struct Parts {
    /// s, n and u.
    lost: Drawn,
    size: Drawn,
    kept: Drawn,
    /// What one of each stands for: α, β and γ.
    a_loss: f64,
    a_kept: f64,
    a_person: f64,
}

/// A sum of independent noisy numbers.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    value: f64,
    variance: f64,
}

impl Sum {
    fn add(&mut self, value: f64, sigma: f64) {
        self.value += value;
        self.variance += sigma.powi(2);
    }

    fn drawn(self) -> Drawn {
        Drawn {
            value: self.value,
            sigma: self.variance.sqrt(),
        }
    }
}

impl Parts {
    /// Of a bound of a kind, within some of its keys; `drawn` is what was measured
    /// of the kind's bounds, and which of them it is.
    fn new(
        noisy: &Noisy,
        public: &Public,
        (kind, bound, within): (usize, Bound, Option<&[usize]>),
        (drawn, place): (&NoisyBounds, usize),
    ) -> Option<Self> {
        let is_within = |cut: &&CutOff| within.is_none_or(|keys| keys.contains(&cut.key));
        let mine: Vec<&CutOff> = drawn.keys.iter().filter(is_within).collect();
        if mine.is_empty() {
            return None;
        }
        let declared = &public.kinds[kind];
        let half = public.most_cut_off(&bound) as f64 / 2.0;
        let block = match bound {
            Bound::CohortKeys { .. } => None,
            Bound::Keys { block, .. } | Bound::Clip { block, .. } => Some(block),
        };
        let coordinate = block.and_then(|block| coordinate(&public.blocks[block], &bound));
        let cohorts = Cohorts::new(noisy, public, kind, block);
        let values = vec![Value::All; declared.dimensions.len()];
        let (mut lost, mut size, mut kept) = (Sum::default(), Sum::default(), Sum::default());
        let factor = f64::from(FACTOR_MOST);
        for cut in mine {
            let number = *cut.numbers.get(place)? as f64;
            lost.add(number / factor, drawn.noise.sigma / factor);
            let keys = block.map_or(1, |block| public.blocks[block].keys.len());
            for key in 0..keys {
                let view = cohorts.view((0, Group::Unit(0), cut.key, &values), key)?;
                if key == 0 {
                    size.add(view.size.people as f64, view.size.sigma);
                }
                if let Some(place) = coordinate {
                    let sum = view.drawn(place);
                    kept.add(sum.value, sum.sigma);
                }
            }
        }
        let rule = block.zip(coordinate);
        let rule = rule.map(|(block, place)| public.blocks[block].coordinates[place].rule);
        let (a_kept, a_person) = kept_of(rule);
        // Whoever has more keys is in the cohorts of as many as count.
        let cohorts_a_person = match bound {
            Bound::CohortKeys { .. } => f64::from(declared.keys.chosen()),
            _ => 1.0,
        };
        Some(Self {
            lost: lost.drawn(),
            size: size.drawn(),
            kept: kept.drawn(),
            a_loss: half / cohorts_a_person,
            a_kept,
            a_person,
        })
    }

    /// What moves L and T: by how much, and how far it is moved by noise.
    fn noises(&self) -> [(f64, f64, f64); 3] {
        let Self {
            a_loss,
            a_kept,
            a_person,
            ..
        } = *self;
        [
            (a_loss, a_loss, self.lost.sigma),
            (a_loss, a_loss + a_person, self.size.sigma),
            (0.0, a_kept, self.kept.sigma),
        ]
    }

    /// The share, within 0 and 1.
    fn share(&self) -> Figure {
        let lost = self.a_loss * (self.lost.value + self.size.value);
        let total = lost + self.a_kept * self.kept.value + self.a_person * self.size.value;
        let sum = |of: &dyn Fn(f64, f64) -> f64| -> f64 {
            let noises = self.noises().into_iter();
            noises.map(|(l, t, sigma)| of(l, t) * sigma.powi(2)).sum()
        };
        let variance = |share: f64| sum(&|l, t| (l - share * t).powi(2));
        let widest = z() * variance(0.0).max(variance(MOST)).sqrt() / total;
        let of_total = sum(&|_, t| t * t);
        let is_sure = widest <= WIDEST_SHARE && stands_out(total, of_total.sqrt());
        if !is_sure {
            return Figure {
                unmasked: Estimate::around(0.5, f64::INFINITY, 0.0, 1.0),
                status: Status::TooUncertain,
            };
        }
        // a·q² − 2·b·q + c ≤ 0; a is above 0 as the total stands out.
        let squared = z().powi(2);
        let a = total.powi(2) - squared * of_total;
        let b = lost * total - squared * sum(&|l, t| l * t);
        let c = lost.powi(2) - squared * variance(0.0);
        let half = (b * b - a * c).max(0.0).sqrt() / a;
        let around = Estimate::within(b / a, half, 0.0, 1.0);
        Figure {
            unmasked: Estimate {
                value: (lost / total).max(around.low).min(around.high),
                ..around
            },
            status: Status::Ok,
        }
    }
}

/// What is kept for one of what a rule sums, and for a person; without a rule it
/// is one key of cohorts a person of each.
fn kept_of(rule: Option<Rule>) -> (f64, f64) {
    match rule {
        None => (0.0, 1.0),
        Some(Rule::Centred { low, high, .. }) => {
            let (low, high) = (low as f64, high as f64);
            ((high - low) / 2.0, f64::midpoint(low, high))
        }
        Some(Rule::Amount { high, .. }) => (high as f64, 0.0),
        Some(_) => (1.0, 0.0),
    }
}

/// The coordinate of what is kept within a bound: the count of people by key, or
/// the sum that is clipped.
fn coordinate(block: &Block, bound: &Bound) -> Option<usize> {
    let mut coordinates = block.coordinates.iter();
    coordinates.position(|one| match (*bound, one.rule) {
        (Bound::Keys { .. }, Rule::Has) => true,
        (
            Bound::Clip {
                input: mine,
                high: clip,
                ..
            },
            Rule::Centred { input, high, .. } | Rule::Amount { input, high },
        ) => (input, high) == (mine, clip),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::insight::figure::tests::covered;

    /// Of 312 people who have 3 keys each that count, some have more.
    fn parts(lost: Drawn, size: Drawn, kept: Drawn) -> Parts {
        Parts {
            lost,
            size,
            kept,
            a_loss: 2.0,
            a_kept: 1.0,
            a_person: 0.0,
        }
    }

    fn drawn(value: f64, sigma: f64) -> Drawn {
        Drawn { value, sigma }
    }

    /// People and noisy sums of s and u, such that so many of 4 keys a person are
    /// lost of all.
    fn sums(people: f64, lost: f64, kept: f64) -> [f64; 2] {
        [lost / 2.0 - people, kept]
    }

    #[test]
    fn without_noise_it_is_a_plain_share() {
        let [s, u] = sums(300.0, 120.0, 880.0);
        let got = parts(drawn(s, 0.0), drawn(300.0, 0.0), drawn(u, 0.0)).share();
        assert_eq!(got.status, Status::Ok);
        let Estimate { value, low, high } = got.unmasked;
        assert!(
            (value - 0.12).abs() < 1e-12 && (high - low) < 1e-9,
            "{got:?}"
        );
    }

    /// Fieller's set is where `(L − q·T)² ≤ z²·Var(L − q·T)`.
    #[test]
    fn the_ends_solve_fiellers_equation() {
        let [s, u] = sums(300.0, 120.0, 880.0);
        let parts = parts(drawn(s, 6.0), drawn(300.0, 4.0), drawn(u, 20.0));
        let Estimate { low, high, .. } = parts.share().unmasked;
        for q in [low, high] {
            let left = (120.0 - q * 1000.0).powi(2);
            let by = |l: f64, t: f64, sigma: f64| ((l - q * t) * sigma).powi(2);
            let variance = by(2.0, 2.0, 6.0) + by(2.0, 2.0, 4.0) + by(0.0, 1.0, 20.0);
            let right = z().powi(2) * variance;
            assert!((left / right - 1.0).abs() < 1e-9, "{left} {right}");
        }
        assert!(low < 0.12 && 0.12 < high);
    }

    #[test]
    fn what_could_be_wider_than_ten_points_is_too_uncertain_whatever_the_share() {
        let status = |lost: f64, sigma: f64| {
            let [s, u] = sums(300.0, lost, 1000.0 - lost);
            parts(drawn(s, sigma), drawn(300.0, 0.0), drawn(u, 1.0))
                .share()
                .status
        };
        // 2·σ·z of a thousand keys is a tenth at σ = 25.5.
        for lost in [-20.0, 0.0, 500.0] {
            assert_eq!(status(lost, 25.4), Status::Ok);
            assert_eq!(status(lost, 25.6), Status::TooUncertain);
        }
        let nothing = parts(drawn(-300.0, 1.0), drawn(300.0, 1.0), drawn(0.0, 1.0));
        for parts in [
            nothing,
            Parts {
                kept: drawn(f64::NAN, 1.0),
                ..nothing
            },
        ] {
            let got = parts.share();
            assert_eq!(got.status, Status::TooUncertain);
            assert_eq!((got.unmasked.low, got.unmasked.high), (0.0, 1.0));
        }
    }

    #[test]
    fn intervals_hold_the_truth() {
        for (people, lost, kept) in [(312, 60.0, 800.0), (2000, 900.0, 5000.0)] {
            let [s, u] = sums(f64::from(people), lost, kept);
            let one = |stated: f64| {
                let truth = lost / (lost + kept);
                covered(
                    people,
                    &[(s, 9.0), (u, 30.0)],
                    stated,
                    truth,
                    |drawn, size| {
                        let size = Drawn {
                            value: size.people as f64,
                            sigma: size.sigma,
                        };
                        parts(drawn[0], size, drawn[1]).share().unmasked
                    },
                )
            };
            let (right, wrong) = (one(1.0), one(0.7));
            assert!((0.93..=0.97).contains(&right), "{people} {right}");
            assert!(wrong < 0.90, "{people} {wrong}");
        }
    }
}
