//! A period of a synthetic project, released again and again, as files.

use std::collections::BTreeMap;
use std::io::Cursor;

use lodestar::calendar::Period;
use lodestar::publish;
use lodestar_privacy::noisy::Noisy;
use lodestar_privacy::rehearsal::{Rehearsal, Script};
use polars::prelude::{DataFrame, DataType, ParquetReader, SerReader as _};
use serde_json::Value;

use crate::exact_support::published::{real, whole};
use crate::exact_support::{Sample, draws};
use crate::support::{Project, names};

/// What releases of a period are drawn from.
pub(super) struct Stand {
    rehearsal: Rehearsal,
    script: Script,
}

impl Stand {
    pub(super) fn new(sample: &Sample, period: &str) -> Self {
        let project = sample.project();
        let calendar = &project.calendar;
        let period = Period::parse(period, calendar.every, calendar.year_starts).unwrap();
        let inputs = draws::Inputs::read(&project);
        let (rehearsal, script) = draws::rehearsal(&project, &inputs, period);
        Self { rehearsal, script }
    }

    /// A release, with noise of its own.
    pub(super) fn release(&self) -> Files {
        self.files(&self.rehearsal.draw(&self.script).unwrap())
    }

    /// What a program would publish that hides nothing and adds no noise.
    pub(super) fn exact(&self) -> Files {
        self.files(&self.rehearsal.exact(self.script.public()).unwrap())
    }

    fn files(&self, noisy: &Noisy) -> Files {
        let files = publish::encode(noisy, self.script.public());
        Files {
            manifest: serde_json::from_slice(&files.manifest).unwrap(),
            tables: files.tables.into_iter().collect(),
        }
    }
}

/// The files of a release.
pub(super) struct Files {
    pub(super) manifest: Value,
    /// Bytes by name.
    pub(super) tables: BTreeMap<String, Vec<u8>>,
}

/// A published number, and half of its interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Figure {
    pub(super) value: f64,
    pub(super) half: f64,
}

/// By what they are numbers of: table, unit, all other keys, statistic.
pub(super) type Figures = BTreeMap<[String; 4], Figure>;

impl Files {
    /// What a project has published of a release.
    pub(super) fn published(project: &Project, release: &str) -> Self {
        let folder = format!("published/releases/{release}");
        let names = names(&project.path(&folder)).into_iter();
        let files = names.map(|name| (project.read(&format!("{folder}/{name}")), name));
        let mut tables: BTreeMap<String, Vec<u8>> =
            files.map(|(bytes, name)| (name, bytes)).collect();
        let manifest = tables.remove("manifest.json").unwrap();
        Self {
            manifest: serde_json::from_slice(&manifest).unwrap(),
            tables,
        }
    }

    /// Tables of facts, by name.
    pub(super) fn facts(&self) -> impl Iterator<Item = (&str, DataFrame)> {
        let facts = self.tables.iter();
        let facts = facts.filter_map(|(name, bytes)| {
            let name = name.strip_suffix(".parquet")?;
            (!name.starts_with("dim_")).then_some((name, bytes))
        });
        facts.map(|(name, bytes)| {
            let reader = ParquetReader::new(Cursor::new(bytes.as_slice()));
            (name, reader.finish().unwrap())
        })
    }

    /// Every number that has an interval.
    pub(super) fn figures(&self) -> Figures {
        let mut all = Figures::new();
        for (table, frame) in self.facts() {
            let (units, keys) = keys(&frame);
            for name in frame.get_column_names() {
                let ends = ["low", "high"].map(|end| numbers(&frame, &format!("{name}_{end}")));
                let [Some(low), Some(high)] = ends else {
                    continue;
                };
                let values = numbers(&frame, name).unwrap();
                for (row, value) in values.into_iter().enumerate() {
                    let (Some(value), Some(low), Some(high)) = (value, low[row], high[row]) else {
                        continue;
                    };
                    let half = (high - low) / 2.0;
                    let of = [table, &units[row], &keys[row], name].map(str::to_owned);
                    all.insert(of, Figure { value, half });
                }
            }
        }
        all
    }

    /// What was charged for it.
    pub(super) fn rho(&self) -> f64 {
        self.manifest["privacy"]["rho_release_micro"]
            .as_f64()
            .unwrap()
            / 1e6
    }
}

/// Unit and all other keys of each row; labels and what says how it stands are none.
fn keys(frame: &DataFrame) -> (Vec<String>, Vec<String>) {
    let (mut units, mut keys) = (Vec::new(), vec![String::new(); frame.height()]);
    for column in frame.columns() {
        let name = column.name().as_str();
        let says = name.ends_with("status") || name.ends_with("_label");
        let says = says || ["release_id", "tipping"].contains(&name);
        if *column.dtype() != DataType::String || says {
            continue;
        }
        let texts = column.str().unwrap().iter().map(Option::unwrap_or_default);
        if name == "org_unit" {
            units = texts.map(str::to_owned).collect();
        } else {
            for (key, text) in keys.iter_mut().zip(texts) {
                *key += text;
                key.push('/');
            }
        }
    }
    (units, keys)
}

/// A column of numbers; `None`: there is none of that name.
fn numbers(frame: &DataFrame, name: &str) -> Option<Vec<Option<f64>>> {
    match frame.column(name).ok()?.dtype() {
        DataType::Float64 => Some(real(frame, name)),
        DataType::Int64 => {
            let whole = whole(frame, name).into_iter();
            Some(whole.map(|n| n.map(|n| n as f64)).collect())
        }
        _ => None,
    }
}

/// So many results of something that differs from time to time, by all processors. Not
/// by rayon: draws wait for tasks of their own, and who waits there would begin with
/// further draws, one within the other.
pub(super) fn repeated<T: Send>(times: usize, one: impl Fn() -> T + Sync) -> Vec<T> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let share = |thread: usize| (times + thread) / threads;
    std::thread::scope(|scope| {
        let one = &one;
        let work = |thread| scope.spawn(move || (0..share(thread)).map(|_| one()).collect());
        let workers: Vec<_> = (0..threads).map(work).collect();
        let done = workers.into_iter().map(|worker| worker.join().unwrap());
        done.flat_map(|all: Vec<T>| all).collect()
    })
}
