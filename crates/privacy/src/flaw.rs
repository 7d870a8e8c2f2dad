//! Defects on purpose, so that it can be seen that they are noticed.
//!
//! What ships is compiled without `cfg(flawed)`: there [`flaw!`] is its sound side
//! and [`may_fail!`] is nothing, and not a word of the rest is compiled. No feature
//! sets that cfg, and whoever sets it by hand gets no build: the packages in
//! `crates/flawed` alone may have it, which nobody installs. They compile these same
//! sources, have the audit and a power cut run against one defect after the other,
//! and release nothing of real people.

/// What ships has no defects, whatever flags it is built with.
#[cfg(flawed)]
const _: () = {
    let (name, mine) = (env!("CARGO_PKG_NAME").as_bytes(), b"lodestar-flawed");
    assert!(
        name.len() >= mine.len(),
        "only the flawed packages may be flawed"
    );
    let mut at = 0;
    while at < mine.len() {
        assert!(
            name[at] == mine[at],
            "only the flawed packages may be flawed"
        );
        at += 1;
    }
};

/// What is right; in a flawed build, what is wrong if the defect of that name is on.
#[cfg(not(flawed))]
macro_rules! flaw {
    ($name:ident: $wrong:expr; $sound:expr) => {
        $sound
    };
    ($name:ident => $wrong:expr) => {};
}

#[cfg(flawed)]
macro_rules! flaw {
    ($name:ident: $wrong:expr; $sound:expr) => {
        if $crate::flaw::is_on(stringify!($name)) {
            $wrong
        } else {
            $sound
        }
    };
    ($name:ident => $wrong:expr) => {
        if $crate::flaw::is_on(stringify!($name)) {
            $wrong
        }
    };
}

/// A place at which a flawed build can be made to end, as by a power cut.
#[cfg(not(flawed))]
macro_rules! may_fail {
    ($place:ident) => {};
}

#[cfg(flawed)]
macro_rules! may_fail {
    ($place:ident) => {
        $crate::flaw::end_at(stringify!($place));
    };
}

/// Whether a defect is on: the one that `LODESTAR_FLAW` names.
#[cfg(flawed)]
pub(crate) fn is_on(name: &str) -> bool {
    static ON: std::sync::OnceLock<Option<String>> = std::sync::OnceLock::new();
    let on = ON.get_or_init(|| std::env::var("LODESTAR_FLAW").ok());
    on.as_deref() == Some(name)
}

/// Ends the process at the n-th pass of a place: `LODESTAR_FAIL_AT=place:n`.
#[cfg(flawed)]
pub(crate) fn end_at(place: &str) {
    use std::sync::atomic::{AtomicU32, Ordering};
    static PASSES: AtomicU32 = AtomicU32::new(0);
    let asked = std::env::var("LODESTAR_FAIL_AT").unwrap_or_default();
    let (name, pass) = asked.split_once(':').unwrap_or((&asked, "1"));
    if name != place {
        return;
    }
    let passed = 1 + PASSES.fetch_add(1, Ordering::SeqCst);
    if pass.parse() == Ok(passed) {
        // No destructor runs and nothing is flushed.
        std::process::abort();
    }
}
