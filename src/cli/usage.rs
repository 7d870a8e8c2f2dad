//! A command line that is not understood, or asks for help.

use std::ffi::OsString;

use lodestar::text;

use super::{Log, colours, log};

/// Says what is wrong, in lines that fit a terminal or as JSON if that was asked
/// for, or the help that was; the exit code.
pub(super) fn answer(error: &clap::Error) -> u8 {
    let plain = error.render();
    if !error.use_stderr() {
        // A reader that has gone away is not an error.
        let _ = error.print();
        return 0;
    }
    let code = 2_u8;
    if asks_for_json(std::env::args_os()) {
        log(Log::Json);
        let said = plain.to_string();
        let said = said.split("\n\nFor more information").next();
        let said: Vec<&str> = said
            .iter()
            .flat_map(|said| said.split_whitespace())
            .collect();
        tracing::error!(code, "{}", said.join(" ").trim_start_matches("error: "));
        return code;
    }
    let said = if colours() {
        plain.ansi().to_string()
    } else {
        plain.to_string()
    };
    let lines = said.trim_end().lines().flat_map(text::lines);
    lines.for_each(|line| eprintln!("{line}"));
    code
}

/// Whether a command line, understood or not, has `--log json`.
fn asks_for_json(mut args: impl Iterator<Item = OsString>) -> bool {
    let mut last = OsString::new();
    args.any(|arg| {
        let found = arg == "--log=json" || (last == "--log" && arg == "json");
        last = arg;
        found
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_asked_for_in_two_ways() {
        let asks = |line: &str| asks_for_json(line.split(' ').map(OsString::from));
        assert!(asks("lodestar --log json chekc") && asks("lodestar chekc --log=json"));
        assert!(!asks("lodestar --log text chekc json") && !asks("lodestar check --json"));
    }
}
