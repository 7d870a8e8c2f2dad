//! The promise in words, with its numbers filled in, and what it leaves out.
//!
//! The same text stands in the manifest and in every Parquet file.

use std::collections::{BTreeMap, BTreeSet};

use lodestar_privacy::Public;
use lodestar_privacy::noisy::Cost;

use super::manifest::v1::{self, Guarantee};

/// The guarantee of one release.
pub(super) fn guarantee(public: &Public, cost: &Cost) -> Guarantee {
    Guarantee {
        promise: promise(public, cost),
        exclusions: exclusions(public),
    }
}

/// The guarantee of what was made of several releases: no stronger than that
/// of any of them.
pub(super) fn of_all(releases: &[&v1::Release]) -> Guarantee {
    let all = || releases.iter().map(|release| &release.privacy);
    let windows: BTreeMap<&str, String> = all()
        .map(|privacy| {
            let (epsilon, delta) = (privacy.epsilon_window, exponential(privacy.delta_window));
            (
                privacy.window.as_str(),
                format!("{}: ε = {epsilon}, δ = {delta}", privacy.window),
            )
        })
        .collect();
    let windows: Vec<String> = windows.into_values().collect();
    let k = all().map(|privacy| privacy.k).min().unwrap_or_default();
    let weakest = releases
        .iter()
        .min_by_key(|release| release.privacy.coalition);
    let allowed_for = weakest.is_some_and(|release| release.privacy.coalition > 0);
    let kinds = releases.iter().flat_map(|release| &release.cohorts);
    let kinds = kinds.map(|kind| (kind.name.as_str(), kind.coach_rule));
    let weaker = |release: &&v1::Release| release.privacy.unit == PERSON_PERIOD;
    let unit = Unit::of(if releases.iter().any(weaker) {
        PERSON_PERIOD
    } else {
        ""
    });
    let promise = format!(
        "Over all releases of a budget window: adding or removing {neighbour} changes the \
         probability of any published output by at most a factor e^ε, except with probability δ, \
         with these ε and δ ({windows}). {composition} Every published number describes a cohort of at least k = {k} people{coaches}, \
         and no count estimated below k is shown. Each release's own promise stands in its \
         manifest.",
        neighbour = unit.neighbour,
        composition = unit.composition,
        windows = windows.join("; "),
        coaches = coaches(allowed_for, kinds),
    );
    let synthetic = releases.iter().all(|release| release.synthetic);
    let exclusions = weakest.map(|release| release.guarantee.exclusions.clone());
    let mut exclusions = exclusions.unwrap_or_default();
    exclusions.retain(|text| synthetic || text != SYNTHETIC);
    Guarantee {
        promise,
        exclusions,
    }
}

/// The name of the weaker unit.
const PERSON_PERIOD: &str = "person-period";

/// What a privacy unit makes of the promise.
struct Unit {
    neighbour: &'static str,
    composition: &'static str,
    /// What a coach is taken to know.
    coached: &'static str,
}

impl Unit {
    fn of(name: &str) -> Self {
        if name == PERSON_PERIOD {
            Self {
                neighbour: "the rows of one period in which one person is the subject, being a \
                            member of a unit in it included,",
                composition: "That is weaker than protecting the person: each person's rows of one \
                              period are protected, not the person over all periods. Over several \
                              periods the losses add up, so every further period adds its own ε \
                              and δ.",
                coached: "A coach is taken to know the people whom they coached, or rated as their \
                          manager or coach, in the period.",
            }
        } else {
            Self {
                neighbour: "one person, with every row in which that person is the subject,",
                composition: "Windows compose: over several windows the losses add up, so every \
                              further window adds its own ε and δ.",
                coached: "A coach is taken to know the people whom they coached, or rated as their \
                          manager or coach, in the twelve months up to the period's end, as far \
                          as the input holds those twelve months.",
            }
        }
    }

    fn declared(public: &Public) -> Self {
        Self::of(public.texts.get("unit").map_or("", String::as_str))
    }
}

const RULE: &str = "still at least k after any one coach has taken away everyone they coach";
const NO_RULE: &str = " (what a coach knows is not allowed for: coalition = 0)";
const SYNTHETIC: &str = "Every source is declared synthetic: no real person is described, and the \
                         guarantee shows what it would promise.";

