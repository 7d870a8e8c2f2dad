//! What a release declares, from configuration and public files alone.

use std::collections::BTreeMap;

use lodestar_privacy::public::{Block, CohortKind, PeriodText, Policy, Public};
use lodestar_privacy::tree::Tree;

use crate::calendar::Period;
use crate::config::Project;
use crate::measure::{Cohort, Measure};

/// Declares the release of a period. No private row has any part in it.
///
/// Levels deeper than the tree are left out; a measure without any level left
/// publishes an empty table.
pub fn declare(
    project: &Project,
    period: &Period,
    revision: u32,
    tree: Tree,
    policy: Policy,
) -> Public {
    let depth = tree.depth();
    let kinds = cohorts(project);
    let levels = |measure: &Measure| -> Vec<u32> {
        let all = 0..=depth;
        all.filter(|level| {
            measure
                .levels
                .as_ref()
                .is_none_or(|some| some.contains(level))
        })
        .collect()
    };
    let blocks = project.measures.iter().map(|measure| Block {
        name: measure.name.clone(),
        question: measure.question.clone(),
        kind: kinds
            .iter()
            .position(|kind| *kind == measure.cohort)
            .unwrap_or_default(),
        levels: levels(measure),
        dimensions: measure
            .dimensions
            .iter()
            .map(|dimension| dimension.name().to_owned())
            .collect(),
        keys: measure.keys(&project.framework).keys().to_vec(),
        max_cells: measure.max_cells,
        weight: measure.weight,
        tolerated_error: measure.tolerated_error,
    });
    let blocks: Vec<Block> = blocks.collect();
    let kinds = kinds.iter().enumerate().map(|(index, cohort)| {
        let mine = blocks.iter().filter(|block| block.kind == index);
        let deepest = mine.filter_map(|block| block.levels.last()).max();
        CohortKind {
            name: cohort.name().to_owned(),
            levels: deepest.map_or(0, |level| level + 1),
            coach_rule: cohort.has_coach_rule(),
        }
    });
    Public {
        organisation: project.organisation.clone(),
        period: PeriodText {
            name: period.name(),
            start: period.start().to_string(),
            end: period.end().to_string(),
            window: window(project, period).name(),
        },
        revision,
        synthetic: project.synthetic(),
        policy,
        kinds: kinds.collect(),
        tree,
        blocks,
        texts: texts(project),
    }
}

/// The window that a period charges: that of its last day.
pub fn window(project: &Project, period: &Period) -> Period {
    Period::containing(
        period.end(),
        project.privacy.window,
        project.calendar.year_starts,
    )
}

/// ε, δ, k and coalition as configured.
pub fn policy(project: &Project) -> Policy {
    let privacy = &project.privacy;
    Policy {
        k: privacy.k,
        coalition: privacy.coalition,
        epsilon: privacy.epsilon,
        delta: privacy.delta,
    }
}

/// The families of cohorts that the measures are about, each once.
fn cohorts(project: &Project) -> Vec<Cohort> {
    let mut kinds: Vec<Cohort> = project
        .measures
        .iter()
        .map(|measure| measure.cohort)
        .collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

fn texts(project: &Project) -> BTreeMap<String, String> {
    let star = project.north_star.iter().flat_map(|star| {
        [
            ("where", &star.r#where),
            ("how", &star.how),
            ("why", &star.why),
        ]
    });
    let unit = ("unit".to_owned(), project.privacy.unit.name().to_owned());
    star.map(|(name, text)| (format!("north_star_{name}"), text.clone()))
        .chain([unit])
        .collect()
}
