//! What a release declares, from configuration and public files alone.

use std::collections::BTreeMap;

use lodestar_privacy::public::{
    CohortKind, Dimension, Glossary, PeriodText, Policy, ProgrammeFacts, Public,
    Span as PublicSpan, TargetFacts,
};
use lodestar_privacy::tree::Tree;

use crate::calendar::{Every, Period};
use crate::config::{Instrument, Metric, PrivacyUnit, Project};
use crate::ingest::{Programme, Programmes};
use crate::measure::bounds::bounds;
use crate::measure::effect::Starts;
use crate::measure::family::Family;
use crate::measure::vector::{Vectors, vectors};
use crate::measure::{Cohort, Measure};

/// Declares the release of a period. No private row has any part in it.
///
/// Levels deeper than the tree are left out; a measure without any level left
/// publishes an empty table. `tree` gives the declared org tree of a span.
pub fn declare<E>(
    project: &Project,
    programmes: &Programmes,
    period: &Period,
    revision: u32,
    policy: Policy,
    tree: impl Fn(&Period) -> Result<Tree, E>,
) -> Result<Public, E> {
    let all = due_vectors(project, programmes, period);
    let spans = spans(project, &all, period);
    let spans = spans.iter().map(|span| {
        Ok(PublicSpan {
            name: span.name(),
            start: span.start().to_string(),
            end: span.end().to_string(),
            tree: tree(span)?,
        })
    });
    let spans: Vec<PublicSpan> = spans.collect::<Result<_, E>>()?;
    let span_of = |family: &Family| {
        let span = span(project, family.every, period).name();
        let place = spans.iter().position(|known| known.name == span);
        place.unwrap_or_default()
    };
    let blocks = all.vectors.iter().enumerate().map(|(index, vector)| {
        let depth = spans[span_of(&all.families[vector.family])].tree.depth();
        let wanted = |level: &u32| {
            vector
                .levels
                .as_ref()
                .is_none_or(|some| some.contains(level))
        };
        vector.block(all.name(index), (0..=depth).filter(wanted).collect())
    });
    let blocks: Vec<_> = blocks.collect();
    let kinds = all.families.iter().enumerate().map(|(index, family)| {
        let mine = blocks.iter().filter(|block| block.kind == index);
        // Cohorts that others are compared with are selected as deep as those.
        let compared = all.tables.iter().filter(|table| {
            let mut others = table.others.iter();
            others.any(|other| other.kind == index)
        });
        let compared = compared.map(|table| &blocks[table.block]);
        let deepest = mine
            .chain(compared)
            .filter_map(|block| block.levels.last())
            .max();
        CohortKind {
            name: family.name(project),
            span: span_of(family),
            levels: deepest.map_or(0, |level| level + 1),
            coach_rule: family.cohort.has_coach_rule(),
            keys: all.keys[index].declared(&programmes.arms(&spans[span_of(family)].tree)),
            dimensions: dimensions(project, family),
        }
    });
    let mut public = Public {
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
        spans,
        blocks,
        bounds: Vec::new(),
        tables: all.tables,
        past: Vec::new(),
        glossary: glossary(project, programmes, &all.families, *period),
        texts: texts(project),
    };
    public.bounds = bounds(project, &public, (&all.families, &all.keys));
    Ok(public)
}

