//! Several files, several errors, and texts that are no configuration.

use proptest::prelude::*;

use super::*;

/// A problem: file name, position, message.
type Said = (String, Option<(usize, usize)>, String);

/// The problems of a folder's configuration.
fn problems(folder: &Path) -> Vec<Said> {
    let errors = load_in(folder).expect_err("wrong");
    let problem = |problem: &Problem| {
        let name = problem
            .file
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        (name, problem.position, problem.message.clone())
    };
    errors.problems().iter().map(problem).collect()
}

#[test]
fn all_problems_are_shown_at_once_in_order_of_place() {
    let text = MINIMAL
        .replace("first", "every = 3\nfirst")
        .replace("\"sessions.csv\"", "7")
        .replace("\"ambiguity\"", "\"ambiguity\"\nid = \"again\"")
        + "[privacy]\nk = 0\nepsilon = -1\nepslon = 8\n";
    let errors = load_text(&text).expect_err("wrong");
    let lines: Vec<_> = errors
        .problems()
        .iter()
        .filter_map(|p| p.position)
        .collect();
    assert_eq!(
        lines,
        [(4, 9), (7, 8), (12, 1), (15, 5), (16, 11), (17, 1)],
        "{errors}"
    );
}

#[test]
fn the_line_is_shown_underlined() {
    let folder = folder(&[("lodestar.toml", &format!("{MINIMAL}[privacy]\nk = 0\n"))]);
    let errors = load_in(folder.path()).expect_err("k");
    let shown = errors
        .to_string()
        .replace(&*folder.path().to_string_lossy(), "…");
    let expected = "\
error: `privacy.k` cannot be 0
  --> …/lodestar.toml:13:5
   |
13 | k = 0
   |     ^ expected a whole number from 1 to 1000000";
    assert_eq!(shown, expected);
    assert!(!errors.to_string().contains('\u{1b}'));
    assert!(errors.render(true).contains("\u{1b}["));
}

#[test]
fn included_tables_are_merged_and_keep_their_folder() {
    let (head, framework) = MINIMAL.split_at(MINIMAL.find("[[competencies]]").expect("there"));
    let main = format!(
        "include = [\"framework.toml\", \"sub/people.toml\"]\n{head}[[competencies]]\nid = \"z\"\n"
    );
    let folder = folder(&[("lodestar.toml", &main), ("framework.toml", framework)]);
    std::fs::create_dir(folder.path().join("sub")).expect("a folder");
    let people = "[sources.people]\npath = \"people.csv\"\n";
    std::fs::write(folder.path().join("sub/people.toml"), people).expect("a file");
    let project = load_in(folder.path()).unwrap_or_else(|errors| panic!("{errors}"));
    let ids: Vec<_> = project
        .framework
        .competencies
        .iter()
        .map(|label| &label.id)
        .collect();
    assert_eq!(ids, ["z", "adaptability"]);
    assert_eq!(project.framework.themes[0].competencies, [1]);
    assert_eq!(
        project.sources.people.expect("people").base,
        folder.path().join("sub")
    );
    assert_eq!(project.sources.sessions.base, folder.path());
}

#[test]
fn what_is_wrong_with_an_included_file_names_that_file() {
    let main = format!("include = [\"more.toml\"]\n{MINIMAL}");
    for (more, position, message) in [
        (
            "\n[periods]\nevery = \"half\"\n",
            (2, 2),
            "`periods` is given twice",
        ),
        (
            "[sources.sessions]\npath = \"x\"\n",
            (1, 10),
            "`sessions` is given twice",
        ),
        (
            "[[competencies]]\nid = \"adaptability\"\n",
            (2, 6),
            "`adaptability` is declared twice",
        ),
        (
            "include = [\"x.toml\"]\n",
            (1, 1),
            "an included file includes another",
        ),
        ("[privacy]\nk = 0\n", (2, 5), "`privacy.k` cannot be 0"),
        ("a = \n", (1, 5), "this is not TOML"),
    ] {
        let folder = folder(&[("lodestar.toml", &main), ("more.toml", more)]);
        let expected = ("more.toml".to_owned(), Some(position), message.to_owned());
        assert_eq!(problems(folder.path()), [expected], "{more}");
    }
}

#[test]
fn includes_that_cannot_be_followed_are_refused_where_they_are_written() {
    for (include, position, message) in [
        (
            "include = [\"none.toml\"]",
            (1, 12),
            "cannot read `none.toml`: ",
        ),
        ("include = \"none.toml\"", (1, 11), "`include` is text"),
        ("include = [1]", (1, 12), "`include[1]` is a whole number"),
        (
            "include = [\"lodestar.toml\"]",
            (1, 12),
            "`lodestar.toml` is included twice",
        ),
    ] {
        let folder = folder(&[("lodestar.toml", &format!("{include}\n{MINIMAL}"))]);
        let found = problems(folder.path());
        let [(_, at, text)] = found.as_slice() else {
            panic!("{found:?}")
        };
        assert_eq!(*at, Some(position), "{include}");
        assert!(text.starts_with(message), "{text}");
    }
}

#[test]
fn files_that_cannot_be_read_are_said_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let errors = load_in(folder.path()).expect_err("missing");
    assert_eq!(errors.problems()[0].position, None);
    let shown = errors.to_string();
    assert!(
        shown.contains("cannot read") && shown.contains("lodestar.toml"),
        "{shown}"
    );
    assert!(load(folder.path()).is_err(), "a folder");
    let text = b"[project]\norganisation = \"A\xff\"\n";
    std::fs::write(folder.path().join("lodestar.toml"), text).expect("a file");
    let expected = (
        "lodestar.toml".to_owned(),
        Some((2, 18)),
        "this is not UTF-8".to_owned(),
    );
    assert_eq!(problems(folder.path()), [expected]);
}

#[test]
fn marks_and_line_ends_of_other_systems_do_no_harm() {
    let text = format!("\u{feff}{}", MINIMAL.replace('\n', "\r\n"));
    accepted(&text);
    let errors = load_text(&text.replace("[project]", "x = 1\r\n[project]")).expect_err("x");
    assert_eq!(errors.problems()[0].position, Some((1, 1)));
    let errors = load_text(&text.replace("2025-Q3", "2025")).expect_err("first");
    assert_eq!(errors.problems()[0].position, Some((4, 9)), "{errors}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Whatever is cut out of a configuration and put in its place, loading
    /// gives a project or errors, and errors can be shown.
    #[test]
    fn loading_never_panics(
        at in 0.0..1.0_f64,
        length in 0..12_usize,
        put in prop_oneof![
            "[\\[\\]{}=\"'.,#\n a-z0-9_é-]{0,6}",
            prop::sample::select(vec![
                "\n[project]\n", "[[themes]]\n", "[themes.x]\n", "k.k = 1\n", "\"\"\"", "-1e999",
                "0x7f", "1979-05-27", "{ from = \"x\" }", "[[[1]]]", "true", "\u{0}", "sources.x = {}",
            ]).prop_map(str::to_owned),
        ],
    ) {
        let text = format!("{MINIMAL}[privacy]\nk = 5\n[[measures]]\nuse = \"theme_prevalence\"\nlevels = [1]\n");
        let start = text.floor_char_boundary((at * text.len() as f64) as usize);
        let end = text.floor_char_boundary((start + length).min(text.len()));
        let mutated = format!("{}{put}{}", &text[..start], &text[end..]);
        if let Err(errors) = load_text(&mutated) {
            prop_assert!(!errors.problems().is_empty());
            prop_assert!(!errors.render(true).is_empty());
        }
    }
}
