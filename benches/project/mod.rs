//! A project in a folder of its own: a declared organisation, and measures of
//! the themes of its sessions in 2025.

use std::fmt::Write as _;
use std::fs;

use lodestar::config::{self, Project};
use tempfile::TempDir;

pub(crate) const COMPETENCIES: usize = 12;
/// Of each competency.
pub(crate) const THEMES: usize = 5;
const DIVISIONS: usize = 8;
/// Of each division.
const DEPARTMENTS: usize = 25;

/// The id of a department, of all of them.
pub(crate) fn department(index: usize) -> String {
    let index = index % (DIVISIONS * DEPARTMENTS);
    format!("department-{}-{}", index / DEPARTMENTS, index % DEPARTMENTS)
}

/// Writes the project, without people and sessions: they are in `people.csv` and
/// the file that is named.
pub(crate) fn make(sessions: &str) -> (TempDir, Project) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut org = "org_unit,label,parent\nAcme,Acme,\n".to_owned();
    for division in 0..DIVISIONS {
        let id = format!("division-{division}");
        writeln!(org, "{id},{id},Acme").expect("memory");
        for index in 0..DEPARTMENTS {
            let unit = department(division * DEPARTMENTS + index);
            writeln!(org, "{unit},{unit},{id}").expect("memory");
        }
    }
    let mut text = format!(
        "[project]\norganisation = \"Acme\"\n\
         [periods]\nfirst = \"2025\"\nevery = \"year\"\n\
         [sources.org]\npath = \"org.csv\"\nsynthetic = true\n\
         [sources.people]\npath = \"people.csv\"\nsynthetic = true\n\
         [sources.sessions]\npath = \"{sessions}\"\nsynthetic = true\n\
         [[measures]]\nuse = \"theme_prevalence\"\n"
    );
    for of in 0..COMPETENCIES {
        writeln!(text, "[[competencies]]\nid = \"competency-{of}\"").expect("memory");
        for theme in 0..THEMES {
            writeln!(
                text,
                "[[themes]]\nid = \"theme-{of}-{theme}\"\ncompetencies = [\"competency-{of}\"]"
            )
            .expect("memory");
        }
    }
    let path = folder.path().join("lodestar.toml");
    fs::write(folder.path().join("org.csv"), org).expect("the folder takes files");
    fs::write(&path, text).expect("the folder takes files");
    let project = config::load(&path).expect("a project");
    (folder, project)
}
