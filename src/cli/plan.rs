//! `lodestar plan`: what the window will publish, before anything is spent.

use std::collections::BTreeMap;

use clap::Args;
use lodestar::ingest::Org;
use lodestar::outlook::{Outlook, TableOutlook, outlook};
use lodestar::plan::weights::{self, Bought, Change, bought};
use lodestar::plan::{
    Basis, COHORT_SIZES, Expects, HEADCOUNTS, LevelPlan, ReleasePlan, StatisticPlan, WindowPlan,
    plan, unheeded,
};
use lodestar::target::{MOST, Reach, Target, reach};
use lodestar::text::count;
use lodestar_privacy::ledger::{Records, stored};
use serde::Serialize;
use serde_json::json;

use super::output::{self, fitting, rho, short, short_unit};
use super::values::whole;
use super::{Done, Failure, ProjectArgs, ended};

/// Show what each window will publish and how accurate it will be.
///
/// Reads the configuration, public files and the ledger; no private data.
///
/// Example: lodestar plan --config lodestar.toml
/// Example: lodestar plan --config lodestar.toml --people 300
/// Example: lodestar plan --target "share ±5 points at 200 people"
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Plan {
    #[command(flatten)]
    project: ProjectArgs,
    /// Tell what would appear of so many people a period, spread evenly over
    /// the units of each level, and what would help.
    #[arg(long, value_name = "N", value_parser = whole(1, 1_000_000_000_u32))]
    people: Option<u32>,
    /// Tell which ε an accuracy needs: a statistic, the half-width of its 95 %
    /// interval, and a number of people, such as "share ±5 points at 200 people".
    #[arg(long, value_name = "TEXT", conflicts_with = "people")]
    target: Option<Target>,
}

/// A window, and what weights buy in it.
#[derive(Serialize)]
struct Facts<'a> {
    #[serde(flatten)]
    plan: &'a WindowPlan,
    weights: &'a [Bought],
}

impl Plan {
    pub(super) fn run(&self) -> Done {
        let project = self.project.load()?;
        let org = Org::load(&project).map_err(|error| Failure::new(error.exit_code(), error))?;
        if let Some(refusal) = org.refusal(&project) {
            return Err(Failure::new(refusal.exit_code(), refusal));
        }
        let records = Records::inspect(&project.state).map_err(|error| Failure::new(6, error))?;
        let released = stored(&project.state).map_err(|error| Failure::new(6, error))?;
        let failed = |error: lodestar::plan::PlanError| Failure::new(error.exit_code(), error);
        let basis = Basis::new(&org, records.clone(), &released).map_err(failed)?;
        if let Some(target) = &self.target {
            let reaches = reach(&project, basis, target).map_err(failed)?;
            return self.print_reaches(&reaches, target, project.privacy.epsilon);
        }
        let plans = plan(&project, &basis).map_err(failed)?;
        let outlook = match self.people {
            Some(people) => outlook(&project, &basis, people).map_err(failed)?,
            None => None,
        };
        let weights = bought(&project, &basis).map_err(failed)?;
        if self.project.json {
            let windows = plans.iter().zip(&weights);
            let windows: Vec<Facts> = windows
                .map(|(plan, weights)| Facts { plan, weights })
                .collect();
            return match &outlook {
                Some(outlook) => output::json(&json!({ "windows": windows, "outlook": outlook })),
                None => output::json(&windows),
            };
        }
        let unheeded = unheeded(&project, &org, &plans);
        let mut unheeded = unheeded.map_err(|error| Failure::new(error.exit_code(), error))?;
        if plans.is_empty() {
            ended::print(&project, &records)?;
        }
        for (index, (plan, weights)) in plans.iter().zip(&weights).enumerate() {
            if index > 0 {
                output::line("");
            }
            print(plan, unheeded.take().as_deref());
            print_weights(weights);
        }
        if !plans.is_empty() {
            explain(project.privacy.k);
        }
        if weights.iter().any(|weights| !weights.is_empty()) {
            explain_weights();
        }
        if let Some(outlook) = &outlook {
            print_outlook(outlook);
        }
        Ok(())
    }
}

