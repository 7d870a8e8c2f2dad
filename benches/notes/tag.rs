//! Which themes of a project's codebook the program finds in texts, one by one: what a run
//! keeps of a note and never tells. For [`measure.py`](measure.py), and texts that are public.
//!
//! ```text
//! cargo run --example tag -- lodestar.toml < texts.ndjson
//! ```
//!
//! Each line in is a text as JSON; each line out its themes, and of each how many distinct
//! terms count.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{BufRead as _, Write as _};
use std::path::Path;

use lodestar::config;
use lodestar_tagging::{Fate, Language, Names, Own, Reader, Redactor};

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("expected a configuration")?;
    let project = config::load(Path::new(&path)).map_err(|errors| errors.render(false))?;
    let tagger = &project.framework.tagger;
    let theme: Vec<u16> = tagger.entries().map(|entry| entry.theme).collect();
    let names = Names::new(tagger);
    let (mut redactor, mut reader) = (Redactor::new(&names), Reader::new(tagger));
    let (mut out, mut counting) = (std::io::stdout().lock(), Vec::new());
    for line in std::io::stdin().lock().lines() {
        let text: String = serde_json::from_str(&line?)?;
        counting.clear();
        reader.find(
            &redactor.redact(&text, Own::default()),
            Some(Language::ENGLISH),
            |entry, fate| {
                if fate == Fate::Counts {
                    counting.push(entry);
                }
            },
        );
        counting.sort_unstable();
        counting.dedup();
        let mut found: BTreeMap<&str, u32> = BTreeMap::new();
        for entry in &counting {
            let theme = &project.framework.themes[usize::from(theme[*entry])];
            *found.entry(&theme.label.id).or_default() += 1;
        }
        writeln!(out, "{}", serde_json::to_string(&found)?)?;
    }
    Ok(())
}
