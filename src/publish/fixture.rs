//! A small release, drawn by hand, for the tests of this stage.

use std::collections::BTreeMap;

use lodestar_privacy::noisy::{
    Cohort, Cost, CutOff, Group, Moved, Noise, Noisy, NoisyBlock, NoisyBounds, NoisyCells,
    NoisyKind, NoisyLevel, Selection,
};
use lodestar_privacy::public::{
    Block, Bound, Bounds, Classes, CohortKind, Coordinate, Glossary, InstrumentFacts, Label,
    MetricFacts, PeriodText, Policy, ProgrammeFacts, Rule, Span, Statistic, StatisticKind, Table,
    TargetFacts,
};
use lodestar_privacy::tree::UnitSpec;
use lodestar_privacy::{Public, Tree};

/// Label of a unit that is declared, standing and hidden.
pub(crate) const HIDDEN: &str = "Hidden & \"quiet\"";
/// Id and label of a unit that closed.
pub(crate) const CLOSED: &str = "closed-unit";

fn label(id: &str, label: &str) -> Label {
    Label {
        id: id.to_owned(),
        label: label.to_owned(),
    }
}

fn statistic(name: &str, kind: StatisticKind) -> Statistic {
    Statistic {
        name: name.to_owned(),
        kind,
        from: 0,
        definition: format!("What {name} is."),
        unit: "people".to_owned(),
        tolerated_error: 0.025,
    }
}

fn unit(id: &str, label: &str, parent: Option<&str>, standing: bool) -> UnitSpec {
    UnitSpec {
        id: id.to_owned(),
        label: label.to_owned(),
        parent: parent.map(str::to_owned),
        standing,
    }
}

/// Noise of this σ, at its price (zCDP: Δ²/2σ²).
pub(crate) fn noise(sensitivity: f64, sigma: f64) -> Noise {
    Noise {
        rho_micro: (sensitivity.powi(2) / (2.0 * sigma.powi(2)) * 1e6).ceil() as u64,
        sensitivity,
        sigma,
    }
}

/// What all parts of a release cost, in 1e-6.
pub(crate) fn rho_micro(noisy: &Noisy) -> u64 {
    let kinds = noisy.kinds.iter().flat_map(|kind| &kind.levels);
    let kinds = kinds.map(|level| level.selection.noise.rho_micro + level.size.rho_micro);
    let blocks = noisy.blocks.iter().flat_map(|block| &block.levels);
    let bounds = noisy.bounds.iter().map(|bounds| bounds.noise.rho_micro);
    let blocks = blocks.map(|level| level.noise.rho_micro).chain(bounds);
    kinds.sum::<u64>() + blocks.sum::<u64>()
}

fn level(cohorts: Vec<Cohort>) -> NoisyLevel {
    NoisyLevel {
        selection: Selection {
            moved: Moved::counts(1),
            noise: noise(1.0, 3.0),
            delta_femto: 250_000_000,
            threshold: 14,
        },
        size: noise(1.0, 4.0),
        cohorts,
    }
}

/// Root "acme", units "north", "south", "tiny" (hidden) and one that closed.
pub(crate) fn public() -> Public {
    let tree = Tree::new(vec![
        unit("acme", "Acme, \"the\" Company\nPLC 🧭", None, true),
        unit("north", "Nord – Süd; 'Ost'", Some("acme"), true),
        unit("south", "South", Some("acme"), true),
        unit("tiny", HIDDEN, Some("acme"), true),
        unit(CLOSED, CLOSED, Some("acme"), false),
    ]);
    Public {
        organisation: "Acme".to_owned(),
        period: PeriodText {
            name: "2024-Q1".to_owned(),
            start: "2024-01-01".to_owned(),
            end: "2024-03-31".to_owned(),
            window: "2024".to_owned(),
        },
        revision: 0,
        synthetic: false,
        policy: Policy {
            k: 10,
            coalition: 1,
            epsilon: 8.0,
            delta: 1e-6,
        },
        spans: vec![Span {
            name: "2024-Q1".to_owned(),
            start: "2024-01-01".to_owned(),
            end: "2024-03-31".to_owned(),
            tree: tree.expect("a tree"),
        }],
        kinds: vec![CohortKind {
            name: "coachees".to_owned(),
            span: 0,
            levels: 2,
            coach_rule: true,
            keys: lodestar_privacy::public::Keys::none(),
            dimensions: vec![],
        }],
        blocks: vec![Block {
            name: "theme_prevalence".to_owned(),
            kind: 0,
            levels: vec![0, 1],
            // Not in order of id: published rows must be.
            keys: vec![
                vec![label("courage", "Courage"), label("voice", "Speaking up")],
                vec![
                    label("adaptability", "Adaptability"),
                    label("other", "Other"),
                ],
                vec![
                    label("adaptability", "Adaptability"),
                    label("ambiguity", "Ambiguity"),
                ],
            ],
            max_cells: 4,
            inputs: 0,
            coordinates: vec![Coordinate {
                rule: Rule::Has,
                factor: 1,
                weight: 1.0,
                tolerated_error: 0.025,
            }],
            search: None,
            classes: Classes::None,
        }],
        bounds: vec![Bounds {
            kind: 0,
            bounds: vec![Bound::Keys { block: 0, more: 2 }],
        }],
        tables: vec![Table {
            name: "theme_prevalence".to_owned(),
            question: "What comes up in coaching?".to_owned(),
            block: 0,
            rows: vec![0],
            others: vec![],
            dimensions: vec!["competency".to_owned(), "theme".to_owned()],
            statistics: vec![
                statistic("n", StatisticKind::Count { of: 0 }),
                statistic("share", StatisticKind::Share { of: 0 }),
            ],
            weight: 1.0,
        }],
        past: vec![],
        glossary: glossary(),
        texts: BTreeMap::from([
            (
                "north_star_where".to_owned(),
                "Become \"self_sha256\": \"agile\"".to_owned(),
            ),
            ("unit".to_owned(), "person".to_owned()),
        ]),
    }
}

