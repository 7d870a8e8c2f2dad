//! `lodestar evaluate`: released values of a synthetic cohort against its truth.

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use lodestar::evaluate::{Accuracy, EvaluateError, Grid, Options, Out, Point, evaluate};
use lodestar::text::{COLUMNS, count};

use super::output::{self, short, short_unit};
use super::values::{number, whole};
use super::{Done, Failure, ProjectArgs, Resources, shown};

/// Tell how accurate policies are, of a synthetic cohort.
///
/// Draws releases and compares them with the cohort's exact numbers. Charges and
/// publishes nothing.
///
/// Lists are tried in every combination; without one, what is configured.
///
/// Example: lodestar evaluate --config lodestar.toml
/// Example: lodestar evaluate --epsilon 2,4,8 --k 5,10 --out accuracy.parquet
/// Example: lodestar evaluate --max-cells 2,4,8 --clip 0.5,1 --levels '0,1;0,1,2'
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Evaluate {
    #[command(flatten)]
    project: ProjectArgs,
    #[command(flatten)]
    resources: Resources,
    /// ε of the window.
    #[arg(long, value_name = "E,…", value_delimiter = ',', value_parser = number(0.001, 1e6))]
    epsilon: Vec<f64>,
    /// Least number of people that a number describes.
    #[arg(long, value_name = "K,…", value_delimiter = ',',
          value_parser = whole(1, 1_000_000_u32))]
    k: Vec<u32>,
    /// Most keys that one person may touch, of every measure that has keys.
    #[arg(long, value_name = "N,…", value_delimiter = ',',
          value_parser = whole(1, 1000_u32))]
    max_cells: Vec<u32>,
    /// What the clips of all measures are multiplied by.
    #[arg(long, value_name = "X,…", value_delimiter = ',', value_parser = number(0.001, 1000.0))]
    clip: Vec<f64>,
    /// Levels of the org tree, of every measure; lists apart by semicolons.
    #[arg(long, value_name = "L,…;…", value_delimiter = ';')]
    levels: Vec<Levels>,
    /// Releases that are drawn under each policy.
    #[arg(long, value_name = "N", default_value_t = 200,
          value_parser = whole(1, 1_000_000_u32))]
    releases: u32,
    /// The period that they are of; the first that publishes every measure, if
    /// not given.
    #[arg(long)]
    period: Option<String>,
    /// Write the figures as Parquet, too, to a file that does not exist.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Some levels of the org tree: `0,1,2`.
#[derive(Clone, Debug)]
struct Levels(Vec<u32>);

impl FromStr for Levels {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let levels = text.split(',').map(|level| match level.trim().parse() {
            Ok(level) if level <= 99 => Ok(level),
            _ => Err(format!("{level:?} is not a level: expected 0 to 99")),
        });
        let mut levels: Vec<u32> = levels.collect::<Result<_, _>>()?;
        levels.sort_unstable();
        levels.dedup();
        Ok(Self(levels))
    }
}

impl Evaluate {
    pub(super) fn run(&self) -> Done {
        let failed = |error: EvaluateError| Failure::new(error.exit_code(), error);
        let project = self.project.load()?;
        self.resources.threads.apply()?;
        let options = Options {
            grid: Grid {
                epsilon: self.epsilon.clone(),
                k: self.k.clone(),
                max_cells: self.max_cells.clone(),
                clip: self.clip.clone(),
                levels: self.levels.iter().map(|levels| levels.0.clone()).collect(),
            },
            releases: self.releases,
            period: self.period.clone(),
            memory: self.resources.memory,
        };
        let out = self.out.as_deref().map(Out::open).transpose();
        let out = out.map_err(failed)?;
        let told = std::io::stderr().is_terminal();
        let begins = |point: &Point| {
            if told {
                eprintln!("{point}: {}", count(u64::from(options.releases), "release"));
            }
        };
        let all = match evaluate(&project, &options, begins) {
            Ok(all) => all,
            Err(error) => {
                if let Some(out) = out {
                    out.discard();
                }
                return Err(failed(error));
            }
        };
        if let Some(out) = out {
            out.write(&all).map_err(failed)?;
        }
        if self.project.json {
            return output::json(&all);
        }
        print(&all);
        if let Some(out) = &self.out {
            output::line(format!("\nall figures are in {}", shown(out)));
        }
        Ok(())
    }
}

