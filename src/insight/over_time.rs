//! Statistics that set a share beside another: the organisation's, that of the
//! period before, all earlier ones, or a declared one. Where the share itself is
//! not shown, nothing is said that it could be worked out from.

use jiff::civil::Date;
use lodestar_privacy::public::{Past, Statistic, StatisticKind};

use super::change::{self, Change};
use super::figure::{Context, Drawn, Figure};
use super::pace::{self, Pace, Point};
use super::share::{self, Counted, Part};
use super::size::Size;
use super::status::{Status, WIDEST_TOLERATED};
use super::tipping::Tipping;
use super::view::View;
use super::{Estimate, lift, log_odds};

/// Whether a kind is one of these.
pub(super) fn knows(kind: &StatisticKind) -> bool {
    of(kind).is_some() || matches!(kind, StatisticKind::Trend { .. })
}

/// The coordinate of the share that a kind is about.
fn of(kind: &StatisticKind) -> Option<usize> {
    match *kind {
        StatisticKind::Lift { of }
        | StatisticKind::LogOdds { of }
        | StatisticKind::Rise { of, .. }
        | StatisticKind::Tipping { of, .. }
        | StatisticKind::Pace { of, .. }
        | StatisticKind::ReachedBy { of, .. } => Some(of),
        _ => None,
    }
}

/// One of them. Of a trend the status is its rise's, see [`super::trend`].
pub(super) fn figure(
    statistic: &Statistic,
    kind: &StatisticKind,
    view: &View<'_>,
    context: &Context<'_>,
) -> Figure {
    let Some(place) = of(kind) else {
        return Figure::absent(Status::NoPrevious);
    };
    let shown =
        |view: &View<'_>| share::share(&view.part(place), view.count(place), context.k).status;
    let (own, status) = (view.part(place), shown(view));
    if status != Status::Ok {
        return Figure::absent(status);
    }
    let widest = statistic.tolerated_error * WIDEST_TOLERATED;
    let whole = context.whole.filter(|whole| shown(whole) == Status::Ok);
    match kind {
        StatisticKind::Lift { .. } if context.terms.is_some() => {
            let lift = context.terms;
            let lift = lift.and_then(|(terms, key)| terms.lift(key, view, widest));
            lift.unwrap_or(Figure::absent(Status::CohortMissing))
        }
        StatisticKind::Lift { .. } => whole.map_or(Figure::absent(Status::CohortMissing), |all| {
            lift::lift(&own, &all.part(place), widest)
        }),
        StatisticKind::LogOdds { .. } => {
            let z = whole.and_then(|all| log_odds::z(&own, &all.part(place)));
            z.map_or(Figure::absent(Status::CohortMissing), exactly)
        }
        StatisticKind::Rise { before, .. } => rise(&own, before, widest, context).figure,
        StatisticKind::Tipping { .. } => exactly(own.share()),
        StatisticKind::Pace { before, .. } => pace(&own, before, 0.5, widest, context)
            .map_or(Figure::absent(Status::NoPrevious), |p| p.per_year),
        StatisticKind::ReachedBy { before, share, .. } => {
            match pace(&own, before, *share, widest, context) {
                Some(Pace {
                    reached_by: Some(reached),
                    per_year,
                }) => Figure {
                    unmasked: Estimate {
                        value: day(reached.date),
                        low: day(reached.low),
                        high: day(reached.high),
                    },
                    status: per_year.status,
                },
                // Where the slope says nothing, or goes the other way, there is no day.
                Some(pace) if pace.per_year.status == Status::Ok => {
                    Figure::absent(Status::TooUncertain)
                }
                Some(pace) => Figure::absent(pace.per_year.status),
                None => Figure::absent(Status::NoPrevious),
            }
        }
        _ => Figure::absent(Status::NoPrevious),
    }
}

/// A number without an interval.
fn exactly(value: f64) -> Figure {
    Figure {
        unmasked: Estimate::around(value, 0.0, -f64::MAX, f64::MAX),
        status: Status::Ok,
    }
}

/// What is said where it is no number.
pub(super) fn word(statistic: &Statistic, context: &Context<'_>) -> Option<&'static str> {
    match *statistic.kind.of_row(context.place) {
        StatisticKind::Tipping { of, share } => {
            let interval = context.own.part(of).comparative();
            Some(Tipping::of(&interval, share).text())
        }
        _ => None,
    }
}

/// The change from the period before, with how far it is from none.
fn rise(own: &Part, before: &str, widest: f64, context: &Context<'_>) -> Change {
    let ends = |past: &&&Past| day_after(&past.end).as_deref() == Some(context.start);
    let mut past = context.past.iter().filter(|past| past.statistic == before);
    let before = past.find(ends).map(|past| part(past, own.counted));
    change::change(own, before.as_ref(), widest)
}

/// How far a row's rise is from none, in standard deviations, if it is shown.
pub(super) fn rise_z(statistic: &Statistic, context: &Context<'_>) -> Option<f64> {
    let kind = statistic.kind.of_row(context.place);
    let StatisticKind::Rise { of, before } = kind else {
        return None;
    };
    let shown = figure(statistic, kind, &context.own, context).status == Status::Ok;
    let widest = statistic.tolerated_error * WIDEST_TOLERATED;
    let change = rise(&context.own.part(*of), before, widest, context);
    change.z.filter(|_| shown)
}

fn pace(own: &Part, before: &str, target: f64, widest: f64, context: &Context<'_>) -> Option<Pace> {
    let earlier = context.past.iter().filter(|past| past.statistic == before);
    let earlier = earlier.filter_map(|past| {
        Some(Point {
            end: past.end.parse().ok()?,
            part: part(past, own.counted),
        })
    });
    let now = Point {
        end: context.end.parse().ok()?,
        part: *own,
    };
    let mut points: Vec<Point> = earlier.filter(|point| point.end < now.end).collect();
    points.push(now);
    points.sort_by_key(|point| point.end);
    Some(pace::pace(&points, target, widest))
}

/// A published share, as what it was made of.
fn part(past: &Past, counted: Counted) -> Part {
    let n = past.people as f64;
    let value = match counted {
        Counted::Plainly | Counted::OneOf(_) => past.value * n,
        Counted::ByFlags => (2.0 * past.value - 1.0) * n,
    };
    Part {
        drawn: Drawn {
            value,
            sigma: past.sigma,
        },
        counted,
        // It was constrained to the k of its day.
        size: Size::new(past.people, past.sigma_size, 1),
    }
}

fn day_after(iso: &str) -> Option<String> {
    let date: Date = iso.parse().ok()?;
    Some(date.tomorrow().ok()?.to_string())
}

/// Days since 1970-01-01.
fn day(date: Date) -> f64 {
    f64::from((date - jiff::civil::date(1970, 1, 1)).get_days())
}
