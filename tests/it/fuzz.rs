//! Files that nobody would write, made of ones that somebody would: what the fuzzers
//! of `fuzz/` call, called here with mutated inputs, in a process of its own whose
//! memory is measured. Many more cases:
//!
//! ```text
//! LODESTAR_TESTS=full cargo test --test it fuzz -- --nocapture
//! ```

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::exact_support::{Dice, Table};
use crate::support::{names, short_or_full};

#[expect(unreachable_pub, reason = "it is a module of another library")]
#[path = "../../fuzz/src/cases.rs"]
mod cases;
#[expect(unreachable_pub, reason = "it is a module of another library")]
#[path = "../../fuzz/src/published.rs"]
mod published;
#[expect(unreachable_pub, reason = "it is a module of another library")]
#[path = "../../fuzz/src/signing.rs"]
pub(crate) mod signing;

use cases::Place;
use published::Published;

/// The longest that a case may keep a processor busy.
const MOST_TIME: Duration = Duration::from_secs(5);

/// The most memory of the process, in KiB.
const MOST_MEMORY: u64 = 512 << 10;

/// Names the target that a process is to try.
const TARGET: &str = "LODESTAR_FUZZ_TARGET";

/// What a process can be asked to try, with cases of a short and of a full run: what
/// looks at whole folders takes longer.
const TARGETS: [(&str, [usize; 2]); 8] = [
    ("configuration", [60, 3_000]),
    ("csv", [60, 3_000]),
    ("ndjson", [60, 3_000]),
    ("parquet", [60, 3_000]),
    ("declared", [60, 3_000]),
    ("verify", [16, 1_000]),
    ("report", [16, 1_000]),
    ("restore", [12, 1_000]),
];

/// What is done with the bytes of a case.
type Call = Box<dyn Fn(&[u8])>;

/// A target, ready to be called.
struct Target {
    call: Call,
    /// Files to begin with.
    seeds: Vec<Vec<u8>>,
    /// So many of them are tried as they are.
    plain: usize,
}

impl Target {
    fn new(name: &str) -> Self {
        match name {
            "verify" | "report" | "restore" => Self::of_what_is_published(name),
            name => Self::of_what_is_read(name),
        }
    }

    fn of_what_is_published(name: &str) -> Self {
        let published = Published::new();
        let seeds = published.seeds();
        let call: Call = match name {
            "verify" => Box::new(move |bytes| published.verify(bytes)),
            "report" => Box::new(move |bytes| published.report(bytes)),
            _ => Box::new(move |bytes| published.restore(bytes)),
        };
        // As they are they differ in their names alone.
        let plain = 1;
        Self { call, seeds, plain }
    }

    fn of_what_is_read(name: &str) -> Self {
        let place = Place::new();
        let seeds = seeds(name);
        let call: Call = match name {
            "configuration" => Box::new(move |bytes| place.configuration(bytes)),
            "declared" => Box::new(move |bytes| place.declared(bytes)),
            extension => {
                let extension = extension.to_owned();
                Box::new(move |bytes| place.rows(&extension, bytes))
            }
        };
        let plain = seeds.len();
        Self { call, seeds, plain }
    }
}

/// Texts with which parsers were broken before.
const TOKENS: [&str; 30] = [
    "\"",
    "\"\"",
    ",",
    ";",
    "\n",
    "\r\n",
    "\r",
    "\0",
    "\u{feff}",
    "\u{202e}",
    "{",
    "}",
    "[",
    "[[",
    "]",
    "\\ud800",
    "\\u0000",
    "null",
    "NaN",
    "1e999",
    "-0.0",
    "9223372036854775808",
    "1e-400",
    "9999-12-31",
    "0000-00-00",
    "-0001-01-01",
    "2024-02-30T25:61:61Z",
    "true",
    "''",
    "include",
];

