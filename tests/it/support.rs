//! Projects in temporary folders, and the binary that runs on them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use lodestar::synth;
use serde_json::Value;
use tempfile::TempDir;

/// How much a test does: so much, or with `LODESTAR_TESTS=full` in the environment
/// all that `docs/reliability.md` says.
pub(crate) fn short_or_full(short: usize, full: usize) -> usize {
    match std::env::var("LODESTAR_TESTS") {
        Ok(asked) if asked == "full" => full,
        _ => short,
    }
}

/// The header of [`Project::tiny`]'s sessions.
pub(crate) const HEADER: &str =
    "session_id,coachee_id,coach_id,held_on,minutes,competency,themes,note";

/// What a run of the binary said.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Output {
    /// It succeeded.
    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.code, Some(0), "{self:#?}");
        assert_eq!(self.stderr, "", "nothing is wrong, so nothing is said");
        self
    }

    /// It ended with this code, and stderr says all of this.
    #[track_caller]
    pub(crate) fn refused(self, code: i32, words: &[&str]) -> Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        let said = self.one_line();
        for word in words {
            let found = self.stderr.contains(word) || said.contains(word);
            assert!(found, "{word:?} is not in {self:#?}");
        }
        self
    }

    /// What stderr says, whose lines may be broken between any words.
    fn one_line(&self) -> String {
        self.stderr.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The error that it ended with.
    #[track_caller]
    pub(crate) fn error(&self) -> String {
        let said = self.one_line();
        said.strip_prefix("error: ").expect("an error").to_owned()
    }

    /// Stdout as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }
}

/// The binary, ready to be given arguments.
pub(crate) fn lodestar<S: AsRef<std::ffi::OsStr>>(args: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(crate::PROGRAM);
    command.args(args).stdin(Stdio::null());
    command
}

/// Runs the binary to its end.
pub(crate) fn run<S: AsRef<std::ffi::OsStr>>(args: impl IntoIterator<Item = S>) -> Output {
    output(lodestar(args).output().expect("the binary starts"))
}

pub(crate) fn output(output: std::process::Output) -> Output {
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    Output {
        code: output.status.code(),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    }
}

/// A project in a folder of its own.
pub(crate) struct Project {
    folder: TempDir,
}

impl Project {
    /// A synthetic organisation of 400 people, 2024-Q1 to 2025-Q1.
    pub(crate) fn synthetic() -> Self {
        static BASE: OnceLock<TempDir> = OnceLock::new();
        let base = BASE.get_or_init(|| {
            let base = tempfile::tempdir().expect("a folder");
            let options = synth::Options::new(400, 7, base.path().join("acme"));
            synth::generate(&options).expect("a synthetic organisation");
            base
        });
        let folder = tempfile::tempdir().expect("a folder");
        copy(&base.path().join("acme"), folder.path());
        Self { folder }
    }

    /// The same, released up to this period at most.
    pub(crate) fn until(last: &str) -> Self {
        let project = Self::synthetic();
        project.edit(r#"last = "2025-Q1""#, &format!("last = {last:?}"));
        project
    }

    /// An empty folder.
    pub(crate) fn empty() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self { folder }
    }

    /// Forty people in two units, not marked synthetic; 100 sessions in
    /// 2025-Q1, a CSV row each.
    pub(crate) fn tiny() -> Self {
        let project = Self::empty();
        project.write("lodestar.toml", TINY);
        let org = "org_unit,label,parent\nnorth,North,Acme\nsouth,South,Acme\n";
        project.write("input/org.csv", org);
        let unit = |n: u32| {
            if n.is_multiple_of(2) {
                "north"
            } else {
                "south"
            }
        };
        let mut people = String::from("person_id,org_unit\n");
        for n in 0..40 {
            let _ = writeln!(people, "p{n:02},{}", unit(n));
        }
        project.write("input/people.csv", people);
        project.sessions(&tiny_sessions());
        project
    }

    /// Replaces the sessions of [`Self::tiny`] by these rows.
    pub(crate) fn sessions(&self, rows: &[String]) {
        let text = format!("{HEADER}\n{}\n", rows.join("\n"));
        self.write("input/sessions.csv", &text);
    }

