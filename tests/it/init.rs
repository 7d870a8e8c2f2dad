//! `init`: a project that runs at once, explains every key, and drafts what
//! may be declared without declaring it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;
use tempfile::TempDir;

use crate::support::{Output, files, lodestar, output, run};

/// `lodestar init` in a folder of its own; with a people table, given its text.
struct New {
    folder: TempDir,
    said: Output,
}

impl New {
    fn project(people: Option<&str>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = lodestar(["init", "coaching"]);
        command.current_dir(folder.path());
        if let Some(people) = people {
            fs::write(folder.path().join("people.csv"), people).unwrap();
            command.args(["--from", "people.csv"]);
        }
        let said = output(command.output().unwrap());
        Self { folder, said }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("coaching").join(name)
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    fn lodestar(&self, args: &str) -> Output {
        let mut command = lodestar(args.split_whitespace());
        command.arg("--config").arg(self.path("lodestar.toml"));
        output(command.output().unwrap())
    }
}

#[test]
fn a_new_project_publishes_at_once() {
    let new = New::project(None);
    assert_eq!(
        new.said.stdout,
        "coaching/lodestar.toml: a project about 2000 synthetic people, 2024-Q4\n\
         next: lodestar run --config coaching/lodestar.toml\n"
    );
    let plan = new.lodestar("plan").ok().stdout;
    assert!(!plan.contains("no effect"), "{plan}");
    let check = new.lodestar("check --json").ok().json();
    assert_eq!(check["warnings"], serde_json::json!([]));
    let facts = new.lodestar("run --json").ok().json();
    let releases = facts["releases"].as_array().unwrap();
    assert_eq!(releases.len(), 1);
    for release in releases {
        let tables = release["tables"].as_array().unwrap().iter();
        let shown: u64 = tables.map(|table| table["shown"].as_u64().unwrap()).sum();
        assert!(shown > 0, "something appears: {release}");
    }
    assert_eq!(new.lodestar("run").ok().stdout, "up to date\n");
    run([Path::new("verify"), &new.path("published/current")]).ok();
    let named = |name: &str| {
        files(&new.path(""))
            .keys()
            .any(|path| path.starts_with(name))
    };
    assert!(!named("truth") && named("README.md") && named("codebook.toml"));
}

#[test]
fn only_an_empty_folder_becomes_a_project() {
    let new = New::project(None);
    let before = files(new.folder.path());
    let mut again = lodestar(["init", "coaching"]);
    let again = output(again.current_dir(new.folder.path()).output().unwrap());
    again.refused(2, &["coaching is not empty", "choose a new folder"]);
    assert!(files(new.folder.path()) == before);
    // A people table that can't be read is found before anything is written.
    let folder = tempfile::tempdir().unwrap();
    let mut command = lodestar(["init", "other", "--from", "people.csv"]);
    let said = output(command.current_dir(folder.path()).output().unwrap());
    said.refused(3, &["people.csv", "no such file"]);
    assert!(files(folder.path()).is_empty());
}

/// What a configuration says, but for where it stands.
fn meant(path: &Path) -> String {
    let project = lodestar::config::load(path).unwrap_or_else(|errors| panic!("{errors}"));
    format!("{project:?}")
}

#[test]
fn every_default_that_is_commented_out_is_the_default() {
    let new = New::project(None);
    let path = new.path("lodestar.toml");
    let before = meant(&path);
    let text = new.text("lodestar.toml");
    let mut uncommented = 0;
    let lines = text.lines().map(|line| {
        let key = line.strip_prefix('#').filter(|rest| {
            rest.starts_with(|c: char| c.is_ascii_lowercase()) && rest.contains(" = ")
        });
        uncommented += usize::from(key.is_some());
        key.unwrap_or(line)
    });
    let text = lines.collect::<Vec<_>>().join("\n");
    assert!(uncommented > 15, "{uncommented}");
    fs::write(&path, text).unwrap();
    assert_eq!(meant(&path), before);
}

#[test]
fn every_key_there_is_stands_in_a_new_configuration() {
    let new = New::project(None);
    let names = ["lodestar.toml", "framework.toml", "codebook.toml"];
    let text: String = names.map(|name| new.text(name)).concat();
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/configuration.md");
    let page = fs::read_to_string(page).unwrap();
    let keys = page.lines().filter_map(|line| {
        let (key, rest) = line.strip_prefix("| `")?.split_once("` |")?;
        // Of tables with four columns: type, default, meaning.
        (rest.matches(" | ").count() == 2).then_some(key)
    });
    let keys: BTreeSet<&str> = keys.collect();
    assert!(keys.len() > 25, "{keys:?}");
    for key in keys {
        let said = [format!("{key} = "), format!("{key}=")];
        assert!(
            said.iter().any(|said| text.contains(said)),
            "{key} is not in it"
        );
    }
}

/// 30 people in Zebras, 12 in `R&D, "new"`, 3 in a unit named after one of them.
fn people() -> String {
    let mut text = String::from("person_id,org_unit,job_level,salary\n");
    for n in 0..45 {
        let (unit, level) = match n {
            0..30 => ("Zebras", "staff"),
            30..42 => ("\"R&D, \"\"new\"\"\"", "manager"),
            _ => ("Office of Zaphod", "president"),
        };
        let _ = writeln!(text, "p{n},{unit},{level},1");
        // A person's second row does not make two people of them.
        if n >= 42 {
            for _ in 0..9 {
                let _ = writeln!(text, "p{n},{unit},{level},2");
            }
        }
    }
    // Rows that no unit can be told of.
    text.push_str("p99,,staff,1\n,Nowhere,staff,1\n");
    text
}

#[test]
fn drafts_are_for_approval() {
    let new = New::project(Some(&people()));
    let said = &new.said.stdout;
    assert_eq!(new.said.code, Some(0), "{:#?}", new.said);
    for line in [
        "What is public is declared, never inferred",
        "  coaching/input/org.draft.csv: org units: 2\n",
        "  coaching/input/org.rare.csv: org units: 1, each of fewer than 10 people",
        "  coaching/dimensions.draft.toml: job levels: 2\n",
        "  coaching/dimensions.rare.toml: job levels: 1, each of fewer than 10 people",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    // No name of the table is said aloud, and none is in force.
    for name in ["Zebras", "R&D", "Zaphod", "president"] {
        assert!(!said.contains(name) && !new.said.stderr.contains(name));
        let in_force = ["lodestar.toml", "framework.toml", "input/org.csv"];
        assert!(
            in_force.iter().all(|file| !new.text(file).contains(name)),
            "{name}"
        );
    }
    assert_eq!(
        new.text("input/org.draft.csv"),
        "org_unit,label,parent\n\"R&D, \"\"new\"\"\",\"R&D, \"\"new\"\"\",Acme\nZebras,Zebras,Acme\n"
    );
    assert_eq!(
        new.text("input/org.rare.csv"),
        "org_unit,label,parent\nOffice of Zaphod,Office of Zaphod,Acme\n"
    );
    let levels = new.text("dimensions.draft.toml");
    assert!(
        levels.ends_with("[dimensions]\njob_level = [\"manager\",\"staff\"]\n"),
        "{levels}"
    );
    assert!(new.text("dimensions.rare.toml").contains("[\"president\"]"));
    new.lodestar("run").ok();
    // Approved, as they stand.
    fs::rename(new.path("input/org.draft.csv"), new.path("input/org.csv")).unwrap();
    let text = new.text("lodestar.toml");
    let (before, after) = text.split_once("[dimensions]\n").unwrap();
    let (_, after) = after.split_once('\n').unwrap();
    let text = format!("{before}{levels}{after}").replace("tolerance = 0.01", "tolerance = 1");
    fs::write(
        new.path("lodestar.toml"),
        text.replace("#tolerance", "tolerance"),
    )
    .unwrap();
    fs::write(new.path("input/people.csv"), people()).unwrap();
    let check = new.lodestar("check --json").json();
    let sources = check["sources"].as_array().unwrap().iter();
    let of = |name: &str| {
        sources
            .clone()
            .find(|source| source["source"] == name)
            .unwrap()
    };
    assert_eq!(
        (&of("org")["read"], &of("org")["accepted"]),
        (&2.into(), &2.into())
    );
    assert_eq!(of("people")["accepted"], 42, "{check}");
}

#[test]
fn a_table_without_job_levels_drafts_none() {
    let text = "person_id,org_unit\np1,Zebras\np2,Acme\n";
    let new = New::project(Some(text));
    assert!(!new.said.stdout.contains("job levels"), "{:?}", new.said);
    assert!(!new.path("input/org.draft.csv").exists());
    // The root is no child of itself.
    assert_eq!(
        new.text("input/org.rare.csv"),
        "org_unit,label,parent\nAcme,Acme,\nZebras,Zebras,Acme\n"
    );
}

#[test]
fn a_parquet_table_drafts_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let column = |value: fn(usize) -> String| -> ArrayRef {
        Arc::new((0..40).map(|n| Some(value(n))).collect::<StringArray>())
    };
    let batch = RecordBatch::try_from_iter([
        ("person_id", column(|n| format!("p{n}"))),
        ("org_unit", column(|n| ["Zebras", "Yaks"][n % 2].to_owned())),
    ]);
    let batch = batch.unwrap();
    let file = fs::File::create(folder.path().join("people.parquet")).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    let mut command = lodestar(["init", "coaching", "--from", "people.parquet", "--json"]);
    let said = output(command.current_dir(folder.path()).output().unwrap());
    let facts = said.ok().json();
    let expected = serde_json::json!([{
        "file": "coaching/input/org.draft.csv", "what": "org units", "entries": 2, "rare": false,
    }]);
    assert_eq!(facts["drafts"], expected);
    let draft = fs::read_to_string(folder.path().join("coaching/input/org.draft.csv")).unwrap();
    assert!(
        draft.ends_with("Yaks,Yaks,Acme\nZebras,Zebras,Acme\n"),
        "{draft}"
    );
    // A table that is none of people names the column that it lacks.
    let sessions = "coaching/input/sessions/2024-Q4.parquet";
    let mut command = lodestar(["init", "other", "--from", sessions]);
    let said = output(command.current_dir(folder.path()).output().unwrap());
    said.refused(3, &["2024-Q4.parquet", "person_id"]);
}
