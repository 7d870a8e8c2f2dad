//! What was declared and measured ↔ what a manifest says of it.

use lodestar_privacy::Public;
use lodestar_privacy::noisy::{Found, Noisy, NoisyCells, Selection};
use lodestar_privacy::public::{
    Block, Classes, Coordinate, Round, Rule, Search, Statistic, StatisticKind, Table,
};

use super::v1;

/// All vectors of a release, in order.
pub(in super::super) fn vectors(noisy: &Noisy, public: &Public) -> Vec<v1::Vector> {
    let all = public.blocks.iter().zip(&noisy.blocks);
    let one = |(block, drawn): (&Block, &lodestar_privacy::noisy::NoisyBlock)| v1::Vector {
        name: block.name.clone(),
        cohort: public.kinds[block.kind].name.clone(),
        max_cells: block.max_cells,
        keys: block.keys.len() as u64,
        partition: block.classes == Classes::Keys,
        coordinates: block.coordinates.iter().map(coordinate).collect(),
        exclusive: match &block.classes {
            Classes::Coordinates(all) => all.iter().map(|place| *place as u32).collect(),
            Classes::None | Classes::Keys => Vec::new(),
        },
        search: block.search.as_ref().zip(drawn.found.as_ref()).map(search),
        levels: drawn.levels.iter().map(level).collect(),
    };
    all.map(one).collect()
}

fn search((declared, found): (&Search, &Found)) -> v1::Search {
    let rounds = Round::of(declared).zip(&found.rounds);
    let round = |((round, _), drawn): ((Round, u64), &Selection)| v1::Round {
        of: match round {
            Round::Words(_) => "words".to_owned(),
            Round::Phrases(length) => format!("phrases of {length}"),
            Round::Sections => "competencies".to_owned(),
        },
        rho_micro: drawn.noise.rho_micro,
        sensitivity: drawn.noise.sensitivity,
        sigma: drawn.noise.sigma,
        threshold: drawn.threshold,
        delta_femto: drawn.delta_femto,
    };
    v1::Search {
        entries: declared.entries,
        most: declared.most,
        rounds: rounds.map(round).collect(),
    }
}

fn level(cells: &NoisyCells) -> v1::VectorLevel {
    v1::VectorLevel {
        level: cells.level,
        rho_micro: cells.noise.rho_micro,
        sensitivity: cells.noise.sensitivity,
        sigma: cells.noise.sigma,
    }
}

fn coordinate(coordinate: &Coordinate) -> v1::Coordinate {
    let (rule, bounds) = match coordinate.rule {
        Rule::Has => ("has", vec![]),
        Rule::Centred { low, high, .. } => ("centred", vec![low, high]),
        Rule::Amount { high, .. } => ("amount", vec![high]),
        Rule::AtLeast { least, .. } => ("at_least", vec![least]),
        Rule::Within {
            low_micro,
            high_micro,
            ..
        } => ("within", vec![low_micro, high_micro]),
        Rule::Excess { high, .. } => ("excess", vec![high]),
    };
    v1::Coordinate {
        rule: rule.to_owned(),
        bounds,
        factor: coordinate.factor,
        weight: coordinate.weight,
        tolerated_error: coordinate.tolerated_error,
    }
}

/// The parameters of a table.
pub(in super::super) fn parameters(public: &Public, table: &Table) -> v1::Parameters {
    v1::Parameters {
        vector: public.blocks[table.block].name.clone(),
        weight: table.weight,
        statistics: table
            .statistics
            .iter()
            .map(|one| statistic(table, one))
            .collect(),
    }
}

/// The columns of a table's statistics.
pub(in super::super) fn columns(table: &Table) -> Vec<v1::Column> {
    let all = table.statistics.iter().enumerate();
    all.map(|(at, one)| v1::Column {
        name: one.name.clone(),
        kind: kind(&one.kind).to_owned(),
        has_status: has_status(table, at),
    })
    .collect()
}

/// Whether a statistic may be withheld where the first is given, or the other
/// way round: `status` speaks for the first, and for the share of its count.
fn has_status(table: &Table, at: usize) -> bool {
    match (&table.statistics[0].kind, &table.statistics[at].kind) {
        _ if at == 0 => false,
        (StatisticKind::Count { of: first }, StatisticKind::Share { of })
        | (StatisticKind::Share { of: first }, StatisticKind::Count { of }) => first != of,
        _ => true,
    }
}