/// Tables to begin with: small valid ones, and the corpora where they are at hand.
fn seeds(target: &str) -> Vec<Vec<u8>> {
    let rows = [
        cases::SESSIONS,
        cases::PEOPLE,
        cases::ASSESSMENTS,
        cases::OUTCOMES,
    ];
    let own: Vec<Vec<u8>> = match target {
        "configuration" => vec![cases::CONFIGURATION.into()],
        "declared" => vec![cases::ORG.into(), cases::PROGRAMMES.into()],
        "csv" => rows.map(Into::into).into(),
        "ndjson" => rows.map(|text| ndjson(&Table::csv(text.as_bytes()))).into(),
        _ => rows
            .map(|text| parquet(&Table::csv(text.as_bytes())))
            .into(),
    };
    let corpus = match target {
        "ndjson" => "json_test_suite",
        "parquet" => "parquet_bad",
        _ => return own,
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/corpora");
    let folder = root.join(corpus);
    let found = names(&folder).into_iter();
    let found = found.map(|name| fs::read(folder.join(name)).unwrap());
    own.into_iter().chain(found).collect()
}

/// An object a row, without what is empty.
fn ndjson(table: &Table) -> Vec<u8> {
    let object = |row: &Vec<String>| {
        let cells = table.names.iter().zip(row);
        let cells = cells.filter(|(_, cell)| !cell.is_empty());
        let cells = cells.map(|(name, cell)| (name.clone(), cell.as_str().into()));
        let object = serde_json::Value::Object(cells.collect());
        format!("{object}\n")
    };
    let objects = table.rows.iter().map(object);
    objects.collect::<String>().into_bytes()
}

fn parquet(table: &Table) -> Vec<u8> {
    let file = tempfile::NamedTempFile::new().unwrap();
    table.write_parquet(file.path());
    fs::read(file.path()).unwrap()
}

/// A seed that a few things were done to.
fn mutated(seeds: &[Vec<u8>], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = dice.pick(seeds).clone();
    for _ in 0..=dice.roll(6) {
        let at = dice.roll(bytes.len() + 1);
        let end = (at + dice.roll(40)).min(bytes.len());
        match dice.roll(9) {
            0 if at < bytes.len() => bytes[at] ^= 1 << dice.roll(8),
            1 if at < bytes.len() => bytes[at] = *dice.pick(&[0, 0xff, 0x7f, 0x80, b'"', b'\n']),
            2 => drop(bytes.drain(at..end)),
            3 => bytes.truncate(at),
            4 => {
                let part = bytes[at..end].repeat(1 + dice.roll(200));
                drop(bytes.splice(at..at, part));
            }
            5 => {
                let other = dice.pick(seeds);
                let from = dice.roll(other.len() + 1);
                let to = (from + dice.roll(400)).min(other.len());
                drop(bytes.splice(at..end, other[from..to].iter().copied()));
            }
            6 if at + 4 <= bytes.len() => {
                // Lengths and offsets are little-endian numbers.
                let number = *dice.pick(&[0, 1, u32::MAX, 1 << 31, 1 << 16]);
                bytes[at..at + 4].copy_from_slice(&number.to_le_bytes());
            }
            7 => drop(bytes.splice(at..end, dice.pick(&TOKENS).bytes())),
            _ => drop(bytes.splice(at..at, dice.pick(&TOKENS).bytes())),
        }
    }
    bytes
}

/// The most memory that this process has had, in KiB; `None`: nobody tells.
fn peak() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

/// Processor time of this process, in all threads; a busy machine does not count as a slow
/// case. Where nobody tells it, time.
fn busy(started: Instant) -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // After the name: user and system time are the 12th and 13th, in hundredths.
    let fields = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace();
    let ticks: Vec<u64> = fields.skip(11).take(2).flat_map(str::parse).collect();
    match ticks[..] {
        [user, system] => Duration::from_millis((user + system) * 10),
        _ => started.elapsed(),
    }
}

/// Nothing but a case is in the process, so its memory is theirs.
#[test]
#[ignore = "started by the test below"]
fn in_a_process_of_its_own() {
    let name = std::env::var(TARGET).unwrap();
    let (_, [few, many]) = TARGETS.iter().find(|(target, _)| *target == name).unwrap();
    let Target { call, seeds, plain } = Target::new(&name);
    let (cases, mut dice) = (short_or_full(*few, *many), Dice::new(20));
    let (started, mut slowest) = (Instant::now(), Duration::ZERO);
    for case in 0..cases {
        // Every other one is a seed as it is, while there are some.
        let seed = seeds[..plain].get(case / 2).filter(|_| case % 2 == 0);
        let bytes = seed.map_or_else(|| mutated(&seeds, &mut dice), Vec::clone);
        let begun = busy(started);
        let done = catch_unwind(AssertUnwindSafe(|| call(&bytes)));
        let took = busy(started).saturating_sub(begun);
        let shown = bytes.escape_ascii();
        assert!(done.is_ok(), "{name}, case {case} broke: {shown}");
        assert!(took <= MOST_TIME, "{name}, case {case}, {took:?}: {shown}");
        slowest = slowest.max(took);
    }
    // Where nobody tells, nothing is asked.
    let memory = peak().unwrap_or_default();
    eprintln!(
        "{name}: {cases} cases in {:.0?}, the slowest {slowest:.2?}, at most {} MiB",
        started.elapsed(),
        memory >> 10
    );
    assert!(memory <= MOST_MEMORY, "{name}: {memory} KiB");
}

#[test]
fn mutated_files_are_read_or_refused_in_little_time_and_memory() {
    for (name, _) in TARGETS {
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args(["--ignored", "--exact", "fuzz::in_a_process_of_its_own"]);
        child.arg("--nocapture").env(TARGET, name);
        let ended = child.output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr);
        assert!(ended.status.success(), "{said}");
        let figures = said.lines().find(|line| line.starts_with(name));
        eprintln!("{}", figures.unwrap());
    }
}
