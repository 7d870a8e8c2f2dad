//! Bytes as a file of a release, or of `current`, that a lost ledger is rebuilt from: the first
//! tells which file it is.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use lodestar_fuzz::published::Published;

static PUBLISHED: LazyLock<Published> = LazyLock::new(Published::new);

fuzz_target!(|bytes: &[u8]| PUBLISHED.restore(bytes));