    /// Replaces the people and sessions of [`Self::tiny`], and marks all as synthetic.
    pub(crate) fn crowd(&self, people: &str, sessions: &str) {
        self.write("input/people.csv", people);
        self.write("input/sessions.csv", sessions);
        for source in ["org", "people", "sessions"] {
            let head = format!("[sources.{source}]\n");
            self.edit(&head, &format!("{head}synthetic = true\n"));
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.path("lodestar.toml")
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("in the project")).expect("a folder");
        fs::write(path, text).expect("written");
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Replaces text of the configuration, which must hold it.
    pub(crate) fn edit(&self, from: &str, to: &str) {
        let text = fs::read_to_string(self.config()).expect("a configuration");
        assert!(text.contains(from), "{from:?} is not in the configuration");
        self.write("lodestar.toml", text.replace(from, to));
    }

    /// A command of the binary on this project, ready to start.
    pub(crate) fn command(&self, args: &str) -> Command {
        let mut command = lodestar(args.split_whitespace());
        command.arg("--config").arg(self.config());
        command
    }

    /// `lodestar <args> --config <this project>`.
    pub(crate) fn lodestar(&self, args: &str) -> Output {
        output(self.command(args).output().expect("the binary starts"))
    }

    /// `lodestar verify <published/name>`, against the ledger too.
    pub(crate) fn verify(&self, name: &str) -> Output {
        let mut command = lodestar(["verify"]);
        command.arg(self.path("published").join(name));
        command.arg("--config").arg(self.config());
        output(command.output().expect("the binary starts"))
    }

    pub(crate) fn status(&self) -> Value {
        serde_json::from_slice(&self.read("state/status.json")).expect("JSON")
    }

    /// Ids of the releases that the ledger was charged for, oldest first.
    #[track_caller]
    pub(crate) fn charges(&self) -> Vec<String> {
        let budget = self.lodestar("budget --json").ok().json();
        assert_eq!(budget["chain"], "valid");
        let charges = budget["charges"].as_array().expect("a list").iter();
        charges
            .map(|charge| charge["release"].as_str().expect("an id").to_owned())
            .collect()
    }

    /// Everything under `releases/`, hidden names included.
    pub(crate) fn releases(&self) -> Vec<String> {
        names(&self.path("published/releases"))
    }

    /// Every published file with its bytes; `current` by the link's name.
    pub(crate) fn published(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        files(&self.path("published"))
    }
}

const TINY: &str = r#"[project]
organisation = "Acme"

[periods]
first = "2025-Q1"
last = "2025-Q1"

[privacy]
k = 10

[sources.org]
path = "input/org.csv"

[sources.people]
path = "input/people.csv"

[sources.sessions]
path = "input/sessions.csv"
tolerance = 0.02

[[competencies]]
id = "adaptability"

[[themes]]
id = "ambiguity"
competencies = ["adaptability"]
"#;

/// The rows of [`Project::tiny`].
pub(crate) fn tiny_sessions() -> Vec<String> {
    (0..100_usize)
        .map(|n| {
            let (person, coach, day) = (n % 40, n % 7, n % 28 + 1);
            format!("s{n},p{person:02},c{coach},2025-02-{day:02},60,adaptability,ambiguity,")
        })
        .collect()
}

/// Names in a folder, sorted; none if it is not there.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let name = |entry: std::io::Result<fs::DirEntry>| {
        let name = entry.expect("an entry").file_name();
        name.into_string().expect("UTF-8")
    };
    let mut names: Vec<String> = entries.map(name).collect();
    names.sort();
    names
}

/// Every file below a folder with its bytes, by path relative to it; links are
/// followed.
pub(crate) fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(at) = folders.pop() {
        for name in names(&folder.join(&at)) {
            let path = at.join(name);
            if folder.join(&path).is_dir() {
                folders.push(path);
            } else {
                let bytes = fs::read(folder.join(&path)).expect("read");
                found.insert(path, bytes);
            }
        }
    }
    found
}

/// Copies what is in a folder into another, which need not exist.
pub(crate) fn copy(from: &Path, to: &Path) {
    for (path, bytes) in files(from) {
        let path = to.join(path);
        fs::create_dir_all(path.parent().expect("in the folder")).expect("a folder");
        fs::write(path, bytes).expect("written");
    }
}
