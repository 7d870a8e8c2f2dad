//! Values of options, and what is said of those that make no sense.

use std::ffi::OsStr;
use std::fmt::Display;
use std::str::FromStr;

use clap::builder::{EnumValueParser, PossibleValue, TypedValueParser};
use clap::{Arg, Command, ValueEnum};
use jiff::civil::Date;

/// Reads a whole number from `least` to `most`.
pub(super) fn whole<T>(
    least: T,
    most: T,
) -> impl Fn(&str) -> Result<T, String> + Clone + Send + Sync + 'static
where
    T: FromStr + PartialOrd + Display + Copy + Send + Sync + 'static,
{
    within(least, most, "a whole number", ", in digits alone")
}

/// Reads a number from `least` to `most`.
pub(super) fn number(
    least: f64,
    most: f64,
) -> impl Fn(&str) -> Result<f64, String> + Clone + Send + Sync + 'static {
    within(least, most, "a number", "")
}

fn within<T>(
    least: T,
    most: T,
    what: &'static str,
    how: &'static str,
) -> impl Fn(&str) -> Result<T, String> + Clone + Send + Sync + 'static
where
    T: FromStr + PartialOrd + Display + Copy + Send + Sync + 'static,
{
    move |text| {
        // In a list people put spaces after commas.
        let number = text.trim().parse().ok();
        let number = number.filter(|number| (least..=most).contains(number));
        number.ok_or_else(|| format!("expected {what} from {least} to {most}{how}"))
    }
}

/// Reads a word of several that are known, with spaces around it or without.
#[derive(Clone)]
pub(super) struct Word<T: ValueEnum + Clone + Send + Sync + 'static>(EnumValueParser<T>);

impl<T: ValueEnum + Clone + Send + Sync + 'static> Word<T> {
    pub(super) fn new() -> Self {
        Self(EnumValueParser::new())
    }
}

impl<T: ValueEnum + Clone + Send + Sync + 'static> TypedValueParser for Word<T> {
    type Value = T;

    fn parse_ref(
        &self,
        command: &Command,
        option: Option<&Arg>,
        text: &OsStr,
    ) -> Result<T, clap::Error> {
        let word = text.to_str().map_or(text, |text| OsStr::new(text.trim()));
        self.0.parse_ref(command, option, word)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        self.0.possible_values()
    }
}

/// Reads a day.
pub(super) fn day(text: &str) -> Result<Date, String> {
    let expected = "expected a day: year, month and day, such as 2025-10-31";
    text.parse().map_err(|_| expected.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::Log;
    use super::*;

    #[test]
    fn what_is_no_number_is_told_what_one_is() {
        let people = whole(1, 1_000_000_u32);
        assert_eq!((people("5000"), people(" 5000 ")), (Ok(5000), Ok(5000)));
        let expected = "expected a whole number from 1 to 1000000, in digits alone";
        for text in [
            "5k",
            "0",
            "-1",
            "1000001",
            "5 000",
            "5.0",
            "",
            "99999999999",
        ] {
            assert_eq!(people(text), Err(expected.to_owned()), "{text}");
        }
        let clip = number(0.001, 1000.0);
        assert_eq!(clip("0.5"), Ok(0.5));
        for text in ["0", "nan", "half", "1e9"] {
            let expected = "expected a number from 0.001 to 1000";
            assert_eq!(clip(text), Err(expected.to_owned()), "{text}");
        }
        let word = |text| Word::<Log>::new().parse_ref(&Command::new(""), None, OsStr::new(text));
        assert!(matches!(word(" json"), Ok(Log::Json)) && word("jason").is_err());
        assert!(day("2025-10-31").is_ok());
        for text in ["tomorrow", "2025-13-01", "31/10/2025"] {
            assert!(
                day(text).is_err_and(|said| said.contains("2025-10-31")),
                "{text}"
            );
        }
    }
}
