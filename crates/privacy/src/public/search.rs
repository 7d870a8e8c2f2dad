//! Keys that nobody declares: terms that many people's rows say.

use super::{Label, Public};
use crate::noisy::{Moved, Noisy, Term};

/// How the keys of a block are looked for. Its cohorts are those of the whole
/// organisation, and each of its keys is a section with a term, or a term anywhere.
#[derive(Clone, Debug, PartialEq)]
pub struct Search {
    /// Most elements that a person puts into a round; at least 1.
    pub entries: u32,
    /// Most terms that a round of terms finds: the strongest.
    pub most: u32,
    /// Parts of what people's rows say in which terms are looked for, too.
    pub sections: Vec<Label>,
}

/// A round: what elements are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Round {
    /// Words, in so many rounds before this one found.
    Words(u32),
    /// Phrases of so many words, 2 or 3, of which all shorter ones were found.
    Phrases(u32),
    /// The terms that were found, each with a section.
    Sections,
}

impl Round {
    /// In the order in which they are drawn, each with its share of the search's ρ, in
    /// percent; [`COUNTS_PERCENT`] is for the counts of what was found.
    ///
    /// Words are looked for twice: whoever said a word that was found has more weight
    /// left for others (Swanberg, Desfontaines, Haney 2023, “DP-SIPS”, section 4).
    const ALL: [(Self, u64); 5] = [
        (Self::Words(0), 25),
        (Self::Words(1), 20),
        (Self::Phrases(2), 12),
        (Self::Phrases(3), 8),
        (Self::Sections, 15),
    ];

    /// Those of a search.
    pub fn of(search: &Search) -> impl Iterator<Item = (Self, u64)> {
        let sections = !search.sections.is_empty();
        let all = Self::ALL.into_iter();
        all.filter(move |(round, _)| sections || *round != Self::Sections)
    }
}

/// What an element weighs that is a person's only one.
pub const WHOLE: u32 = 1 << 10;

impl Search {
    /// By how much a person moves the weights of a round's elements.
    ///
    /// # Proof
    /// A person puts in c ≤ `entries` elements, each with the weight ⌊W ÷ √c⌋ of the
    /// whole W = [`WHOLE`], and each element's value moves by at most that
    /// ([`crate::search`]): at most W each, and in all c·⌊W ÷ √c⌋² ≤ W².
    pub fn moved(&self) -> Moved {
        Moved {
            numbers: self.entries,
            each: WHOLE,
            l2_squared: u64::from(WHOLE).pow(2),
        }
    }

    /// The labels of a term that was found.
    fn key(&self, term: &Term) -> Vec<Label> {
        let section = term.section.and_then(|section| self.sections.get(section));
        let section = section.cloned().unwrap_or_else(|| Label::plain(ANYWHERE));
        vec![section, Label::plain(&term.words)]
    }
}

/// The section of a term that is looked for anywhere.
pub const ANYWHERE: &str = "(all)";

impl Public {
    /// The same with the keys that a release found, where they were looked for: from
    /// then on they are as public as declared ones.
    #[must_use]
    pub fn found(&self, noisy: &Noisy) -> Self {
        let mut public = self.clone();
        for (block, drawn) in public.blocks.iter_mut().zip(&noisy.blocks) {
            if let (Some(search), Some(found)) = (&block.search, &drawn.found) {
                block.keys = found.terms.iter().map(|term| search.key(term)).collect();
            }
        }
        public
    }
}
