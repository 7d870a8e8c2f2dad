//! Pace of a share, and when it will be where it should.
//!
//! Shares of several periods follow a logistic curve: their logits a line in
//! time. With y = ln(p/(1 − p)) of each period, t its end in years, and weights
//! w = 1/Var(y), Var(y) ≈ (V + S)/(p(1 − p))², V the variance of the noise and S that
//! of the sampling of people:
//!
//! ```text
//! slope  b = Σw(t − t̄)(y − ȳ)/Σw(t − t̄)²
//!        ± z·√(φ/Σw(t − t̄)²),  φ = max(1, Σw·residual²/(m − 2))
//! pace   b·p(1 − p), at the last period's share, as its interval
//! ```
//!
//! m periods, of which at least three are needed. Noise and the sampling of people
//! are known, so the quantile is the normal one; φ is the lack of fit: where the
//! periods scatter more than both explain, the interval grows by √φ (Birge 1932; the
//! scale factor of the Review of Particle Physics, section 5.2.2). φ never makes it
//! smaller, so where a line fits it is a little conservative: of three periods 96
//! of 100 hold. It covers noise and people, not that a share may not follow a line:
//! where it scatters around one by more than both, φ of few periods knows little
//! of it, and at worst 70 (three periods), 81 (four) or 88 (six) of 100 hold.
//!
//! The share reaches its target's logit L where the line does. Interval: all t
//! with |ȳ + b(t − t̄) − L| ≤ z·√(φ·(1/Σw + (t − t̄)²/Σw(t − t̄)²)) (Fieller 1954). There is
//! none where the slope's interval holds 0, where the share falls or is there
//! already, and beyond 50 years. Comparative; a share of 0 or 1 counts as half a
//! person more or less.

use jiff::ToSpan as _;
use jiff::civil::Date;

use super::figure::Figure;
use super::interval::{Estimate, z};
use super::share::Part;
use super::status::{Status, is_sure};

/// Periods that a trend needs.
const FEWEST: usize = 3;
/// How far ahead a date is given.
const FURTHEST_YEARS: f64 = 50.0;
const DAYS_A_YEAR: f64 = 365.2425;
/// A half-width that is as good as none, as weights must be finite.
const NO_NOISE: f64 = 1e-9;

/// The share of one period.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// The period's last day.
    pub end: Date,
    /// Who is there.
    pub part: Part,
}

/// A date with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reached {
    /// The expected date.
    pub date: Date,
    /// Not before.
    pub low: Date,
    /// Not after.
    pub high: Date,
}

/// Where a share is going.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// Change of the share in a year.
    pub per_year: Figure,
    /// When it reaches its target.
    pub reached_by: Option<Reached>,
}

/// The pace of a share over its periods, oldest first, and the date at which it
/// reaches `target`. Too uncertain where the noise alone, at shares of one half,
/// makes the pace's half-width wider than `widest`.
#[must_use]
pub fn pace(points: &[Point], target: f64, widest: f64) -> Pace {
    let trend = match points {
        [.., last] if points.len() >= FEWEST => Trend::of(points, last.end),
        _ => None,
    };
    let Some(trend) = trend else {
        return Pace {
            per_year: Figure::absent(Status::NoPrevious),
            reached_by: None,
        };
    };
    let sure = points
        .iter()
        .all(|point| is_sure(trend.half_width, widest, &point.part.size));
    Pace {
        per_year: Figure {
            unmasked: trend.per_year(),
            status: Status::of(sure, None, 0),
        },
        reached_by: if sure { trend.reached(target) } else { None },
    }
}

/// A share that has a logit: at least half a person from 0 and 1.
fn inner(part: &Part) -> f64 {
    let edge = 0.5 / part.people();
    part.share().max(edge).min(1.0 - edge)
}

/// p(1 − p): what a step in the logit is in the share.
fn steepness(share: f64) -> f64 {
    share * (1.0 - share)
}

/// A line through logits. Time is in years from the last period.
struct Trend {
    last: Date,
    last_share: f64,
    /// Middle of time and of logits.
    time: f64,
    logit: f64,
    slope: f64,
    /// Σw, Σw(t − t̄)².
    weights: f64,
    spread: f64,
    /// z²·φ.
    scale: f64,
    /// Of the pace, by the noise alone at shares of one half.
    half_width: f64,
}

