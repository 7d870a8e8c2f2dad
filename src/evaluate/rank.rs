//! Whether what is most frequent is published as such.

/// Keys of a cohort that are ranked.
pub(super) const TOP: usize = 10;

/// Kendall's τ-b of what is shown with the truth, over the [`TOP`] keys of
/// largest true value; 1: in the same order, −1: in the opposite one. What is
/// not shown (`None`) ties below all that is; if nothing tells two of them
/// apart, 0. `None`: the truth does not.
///
/// τ-b = (concordant − discordant) ÷ √((pairs − ties in one)·(pairs − ties in
/// the other)) (Kendall 1945).
pub(super) fn agreement(pairs: &[(f64, Option<f64>)]) -> Option<f64> {
    let mut top: Vec<&(f64, Option<f64>)> =
        pairs.iter().filter(|(truth, _)| *truth > 0.0).collect();
    // Stable: ties stay in declared order.
    top.sort_by(|a, b| b.0.total_cmp(&a.0));
    top.truncate(TOP);
    let (mut balance, mut of_truth, mut of_shown) = (0.0, 0.0, 0.0);
    for (at, (truth, shown)) in top.iter().enumerate() {
        for (other_truth, other_shown) in &top[at + 1..] {
            let true_order = order(*truth, *other_truth);
            // `None` is less than any number.
            let shown_order = match (shown, other_shown) {
                (Some(a), Some(b)) => order(*a, *b),
                (a, b) => order(f64::from(a.is_some()), f64::from(b.is_some())),
            };
            balance += true_order * shown_order;
            of_truth += true_order.abs();
            of_shown += shown_order.abs();
        }
    }
    (of_truth > 0.0).then(|| {
        if of_shown > 0.0 {
            balance / f64::sqrt(of_truth * of_shown)
        } else {
            0.0
        }
    })
}

/// 1, 0 or −1.
fn order(a: f64, b: f64) -> f64 {
    f64::from(i8::from(a > b) - i8::from(a < b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about(a: Option<f64>, b: f64) -> bool {
        a.is_some_and(|a| (a - b).abs() < 1e-12)
    }

    #[test]
    fn by_hand() {
        let shown = |all: [Option<f64>; 4]| {
            let truth = [4.0, 3.0, 2.0, 1.0];
            agreement(&truth.into_iter().zip(all).collect::<Vec<_>>())
        };
        let some = |all: [f64; 4]| shown(all.map(Some));
        assert!(about(some([9.0, 5.0, 2.0, 1.0]), 1.0));
        assert!(about(some([1.0, 2.0, 3.0, 4.0]), -1.0));
        // One of six pairs is the other way round.
        assert!(about(some([3.0, 4.0, 2.0, 1.0]), 4.0 / 6.0));
        // Two hidden ones tie: five pairs are told apart, all rightly.
        let two_hidden = shown([Some(0.4), Some(0.1), None, None]);
        assert!(about(two_hidden, 5.0 / 30.0_f64.sqrt()));
        // A hidden one is below a shown one, whatever that is.
        assert!(about(
            shown([None, None, None, Some(-1.0)]),
            -3.0 / 18.0_f64.sqrt()
        ));
        assert!(about(shown([None; 4]), 0.0));
    }

    #[test]
    fn only_ten_that_somebody_has_are_ranked() {
        // The ten most frequent are in order; what comes after is not looked at.
        let all: Vec<_> = (0..40)
            .map(|n| {
                let truth = f64::from(40 - n);
                (truth, Some(if n < 10 { truth } else { f64::from(n) }))
            })
            .collect();
        assert!(about(agreement(&all), 1.0));
        assert_eq!(agreement(&[(0.0, Some(1.0)), (0.0, Some(2.0))]), None);
        assert_eq!(agreement(&[(3.0, Some(1.0)), (3.0, Some(2.0))]), None);
        assert_eq!(agreement(&[]), None);
    }
}
