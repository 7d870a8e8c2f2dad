//! What bounds may cut off: of keys where there are more of them than a person
//! may have, of sums where they are clipped, and of metrics whose clip ends below
//! their range.
//!
//! Other values of a person lie on a scale that is declared, so no bound of theirs
//! takes anything that a scale allows; what is made of them (changes, gaps,
//! agreement) loses nothing either.

use std::collections::BTreeMap;

use lodestar_privacy::public::{Block, Bound, Bounds, Public, Rule};

use super::Cohort;
use super::family::{CohortKeys, Family};
use crate::config::{Metric, Project};

/// The bounds of a release's kinds and blocks that can cut something off; its
/// kinds are of these families and keys.
///
/// What is kept must be known of the organisation: the block is measured there,
/// and counts people by key where it is told how many keys are lost.
pub fn bounds(
    project: &Project,
    public: &Public,
    (families, keys): (&[Family], &[CohortKeys]),
) -> Vec<Bounds> {
    let mut all: BTreeMap<usize, Vec<Bound>> = BTreeMap::new();
    let kinds = public.kinds.iter().zip(keys).enumerate();
    for (kind, (declared, keys)) in kinds.filter(|(_, (declared, _))| declared.levels > 0) {
        if let Some(more) = beyond(declared.keys.most, keys.most_of_a_person()) {
            let bound = Bound::CohortKeys { more };
            all.entry(kind).or_default().push(bound);
        }
    }
    let at_root = |block: &Block| block.levels.contains(&0);
    for (index, block) in public.blocks.iter().enumerate() {
        let counts = block.coordinates.iter().any(|one| one.rule == Rule::Has);
        let of_rows = public.kinds[block.kind].keys.is_plain();
        if let Some(more) = beyond(block.max_cells, block.keys.len())
            && counts
            && of_rows
            && at_root(block)
        {
            let bound = Bound::Keys { block: index, more };
            all.entry(block.kind).or_default().push(bound);
        }
    }
    for table in &public.tables {
        for statistic in &table.statistics {
            let block = &public.blocks[public.reads(table, statistic)];
            let is_clipped = match families[block.kind].cohort {
                Cohort::Outcome => project.metrics.iter().any(Metric::is_clipped_above),
                cohort => cohort.is_of_sessions(),
            };
            let clip = public.clip(table, statistic);
            let clip = clip.filter(|_| is_clipped && at_root(block));
            let mine = all.entry(block.kind).or_default();
            mine.extend(clip.filter(|clip| !mine.contains(clip)));
        }
    }
    let told = all.into_iter().filter(|(_, bounds)| !bounds.is_empty());
    told.map(|(kind, bounds)| Bounds { kind, bounds }).collect()
}

/// How many keys beyond the most that count are told apart: as many again, if
/// there are so many.
fn beyond(most: u32, keys: usize) -> Option<u32> {
    let keys = u32::try_from(keys).unwrap_or(u32::MAX);
    let more = keys.saturating_sub(most).min(most);
    (more > 0).then_some(more)
}
