//! One published number: how it follows from what was drawn.

use lodestar_privacy::public::{
    Block, Paired, Past, Rule, Scale as ValueScale, Spread, Statistic, StatisticKind,
};

use super::arms::Units;
use super::interval::{Estimate, z};
use super::mean::{self, Scale};
use super::paired::reference_deviation;
use super::share::{self, Counted, Part};
use super::size::Size;
use super::status::{Status, WIDEST_SHARE, WIDEST_TOLERATED};
use super::terms::Terms;
use super::view::{View, bounds, centred, counted};
use super::{arms, difference, gap, over_time, ratio};

/// A statistic of one row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figure {
    /// As estimated, before anything is masked: for evaluation against a known
    /// truth.
    pub unmasked: Estimate,
    /// Whether it may be shown.
    pub status: Status,
}

impl Figure {
    /// Of what a statistic can't be made of.
    pub(super) fn absent(status: Status) -> Self {
        Self {
            unmasked: Estimate::around(0.0, 0.0, 0.0, 0.0),
            status,
        }
    }

    /// The number with its interval, if it is published.
    pub fn shown(&self) -> Option<Estimate> {
        (self.status == Status::Ok).then_some(self.unmasked)
    }
}

/// A noisy sum and the standard deviation of its noise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drawn {
    /// The sum, with its noise.
    pub value: f64,
    /// Standard deviation of the noise.
    pub sigma: f64,
}

/// What a row's statistics follow from.
pub(super) struct Context<'a> {
    /// The row's own cohort.
    pub(super) own: View<'a>,
    /// What it is compared with, where it is published.
    pub(super) others: Vec<Option<View<'a>>>,
    /// The whole organisation, for the same key; `None`: the row is it, or it is
    /// not published.
    pub(super) whole: Option<View<'a>>,
    /// How terms compare, if the keys are terms that were found; which is the row's.
    pub(super) terms: Option<(&'a Terms<'a>, usize)>,
    /// The units within its own and the other cohort, if they have numbers.
    pub(super) units: Option<Units<'a>>,
    /// Position among the table's keys of cohorts.
    pub(super) place: usize,
    /// First and last day of the row's span, ISO 8601.
    pub(super) start: &'a str,
    pub(super) end: &'a str,
    /// What earlier releases published of the same row.
    pub(super) past: Vec<&'a Past>,
    pub(super) k: u32,
}

/// A statistic of a row.
pub(super) fn figure(statistic: &Statistic, context: &Context<'_>) -> Figure {
    let other = statistic.from.checked_sub(1);
    let other = other.and_then(|at| context.others.get(at).copied().flatten());
    let kind = statistic.kind.of_row(context.place);
    let (own, k) = (&context.own, context.k);
    match (kind, other) {
        (StatisticKind::Absent, _) => Figure::absent(Status::NotDeclared),
        (StatisticKind::Difference(spread), other) => {
            let widest = of_scale(statistic, spread.scale);
            let group = other.map(|other| other.group(spread));
            let difference =
                difference::difference(Some(&own.group(spread)), group.as_ref(), widest);
            // Of one mean and the difference the other would follow.
            let sides = [Some(*own), other].into_iter().flatten();
            let few = |view: &View<'_>| is_few(view.drawn(spread.of), spread.scale, &view.size, k);
            if difference.status == Status::Ok && sides.into_iter().any(|view| few(&view)) {
                return Figure::absent(Status::BelowK);
            }
            difference
        }
        (StatisticKind::Effect(effect), other) => {
            let widest = of_scale(statistic, effect.change.scale);
            arms::figure(effect, context, other, widest)
        }
        (StatisticKind::ShareOfOther { of }, other) => {
            other.map_or(Figure::absent(Status::CohortMissing), |other| {
                let part = own.part(*of);
                let of_other = Part {
                    drawn: Drawn {
                        value: part.count(),
                        sigma: part.count_sigma(),
                    },
                    counted: Counted::Plainly,
                    size: other.size,
                };
                share::share(&of_other, own.count(*of), k)
            })
        }
        (kind, None) if statistic.from == 0 => alone(statistic, kind, own, context),
        (kind, Some(other)) => alone(statistic, kind, &other, context),
        (_, None) => Figure::absent(Status::CohortMissing),
    }
}