impl Plan {
    fn print_reaches(&self, reaches: &[Reach], target: &Target, configured: f64) -> Done {
        if reaches.is_empty() {
            let problem = format!(
                "no table of the first window has a statistic called {}, or it has no error to \
                 plan: `lodestar plan` lists them",
                target.statistic
            );
            return Err(Failure::new(2, problem));
        }
        if self.project.json {
            return output::json(&reaches);
        }
        let row = |reach: &Reach| {
            let metric = reach.metric.iter().map(|metric| format!(" of {metric}"));
            let name = format!("{}.{}", reach.table, reach.statistic);
            let name = metric.fold(name, |name, metric| name + &metric);
            let beyond = || format!("above {MOST}");
            let epsilon = reach.epsilon.map_or_else(beyond, |epsilon| {
                // Upwards, so that it is enough.
                format!("{:.2}", (epsilon * 100.0).ceil() / 100.0)
            });
            vec![
                name,
                reach.level.to_string(),
                match in_unit(&reach.unit, reach.half_width) {
                    none if none == NONE => none,
                    width => format!("±{width}"),
                },
                short_unit(&reach.unit).to_owned(),
                epsilon,
            ]
        };
        let now = format!("at ε {configured}");
        let rows: Vec<Vec<String>> = reaches.iter().map(row).collect();
        output::table(&["", "level", &now, "in", "needs ε"], &rows);
        output::line("");
        output::wrapped(&format!(
            "In a cohort of {} people, in a window that has spent nothing: the 95 % half-width \
             that is expected at the configured ε (—: nothing can be said), and the least ε with \
             which it is what was asked for.",
            target.people
        ));
        Ok(())
    }
}

fn print(plan: &WindowPlan, unheeded: Option<&str>) {
    output::line(format!(
        "window {}: ε {} δ {:e}, ρ {} of which {} spent",
        plan.window,
        plan.epsilon,
        plan.delta,
        rho(plan.rho_micro),
        rho(plan.spent_rho_micro)
    ));
    output::wrapped(&format!(
        "to be released: {}{}",
        plan.due.join(", "),
        if plan.spare {
            ", and a spare: one revision takes all of it"
        } else {
            "; no revision: the spare is used"
        }
    ));
    unheeded.into_iter().for_each(output::wrapped);
    plan.releases.iter().for_each(print_release);
}

fn print_release(release: &ReleasePlan) {
    let periods = release.periods.join(", ");
    if release.tables.is_empty() {
        output::wrapped(&format!(
            "{periods}: no measure's span ends here: no table, and no cost"
        ));
        return;
    }
    output::line("");
    output::wrapped(&format!(
        "{periods}: ρ {} each (alone ε {})",
        rho(release.rho_micro),
        short(release.epsilon)
    ));
    if let Some(before) = shown_before(release) {
        output::wrapped(&before);
    }
    let sizes = COHORT_SIZES.map(|size| format!("±{size}"));
    output::line(columns("", "in", "σ", &sizes, "most"));
    let mut rest = release.tables.as_slice();
    while let Some(first) = rest.first() {
        // Levels of a table that differ in nothing but their units.
        let alike = |level: &&LevelPlan| tells_the_same(first, level);
        let count = rest.iter().take_while(alike).count();
        print_levels(first, &rest[..count]);
        rest = &rest[count..];
    }
    let (bounds, cost) = release.bounds.iter().fold((0, 0), |(bounds, cost), one| {
        (bounds + one.bounds, cost + one.rho_micro)
    });
    if bounds > 0 {
        output::line(format!(
            "dim_bound: level 0; what {} cut off, ρ {} in all",
            count(bounds as u64, "bound"),
            rho(cost)
        ));
    }
}