impl Trend {
    /// `None` where all periods are one.
    fn of(points: &[Point], last: Date) -> Option<Self> {
        let years = |point: &Point| {
            let days = point.end.duration_since(last).as_hours() as f64 / 24.0;
            days / DAYS_A_YEAR
        };
        let logits = points.iter().map(|point| {
            let share = inner(&point.part);
            let variance = point.part.share_sigma().powi(2) + point.part.sampling();
            Weighted {
                at: years(point),
                value: (share / (1.0 - share)).ln(),
                weight: steepness(share).powi(2) / variance,
            }
        });
        let logits: Vec<Weighted> = logits.collect();
        let noise_alone = points.iter().map(|point| Weighted {
            at: years(point),
            value: 0.0,
            weight: (steepness(0.5) * z() / point.part.half_width().max(NO_NOISE)).powi(2),
        });
        let (_, _, noise_spread) = middle(&noise_alone.collect::<Vec<_>>());
        let (weights, time, spread) = middle(&logits);
        if spread <= 0.0 || !spread.is_finite() {
            return None;
        }
        let mean = |of: &dyn Fn(&Weighted) -> f64| -> f64 {
            logits.iter().map(|point| point.weight * of(point)).sum()
        };
        let logit = mean(&|point| point.value) / weights;
        let slope = mean(&|point| (point.at - time) * (point.value - logit)) / spread;
        let residual = |point: &Weighted| point.value - logit - slope * (point.at - time);
        let degrees = (points.len() - 2) as f64;
        let lack_of_fit = (mean(&|point| residual(point).powi(2)) / degrees).max(1.0);
        Some(Self {
            last,
            last_share: inner(&points.last()?.part),
            time,
            logit,
            slope,
            weights,
            spread,
            scale: z().powi(2) * lack_of_fit,
            half_width: z() * steepness(0.5) / noise_spread.sqrt(),
        })
    }

    fn per_year(&self) -> Estimate {
        let steepness = steepness(self.last_share);
        let half = (self.scale / self.spread).sqrt() * steepness;
        Estimate::within(self.slope * steepness, half, -1.0, 1.0)
    }

    /// The roots of Fieller's equation, if they are ahead.
    fn reached(&self, target: f64) -> Option<Reached> {
        let gap = self.logit - (target / (1.0 - target)).ln();
        let years = self.time - gap / self.slope;
        let square = self.slope.powi(2) - self.scale / self.spread;
        // Asked the positive way, so that what is no number gives no date.
        if !(self.slope > 0.0 && square > 0.0 && years > 0.0 && years <= FURTHEST_YEARS) {
            return None;
        }
        let centre = -self.slope * gap / square;
        let root = (self.scale * (gap.powi(2) / self.spread + square / self.weights)).sqrt();
        let at = |end: f64| (self.time + end).clamp(0.0, FURTHEST_YEARS);
        Some(Reached {
            date: self.date(years)?,
            low: self.date(at(centre - root / square))?,
            high: self.date(at(centre + root / square))?,
        })
    }

    fn date(&self, years: f64) -> Option<Date> {
        let days = (years * DAYS_A_YEAR).round() as i64;
        self.last.checked_add(days.days()).ok()
    }
}

struct Weighted {
    at: f64,
    value: f64,
    weight: f64,
}

