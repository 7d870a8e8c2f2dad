//! What tests publish of small organisations.

use lodestar_consistency::Forest;
use lodestar_privacy::Tree;
use lodestar_privacy::noisy::{Cohort, Group, Moved, Noise, NoisyLevel, Selection, Value};
use lodestar_privacy::tree::UnitSpec;

use super::cohorts::forest;

const NOISE: Noise = Noise {
    rho_micro: 1,
    sensitivity: 1.0,
    sigma: 1.0,
};

pub(super) fn drawn(levels: Vec<Vec<Cohort>>) -> Vec<NoisyLevel> {
    let levels = levels.into_iter().map(|cohorts| NoisyLevel {
        selection: Selection {
            moved: Moved::counts(1),
            noise: NOISE,
            delta_femto: 1,
            threshold: 1,
        },
        size: NOISE,
        cohorts,
    });
    levels.collect()
}

pub(super) fn cohort(group: Group, values: &[Value]) -> Cohort {
    Cohort {
        group,
        key: 0,
        values: values.to_vec(),
        size: 0,
    }
}

pub(super) fn tree(units: &[(&str, Option<&str>)]) -> Tree {
    let spec = |(id, parent): &(&str, Option<&str>)| UnitSpec {
        id: (*id).to_owned(),
        label: (*id).to_owned(),
        parent: parent.map(str::to_owned),
        standing: true,
    };
    Tree::new(units.iter().map(spec).collect()).unwrap()
}

/// A root with the units a and b, and what shows of each, in one dimension.
pub(super) fn levels(shown: [&[Value]; 3], with_group: bool) -> (Forest, Vec<NoisyLevel>) {
    let tree = tree(&[("r", None), ("a", Some("r")), ("b", Some("r"))]);
    let of = |id: &str, values: &[Value]| -> Vec<Cohort> {
        let unit = Group::Unit(tree.code(id).unwrap());
        values.iter().map(|value| cohort(unit, &[*value])).collect()
    };
    let mut below = [of("a", shown[1]), of("b", shown[2])].concat();
    if with_group {
        below.push(cohort(
            Group::Others(tree.code("r").unwrap()),
            &[Value::All],
        ));
    }
    let levels = drawn(vec![of("r", shown[0]), below]);
    (forest(&tree, &levels), levels)
}
