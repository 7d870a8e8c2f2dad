//! Many bytes at once: eight of ASCII as one number, or as many as a processor takes.

/// A 1 in each byte.
pub(crate) const EACH: u64 = 0x0101_0101_0101_0101;

/// The first bit of each byte, which ASCII does not use.
pub(crate) const TOP: u64 = 0x8080_8080_8080_8080;

/// By byte, none of which has its first bit set: in that bit, whether it lies from `first`
/// to `last`; the other bits tell nothing.
#[inline]
pub(crate) fn within(bytes: u64, first: u8, last: u8) -> u64 {
    (bytes + EACH * u64::from(0x80 - first)) & !(bytes + EACH * u64::from(0x7f - last))
}

/// Whether some byte of a text is so: each of 64 is asked, without a look at the others.
#[inline]
pub(crate) fn any(text: &str, is: impl Fn(u8) -> bool) -> bool {
    let any = |part: &[u8]| part.iter().fold(false, |any, byte| any | is(*byte));
    text.as_bytes().chunks(64).any(any)
}

#[cfg(test)]
#[test]
fn each_byte_is_told_alone() {
    for (first, last) in [(b'a', b'z'), (b'\'', b'\''), (b'\t', b'\r'), (0, 0x7f)] {
        for byte in 0..0x80_u8 {
            for beside in [0, 0x7f, first, last] {
                let bytes = [beside, byte, beside, byte, byte, beside, beside, byte];
                let told = within(u64::from_le_bytes(bytes), first, last) & TOP;
                let is = |byte: u8| u8::from((first..=last).contains(&byte)) << 7;
                assert_eq!(told.to_le_bytes(), bytes.map(is));
            }
        }
    }
}
