//! Periods: named spans of UTC dates, in fiscal years.

use jiff::civil::Date;

/// How long a period is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Every {
    /// A calendar month.
    Month,
    /// Three months.
    Quarter,
    /// Six months.
    Half,
    /// Twelve months.
    Year,
}

impl Every {
    /// The name in a configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Half => "half",
            Self::Year => "year",
        }
    }

    /// Length in months.
    pub fn months(self) -> i32 {
        match self {
            Self::Month => 1,
            Self::Quarter => 3,
            Self::Half => 6,
            Self::Year => 12,
        }
    }
}

/// One period: its kind and first day. Ordered by kind, then time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Period {
    every: Every,
    start: Date,
    year_starts: i8,
}

/// A name that is no period of this calendar.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{name:?} is not a period; expected {expected}")]
pub struct PeriodError {
    /// What was given.
    pub name: String,
    /// An example of what was expected.
    pub expected: &'static str,
}

impl Period {
    /// Reads a name (`2025-Q3`, `2025-H2`, `2025-07`, `2025`); fiscal years
    /// start with month `year_starts` (1 to 12) and are named by the calendar
    /// year they end in. Months are calendar months.
    pub fn parse(name: &str, every: Every, year_starts: i8) -> Result<Self, PeriodError> {
        let expected = match every {
            Every::Month => "a month such as 2025-07",
            Every::Quarter => "a quarter such as 2025-Q3",
            Every::Half => "a half such as 2025-H2",
            Every::Year => "a year such as 2025",
        };
        let error = || PeriodError {
            name: name.to_owned(),
            expected,
        };
        let (year, part) = match every {
            Every::Year => (name, "1"),
            Every::Month => name.split_once('-').ok_or_else(error)?,
            Every::Quarter => name.split_once("-Q").ok_or_else(error)?,
            Every::Half => name.split_once("-H").ok_or_else(error)?,
        };
        let digits = |text: &str, length: usize| {
            (text.len() == length && text.bytes().all(|b| b.is_ascii_digit()))
                .then(|| text.parse::<i16>().ok())
                .flatten()
                .ok_or_else(error)
        };
        let year = digits(year, 4)?;
        let part = digits(part, if every == Every::Month { 2 } else { 1 })?;
        if part < 1 || i32::from(part) * every.months() > 12 {
            return Err(error());
        }
        let first = if every == Every::Month {
            1
        } else {
            year_starts
        };
        let calendar_year = if first == 1 { year } else { year - 1 };
        let start = months_after(calendar_year, first, (i32::from(part) - 1) * every.months());
        start
            .map(|start| Self {
                every,
                start,
                year_starts,
            })
            .ok_or_else(error)
    }

    /// The period of this kind that holds a date.
    pub fn containing(date: Date, every: Every, year_starts: i8) -> Self {
        let first = if every == Every::Month {
            1
        } else {
            year_starts
        };
        let since = (i32::from(date.month()) - i32::from(first)).rem_euclid(12);
        let back = since % every.months();
        let start = months_after(date.year(), date.month(), -back).unwrap_or(Date::MIN);
        Self {
            every,
            start,
            year_starts,
        }
    }

    /// `2025-Q3`.
    pub fn name(&self) -> String {
        let first = if self.every == Every::Month {
            1
        } else {
            self.year_starts
        };
        let since = (i32::from(self.start.month()) - i32::from(first)).rem_euclid(12);
        let part = since / self.every.months() + 1;
        let crossed = first != 1 && self.start.month() >= first;
        let year = self.start.year() + i16::from(crossed);
        match self.every {
            Every::Month => format!("{year:04}-{part:02}"),
            Every::Quarter => format!("{year:04}-Q{part}"),
            Every::Half => format!("{year:04}-H{part}"),
            Every::Year => format!("{year:04}"),
        }
    }

    /// How long it is.
    pub fn every(&self) -> Every {
        self.every
    }

    /// First day.
    pub fn start(&self) -> Date {
        self.start
    }

    /// Last day, inclusive.
    pub fn end(&self) -> Date {
        self.next().start.yesterday().unwrap_or(Date::MAX)
    }

    /// The period after this one.
    #[must_use]
    pub fn next(&self) -> Self {
        let start = months_after(self.start.year(), self.start.month(), self.every.months());
        Self {
            start: start.unwrap_or(Date::MAX),
            ..*self
        }
    }

    /// The period before this one.
    #[must_use]
    pub fn previous(&self) -> Self {
        let start = months_after(self.start.year(), self.start.month(), -self.every.months());
        Self {
            start: start.unwrap_or(Date::MIN),
            ..*self
        }
    }

    /// The period of the same kind that holds a date.
    #[must_use]
    pub fn around(&self, date: Date) -> Self {
        Self::containing(date, self.every, self.year_starts)
    }

    /// Whether the date lies in it.
    pub fn contains(&self, date: Date) -> bool {
        self.start <= date && date <= self.end()
    }

    /// First day of the twelve months that end with this period.
    pub fn twelve_months_start(&self) -> Date {
        let next = self.next().start;
        months_after(next.year(), next.month(), -12).unwrap_or(Date::MIN)
    }
}

/// The first day of the month `months` after month `month` of `year`.
fn months_after(year: i16, month: i8, months: i32) -> Option<Date> {
    let index = i32::from(year) * 12 + i32::from(month) - 1 + months;
    let year = i16::try_from(index.div_euclid(12)).ok()?;
    Date::new(year, index.rem_euclid(12) as i8 + 1, 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn names_round_trip_and_fiscal_years_are_named_by_their_end() {
        for (name, every, starts, first, last) in [
            (
                "2025-Q3",
                Every::Quarter,
                1,
                date(2025, 7, 1),
                date(2025, 9, 30),
            ),
            (
                "2025-Q1",
                Every::Quarter,
                10,
                date(2024, 10, 1),
                date(2024, 12, 31),
            ),
            (
                "2025-H2",
                Every::Half,
                4,
                date(2024, 10, 1),
                date(2025, 3, 31),
            ),
            ("2025", Every::Year, 7, date(2024, 7, 1), date(2025, 6, 30)),
            (
                "2024-02",
                Every::Month,
                4,
                date(2024, 2, 1),
                date(2024, 2, 29),
            ),
        ] {
            let period = Period::parse(name, every, starts).expect(name);
            assert_eq!(
                (period.name().as_str(), period.start(), period.end()),
                (name, first, last)
            );
            assert_eq!(Period::containing(last, every, starts), period);
            assert_eq!(Period::containing(first, every, starts), period);
            assert_eq!(period.previous().next(), period);
        }
    }

    #[test]
    fn what_is_no_period_is_refused() {
        for name in [
            "2025-Q5", "2025-Q0", "2025", "25-Q1", "2025-q1", "2025-Q1 ", "2025-+1", "",
        ] {
            assert!(Period::parse(name, Every::Quarter, 1).is_err(), "{name}");
        }
        assert!(Period::parse("2025-13", Every::Month, 1).is_err());
    }
}