/// A statistic of one cohort, and of what is known of it beside.
fn alone(
    statistic: &Statistic,
    kind: &StatisticKind,
    view: &View<'_>,
    context: &Context<'_>,
) -> Figure {
    match kind {
        StatisticKind::Change(paired) => {
            view.pairs(paired).change(of_scale(statistic, paired.scale))
        }
        StatisticKind::EffectSize(paired) => {
            let widest = statistic.tolerated_error * WIDEST_TOLERATED;
            view.pairs(paired).hedges_g(paired.norm_sd, widest)
        }
        _ if over_time::knows(kind) => over_time::figure(statistic, kind, view, context),
        _ => estimated(
            statistic,
            kind,
            view.block,
            |place| (view.drawn(place), view.count(place)),
            &view.size,
            context.k,
        ),
    }
}

/// The mean of people's values. Where there are two values it is a share, and is
/// not shown where it tells of fewer than k.
fn level(statistic: &Statistic, drawn: Drawn, scale: ValueScale, size: &Size, k: u32) -> Figure {
    let widest = of_scale(statistic, scale);
    let mean = mean::mean(drawn, centred(scale), size, widest, None);
    if mean.status == Status::Ok && is_few(drawn, scale, size, k) {
        return Figure {
            status: Status::BelowK,
            ..mean
        };
    }
    mean
}

/// Whether a mean is a share of fewer than k people.
fn is_few(drawn: Drawn, scale: ValueScale, size: &Size, k: u32) -> bool {
    // Centred: +1 for everybody at the upper end, −1 for the others.
    let people = f64::midpoint(size.people as f64, drawn.value);
    scale.counts && people < f64::from(k)
}

/// The widest half-width of what follows from values of a scale.
fn of_scale(statistic: &Statistic, scale: ValueScale) -> f64 {
    statistic.tolerated_error * WIDEST_TOLERATED * (scale.high - scale.low)
}

/// A statistic of what was drawn for each coordinate, and of the people that it
/// counts.
fn estimated(
    statistic: &Statistic,
    kind: &StatisticKind,
    block: &Block,
    known: impl Fn(usize) -> (Drawn, i64),
    size: &Size,
    k: u32,
) -> Figure {
    let drawn = |place: usize| known(place).0;
    let part = |place: usize| Part {
        drawn: drawn(place),
        counted: counted(block, place),
        size: *size,
    };
    match *kind {
        StatisticKind::Count { of } => share::count(&part(of), known(of).1, k),
        StatisticKind::Share { of } => share::share(&part(of), known(of).1, k),
        StatisticKind::Mean {
            of,
            scale: steps,
            counts,
        } => {
            let widest = statistic.tolerated_error * WIDEST_TOLERATED;
            let least = counts.then_some(k);
            mean::mean(drawn(of), scale(block, of, steps), size, widest, least)
        }
        StatisticKind::Level { of, scale } => level(statistic, drawn(of), scale, size, k),
        StatisticKind::Gap {
            of,
            scale,
            target,
            upwards,
        } => {
            let mean = level(statistic, drawn(of), scale, size, k);
            gap::gap(&mean, target, upwards)
        }
        StatisticKind::Ratio {
            excess,
            whole,
            counts,
            ..
        } => {
            let bound = bound(block, whole);
            let least = counts.then_some(f64::from(k) / bound);
            let whole = ratio::whole(drawn(whole), is_centred(block, whole), size);
            ratio::ratio(drawn(excess), whole, size, least)
        }
        // The rest is of more than one cohort's coordinates.
        _ => Figure::absent(Status::CohortMissing),
    }
}

/// The figure whose interval has this middle, if it is not at a bound: what was
/// drawn follows from it and the size. `None` of what several numbers make.
pub fn figure_around(
    statistic: &Statistic,
    block: &Block,
    middle: f64,
    sigma: f64,
    size: &Size,
    k: u32,
) -> Option<Figure> {
    let n = size.people as f64;
    let value = match statistic.kind {
        StatisticKind::Count { of } => match counted(block, of) {
            Counted::Plainly | Counted::OneOf(_) => middle,
            Counted::ByFlags => 2.0 * middle - n,
        },
        StatisticKind::Share { of } => match counted(block, of) {
            Counted::Plainly | Counted::OneOf(_) => middle * n,
            Counted::ByFlags => (2.0 * middle - 1.0) * n,
        },
        StatisticKind::Mean {
            of, scale: steps, ..
        } => {
            let (zero, step) = scale(block, of, steps).middle_and_step();
            (middle - zero) / step * n
        }
        _ => return None,
    };
    let part = |place: usize| Part {
        drawn: Drawn {
            value,
            sigma: sigma / f64::from(block.coordinates[place].factor),
        },
        counted: counted(block, place),
        size: *size,
    };
    let known = |place: usize| (part(place).drawn, part(place).count().round() as i64);
    let figure = estimated(statistic, &statistic.kind, block, known, size, k);
    // Before it is made to hold a number that the fit has moved.
    let interval = match statistic.kind {
        StatisticKind::Count { of } => share::count_interval(&part(of)),
        StatisticKind::Share { of } => share::share_interval(&part(of)),
        _ => figure.unmasked,
    };
    Some(Figure {
        unmasked: interval,
        ..figure
    })
}

