//! Whoever leaves takes a row with them, if a cohort shows or hides by its true size.
//!
//! Known: all of a unit's people but one, so that it has k outsiders or one less; or one,
//! or nobody. Published: whether any table names the unit.

use super::office::{Office, guarded};
use super::stand::{Files, Stand, repeated};
use crate::exact_support::project::EXACT;
use crate::support::short_or_full;

/// Of the project.
const K: usize = 3;

/// Releases of an organisation whose unit `a1` has so many people.
fn stand(people: usize, epsilon: f64) -> Stand {
    let mut office = Office::empty();
    for unit in ["a2", "b1", "b2"] {
        office.crowd(unit, 150);
    }
    office.crowd("a1", people);
    Stand::new(&office.sample(&guarded(epsilon)), "2024-Q1")
}

/// Whether a table of facts has a row of the unit: of coachees, or of all people.
fn names(files: &Files) -> bool {
    files.figures().keys().any(|[_, unit, ..]| unit == "a1")
}

#[test]
fn the_last_one_who_leaves_is_not_missed() {
    let draws = short_or_full(8, 500);
    for people in [0, 1, K - 1, K, K + 1] {
        let stand = stand(people, 4.0);
        let shown = repeated(draws, || names(&stand.release()));
        // δ of a release is below a millionth.
        let shown = shown.iter().filter(|shown| **shown).count();
        assert_eq!(shown, 0, "{people} people, shown {shown} times of {draws}");
    }
}

/// Where ε promises nothing, there is a size at which each release tells.
#[test]
fn without_a_guarantee_the_last_one_is_missed() {
    let shows = |people: usize| {
        let stand = stand(people, EXACT);
        [(); 3].map(|()| names(&stand.release()))
    };
    let sizes: Vec<[bool; 3]> = (K..K + 5).map(shows).collect();
    let told = sizes.windows(2).any(|pair| pair == [[false; 3], [true; 3]]);
    assert!(told, "{sizes:?}");
}
