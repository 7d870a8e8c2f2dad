//! Terms that were found: how much more of what is counted in a competency they are than
//! of what is counted anywhere.
//!
//! With `n_tc` the people of a term in a competency and `n_t` those anywhere:
//!
//! ```text
//! lift  (n_tc / Σ_t n_tc) / (n_t / Σ_t n_t)
//! ```
//!
//! with the interval of [`lift`](super::lift), the sums being the sizes.

use std::collections::HashMap;

use lodestar_privacy::public::{ANYWHERE, Block};

use super::size::Size;
use super::view::View;

/// What is counted of all terms.
pub(super) struct Terms<'a> {
    block: &'a Block,
    /// By section: the sum of all terms.
    sums: HashMap<&'a str, Size>,
    /// By term: its numbers anywhere.
    anywhere: HashMap<&'a str, View<'a>>,
}

impl<'a> Terms<'a> {
    /// `view` gives the numbers of a key.
    pub(super) fn new(block: &'a Block, view: impl Fn(usize) -> Option<View<'a>>) -> Self {
        let mut sums: HashMap<&str, (f64, f64)> = HashMap::new();
        let mut anywhere = HashMap::new();
        for (at, key) in block.keys.iter().enumerate() {
            let (Some(view), [section, term]) = (view(at), &key[..]) else {
                continue;
            };
            let drawn = view.drawn(0);
            let (sum, variance) = sums.entry(&section.id).or_default();
            *sum += drawn.value;
            *variance += drawn.sigma.powi(2);
            if section.id == ANYWHERE {
                anywhere.insert(term.id.as_str(), view);
            }
        }
        let size = |(sum, variance): (f64, f64)| Size::new(sum.round() as i64, variance.sqrt(), 1);
        Self {
            block,
            sums: sums.into_iter().map(|(id, sum)| (id, size(sum))).collect(),
            anywhere,
        }
    }

    /// A key of a section among all that is counted there, and its term among all that
    /// is counted anywhere.
    pub(super) fn among(&self, key: usize, own: &View<'a>) -> Option<[View<'a>; 2]> {
        let [section, term] = &self.block.keys[key][..] else {
            return None;
        };
        let whole = self.anywhere.get(term.id.as_str())?;
        let of = |view: View<'a>, section: &str| {
            let size = *self.sums.get(section)?;
            Some(View { size, ..view })
        };
        let here = of(*own, &section.id).filter(|_| section.id != ANYWHERE)?;
        Some([here, of(*whole, ANYWHERE)?])
    }
}
