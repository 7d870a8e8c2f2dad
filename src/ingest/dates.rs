//! Dates and datetimes as numbers: days and microseconds since 1970-01-01, UTC.

use jiff::SignedDuration;
use jiff::civil::{Date, Time, date};

/// Microseconds in a day.
pub(super) const DAY: i64 = 86_400_000_000;

const EPOCH: Date = date(1970, 1, 1);

/// Days since 1970-01-01.
pub(super) fn day_of(date: Date) -> i32 {
    (date.duration_since(EPOCH).as_secs() / 86_400) as i32
}

/// The date of a day; days beyond the calendar's ends are its ends.
pub(super) fn date_of(day: i32) -> Date {
    EPOCH.saturating_add(SignedDuration::from_hours(i64::from(day) * 24))
}

/// Months since January of the year 0.
pub(super) fn month_of(day: i32) -> i32 {
    let date = date_of(day);
    i32::from(date.year()) * 12 + i32::from(date.month()) - 1
}

/// Reads a date or datetime, in ISO 8601 unless a format (jiff's `strtime`) is
/// given. Without a time zone it is UTC. `None`: it is neither.
pub(super) fn moment(text: &str, format: Option<&str>) -> Option<i64> {
    let Some(format) = format else {
        return iso(text);
    };
    let parsed = jiff::fmt::strtime::parse(format, text).ok()?;
    if let Ok(timestamp) = parsed.to_timestamp() {
        return Some(timestamp.as_microsecond());
    }
    let time = match parsed.hour() {
        Some(_) => parsed.to_time().ok()?,
        None => Time::midnight(),
    };
    Some(i64::from(day_of(parsed.to_date().ok()?)) * DAY + micros(time))
}

/// `YYYY-MM-DD`, or with `T` (or a space), `HH:MM`, `:SS`, `.fraction`, and `Z`
/// or `±hh:mm`.
fn iso(text: &str) -> Option<i64> {
    let (date, rest) = text.split_at_checked(10)?;
    let number = |text: &str| -> Option<i16> {
        text.bytes()
            .all(|byte| byte.is_ascii_digit())
            .then(|| text.parse().ok())
            .flatten()
    };
    let pair = |text: &str, mark: u8| -> Option<(i8, i8)> {
        let whole = text.len() == 5 && text.as_bytes()[2] == mark && text.is_ascii();
        whole.then_some(())?;
        Some((number(&text[..2])? as i8, number(&text[3..])? as i8))
    };
    (date.is_ascii() && date.as_bytes()[4] == b'-').then_some(())?;
    let (month, day) = pair(&date[5..], b'-')?;
    let midnight = i64::from(day_of(Date::new(number(&date[..4])?, month, day).ok()?)) * DAY;
    if rest.is_empty() {
        return Some(midnight);
    }
    let rest = rest.strip_prefix(['T', ' '])?;
    let (clock, zone) = rest.split_at(rest.find(['Z', '+', '-']).unwrap_or(rest.len()));
    let (hours, seconds) = clock.split_at_checked(5)?;
    let (hour, minute) = pair(hours, b':')?;
    let (second, fraction) = match seconds.strip_prefix(':') {
        None if seconds.is_empty() => (0, 0),
        None => return None,
        Some(text) => {
            let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
            let good = whole.len() == 2 && !part.is_empty();
            (good && part.bytes().all(|byte| byte.is_ascii_digit())).then_some(())?;
            let six: String = part.chars().chain("000000".chars()).take(6).collect();
            (number(whole)? as i8, six.parse().ok()?)
        }
    };
    let offset = match zone {
        "" | "Z" => 0,
        _ => {
            let (hours, minutes) = pair(zone.get(1..)?, b':')?;
            let good = zone.starts_with(['+', '-']) && hours <= 23 && minutes <= 59;
            good.then_some(())?;
            let size = i64::from(hours) * 60 + i64::from(minutes);
            if zone.starts_with('-') { -size } else { size }
        }
    };
    let time = Time::new(hour, minute, second, 0).ok()?;
    Some(midnight + micros(time) + fraction - offset * 60_000_000)
}

/// Since midnight.
fn micros(time: Time) -> i64 {
    let seconds =
        i64::from(time.hour()) * 3600 + i64::from(time.minute()) * 60 + i64::from(time.second());
    seconds * 1_000_000 + i64::from(time.subsec_nanosecond()) / 1000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_datetimes_become_utc() {
        let day = i64::from(day_of(date(2025, 3, 1))) * DAY;
        let hour = 3_600_000_000;
        for (text, expected) in [
            ("2025-03-01", day),
            ("2025-03-01T10:30", day + 10 * hour + hour / 2),
            (
                "2025-03-01 10:30:15",
                day + 10 * hour + hour / 2 + 15_000_000,
            ),
            (
                "2025-03-01T10:30:15.25Z",
                day + 10 * hour + hour / 2 + 15_250_000,
            ),
            ("2025-03-01T00:30:00+01:00", day - hour / 2),
            ("2025-02-28T23:30-01:00", day + hour / 2),
        ] {
            assert_eq!(moment(text, None), Some(expected), "{text}");
        }
        assert_eq!(moment("01/03/2025", Some("%d/%m/%Y")), Some(day));
        assert_eq!(
            moment("01/03/2025 10:00", Some("%d/%m/%Y %H:%M")),
            Some(day + 10 * hour)
        );
        assert_eq!(date_of((day / DAY) as i32), date(2025, 3, 1));
        assert_eq!(date_of(i32::MIN), Date::MIN);
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "2025",
            "2025-3-1",
            "2025-02-30",
            "01/03/2025",
            "2025-03-01T",
            "2025-03-01T9:00",
            "2025-03-01T25:00",
            "2025-03-01T10:00:",
            "2025-03-01T10:00:5",
            "2025-03-01T10:00+1",
            "2025-03-01T10:00+aa:bb",
            "2025-03-01x",
            " 2025-03-01",
            "2025-03-01 ",
            "２025-03-01",
            "2025-03-01T10:00Zx",
            "+025-03-01",
            "2025-03-01T10:00:00.",
        ] {
            assert_eq!(moment(text, None), None, "{text}");
        }
        assert_eq!(moment("2025-03-01", Some("%d/%m/%Y")), None);
    }
}
