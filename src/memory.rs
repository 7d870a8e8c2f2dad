//! How much memory a machine has to spare.

use std::fs;

/// Rows wait in so much of the machine's memory, one part in 64 of it, if nothing
/// else is said: what waits on disk costs little more.
const SHARE: usize = 64;

/// Where the machine does not tell: 256 MiB.
const LEAST: usize = 256 << 20;

/// A 64th of the machine's memory, or of what its control group may use; at
/// least 256 MiB.
pub fn usual() -> usize {
    let machine = fs::read_to_string("/proc/meminfo")
        .ok()
        .and_then(|text| total(&text));
    let group = fs::read_to_string("/sys/fs/cgroup/memory.max").ok();
    let group = group.and_then(|text| text.trim().parse().ok());
    let memory = [machine, group].into_iter().flatten().min();
    memory.map_or(LEAST, |memory| (memory / SHARE).max(LEAST))
}

/// The machine's memory in bytes, as Linux tells it.
fn total(text: &str) -> Option<usize> {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kilobytes = line.trim().strip_suffix("kB")?.trim();
    kilobytes.parse::<usize>().ok()?.checked_mul(1024)
}

/// What sizes end in, and how many bytes they stand for.
const UNITS: [(&str, usize); 7] = [
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("KB", 1000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("B", 1),
];

/// A size such as `512MB` or `2GiB`, in bytes.
pub fn size(text: &str) -> Result<usize, String> {
    let known = UNITS
        .iter()
        .find_map(|(unit, bytes)| Some((text.strip_suffix(unit)?, bytes)));
    let size = known.and_then(|(number, bytes)| {
        let number: usize = number.trim_end().parse().ok()?;
        number.checked_mul(*bytes)
    });
    size.ok_or_else(|| {
        "expected a size such as 512MB or 2GiB (B, KB, MB, GB, KiB, MiB, GiB)".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_what_there_is() {
        let text = "MemFree: 1 kB\nMemTotal:       24576000 kB\nSwapTotal: 0 kB\n";
        assert_eq!(total(text), Some(24_576_000 * 1024));
        assert_eq!(total("MemFree: 1 kB\n"), None);
        assert!(usual() >= LEAST);
    }

    #[test]
    fn sizes_have_units() {
        for (text, bytes) in [
            ("512MB", 512_000_000),
            ("2GiB", 2 << 30),
            ("1 KiB", 1024),
            ("0B", 0),
        ] {
            assert_eq!(size(text), Ok(bytes), "{text}");
        }
        for text in ["", "512", "MB", "-1MB", "1.5GB", "1mb", "99999999999999GB"] {
            assert!(size(text).is_err(), "{text}");
        }
    }
}
