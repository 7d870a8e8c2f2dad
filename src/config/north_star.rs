//! `[north_star]`: the shared objective, as text.

use super::NorthStar;
use super::reader::Table;

/// Longest text, in characters.
const LONGEST: usize = 500;

/// Reads `[north_star]`; absent: none.
pub(super) fn read(root: &mut Table<'_>) -> Option<NorthStar> {
    let mut table = root.get("north_star")?.table("expected a table")?;
    let mut text = |key| {
        let field = table.get(key)?;
        let text = field.text("expected text")?;
        if text.chars().count() > LONGEST {
            let message = format!("`{}` is too long", field.name());
            field.refuse(message, format!("expected at most {LONGEST} characters"));
        } else if text.chars().any(|c| c.is_control() && c != '\n') {
            let message = format!("`{}` holds a control character", field.name());
            field.refuse(message, "expected plain text");
        }
        Some(text.to_owned())
    };
    let north_star = NorthStar {
        r#where: text("where").unwrap_or_default(),
        how: text("how").unwrap_or_default(),
        why: text("why").unwrap_or_default(),
    };
    table.not_yet(&["tipping_share", "targets"]);
    table.finish();
    Some(north_star)
}
