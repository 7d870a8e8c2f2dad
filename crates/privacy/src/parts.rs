//! The parts that people are counted in.

/// People are counted in so many parts.
pub const PARTS: usize = 64;

/// The part that a person is counted in: pseudonyms are hashes, so parts are
/// alike.
pub fn part_of(person: u128) -> usize {
    (person >> (128 - PARTS.ilog2())) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_digits_of_a_pseudonym_are_its_part() {
        assert_eq!(part_of(0), 0);
        assert_eq!(part_of(u128::MAX), PARTS - 1);
        assert_eq!(part_of(1 << 122), 1);
        assert_eq!(part_of((1 << 122) - 1), 0);
    }
}