fn print(all: &[Accuracy]) {
    for policy in all.chunk_by(|a, b| a.point == b.point) {
        output::line(&policy[0].point);
        output::line(columns(
            "",
            "in",
            ["ok", "held", "RMSE", "rel", "bias", "lost", "τ"].map(str::to_owned),
        ));
        let there = |one: &Accuracy| {
            let of = (one.measure.clone(), one.metric.clone());
            (of, one.published.level)
        };
        for level in policy.chunk_by(|a, b| there(a) == there(b)) {
            print_level(level);
        }
        output::line("");
    }
    output::line(
        "shown: of the cohorts with people, and of their people, what was published. ok:\n\
         rows that show the statistic, %. Of those: held, 95 % intervals that hold the\n\
         exact value, % (*: of comparisons, which allow for the sampling of people too,\n\
         more); RMSE; rel, RMSE over the root mean square of exact values, %. bias, and\n\
         lost, %: what max_cells and clips did to exact values. τ: Kendall's τ-b of the\n\
         ten most frequent keys of a cohort.",
    );
}

fn print_level(level: &[Accuracy]) {
    let published = &level[0].published;
    let metric = level[0].metric.iter().map(|id| format!(" of {id}"));
    let whose = format!(
        "{}{}, level {}:",
        level[0].measure,
        metric.collect::<String>(),
        published.level
    );
    let shown = format!(
        "of {} shown {} %, of their people {} %",
        count(published.cohorts, "cohort"),
        percent(published.cohorts_published),
        percent(published.people_published)
    );
    let is_short = whose.chars().count() + shown.chars().count() < COLUMNS;
    let between = if is_short { " " } else { "\n " };
    output::line(format!("{whose}{between}{shown}"));
    for one in level {
        let points = one.unit == "share";
        let number = |value: Option<f64>| {
            let scaled = value.map(|value| if points { value * 100.0 } else { value });
            scaled.map_or_else(nothing, plain)
        };
        let mut held = percent(one.coverage);
        if one.comparative && one.coverage.is_some() {
            held.push('*');
        }
        output::line(columns(
            &format!(" {}", one.statistic),
            short_unit(&one.unit),
            [
                percent(one.ok),
                held,
                number(one.rmse),
                percent(one.relative_error),
                number(one.bounding.bias),
                percent(one.bounding.lost),
                one.rank_agreement.map_or_else(nothing, plain),
            ],
        ));
    }
}

/// One line of at most [`COLUMNS`].
fn columns(name: &str, unit: &str, numbers: [String; 7]) -> String {
    let [ok, held, rmse, relative, bias, lost, rank] = numbers;
    let line = format!(
        "{name:<26} {unit:<8} {ok:>4} {held:>6} {rmse:>7} {relative:>5} {bias:>7} {lost:>4} {rank:>5}"
    );
    line.trim_end().to_owned()
}

/// A share of 1 in percent.
fn percent(share: Option<f64>) -> String {
    match share.map(|share| share * 100.0) {
        None => nothing(),
        Some(percent) if percent.abs() < 99.95 => unsigned(format!("{percent:.1}")),
        Some(percent) => format!("{percent:.0}"),
    }
}

/// A number with two significant digits or more, down to 0.0001.
fn plain(value: f64) -> String {
    let digits = match value.abs() {
        size if !(0.000_05..0.095).contains(&size) => return unsigned(short(value)),
        size if size >= 0.0095 => 3,
        _ => 4,
    };
    format!("{value:.digits$}")
}

/// Without the sign of a zero.
fn unsigned(number: String) -> String {
    let is_zero = number.parse() == Ok(0.0);
    match number.strip_prefix('-') {
        Some(zero) if is_zero => zero.to_owned(),
        _ => number,
    }
}

fn nothing() -> String {
    "—".to_owned()
}