/// Which units are expected to show, if earlier releases or head-counts tell: of
/// levels that will not show as a whole, by what tells, level and number.
fn shown_before(release: &ReleasePlan) -> Option<String> {
    let levels = release.tables.iter();
    let known = levels.filter_map(|level| Some((level, level.expects.as_ref()?)));
    let known: Vec<_> = known.collect();
    let mut parts: BTreeMap<(&str, u32, usize, usize), Vec<&str>> = BTreeMap::new();
    for (level, expects) in &known {
        if expects.units < level.units {
            let part = (
                expects.from.as_str(),
                level.level,
                expects.units,
                level.units,
            );
            parts.entry(part).or_default().push(&level.table);
        }
    }
    let parts = parts.iter().map(|((period, level, units, all), tables)| {
        let tables = tables.join(", ");
        let from = match *period {
            HEADCOUNTS => String::new(),
            period => format!(" (from {period})"),
        };
        let units_of_all = format!("{units} of {}", count(*all as u64, "unit"));
        format!("level {level}: {units_of_all}{from}: {tables}")
    });
    let parts: Vec<String> = parts.collect();
    let parts = match parts.join("; ") {
        all if all.is_empty() => "all units".to_owned(),
        parts => parts,
    };
    let first = |expects: &Expects| expects.from == HEADCOUNTS;
    let told = match known.iter().filter(|(_, expects)| first(expects)).count() {
        0 => "showed before",
        some if some == known.len() => "units say to have",
        _ => "showed before, and units say to have",
    };
    (!known.is_empty()).then(|| format!("  expected to show, from what {told}: {parts}"))
}

fn tells_the_same(a: &LevelPlan, b: &LevelPlan) -> bool {
    let numbers = |level: &LevelPlan| (level.cells, level.rho_micro, level.smallest_cohort);
    a.table == b.table && numbers(a) == numbers(b)
}

fn print_levels(first: &LevelPlan, levels: &[LevelPlan]) {
    let names: Vec<String> = levels.iter().map(|level| level.level.to_string()).collect();
    output::wrapped(&format!(
        "{}: level {}; {} a unit, ρ {} each, from {}",
        first.table,
        names.join(", "),
        match first.cells {
            // Of what is looked for nobody knows before.
            0 => "as many rows as are found in".to_owned(),
            cells => count(cells as u64, "row"),
        },
        rho(first.rho_micro),
        first.smallest_cohort
    ));
    let mut metric = None;
    for one in &first.statistics {
        if one.metric != metric {
            metric.clone_from(&one.metric);
            output::line(format!("  {}", metric.as_deref().unwrap_or_default()));
        }
        let width = |width: f64| in_unit(&one.unit, width);
        let unit = short_unit(&one.unit);
        let widths: Vec<String> = one.half_widths.iter().map(|one| width(*one)).collect();
        let most = one.widest.map_or_else(String::new, width);
        let StatisticPlan {
            statistic, sigma, ..
        } = one;
        let indent = if metric.is_some() { "    " } else { "  " };
        let name = format!("{indent}{statistic}");
        output::line(columns(&name, unit, &short(*sigma), &widths, &most));
    }
}

/// Where there is no number.
const NONE: &str = "—";

/// A half-width in points of a share, or in its unit; none where it is wider than
/// all shares.
fn in_unit(unit: &str, width: f64) -> String {
    let share = unit == "share";
    match width {
        width if !width.is_finite() || share && width >= 1.0 => NONE.to_owned(),
        width if share => format!("{:.1}", width * 100.0),
        width => short(width),
    }
}

fn print_weights(weights: &[Bought]) {
    if weights.is_empty() {
        return;
    }
    let people = format!("±{}", weights::PEOPLE);
    let head = ["of ρ", &people, "×½", "×2"].map(str::to_owned);
    output::line("\nwhat each weight buys:");
    output::line(columns("", "in", "weight", &head, "others"));
    for one in weights {
        let metric = one.metric.iter().map(|metric| format!(" of {metric}"));
        let at = format!("{}: {}, level {}", one.table, one.period, one.level);
        output::wrapped(&metric.fold(at, |at, metric| at + &metric));
        let (halved, doubled) = (one.halved.as_ref(), one.doubled.as_ref());
        let own = |change: &Change| change.half_width / one.half_width;
        let widths = [
            format!("{} %", short(one.rho_share * 100.0)),
            in_unit(&one.unit, one.half_width),
            changed(halved.map(own)),
            changed(doubled.map(own)),
        ];
        output::line(columns(
            &format!("  {}", one.statistic),
            short_unit(&one.unit),
            &one.weight.to_string(),
            &widths,
            &changed(doubled.map(|change| change.others)),
        ));
    }
}