/// The least and the most that a statistic of [`figure_around`] can be.
pub fn possible(statistic: &Statistic, block: &Block) -> (f64, f64) {
    match statistic.kind {
        StatisticKind::Count { .. } => (0.0, f64::INFINITY),
        StatisticKind::Mean {
            of, scale: steps, ..
        } => {
            let Scale { low, high, .. } = scale(block, of, steps);
            (low, high)
        }
        _ => (0.0, 1.0),
    }
}

/// Half-width of the 95 % interval that is to be expected in a cohort of so
/// many people, in the statistic's unit: of a share at one
/// half (without keys, the widest), of a mean the widest, of a ratio of one half
/// where people's wholes are at half of their bound; of what compares, that of
/// the noise alone by which its status is judged, beside another cohort of as
/// many.
/// Uses no data: `plan` shows it before anything is spent. Infinite for a size
/// below 1. `None` of what has no error of its own, or one that depends on more.
pub fn expected_half_width(
    statistic: &Statistic,
    block: &Block,
    sigma: f64,
    sigma_size: f64,
    people: f64,
) -> Option<f64> {
    if people < 1.0 {
        return Some(f64::INFINITY);
    }
    let size = Size::expected(people, sigma_size);
    // Of nobody's numbers: what is expected follows from σ and the size.
    let view = View {
        block,
        coordinates: &[],
        counts: &[],
        sigma,
        size,
    };
    let sigma = |place: usize| view.drawn(place).sigma;
    let difference = |spread: &Spread| {
        let group = view.group(spread);
        difference::half_width(&group, &group)
    };
    Some(match statistic.kind.representative() {
        StatisticKind::Count { of } => z() * view.part(*of).count_sigma(),
        StatisticKind::Share { of } | StatisticKind::ShareOfOther { of } => {
            share::half_width(sigma(*of), counted(block, *of), &size)
        }
        StatisticKind::Mean {
            of, scale: steps, ..
        } => mean::half_width(sigma(*of), scale(block, *of, *steps), &size),
        StatisticKind::Level { of, scale } | StatisticKind::Gap { of, scale, .. } => {
            mean::half_width(sigma(*of), centred(*scale), &size)
        }
        StatisticKind::Ratio { excess, whole, .. } => {
            let centred = is_centred(block, *whole);
            let middle = Drawn {
                value: if centred { 0.0 } else { people / 2.0 },
                sigma: sigma(*whole),
            };
            ratio::half_width(sigma(*excess), ratio::whole(middle, centred, &size))
        }
        StatisticKind::Change(paired) => view.pairs(paired).change_half_width(),
        StatisticKind::EffectSize(paired) => view.pairs(paired).effect_half_width(paired.norm_sd),
        StatisticKind::Difference(spread) => difference(spread),
        StatisticKind::Effect(effect) => difference(&effect.change),
        _ => return None,
    })
}