/// Declared properties of what some families' tables are about. Of programmes it
/// says nothing of days to come.
fn glossary(
    project: &Project,
    programmes: &Programmes,
    families: &[Family],
    period: Period,
) -> Glossary {
    let reads = |at: usize, instrument: &Instrument| {
        let mut families = families.iter();
        families.any(|family| match (family.cohort, family.instrument) {
            (Cohort::Asked, None) => !instrument.items.is_empty(),
            (_, one) => one == Some(at),
        })
    };
    let instruments = project.instruments.iter().enumerate();
    let instruments = instruments.filter(|(at, instrument)| reads(*at, instrument));
    let started = |programme: &Programme| {
        let first = programme.starts.first();
        let first = first.filter(|day| **day <= period.end())?;
        Some(ProgrammeFacts {
            label: programme.label.clone(),
            starts_on: first.to_string(),
        })
    };
    let star = project.north_star.iter();
    let targets = star.flat_map(|star| {
        star.targets.iter().map(|target| TargetFacts {
            competency: project.framework.competencies[usize::from(target.competency)].clone(),
            level: target.level,
            weight: target.weight,
            tipping_share: star.tipping_share,
        })
    });
    Glossary {
        metrics: project.metrics.iter().map(Metric::facts).collect(),
        instruments: instruments.map(|(_, one)| one.facts()).collect(),
        programmes: programmes.all().iter().filter_map(started).collect(),
        targets: targets.collect(),
    }
}

/// Why a declared release makes no sense: a measure none of whose levels is in
/// the org tree.
pub fn unmeasured(public: &Public) -> Option<String> {
    let empty = public.blocks.iter().find(|block| block.levels.is_empty())?;
    Some(format!(
        "measure {}: none of its `levels` is in the org tree, whose deepest level is {}; nothing \
         would be published",
        empty.name,
        public.tree(empty.kind).depth()
    ))
}

/// The vectors of the measures that a release of the period publishes: those
/// of every period, and those whose longer span closes with it. Effects of
/// programmes are published from the first start on.
///
/// There may be none. Then the release has no table and draws nothing, so it
/// costs nothing; it is made all the same, for a rebuilt ledger must tell such a
/// period from one whose release was lost. That it is so follows from the
/// arguments, which are the configuration and declared programmes: neither
/// whether there are rows, nor what they say, has any part in it.
pub fn due_vectors(project: &Project, programmes: &Programmes, period: &Period) -> Vectors {
    let starts = |every| Starts::of(programmes, span(project, every, period));
    let due = |measure: &&Measure| {
        let span = span(project, measure.every, period);
        let whole = span.end() == period.end() && span.start() >= project.calendar.first.start();
        whole && (measure.cohort != Cohort::Arms || !starts(measure.every).is_empty())
    };
    vectors(project, starts, project.measures.iter().filter(due))
}

/// The earlier spans whose outcomes the vectors compare with.
pub fn bases(vectors: &Vectors) -> impl Iterator<Item = Period> + '_ {
    let starts = vectors.keys.iter().filter_map(|keys| keys.starts());
    starts.flat_map(Starts::bases)
}

/// The period, and the longer spans that the vectors describe.
pub fn spans(project: &Project, vectors: &Vectors, period: &Period) -> Vec<Period> {
    let mut spans = vec![*period];
    for family in &vectors.families {
        let span = span(project, family.every, period);
        if !spans.contains(&span) {
            spans.push(span);
        }
    }
    spans
}

/// The span of a length that a period lies in; without one, the period.
pub fn span(project: &Project, every: Option<Every>, period: &Period) -> Period {
    every.map_or(*period, |every| {
        Period::containing(period.end(), every, project.calendar.year_starts)
    })
}

/// What the people of a family are told apart by. Job levels that are not
/// declared leave `(all)` alone.
fn dimensions(project: &Project, family: &Family) -> Vec<Dimension> {
    let values = |name: &String| {
        let declared = project
            .dimensions
            .iter()
            .find(|dimension| dimension.name == *name);
        declared.map_or_else(Vec::new, |dimension| dimension.values.clone())
    };
    let one = |name: &String| Dimension {
        name: name.clone(),
        values: values(name),
    };
    family.people.iter().map(one).collect()
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

fn texts(project: &Project) -> BTreeMap<String, String> {
    let star = project.north_star.iter().flat_map(|star| {
        [
            ("where", &star.r#where),
            ("how", &star.how),
            ("why", &star.why),
        ]
    });
    let unit: PrivacyUnit = project.privacy.unit;
    star.map(|(name, text)| (format!("north_star_{name}"), text.clone()))
        .chain([("unit".to_owned(), unit.name().to_owned())])
        .collect()
}