/// A factor as a change in per cent.
fn changed(factor: Option<f64>) -> String {
    let change = factor.map(|factor| (factor - 1.0) * 100.0);
    let Some(change) = change.filter(|change| change.is_finite()) else {
        return NONE.to_owned();
    };
    let sign = if change < 0.0 { "−" } else { "+" };
    match change.abs() {
        size if size < 9.95 => format!("{sign}{size:.1} %"),
        size => format!("{sign}{size:.0} %"),
    }
}

fn explain_weights() {
    legend(&[
        (
            "of ρ",
            "the part of the release that pays for the numbers that a table reads, which several may read",
        ),
        (
            "×½, ×2",
            "how the ± changes with half of the weight, and with twice of it",
        ),
        (
            "others",
            "what twice of it adds to the ± of the other tables, at most",
        ),
    ]);
}

/// One line of at most 80 columns, or two where the name is long.
fn columns(name: &str, unit: &str, sigma: &str, widths: &[String], most: &str) -> String {
    let widths: Vec<String> = widths.iter().map(|width| format!("{width:>6}")).collect();
    let line = format!(
        "{} {unit:<8} {sigma:>6} {} {most:>6}",
        fitting(name, 28),
        widths.join(" ")
    );
    line.trim_end().to_owned()
}

fn explain(k: u32) {
    let from = format!(
        "people with whom a unit has a row every other time, beside those of its busiest coach \
         where the coach rule holds; never below {k}"
    );
    legend(&[
        ("from", &from),
        (
            "ρ",
            "what it takes of the budget; tables that read the same numbers share it",
        ),
        (
            "σ",
            "standard deviation of the noise on what is summed over a cohort, after all levels are \
             made to add up; the units that earlier releases or head-counts let expect are taken \
             to show, else all",
        ),
        (
            "±N",
            "half of the 95 % interval in a cohort of N people, of a share of one half, else of the \
             widest; — where nothing can be said",
        ),
        ("most", "what has a wider interval is not shown"),
    ]);
}

/// What the heads of a table's columns mean, below it.
fn legend(words: &[(&str, &str)]) {
    output::line("");
    for (word, meaning) in words {
        output::wrapped(&format!("{word}: {meaning}"));
    }
}

fn print_outlook(outlook: &Outlook) {
    output::line(format!(
        "\nof {} people a period, spread evenly over the units of a level:",
        outlook.people
    ));
    for level in &outlook.levels {
        let people = match level.people_a_unit {
            1 => "1 person".to_owned(),
            people => format!("{people} people"),
        };
        output::line(format!("level {}: {people} a unit", level.level));
        for (said, appears) in [("may appear", true), ("nothing of", false)] {
            let mine = level.tables.iter().filter(|one| one.appears == appears);
            let mine: Vec<&TableOutlook> = mine.collect();
            if !mine.is_empty() {
                output::wrapped(&format!("  {said}: {}", from(&mine)));
            }
        }
    }
    if outlook.levels.iter().all(|level| !level.appears) {
        output::line("nothing will appear, and the budget would be spent all the same");
    } else {
        output::line(
            "from: beyond the people of the unit's busiest coach, where the coach rule holds;\n\
             of units with just so many, one in two appears",
        );
    }
    let lacking = outlook.levels.iter().flat_map(|level| &level.tables);
    if !outlook.helps.is_empty() {
        output::line("what would help what does not appear:");
    } else if lacking.clone().any(|table| !table.appears) {
        output::line("no single change of the configuration would help");
    }
    for help in &outlook.helps {
        output::wrapped(&format!("- {}:", help.change));
        for level in &help.levels {
            let (there, not): (Vec<_>, Vec<_>) = level.tables.iter().partition(|one| one.appears);
            for (said, tables) in [("would appear:", there), ("nearer:", not)] {
                if !tables.is_empty() {
                    let level = level.level;
                    output::wrapped(&format!("  level {level}: {said} {}", from(&tables)));
                }
            }
        }
    }
}

/// Tables by the people that they need: `from 27 engagement, trigger_mix; from
/// 60 coverage`.
fn from(tables: &[&TableOutlook]) -> String {
    let mut by_need: BTreeMap<i64, Vec<&str>> = BTreeMap::new();
    for one in tables {
        by_need.entry(one.needed).or_default().push(&one.table);
    }
    let all = by_need
        .iter()
        .map(|(needed, names)| format!("from {needed} {}", names.join(", ")));
    all.collect::<Vec<_>>().join("; ")
}