/// Properties of what the table is about, and of what it is not.
fn glossary() -> Glossary {
    let target = |id: &str| TargetFacts {
        competency: label(id, id),
        level: 3.5,
        weight: 2.0,
        tipping_share: 0.25,
    };
    Glossary {
        metrics: vec![MetricFacts {
            label: label("absence", "Absence"),
            unit: "days".to_owned(),
            range: (0.0, 365.0),
            clip: (0.0, 60.0),
            higher_is_better: false,
        }],
        instruments: vec![InstrumentFacts {
            label: label("survey", "Survey"),
            scale: (1.0, 5.0),
            step: 0.5,
            higher_is_better: true,
            top_box: 4.5,
            min_raters: 3,
            reliability: None,
            norm_sd: Some(0.7),
        }],
        programmes: vec![ProgrammeFacts {
            label: label("lead", "Lead"),
            starts_on: "2024-01-15".to_owned(),
        }],
        targets: vec![target("courage"), target("elsewhere")],
    }
}

/// The release of [`public`]: "south" shows, "north" and "tiny" are a group. Its
/// numbers add up as they are drawn.
pub(crate) fn release() -> (Noisy, Public) {
    let public = public();
    let code = |id: &str| public.tree(0).code(id).expect("declared");
    let root = Cohort {
        group: Group::Unit(code("acme")),
        key: 0,
        values: vec![],
        size: 312,
    };
    let south = Cohort {
        group: Group::Unit(code("south")),
        key: 0,
        values: vec![],
        size: 300,
    };
    let others = Cohort {
        group: Group::Others(code("acme")),
        key: 0,
        values: vec![],
        size: 12,
    };
    let cells = |level: u32, cells: Vec<Vec<i64>>| NoisyCells {
        level,
        noise: noise(2.0, 5.5),
        cells,
    };
    let mut noisy = Noisy {
        kinds: vec![NoisyKind {
            levels: vec![level(vec![root]), level(vec![south, others])],
        }],
        blocks: vec![NoisyBlock {
            found: None,
            levels: vec![
                cells(0, vec![vec![94, -11, 11]]),
                cells(1, vec![vec![83, 9, 10], vec![11, -20, 1]]),
            ],
        }],
        // Three people have two keys more than count: six are lost of a hundred.
        bounds: vec![NoisyBounds {
            noise: noise(65_536.0, 65_536.0),
            keys: vec![CutOff {
                key: 0,
                numbers: vec![65_536 * (2 * 3 - 312)],
            }],
        }],
        cost: Cost {
            rho_micro: 0,
            delta_femto: 500_000_000,
            epsilon: 3.145_2,
            delta: 1.234e-7,
        },
    };
    noisy.cost.rho_micro = rho_micro(&noisy);
    (noisy, public)
}

/// The files of [`release`], adapted, as the ledger would hand them out.
pub(crate) fn files(adapt: impl FnOnce(&mut Noisy, &mut Public)) -> Vec<(String, Vec<u8>)> {
    let (mut noisy, mut public) = release();
    adapt(&mut noisy, &mut public);
    let files = super::encode(&noisy, &public);
    let manifest = (super::MANIFEST.to_owned(), files.manifest);
    std::iter::once(manifest).chain(files.tables).collect()
}

/// Makes [`release`]'s numbers those of another quarter of 2024.
pub(crate) fn quarter(public: &mut Public, quarter: u32, revision: u32) {
    let (start, end) = match quarter {
        1 => ("2024-01-01", "2024-03-31"),
        2 => ("2024-04-01", "2024-06-30"),
        3 => ("2024-07-01", "2024-09-30"),
        _ => ("2024-10-01", "2024-12-31"),
    };
    public.period.name = format!("2024-Q{quarter}");
    public.period.start = start.to_owned();
    public.period.end = end.to_owned();
    let span = &mut public.spans[0];
    (span.name, span.start, span.end) =
        (public.period.name.clone(), start.to_owned(), end.to_owned());
    public.revision = revision;
}
