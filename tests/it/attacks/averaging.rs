//! Noise goes away if it is drawn often enough. How often can it be drawn?
//!
//! Known: whatever makes a run draw a period again, and when. Whoever attacks may change
//! the configuration as anybody may who runs the program, but not its state.

use std::os::unix::fs::PermissionsExt as _;
use std::process::Stdio;

use super::guess::Apart;
use super::membership::{Pair, everything};
use super::stand::{Figures, Files};
use crate::support::Project;

/// A release and one revision: two draws, and the window pays for both.
const DRAWS: usize = 2;

#[test]
#[cfg_attr(flawed, ignore = "tried with its defect")]
fn running_again_draws_nothing_again() {
    let project = Project::synthetic();
    project.edit(r#"last = "2025-Q1""#, r#"last = "2024-Q1""#);
    project.lodestar("run").ok();
    let published = project.published();
    let same = |why: &str| assert!(project.published() == published, "{why}");
    for day in 8..20 {
        project
            .lodestar(&format!("run --as-of 2024-04-{day:02}"))
            .ok();
        same("a day later");
    }
    let paid = project.read("state/ledger.sqlite");
    for (from, to) in [
        ("k = 10 ", "k = 20 "),
        ("epsilon = 8.0", "epsilon = 20.0"),
        ("delta = 1e-6", "delta = 1e-3"),
    ] {
        project.edit(from, to);
        // It may warn that the window keeps its ε and δ.
        assert_eq!(project.lodestar("run").code, Some(0));
        same(to);
    }
    std::fs::remove_dir_all(project.path("published")).unwrap();
    assert_eq!(project.lodestar("run").code, Some(0));
    same("after it was deleted");
    let revised = project.lodestar("run --revise --period 2024-Q1");
    assert_eq!(revised.code, Some(0));
    for _ in 0..3 {
        let more = project.lodestar("run --revise --period 2024-Q1");
        more.refused(4, &["2024-Q1"]);
    }
    assert_eq!(project.releases().len(), DRAWS);
    // What an old ledger would let be drawn again, is not.
    std::fs::remove_file(project.path("state/ledger.sqlite-wal")).unwrap_or_default();
    project.write("state/ledger.sqlite", paid);
    project.lodestar("run").refused(6, &["2024-Q1-r1"]);
    std::fs::remove_dir_all(project.path("state")).unwrap();
    project.lodestar("run").refused(6, &["2024-Q1"]);
}

/// What two draws at the same ρ tell together is what ρ of both allows.
#[test]
#[cfg_attr(flawed, ignore = "tried with its defect")]
fn the_mean_of_two_draws_finds_nobody() {
    let pair = Pair::guarded();
    let [with, without] = pair.scores(everything, 1).map(|scores| {
        let both = scores.chunks_exact(DRAWS).map(|draws| draws.iter().sum());
        both.collect::<Vec<f64>>()
    });
    let rho = DRAWS as f64 * pair.rho(1);
    Apart::of(&with, &without).is_within(rho, "two draws");
}

/// Were there as many draws as one likes, numbers of people would be found to the person.
#[test]
#[cfg_attr(flawed, ignore = "tried with its defect")]
fn many_draws_would_tell_the_exact_numbers() {
    let (exact, released) = Pair::guarded().first_quarter();
    let released: Vec<&Figures> = released.collect();
    let mut told = 0;
    for (of, exact) in exact {
        let [table, unit, _, statistic] = of.each_ref().map(String::as_str);
        if (table, unit, statistic) != ("theme_prevalence", "Acme", "n") {
            continue;
        }
        let errors = released.iter().filter_map(|seen| seen.get(of));
        let errors: Vec<f64> = errors.map(|seen| seen.value - exact.value).collect();
        let mean = errors.iter().sum::<f64>() / errors.len() as f64;
        let worst = errors
            .iter()
            .fold(0.0, |most: f64, error| most.max(error.abs()));
        assert!(mean.abs() < worst / 3.0, "{of:?}: {mean} of {errors:?}");
        told += 1;
    }
    assert_eq!(told, 3);
}

/// Two that start at the same moment, on the same rows, with the same secret: if their
/// generators began alike, so would their noise, and one more person would show as the
/// difference of two releases.
#[test]
#[cfg_attr(flawed, ignore = "tried with its defect")]
fn programs_that_start_together_draw_apart() {
    let projects = [0, 1].map(|_| {
        let project = Project::until("2024-Q1");
        project.write("state/secret", [7; 32]);
        let private = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(project.path("state/secret"), private).unwrap();
        project
    });
    let runs = projects.each_ref().map(|project| {
        project
            .command("run")
            .stdout(Stdio::null())
            .spawn()
            .unwrap()
    });
    for mut run in runs {
        assert!(run.wait().unwrap().success());
    }
    let [one, other] = projects.map(|project| {
        assert_eq!(project.read("state/secret"), [7; 32]);
        Files::published(&project, "2024-Q1").figures()
    });
    let both = one
        .iter()
        .filter_map(|(of, one)| Some((one.value, other.get(of)?.value)));
    let both: Vec<(f64, f64)> = both.collect();
    let same = both
        .iter()
        .filter(|(one, other)| (one - other).abs() < 1e-9)
        .count();
    // Which show differs, too, and numbers of people may be the same by chance.
    assert!(
        both.len() > 30 && same * 4 < both.len(),
        "{same} of {}",
        both.len()
    );
}