/// Σw, t̄ and Σw(t − t̄)².
fn middle(points: &[Weighted]) -> (f64, f64, f64) {
    let weights: f64 = points.iter().map(|point| point.weight).sum();
    let times = points.iter().map(|point| point.weight * point.at);
    let time = times.sum::<f64>() / weights;
    let squares = points.iter();
    let squares = squares.map(|point| point.weight * (point.at - time).powi(2));
    (weights, time, squares.sum())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::insight::figure::Drawn;
    use crate::insight::share::Counted;
    use crate::insight::size::Size;
    use crate::insight::trial::{Draws, covered};

    fn logistic(logit: f64) -> f64 {
        1.0 / (1.0 + (-logit).exp())
    }

    fn ends(count: i64) -> Vec<Date> {
        let first = date(2024, 6, 30);
        (0..count).map(|half| first + (182 * half).days()).collect()
    }

    fn exact(share: f64, people: i64) -> Part {
        Part {
            drawn: Drawn {
                value: share * people as f64,
                sigma: 0.0,
            },
            counted: Counted::Plainly,
            size: Size::new(people, 0.0, 10),
        }
    }

    /// On a logistic curve: its slope, and the day on which it is at the target.
    #[test]
    fn a_curve_by_hand() {
        let ends = ends(5);
        let years = |end: Date| end.duration_since(ends[4]).as_hours() as f64 / 24.0 / DAYS_A_YEAR;
        let points: Vec<Point> = ends
            .iter()
            .map(|&end| Point {
                end,
                part: exact(logistic(-1.0 + 0.6 * years(end)), 1_000_000),
            })
            .collect();
        let got = pace(&points, 0.5, 1.0);
        let expected = 0.6 * steepness(logistic(-1.0));
        assert_eq!(got.per_year.status, Status::Ok);
        assert!((got.per_year.unmasked.value - expected).abs() < 1e-9);
        // −1 + 0.6·t = 0 after 1.667 years.
        let reached = got.reached_by.unwrap();
        assert_eq!(reached.date, ends[4] + 609.days());
        assert!(reached.low < reached.date && reached.date < reached.high);
        // A fall, or what is there already, is reached at no date.
        assert_eq!(pace(&points, 0.2, 1.0).reached_by, None);
        let falling: Vec<Point> = points
            .iter()
            .zip(ends.iter().rev())
            .map(|(point, &end)| Point { end, ..*point })
            .rev()
            .collect();
        let falls = pace(&falling, 0.5, 1.0);
        assert!(falls.per_year.unmasked.high < 0.0);
        assert_eq!(falls.reached_by, None);
        // Nor what takes more than 50 years.
        assert_eq!(pace(&points, 1.0 - 1e-15, 1.0).reached_by, None);
        assert_eq!(pace(&points, 1.0, 1.0).reached_by, None);
    }

    #[test]
    fn what_is_no_trend_has_no_pace() {
        let point = |end| Point {
            end,
            part: exact(0.3, 200),
        };
        let points: Vec<Point> = ends(3).into_iter().map(point).collect();
        for few in [&points[..2], &points[..0], &[points[0]; 3]] {
            let got = pace(few, 0.5, 1.0);
            assert_eq!(got.per_year.status, Status::NoPrevious);
            assert_eq!(got.reached_by, None);
        }
        // No slope: the interval holds 0, so there is no date.
        let got = pace(&points, 0.5, 1.0);
        assert!(got.per_year.unmasked.holds(0.0));
        assert_eq!(got.reached_by, None);
        // Nobody, or everybody, in a period is still a number.
        for share in [0.0, 1.0] {
            let mut points = points.clone();
            points[1].part = exact(share, 200);
            let got = pace(&points, 0.5, 1.0).per_year.unmasked;
            assert!(got.low >= -1.0 && got.high <= 1.0 && got.holds(got.value));
        }
    }

    #[test]
    fn what_is_shown_follows_from_noise_and_sizes() {
        let points = |share: f64| -> Vec<Point> {
            let point = |end| Point {
                end,
                part: Part {
                    drawn: Drawn {
                        value: share * 200.0,
                        sigma: 6.0,
                    },
                    ..exact(share, 200)
                },
            };
            ends(3).into_iter().map(point).collect()
        };
        // Noise of 6/200 at either end, a year of 364 days apart: √2·σ.
        let widest = z() * 2.0_f64.sqrt() * 0.03 / (364.0 / DAYS_A_YEAR);
        for share in [0.1, 0.5] {
            let status = |widest| pace(&points(share), 0.5, widest).per_year.status;
            assert_eq!(status(widest * 1.000_001), Status::Ok);
            assert_eq!(status(widest * 0.999), Status::TooUncertain);
        }
    }

    /// 95 of 100 intervals hold the slope and the date, and a little more: they are
    /// conservative, as said, where a line fits.
    #[test]
    fn intervals_hold_the_truth() {
        for (periods, people, sigma) in [(3, 300, 6.0), (6, 300, 6.0), (10, 800, 12.0)] {
            let ends = ends(periods);
            let last = *ends.last().unwrap();
            let truth = |end: Date| {
                let years = end.duration_since(last).as_hours() as f64 / 24.0 / DAYS_A_YEAR;
                logistic(-0.4 + 0.7 * years)
            };
            let trial = |draws: &mut Draws| -> Vec<Point> {
                let points = ends.iter().map(|&end| {
                    let count = (0..people).filter(|_| draws.uniform() < truth(end)).count();
                    let part = Part {
                        drawn: draws.drawn(count as f64, sigma),
                        counted: Counted::Plainly,
                        size: draws.size(people),
                    };
                    Point { end, part }
                });
                points.collect()
            };
            // Of the slope in logits: what a step is in the share is not at issue.
            let held = covered(600, 1.0, 0.7, |draws| {
                let points = trial(draws);
                let trend = Trend::of(&points, last).unwrap();
                let half = (trend.scale / trend.spread).sqrt();
                Estimate::within(trend.slope, half, f64::MIN, f64::MAX)
            });
            assert!((0.94..=0.985).contains(&held), "{periods} {held}");
            let expected = last + ((0.4 / 0.7 * DAYS_A_YEAR) as i64).days();
            let mut draws = Draws::new(23);
            let (mut given, mut right) = (0, 0);
            for _ in 0..600 {
                if let Some(reached) = pace(&trial(&mut draws), 0.5, 1e9).reached_by {
                    given += 1;
                    right += i32::from(reached.low <= expected && expected <= reached.high);
                }
            }
            // A date is given where the slope is clear, which is more often so where
            // chance made it steeper.
            let held = f64::from(right) / f64::from(given);
            let (fewest, least) = if periods == 10 {
                (500, 0.94)
            } else {
                (250, 0.88)
            };
            assert!(given > fewest && held >= least, "{periods} {given} {held}");
        }
    }
}
