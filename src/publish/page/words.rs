//! Texts as numbers.

use std::collections::HashMap;

use arrow::array::{Array, StringArray};

/// A column of texts: which there are, and which of them each row has.
pub(super) struct Words<'a> {
    /// In order.
    pub(super) words: Vec<&'a str>,
    /// By row: 0 is none, any other the place of a word, from 1.
    pub(super) codes: Vec<u32>,
}

impl<'a> Words<'a> {
    /// Of a column, its words in order of `place`; `None`: a word has no place.
    pub(super) fn new<K: Ord>(
        column: &'a StringArray,
        place: impl Fn(&'a str) -> Option<K>,
    ) -> Option<Self> {
        let mut known: HashMap<&str, u32> = HashMap::new();
        let mut words: Vec<&str> = Vec::new();
        let mut last = ("", 0);
        let mut code = |word: &'a str| {
            // Sorted rows mostly say what the row before says.
            if last.1 == 0 || last.0 != word {
                let code = known.entry(word).or_insert_with(|| {
                    words.push(word);
                    words.len() as u32
                });
                last = (word, *code);
            }
            last.1
        };
        let codes = column.iter();
        let codes: Vec<u32> = codes.map(|word| word.map_or(0, &mut code)).collect();
        let places = words.iter().zip(1_u32..);
        let places = places.map(|(word, code)| Some((place(word)?, code)));
        let mut places = places.collect::<Option<Vec<_>>>()?;
        places.sort_unstable();
        let mut turned = vec![0; words.len() + 1];
        for ((_, code), new) in places.iter().zip(1..) {
            turned[*code as usize] = new;
        }
        Some(Self {
            words: places
                .iter()
                .map(|(_, code)| words[*code as usize - 1])
                .collect(),
            codes: codes.iter().map(|code| turned[*code as usize]).collect(),
        })
    }

    /// In order of the texts themselves.
    pub(super) fn sorted(column: &'a StringArray) -> Self {
        Self::new(column, Some).expect("every text has its place among texts")
    }

    /// What another column says of each word, in the row of the greatest `age`; of
    /// rows as great, in the last.
    pub(super) fn newest(&self, column: &StringArray, age: &[u32]) -> Vec<String> {
        let mut newest: Vec<Option<(u32, usize)>> = vec![None; self.words.len()];
        for (row, (code, age)) in self.codes.iter().zip(age).enumerate() {
            let Some(place) = (*code as usize).checked_sub(1) else {
                continue;
            };
            if newest[place].is_none_or(|(before, _)| *age >= before) {
                newest[place] = Some((*age, row));
            }
        }
        let label = |place: &Option<(u32, usize)>| {
            let row = place.map(|(_, row)| row)?;
            column.is_valid(row).then(|| column.value(row).to_owned())
        };
        newest
            .iter()
            .map(|place| label(place).unwrap_or_default())
            .collect()
    }

    /// The words, as text.
    pub(super) fn owned(&self) -> Vec<String> {
        self.words.iter().map(|word| (*word).to_owned()).collect()
    }
}