fn promise(public: &Public, cost: &Cost) -> String {
    let policy = &public.policy;
    let unit = Unit::declared(public);
    format!(
        "Over all releases of the budget window {window}: adding or removing {neighbour} changes \
         the probability of any published output by at most a factor e^ε with ε = {epsilon}, \
         except with probability δ = {delta}. This release alone: ε = {release_epsilon}, δ = \
         {release_delta}. {composition} Every published number describes a cohort of at least k = {k} people{coaches}, and no count \
         estimated below k is shown.",
        neighbour = unit.neighbour,
        composition = unit.composition,
        window = public.period.window,
        epsilon = policy.epsilon,
        delta = exponential(policy.delta),
        release_epsilon = (cost.epsilon * 1000.0).ceil() / 1000.0,
        release_delta = rounded_up(cost.delta),
        k = policy.k,
        coaches = coaches(
            policy.coalition > 0,
            public
                .kinds
                .iter()
                .map(|kind| (kind.name.as_str(), kind.coach_rule)),
        ),
    )
}

/// Whether, and for which cohorts, k holds against a coach. `kinds` are names
/// of families, each with whether the coach rule is theirs.
fn coaches<'a>(allowed_for: bool, kinds: impl Iterator<Item = (&'a str, bool)>) -> String {
    let mut ruled = false;
    let mut without = BTreeSet::new();
    for (name, rule) in kinds {
        ruled |= rule;
        if !rule {
            without.insert(name);
        }
    }
    let without: Vec<&str> = without.into_iter().collect();
    let without = format!("cohorts of {}: without the coach rule", without.join("; "));
    match (allowed_for, ruled, without.starts_with("cohorts of :")) {
        (false, ..) => NO_RULE.to_owned(),
        (true, true, true) => format!(" ({RULE})"),
        (true, true, false) => format!(" ({RULE}; {without})"),
        (true, false, true) => String::new(),
        (true, false, false) => format!(" ({without})"),
    }
}

fn exclusions(public: &Public) -> Vec<String> {
    // A release without a cohort leaves nothing out.
    let rule = public.policy.coalition > 0
        && (public.kinds.is_empty() || public.kinds.iter().any(|kind| kind.coach_rule));
    let coaches = format!(
        "Coaches and raters are not protected by ε; the coach rule protects coachees from \
         coaches. {}",
        Unit::declared(public).coached
    );
    let mut texts = vec![
        "Numerators and complements inside a cohort have no minimum, and differences between \
         rows, tables and releases have none either: there (ε, δ) alone protects.",
        if rule {
            coaches.as_str()
        } else {
            "Coaches and raters are not protected by ε; nor does k protect coachees from what \
             their coaches know."
        },
        "ε bounds what adding or removing a person changes. Two versions of one person's rows, such \
         as coached or not coached, are twice as far apart: between them the factor is e^(2ε), with \
         a larger δ.",
        "That a run refused its input is visible, and outside the guarantee; so is whether and \
         when a period is revised, which people decide who see the input.",
        "What is declared is public and not protected: org units with their tree, competencies, \
         themes, the calendar, every text and every parameter.",
        "Losses of several windows, of several projects over the same people, and of restoring \
         state and releases together from a backup, add up.",
        "The noise comes from OpenDP's constructors marked contrib: reviewed, but not formally \
         vetted by that project.",
    ];
    if public.blocks.iter().any(|block| block.search.is_some()) {
        texts.push(
            "Words that many people's notes say are published as they stand, names of others among \
             them that no list names: whoever is not the subject of a note is not protected by ε.",
        );
    }
    if public.synthetic {
        texts.push(SYNTHETIC);
    }
    texts.into_iter().map(str::to_owned).collect()
}

/// `1e-6`: many zeros are easily misread.
fn exponential(x: f64) -> String {
    format!("{x:e}")
}

