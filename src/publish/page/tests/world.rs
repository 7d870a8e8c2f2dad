//! A `current/` made by hand: a table with every kind of column.

use std::sync::LazyLock;

use arrow::array::RecordBatch;

use crate::publish::manifest::{self, Manifest, v1};
use crate::publish::table::{Table, days};
use crate::publish::{current, dims, fixture, parquet_file, write};

/// Names and bytes.
pub(crate) type Files = Vec<(String, Vec<u8>)>;

/// What is declared.
pub(crate) struct World {
    pub(crate) organisation: String,
    /// Label of each unit below the root, whose id is its number.
    pub(crate) units: Vec<String>,
    /// Label of each metric, likewise.
    pub(crate) metrics: Vec<String>,
    pub(crate) themes: Vec<String>,
    pub(crate) competencies: Vec<String>,
    pub(crate) periods: usize,
}

impl World {
    /// So many units, metrics and periods.
    pub(crate) fn new(units: usize, metrics: usize, periods: usize) -> Self {
        let labels = |what: &str, count| (0..count).map(|n| format!("{what} {n}")).collect();
        Self {
            organisation: "Acme & Söhne".to_owned(),
            units: labels("Unit", units),
            metrics: labels("Metric", metrics),
            themes: labels("Theme", 2),
            competencies: labels("Competency", 1),
            periods,
        }
    }

    /// The table of facts.
    pub(crate) fn facts(&self) -> RecordBatch {
        let mut rows = Vec::new();
        for period in 0..self.periods {
            for unit in 0..=self.units.len() {
                for metric in 0..self.metrics.len() {
                    rows.push(Row::new(period, unit, metric));
                }
            }
        }
        let all = || rows.iter();
        let given = |part: fn(&Row) -> f64| move |row: &Row| row.given.then(|| part(row));
        let day = |row: &Row, away: i32| row.given.then_some(20_000 + row.unit as i32 + away);
        Table::default()
            .text("release_id", all().map(|row| period(row.period)))
            .text("period", all().map(|row| period(row.period)))
            .date("period_start", all().map(|row| start(row.period)))
            .date("period_end", all().map(|row| start(row.period) + 89))
            .text("org_unit", all().map(|row| unit(row.unit)))
            .text("org_unit_label", all().map(|row| self.unit_label(row.unit)))
            .int32("org_level", all().map(|row| u32::from(row.unit > 0)))
            .text("metric", all().map(|row| metric(row.metric)))
            .text("metric_label", all().map(|row| self.metric_label(row)))
            .int64("cohort", all().map(|row| row.cohort))
            .double("cohort_low", all().map(|row| row.cohort as f64 - 7.84))
            .double("cohort_high", all().map(|row| row.cohort as f64 + 7.84))
            .optional_int64("cohort_not", all().map(|row| row.given.then_some(12)))
            .optional_double("cohort_not_low", all().map(given(|_| 10.0)))
            .optional_double("cohort_not_high", all().map(given(|_| 17.3)))
            .optional_double("share", all().map(given(|row| row.share)))
            .optional_double("share_low", all().map(given(|row| row.share - row.width)))
            .optional_double("share_high", all().map(given(|row| row.share + row.width)))
            .optional_double("mean", all().map(given(|row| row.share * -40.0)))
            .optional_double("mean_low", all().map(given(|row| row.share * -40.0 - 1.5)))
            .optional_double(
                "mean_high",
                all().map(given(|row| row.share * -40.0 + 60.0 * row.width)),
            )
            .text("mean_status", all().map(Row::status))
            .optional_double("z", all().map(given(|row| row.share * 9.0 - 4.0)))
            .optional_date("by", all().map(|row| day(row, 0)))
            .optional_date("by_low", all().map(|row| day(row, -400)))
            .optional_date("by_high", all().map(|row| day(row, 31)))
            .optional_text("tipping", all().map(|row| row.given.then_some("below")))
            .text("status", all().map(Row::status))
            .finish()
    }

    fn unit_label(&self, code: usize) -> &str {
        match code {
            0 => &self.organisation,
            code => &self.units[code - 1],
        }
    }

    /// In the first period it was another, as what people call things changes.
    fn metric_label(&self, row: &Row) -> String {
        let label = &self.metrics[row.metric];
        if row.period == 0 && self.periods > 1 {
            return format!("Former {label}");
        }
        label.clone()
    }