fn statistic(table: &Table, statistic: &Statistic) -> v1::Statistic {
    let of = |places: &[usize]| places.iter().map(|place| *place as u32).collect();
    let (of, steps, counts) = match statistic.kind.representative() {
        StatisticKind::Count { of: one }
        | StatisticKind::Share { of: one }
        | StatisticKind::ShareOfOther { of: one }
        | StatisticKind::Lift { of: one }
        | StatisticKind::LogOdds { of: one }
        | StatisticKind::Rise { of: one, .. }
        | StatisticKind::Tipping { of: one, .. }
        | StatisticKind::Pace { of: one, .. }
        | StatisticKind::ReachedBy { of: one, .. } => (of(&[*one]), 1.0, true),
        StatisticKind::Mean {
            of: one,
            scale,
            counts,
        } => (of(&[*one]), *scale, *counts),
        StatisticKind::Ratio {
            excess,
            whole,
            scale,
            counts,
        } => (of(&[*excess, *whole]), *scale, *counts),
        StatisticKind::Level { of: one, .. } | StatisticKind::Gap { of: one, .. } => {
            (of(&[*one]), 1.0, false)
        }
        StatisticKind::Change(pair) | StatisticKind::EffectSize(pair) => {
            let all = [pair.baseline, pair.follow_up, pair.square, pair.product];
            (of(&all), 1.0, false)
        }
        StatisticKind::Difference(spread) => (of(&[spread.of, spread.square]), 1.0, false),
        StatisticKind::Effect(effect) => {
            let all = [effect.change.of, effect.change.square];
            (of(&all), 1.0, false)
        }
        StatisticKind::Trend { .. } | StatisticKind::ByKey(_) | StatisticKind::Absent => {
            (Vec::new(), 1.0, false)
        }
    };
    let other = statistic.from.checked_sub(1);
    v1::Statistic {
        name: statistic.name.clone(),
        kind: kind(&statistic.kind).to_owned(),
        other: other.and_then(|at| Some(table.others.get(at)?.name.clone())),
        of,
        steps,
        counts,
        tolerated_error: statistic.tolerated_error,
    }
}

/// The name of a kind.
pub(in super::super) fn kind(kind: &StatisticKind) -> &'static str {
    match kind.representative() {
        StatisticKind::Count { .. } => "count",
        StatisticKind::Share { .. } => "share",
        StatisticKind::Mean { .. } => "mean",
        StatisticKind::Ratio { .. } => "ratio",
        StatisticKind::Level { .. } => "level",
        StatisticKind::Gap { .. } => "gap",
        StatisticKind::Change(_) => "change",
        StatisticKind::EffectSize(_) => "effect_size",
        StatisticKind::Difference(_) => "difference",
        StatisticKind::Effect(_) => "effect",
        StatisticKind::ShareOfOther { .. } => "share_of_people",
        StatisticKind::Lift { .. } => "lift",
        StatisticKind::LogOdds { .. } => "log_odds",
        StatisticKind::Rise { .. } => "rise",
        StatisticKind::Trend { .. } => "trend",
        StatisticKind::Tipping { .. } => "tipping",
        StatisticKind::Pace { .. } => "pace",
        StatisticKind::ReachedBy { .. } => "reached_by",
        StatisticKind::ByKey(_) | StatisticKind::Absent => "absent",
    }
}

/// No release tells people apart by more keys: what a manifest claims is not believed
/// beyond.
const CLASSES_MOST: usize = 1_000;

/// The coordinates and statistics that a manifest states, as far as figures
/// follow from them and the row alone; `None` if they make no sense.
pub(in super::super) fn stated(
    vector: &v1::Vector,
    parameters: &v1::Parameters,
) -> Option<(Block, Vec<Option<Statistic>>)> {
    let coordinates: Option<Vec<Coordinate>> =
        vector.coordinates.iter().map(stated_coordinate).collect();
    let keys = usize::try_from(vector.keys).ok();
    // A row is one of its cohort's only where its keys are classes.
    let classes = keys.filter(|keys| vector.partition && *keys <= CLASSES_MOST);
    let block = Block {
        name: vector.name.clone(),
        kind: 0,
        levels: vec![],
        keys: vec![vec![]; classes.unwrap_or_default()],
        search: None,
        max_cells: vector.max_cells,
        inputs: 0,
        coordinates: coordinates?,
        classes: classes.map_or(Classes::None, |_| Classes::Keys),
    };
    let most = block.coordinates.len();
    let statistics = parameters.statistics.iter().map(|one| {
        let of = one.of.iter().map(|place| *place as usize);
        let of: Vec<usize> = of.filter(|place| *place < most).collect();
        let kind = match (one.kind.as_str(), of.as_slice()) {
            ("count", [of]) => StatisticKind::Count { of: *of },
            ("share", [of]) => StatisticKind::Share { of: *of },
            ("mean", [of]) => StatisticKind::Mean {
                of: *of,
                scale: one.steps,
                counts: one.counts,
            },
            ("ratio", [excess, whole]) => StatisticKind::Ratio {
                excess: *excess,
                whole: *whole,
                scale: one.steps,
                counts: one.counts,
            },
            _ => return None,
        };
        if one.other.is_some() {
            return None;
        }
        Some(Statistic {
            from: 0,
            name: one.name.clone(),
            kind,
            definition: String::new(),
            unit: String::new(),
            tolerated_error: one.tolerated_error,
        })
    });
    Some((block, statistics.collect()))
}

fn stated_coordinate(stated: &v1::Coordinate) -> Option<Coordinate> {
    let (input, part, whole) = (0, 0, 0);
    let rule = match (stated.rule.as_str(), stated.bounds.as_slice()) {
        ("has", []) => Rule::Has,
        ("centred", &[low, high]) => Rule::Centred { input, low, high },
        ("amount", &[high]) => Rule::Amount { input, high },
        ("at_least", &[least]) => Rule::AtLeast { input, least },
        ("within", &[low_micro, high_micro]) => Rule::Within {
            part,
            whole,
            low_micro,
            high_micro,
        },
        ("excess", &[high]) => Rule::Excess { part, whole, high },
        _ => return None,
    };
    Some(Coordinate {
        rule,
        factor: stated.factor,
        weight: stated.weight,
        tolerated_error: stated.tolerated_error,
    })
}