/// Standard deviation of the noise on what a statistic sums over a cohort, in
/// people or in its own unit; of a ratio in bounds of one person. `None` of what
/// is made of others.
pub fn noise_of(statistic: &Statistic, block: &Block, sigma: f64) -> Option<f64> {
    let sigma = |place: usize| sigma / f64::from(block.coordinates[place].factor);
    let half = |scale: ValueScale| (scale.high - scale.low) / 2.0;
    Some(match statistic.kind.representative() {
        StatisticKind::Count { of }
        | StatisticKind::Share { of }
        | StatisticKind::ShareOfOther { of } => match counted(block, *of) {
            Counted::Plainly | Counted::OneOf(_) => sigma(*of),
            Counted::ByFlags => sigma(*of) / 2.0,
        },
        StatisticKind::Mean {
            of, scale: steps, ..
        } => sigma(*of) * scale(block, *of, *steps).middle_and_step().1,
        StatisticKind::Level { of, scale } | StatisticKind::Gap { of, scale, .. } => {
            sigma(*of) * half(*scale)
        }
        StatisticKind::Ratio { excess, .. } => sigma(*excess) / 2.0,
        StatisticKind::Change(paired) => {
            sigma(paired.baseline).hypot(sigma(paired.follow_up)) * half(paired.scale)
        }
        StatisticKind::EffectSize(paired) => {
            let sums = sigma(paired.baseline).hypot(sigma(paired.follow_up));
            let deviation = reference_deviation(bounds(paired.scale), paired.norm_sd);
            sums * half(paired.scale) / deviation
        }
        StatisticKind::Difference(spread) => sigma(spread.of) * half(spread.scale),
        StatisticKind::Effect(effect) => sigma(effect.change.of) * half(effect.change.scale),
        _ => return None,
    })
}

/// The widest half-width with which a statistic is shown, in its unit; `None`
/// of a count, of which that of its share is judged, and of what has none.
pub fn widest(statistic: &Statistic) -> Option<f64> {
    match statistic.kind.representative() {
        StatisticKind::Mean { .. } | StatisticKind::EffectSize(_) => {
            Some(statistic.tolerated_error * WIDEST_TOLERATED)
        }
        StatisticKind::Level { scale, .. } | StatisticKind::Gap { scale, .. } => {
            Some(of_scale(statistic, *scale))
        }
        StatisticKind::Change(Paired { scale, .. })
        | StatisticKind::Difference(Spread { scale, .. }) => Some(of_scale(statistic, *scale)),
        StatisticKind::Effect(effect) => Some(of_scale(statistic, effect.change.scale)),
        StatisticKind::Share { .. }
        | StatisticKind::Ratio { .. }
        | StatisticKind::ShareOfOther { .. } => Some(WIDEST_SHARE),
        _ => None,
    }
}

fn is_centred(block: &Block, place: usize) -> bool {
    matches!(block.coordinates[place].rule, Rule::Centred { .. })
}

/// The bound of a person's whole, in steps.
fn bound(block: &Block, place: usize) -> f64 {
    match block.coordinates[place].rule {
        Rule::Centred { high, .. } | Rule::Amount { high, .. } => high as f64,
        // No other rule feeds a ratio.
        _ => 1.0,
    }
}

/// How a mean's values are mapped, in its unit.
fn scale(block: &Block, place: usize, steps: f64) -> Scale {
    let (low, high) = match block.coordinates[place].rule {
        Rule::Centred { low, high, .. } => (low, high),
        Rule::Amount { high, .. } => (0, high),
        // No other rule feeds a mean; flags would run from −1 to 1.
        _ => (-1, 1),
    };
    Scale {
        low: low as f64 / steps,
        high: high as f64 / steps,
        centred: is_centred(block, place),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use statrs::distribution::{ContinuousCDF, Normal};

    use super::*;

    /// A fixed sequence in (0, 1): tests must not change from run to run.
    fn uniforms() -> impl FnMut() -> f64 {
        let mut state = 0x9E37_79B9_7F4A_7C15_u64;
        move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            ((state >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
        }
    }

    /// How often the interval of a statistic holds the truth, when σ is stated
    /// `stated` times as large as it is. `sums` are exact sums with their σ.
    pub(in super::super) fn covered(
        people: i32,
        sums: &[(f64, f64)],
        stated: f64,
        truth: f64,
        statistic: impl Fn(&[Drawn], &Size) -> Estimate,
    ) -> f64 {
        const ROUNDS: i32 = 20_000;
        const SIGMA_SIZE: f64 = 4.0;
        let mut uniform = uniforms();
        let normal = Normal::standard();
        let mut noise = move |sigma: f64| normal.inverse_cdf(uniform()) * sigma;
        let held = (0..ROUNDS).filter(|_| {
            let noisy = i64::from(people) + noise(SIGMA_SIZE).round() as i64;
            let size = Size::new(noisy, SIGMA_SIZE * stated, 10);
            let drawn = sums.iter().map(|(sum, sigma)| Drawn {
                value: sum + noise(*sigma),
                sigma: sigma * stated,
            });
            statistic(&drawn.collect::<Vec<_>>(), &size).holds(truth)
        });
        held.count() as f64 / f64::from(ROUNDS)
    }
}
