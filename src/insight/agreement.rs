//! Agreement of the raters of one subject, and of one subject alone.
//!
//! With s² the mean of the variances of J items between raters, and A categories:
//! what raters who answer at random would show is (A² − 1)/12, and
//!
//! ```text
//! q       1 − s²/((A² − 1)/12)
//! r_wg    q                          of one item
//! r_wg(J) J·q/(J·q + (1 − q))        of several
//! ```
//!
//! within 0 and 1 (James, Demaree and Wolf 1984). A cohort's mean of it, and of
//! people's gaps between their own rating and that of others, is a
//! [`mean`](super::mean) like any other.

/// Agreement about one subject: the variances between raters of each item, on a
/// scale of so many categories. 0 where raters agree less than they would at
/// random: there the quotient of several items would turn its sign. 0 without
/// items too.
#[must_use]
pub fn r_wg(item_variances: &[f64], categories: f64) -> f64 {
    let items = item_variances.len() as f64;
    let mean = item_variances.iter().sum::<f64>() / items;
    let q = 1.0 - mean / ((categories * categories - 1.0) / 12.0);
    if q > 0.0 {
        (items * q / (items * q + (1.0 - q))).min(1.0)
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        // Five categories: 2 at random.
        assert!((r_wg(&[0.5], 5.0) - 0.75).abs() < 1e-12);
        assert!((r_wg(&[0.0], 5.0) - 1.0).abs() < 1e-12);
        // Four items with a mean variance of ½: 3/(3 + ¼).
        let got = r_wg(&[0.25, 0.75, 0.5, 0.5], 5.0);
        assert!((got - 3.0 / 3.25).abs() < 1e-12);
    }

    #[test]
    fn less_than_at_random_is_none() {
        // Truncated last, J·q/(J·q + 1 − q) of q = −½ and J = 4 would be 4, so 1.
        for variances in [&[3.0; 4][..], &[2.0], &[f64::NAN], &[]] {
            assert!(r_wg(variances, 5.0).abs() < 1e-12, "{variances:?}");
        }
        assert!(r_wg(&[1.0], 1.0).abs() < 1e-12);
    }
}
