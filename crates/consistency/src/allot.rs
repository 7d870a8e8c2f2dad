//! A total, allotted to those who add up to it: within bounds, in whole numbers.

/// One of those who share a total.
#[derive(Clone, Copy, Debug)]
pub struct Claim {
    /// What is known of it alone.
    pub estimate: f64,
    /// Variance of that.
    pub variance: f64,
    /// Least that is possible.
    pub least: i64,
    /// Most that is possible, at least `least`.
    pub most: i64,
}

impl Claim {
    fn bounded(&self, x: f64) -> f64 {
        x.max(self.least as f64).min(self.most as f64)
    }
}

/// The x that minimise Σ (x − estimate)²/variance with Σ x = `total` and each
/// within its bounds, by variable fixing (Bitran and Hax 1981): where what is out
/// of bounds below outweighs what is above, those below are at their bound in the
/// optimum, and the other way round. Then rounded to whole numbers that still
/// add up, largest remainders first (ties: the first).
///
/// If the bounds leave no room for the total, all are at that bound.
pub fn allot(total: i64, claims: &[Claim]) -> Vec<i64> {
    whole(total, claims, &within(total as f64, claims))
}

/// The optimum, before it is rounded.
pub(crate) fn within(total: f64, claims: &[Claim]) -> Vec<f64> {
    let mut fixed: Vec<Option<f64>> = vec![None; claims.len()];
    loop {
        let open = || (0..claims.len()).filter(|&at| fixed[at].is_none());
        let taken: f64 = fixed.iter().flatten().sum();
        let wanted: f64 = open().map(|at| claims[at].estimate).sum();
        let spread: f64 = open().map(|at| claims[at].variance).sum();
        let count = open().count() as f64;
        let missing = total - taken - wanted;
        let moved = |at: usize| {
            let part = if spread > 0.0 {
                claims[at].variance / spread
            } else {
                1.0 / count
            };
            claims[at].estimate + part * missing
        };
        let (mut below, mut above) = (0.0, 0.0);
        for at in open() {
            let (x, claim) = (moved(at), &claims[at]);
            below += (claim.least as f64 - x).max(0.0);
            above += (x - claim.most as f64).max(0.0);
        }
        let bounds = open().filter_map(|at| {
            let (x, claim) = (moved(at), &claims[at]);
            let low = below >= above && x < claim.least as f64;
            let high = above >= below && x > claim.most as f64;
            (low || high).then(|| (at, claim.bounded(x)))
        });
        let bounds: Vec<(usize, f64)> = bounds.collect();
        if bounds.is_empty() {
            let all = (0..claims.len()).map(|at| fixed[at].unwrap_or_else(|| moved(at)));
            return all.collect();
        }
        for (at, bound) in bounds {
            fixed[at] = Some(bound);
        }
    }
}

