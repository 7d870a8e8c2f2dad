//! Bytes as NDJSON about people.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use lodestar_fuzz::cases::Place;

static PLACE: LazyLock<Place> = LazyLock::new(Place::new);

fuzz_target!(|bytes: &[u8]| PLACE.rows("ndjson", bytes));