    fn dimension(&self, name: &str) -> Option<RecordBatch> {
        let units = || 0..=self.units.len();
        let labelled = |name: &str, labels: &[String]| {
            Table::default()
                .text(name, (0..labels.len()).map(metric))
                .text("label", labels.iter())
        };
        Some(match name {
            "dim_org_unit" => Table::default()
                .text("org_unit", units().map(unit))
                .text("label", units().map(|code| self.unit_label(code)))
                .optional_text("parent", units().map(|code| (code > 0).then(|| unit(0))))
                .int32("org_level", units().map(|code| u32::from(code > 0)))
                .boolean("is_group", units().map(|_| false))
                .optional_text("level_0", units().map(|_| Some(&self.organisation)))
                .finish(),
            "dim_period" => Table::default()
                .text("period", (0..self.periods).map(period))
                .date("period_start", (0..self.periods).map(start))
                .date("period_end", (0..self.periods).map(|n| start(n) + 89))
                .finish(),
            "dim_metric" => labelled("metric", &self.metrics)
                .double("clip_low", self.metrics.iter().map(|_| -20.0))
                .double("clip_high", self.metrics.iter().map(|_| 0.0))
                .finish(),
            "dim_competency" => labelled("competency", &self.competencies).finish(),
            "dim_theme" => labelled("theme", &self.themes).finish(),
            "dim_measure" => {
                let units = [
                    ("by", "day"),
                    ("cohort", "people"),
                    ("mean", "the metric's"),
                    ("share", "share"),
                    ("tipping", "word"),
                    ("z", "standard deviations"),
                ];
                Table::default()
                    .text("measure", units.iter().map(|_| "everything"))
                    .text("statistic", units.iter().map(|(name, _)| name))
                    .text("unit", units.iter().map(|(_, unit)| unit))
                    .text("interval", units.iter().map(|(name, _)| interval(name)))
                    .finish()
            }
            _ => return None,
        })
    }

    /// The files of its `current/`, but for manifest and page.
    pub(crate) fn files(&self) -> Files {
        self.files_with(&self.facts())
    }

    /// The same with another table of facts.
    pub(crate) fn files_with(&self, facts: &RecordBatch) -> Files {
        let bytes = |name: &str| {
            let mut files = RELEASED.iter();
            let (_, bytes) = files.find(|(file, _)| file == name).expect(name);
            bytes
        };
        let Ok(Manifest::Current(mut manifest)) = manifest::parse(bytes("manifest.json")) else {
            panic!("a manifest of current");
        };
        manifest.organisation.clone_from(&self.organisation);
        let claims = manifest::claims(manifest.as_ref());
        let mut files = Files::new();
        for name in dims::NAMES {
            let file = format!("{name}.parquet");
            let batch = self.dimension(name);
            let read = || parquet_file::read(bytes(&file)).expect("readable").batch;
            let batch = batch.unwrap_or_else(read);
            files.push((file, parquet_file::write(&batch, &claims)));
        }
        let claims = [claims, manifest::table_claims(&about())].concat();
        let bytes = parquet_file::write(facts, &claims);
        files.push(("everything.parquet".to_owned(), bytes));
        files
    }
}

/// The `current/` of a release: what is declared of no table here is as there.
static RELEASED: LazyLock<Files> = LazyLock::new(|| {
    let stored = fixture::files(|_, _| ());
    let released = write::Stored {
        id: "2024-Q1",
        files: &stored,
    };
    current::build(&[released]).expect("built")
});

fn about() -> v1::Table {
    let statistic = |(name, kind, has_status): (&str, &str, bool)| v1::Column {
        name: name.to_owned(),
        kind: kind.to_owned(),
        has_status,
    };
    let statistics = [
        ("share", "share", false),
        ("mean", "mean", true),
        ("z", "log_odds", false),
        ("by", "reached_by", false),
        ("tipping", "tipping", false),
    ];
    v1::Table {
        name: "everything".to_owned(),
        file: "everything.parquet".to_owned(),
        rows: 0,
        bytes: 0,
        sha256: String::new(),
        measure: v1::Measure {
            question: "What is there?".to_owned(),
            cohort: "outcome".to_owned(),
            dimensions: vec!["metric".to_owned()],
            others: vec!["not".to_owned()],
            statistics: statistics.map(statistic).to_vec(),
        },
        parameters: None,
    }
}

fn interval(statistic: &str) -> &'static str {
    match statistic {
        "mean" => "comparative: covers the noise and the sampling of people",
        _ => "descriptive: covers the noise",
    }
}

/// Names whose order as texts is not that of time.
fn period(code: usize) -> String {
    format!("P{}", 9 - code)
}

fn start(code: usize) -> i32 {
    days("2024-01-01") + 90 * code as i32
}

/// Ids whose order as texts is not that of the table of units.
fn unit(code: usize) -> String {
    format!("u{code}")
}

fn metric(code: usize) -> String {
    format!("m{code}")
}

struct Row {
    period: usize,
    unit: usize,
    metric: usize,
    given: bool,
    cohort: i64,
    share: f64,
    width: f64,
}

impl Row {
    fn new(period: usize, unit: usize, metric: usize) -> Self {
        let mixed = (period * 7919 + unit * 104_729 + metric * 1_299_709) as u64;
        let mixed = mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33;
        Self {
            period,
            unit,
            metric,
            given: !mixed.is_multiple_of(5),
            cohort: 10 + (mixed % 4000) as i64,
            share: (mixed % 10_007) as f64 / 10_007.0,
            width: (mixed % 89) as f64 / 890.0,
        }
    }

    fn status(&self) -> &'static str {
        if self.given { "ok" } else { "too_uncertain" }
    }
}
