//! `lodestar synth`: a synthetic organisation with its truth.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use lodestar::calendar::Every;
use lodestar::synth::scale::{Dirt, Format, Scale, Shape, Share, generate as generate_scale};
use lodestar::synth::{Options, SynthError, generate};
use serde_json::json;

use super::values::whole;
use super::{Done, Failure, Threads, output, shown};

/// Make a synthetic organisation with its truth, ready to `run`.
///
/// With --sessions it has units, people and sessions alone, and as many as you
/// like; without, assessments, outcomes and a programme, too.
///
/// Example: lodestar synth --people 12000 --seed 2024 --out acme
///          lodestar synth --people 1000000 --sessions 20000000 --seed 1 \
///              --units 2000 --levels 4 --every year --out large
///          lodestar synth --people 2000 --sessions 20000 --seed 1 \
///              --careers 0.05 --groups 0.1 --late 0.02 --dirt 0.001 --out dirty
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Synth {
    /// Number of people.
    #[arg(long, value_parser = whole(1, 1_000_000_000_u32))]
    people: u32,
    /// The same seed makes the same files.
    #[arg(long, value_parser = whole(0, u64::MAX))]
    seed: u64,
    /// A folder that is empty or does not exist.
    #[arg(long)]
    out: PathBuf,
    /// Coaches' notes, names to take out of them, and what is true of them.
    #[arg(long, conflicts_with = "sessions")]
    notes: bool,
    /// Print facts as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    threads: Threads,
    #[command(flatten)]
    size: Size,
}

/// How large it is, and what its rows are like.
#[derive(Debug, Args)]
#[command(next_help_heading = "With --sessions")]
struct Size {
    /// Rows of sessions, 100 to 100,000,000.
    #[arg(long, value_parser = whole(1, 1_000_000_000_u64))]
    sessions: Option<u64>,
    /// Org units, the root included.
    #[arg(long, requires = "sessions", value_parser = whole(1, 1_000_000_u32))]
    units: Option<u32>,
    /// Levels of the tree, the root's included, 2 to 8; goes with --units.
    #[arg(long, requires = "units", default_value_t = 3, value_parser = whole(2, 8_u32))]
    levels: u32,
    /// Years from 2024 on, 1 to 10.
    #[arg(long, requires = "sessions", default_value_t = 1, value_parser = whole(1, 10_u32))]
    years: u32,
    /// How long the project's periods are.
    #[arg(long, requires = "sessions", value_enum, default_value_t = Length::Quarter)]
    every: Length,
    /// What people and sessions are written as.
    #[arg(long, requires = "sessions", value_enum, default_value_t = Written::Parquet)]
    format: Written,
    /// Share of people who change their unit each quarter.
    #[arg(long, requires = "sessions", value_name = "SHARE")]
    careers: Option<Share>,
    /// Share of rows that are gathered into group sessions.
    #[arg(long, requires = "sessions", value_name = "SHARE")]
    groups: Option<Share>,
    /// Share of rows that come late, in files of their own.
    #[arg(long, requires = "sessions", value_name = "SHARE")]
    late: Option<Share>,
    /// Broken and repeated copies of rows, as shares of all: 0.001 of every
    /// kind, or date=0.01,conflict=0.002 of some.
    #[arg(long, requires = "sessions", value_name = "SHARES")]
    dirt: Option<Dirt>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Length {
    Quarter,
    Half,
    Year,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Written {
    Parquet,
    Csv,
    Ndjson,
}

impl Synth {
    pub(super) fn run(&self) -> Done {
        self.threads.apply()?;
        match self.size.sessions {
            None => self.study(),
            Some(sessions) => self.scale(sessions),
        }
    }

    fn study(&self) -> Done {
        let options = Options {
            notes: self.notes,
            ..Options::new(self.people, self.seed, self.out.clone())
        };
        let summary = generate(&options).map_err(failure)?;
        let config = shown(&self.out.join("lodestar.toml"));
        if self.json {
            return output::json(&json!({
                "people": summary.people, "divisions": summary.divisions,
                "departments": summary.departments, "coaches": summary.coaches,
                "sessions": summary.sessions, "config": config,
            }));
        }
        output::line(format!(
            "{} people in {} divisions and {} departments, {} coaches, {} sessions",
            summary.people,
            summary.divisions,
            summary.departments,
            summary.coaches,
            summary.sessions
        ));
        output::line(format!("next: lodestar run --config {config}"));
        Ok(())
    }

    fn scale(&self, sessions: u64) -> Done {
        let Size {
            units,
            levels,
            years,
            every,
            format,
            careers,
            groups,
            late,
            dirt,
            ..
        } = &self.size;
        let options = Scale {
            shape: units.map(|units| Shape {
                units,
                levels: *levels,
            }),
            years: *years,
            every: match every {
                Length::Quarter => Every::Quarter,
                Length::Half => Every::Half,
                Length::Year => Every::Year,
            },
            format: match format {
                Written::Parquet => Format::Parquet,
                Written::Csv => Format::Csv,
                Written::Ndjson => Format::Ndjson,
            },
            careers: careers.unwrap_or_default(),
            groups: groups.unwrap_or_default(),
            late: late.unwrap_or_default(),
            dirt: dirt.clone().unwrap_or_default(),
            ..Scale::new(self.people, sessions, self.seed, self.out.clone())
        };
        let summary = generate_scale(&options).map_err(failure)?;
        let config = shown(&self.out.join("lodestar.toml"));
        if self.json {
            return output::json(&json!({
                "people": summary.people, "units": summary.units, "levels": summary.levels,
                "coaches": summary.coaches, "sessions": summary.sessions,
                "dirt": summary.copies, "config": config,
            }));
        }
        output::line(format!(
            "{} people in {} units at {} levels, {} coaches, {} sessions",
            summary.people, summary.units, summary.levels, summary.coaches, summary.sessions
        ));
        let copies: u64 = summary.copies.iter().map(|copies| copies.rows).sum();
        if copies > 0 {
            output::line(format!("{copies} broken or repeated copies of rows"));
        }
        output::line(format!("next: lodestar run --config {config}"));
        Ok(())
    }
}

fn failure(error: SynthError) -> Failure {
    Failure::new(error.exit_code(), error)
}
