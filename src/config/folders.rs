//! `[project]`: the organisation, and where things are kept.

use std::path::{Component, Path, PathBuf};

use super::reader::Table;

/// What `[project]` says.
pub(super) struct Folders {
    pub(super) organisation: String,
    pub(super) state: PathBuf,
    pub(super) publish: PathBuf,
}

/// Reads `[project]`.
pub(super) fn read(root: &mut Table<'_>) -> Option<Folders> {
    let mut table = root.section("project")?;
    let expected = "expected the organisation's name, the root of the org tree";
    let organisation = table.require("organisation", expected).and_then(|field| {
        let name = field.line(expected)?;
        if name.starts_with('(') {
            field.refuse("names in parentheses are reserved", expected);
            return None;
        }
        Some(name)
    });
    let (state, publish) = (table.get("state"), table.get("publish"));
    let folder = |field: &Option<super::reader::Field<'_>>, default| match field {
        Some(field) => Some(field.base().join(field.line("expected a folder")?)),
        None => Some(table.base().join(default)),
    };
    let folders = folder(&state, "state").zip(folder(&publish, "published"));
    if let Some((private, public)) = &folders
        && let (private, public) = (resolve(private), resolve(public))
        && (private.starts_with(&public) || public.starts_with(&private))
    {
        let message = "the private `project.state` and the public `project.publish` overlap";
        let expected = "expected two folders, neither inside the other";
        match publish.or(state) {
            Some(field) => field.refuse(message, expected),
            None => table.refuse(message, expected),
        }
    }
    table.finish();
    let (state, publish) = folders?;
    Some(Folders {
        organisation: organisation?.to_owned(),
        state,
        publish,
    })
}

/// The path without `.`, `..` and, as far as it exists, symlinks.
pub(super) fn resolve(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    let mut plain = PathBuf::new();
    for component in absolute.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            other => plain.push(other),
        }
        if let Ok(real) = plain.canonicalize() {
            plain = real;
        }
    }
    plain
}