/// Three significant digits, upwards: a promise is never rounded in our favour.
fn rounded_up(x: f64) -> String {
    if x <= 0.0 || !x.is_finite() {
        return exponential(x);
    }
    let unit = 10_f64.powf(x.log10().floor() - 2.0);
    let up = (x / unit).ceil() * unit;
    format!("{up:.2e}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::publish::fixture;

    #[test]
    fn numbers_are_filled_in_and_rounded_up() {
        let (noisy, public) = fixture::release();
        let text = promise(&public, &noisy.cost);
        for part in [
            "window 2024:",
            "ε = 8,",
            "δ = 1e-6.",
            "ε = 3.146,",
            "δ = 1.24e-7.",
            "k = 10",
        ] {
            assert!(text.contains(part), "{part} is not in: {text}");
        }
        assert!(text.contains(
            "(still at least k after any one coach has taken away everyone they coach), and"
        ));
    }

    #[test]
    fn without_a_cohort_nothing_is_said_of_one() {
        let (noisy, mut public) = fixture::release();
        public.kinds.clear();
        let cost = Cost {
            epsilon: 0.0,
            delta: 0.0,
            ..noisy.cost
        };
        let said = promise(&public, &cost);
        assert!(
            said.contains("This release alone: ε = 0, δ = 0e0."),
            "{said}"
        );
        assert!(
            said.contains("at least k = 10 people, and no count"),
            "{said}"
        );
        assert!(exclusions(&public)[1].contains("the coach rule protects"));
    }

    #[test]
    fn weaker_settings_are_named() {
        let (noisy, mut public) = fixture::release();
        public.policy.coalition = 0;
        assert!(promise(&public, &noisy.cost).contains("not allowed for: coalition = 0"));
        assert!(exclusions(&public)[1].contains("what their coaches know"));
        public.policy.coalition = 1;
        public.kinds.push(lodestar_privacy::public::CohortKind {
            name: "head-count".to_owned(),
            span: 0,
            levels: 1,
            coach_rule: false,
            keys: lodestar_privacy::public::Keys::none(),
            dimensions: vec![],
        });
        assert!(
            promise(&public, &noisy.cost).contains("cohorts of head-count: without the coach rule")
        );
        assert!(exclusions(&public)[1].contains("the coach rule protects"));
        public.kinds.remove(0);
        let alone = promise(&public, &noisy.cost);
        assert!(alone.contains(" (cohorts of head-count: without the coach rule), and"));
        assert!(!alone.contains("coalition"));
        public.synthetic = true;
        assert!(
            exclusions(&public)
                .iter()
                .any(|text| text.contains("declared synthetic"))
        );
    }

    #[test]
    fn a_persons_rows_of_one_period_are_called_weaker() {
        let (noisy, mut public) = fixture::release();
        let strong = promise(&public, &noisy.cost);
        assert!(
            strong.contains("removing one person, with every row") && !strong.contains("weaker")
        );
        public
            .texts
            .insert("unit".to_owned(), PERSON_PERIOD.to_owned());
        let weak = promise(&public, &noisy.cost);
        for part in [
            "removing the rows of one period in which one person is the subject",
            "weaker than protecting the person",
            "not the person over all periods",
        ] {
            assert!(weak.contains(part), "{part} is not in: {weak}");
        }
        assert!(exclusions(&public)[1].contains("manager or coach, in the period."));
    }

    #[test]
    fn what_is_made_of_several_promises_no_more_than_any() {
        let release = |adapt: fn(&mut Public)| {
            let manifest = &fixture::files(|_, public| adapt(public))[0].1;
            let parsed = crate::publish::manifest::parse(manifest);
            let Ok(crate::publish::manifest::Manifest::Release(release)) = parsed else {
                panic!("a manifest of a release")
            };
            release
        };
        let ruled = release(|_| {});
        let headcount = release(|public| {
            public.kinds[0].name = "headcount".to_owned();
            public.kinds[0].coach_rule = false;
        });
        let both = of_all(&[&ruled, &headcount]).promise;
        let words = format!("({RULE}; cohorts of headcount: without the coach rule)");
        assert!(both.contains(&words), "{both}");
        assert!(both.contains("every further window adds its own ε"));
        let weaker = release(|public| public.policy.coalition = 0);
        assert!(of_all(&[&ruled, &weaker]).promise.contains("coalition = 0"));
    }

    #[test]
    fn small_numbers_round_up() {
        assert_eq!(rounded_up(1.234e-7), "1.24e-7");
        assert_eq!(rounded_up(9.999e-7), "1.00e-6");
        assert_eq!(rounded_up(0.0), "0e0");
    }
}