fn whole(total: i64, claims: &[Claim], exact: &[f64]) -> Vec<i64> {
    let least = |at: usize| (exact[at].floor() as i64).clamp(claims[at].least, claims[at].most);
    let mut all: Vec<i64> = (0..claims.len()).map(least).collect();
    let mut missing = total - all.iter().sum::<i64>();
    let mut order: Vec<usize> = (0..claims.len()).collect();
    let remainder = |at: usize| exact[at] - exact[at].floor();
    order.sort_by(|&a, &b| remainder(b).total_cmp(&remainder(a)).then(a.cmp(&b)));
    // One round does, but for what a sum of floats has lost.
    while missing != 0 {
        let step = missing.signum();
        let before = missing;
        let mut turn: Vec<usize> = order.clone();
        if step < 0 {
            turn.reverse();
        }
        for at in turn {
            let next = all[at] + step;
            if missing != 0 && (claims[at].least..=claims[at].most).contains(&next) {
                all[at] = next;
                missing -= step;
            }
        }
        if missing == before {
            break;
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn claim(estimate: f64, variance: f64, least: i64, most: i64) -> Claim {
        Claim {
            estimate,
            variance,
            least,
            most,
        }
    }

    #[test]
    fn by_hand() {
        let even = |estimate| claim(estimate, 1.0, 0, 100);
        // Four too few, one each.
        let four = [10.0, 20.0, 30.0, 36.0].map(even);
        assert_eq!(allot(100, &four), [11, 21, 31, 37]);
        // In proportion to the variance.
        let two = [claim(10.0, 1.0, 0, 100), claim(10.0, 3.0, 0, 100)];
        assert_eq!(allot(24, &two), [11, 13]);
        // What is below 0 is 0, and what it had too little the others give.
        let three = [-6.0, 10.0, 20.0].map(even);
        assert_eq!(allot(24, &three), [0, 7, 17]);
        // Largest remainders.
        let thirds = [10.0 / 3.0; 3].map(even);
        assert_eq!(allot(10, &thirds), [4, 3, 3]);
        assert_eq!(allot(0, &[]), [0; 0]);
        // No room.
        assert_eq!(allot(500, &[even(3.0), even(5.0)]), [100, 100]);
    }

    /// Every way to fix some at a bound, the rest moved alike: the best of those
    /// within bounds is the optimum, as it fulfils the Lagrange condition of one
    /// of them.
    fn best(total: f64, claims: &[Claim]) -> f64 {
        let cost = |x: &[f64]| -> f64 {
            let all = x.iter().zip(claims);
            all.map(|(x, c)| (x - c.estimate).powi(2) / c.variance)
                .sum()
        };
        let mut best = f64::INFINITY;
        for mut code in 0..3_usize.pow(claims.len() as u32) {
            let mut x: Vec<Option<f64>> = Vec::new();
            for claim in claims {
                x.push(match code % 3 {
                    0 => None,
                    1 => Some(claim.least as f64),
                    _ => Some(claim.most as f64),
                });
                code /= 3;
            }
            let open: Vec<usize> = (0..x.len()).filter(|&at| x[at].is_none()).collect();
            let taken: f64 = x.iter().flatten().sum();
            let wanted: f64 = open.iter().map(|&at| claims[at].estimate).sum();
            let spread: f64 = open.iter().map(|&at| claims[at].variance).sum();
            for at in open {
                let part = claims[at].variance / spread;
                x[at] = Some(claims[at].estimate + part * (total - taken - wanted));
            }
            let x: Vec<f64> = x.into_iter().flatten().collect();
            let inside = x
                .iter()
                .zip(claims)
                .all(|(x, c)| (c.bounded(*x) - x).abs() < 1e-9);
            if inside && (x.iter().sum::<f64>() - total).abs() < 1e-6 {
                best = best.min(cost(&x));
            }
        }
        best
    }

    fn claims() -> impl Strategy<Value = Vec<Claim>> {
        let one = (-50.0..150.0, 0.1..100.0, 0_i64..20, 0_i64..80);
        let one = one.prop_map(|(estimate, variance, least, more)| {
            claim(estimate, variance, least, least + more)
        });
        proptest::collection::vec(one, 1..6)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn it_is_the_least_squares_within_bounds(claims in claims(), share in 0.0..=1.0_f64) {
            let least: i64 = claims.iter().map(|c| c.least).sum();
            let most: i64 = claims.iter().map(|c| c.most).sum();
            let total = least + ((most - least) as f64 * share).round() as i64;
            let got = within(total as f64, &claims);
            prop_assert!((got.iter().sum::<f64>() - total as f64).abs() < 1e-6);
            let all = got.iter().zip(&claims);
            let cost: f64 = all.map(|(x, c)| (x - c.estimate).powi(2) / c.variance).sum();
            let best = best(total as f64, &claims);
            prop_assert!(cost <= best * (1.0 + 1e-9) + 1e-6, "{cost} {best}");
            let whole = allot(total, &claims);
            prop_assert_eq!(whole.iter().sum::<i64>(), total);
            for ((whole, exact), claim) in whole.iter().zip(&got).zip(&claims) {
                prop_assert!((*whole as f64 - exact).abs() < 1.0 + 1e-6);
                prop_assert!((claim.least..=claim.most).contains(whole));
            }
        }
    }
}
