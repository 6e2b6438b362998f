//! A point in time, always passed in and never read from a clock here.

use std::fmt;
use std::ops::{Add, Sub};
use std::time::Duration;

/// Milliseconds since 1970-01-01T00:00:00Z. JWTs count in whole seconds ([`Timestamp::seconds`]).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From milliseconds since the epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// From seconds since the epoch, the `NumericDate` of RFC 7519 section 2. Saturates.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// Milliseconds since the epoch.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// The time from `earlier` to `self`; zero when `earlier` is later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// RFC 3339 in UTC without fractions, `2026-11-23T10:30:00Z`; the bare number when outside the calendar.
    pub fn to_utc(self) -> String {
        jiff::Timestamp::from_second(self.seconds())
            .map_or_else(|_| self.seconds().to_string(), |time| time.to_string())
    }

    /// As [`Timestamp::to_utc`], with milliseconds where there are some: `2026-11-23T10:30:00.020Z`. Nothing is lost.
    pub fn to_utc_millis(self) -> String {
        let millis = self.0.rem_euclid(1000);
        match (millis, self.to_utc()) {
            (0, whole) => whole,
            (_, whole) => match whole.strip_suffix('Z') {
                Some(whole) => format!("{whole}.{millis:03}Z"),
                None => format!("{whole}.{millis:03}"),
            },
        }
    }

    /// This much later, or earlier where it is negative.
    #[must_use]
    pub const fn moved(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// How many milliseconds it lies after another, negative where it lies before.
    pub const fn millis_after(self, other: Self) -> i64 {
        self.0.saturating_sub(other.0)
    }

    /// Reads what [`Timestamp::to_utc_millis`] writes, and any other time of RFC 3339.
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(time) = text.parse::<jiff::Timestamp>() {
            return Some(Self(time.as_millisecond()));
        }
        let (seconds, millis) = text.split_once('.').unwrap_or((text, "0"));
        let (seconds, millis): (i128, i128) = (seconds.parse().ok()?, millis.parse().ok()?);
        i64::try_from(seconds * 1000 + millis).ok().map(Self)
    }

    /// Reads a time of a header field, `Mon, 30 Nov 2026 22:27:55 GMT` (RFC 9110 section 5.6.7).
    pub fn parse_http_date(text: &str) -> Option<Self> {
        let time = jiff::fmt::rfc2822::parse(text).ok()?;
        Some(Self(time.timestamp().as_millisecond()))
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, by: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX)))
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Self;

    fn sub(self, by: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(by.as_millis()).unwrap_or(i64::MAX)))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_utc())
    }
}

/// A span as people say it, in its two largest units: `49 min 12 s`, `3 days 2 h`, `41 ms`.
pub fn spoken(span: Duration) -> String {
    let seconds = span.as_secs();
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    let day_word = if days == 1 { "day" } else { "days" };
    match (days, hours, minutes, seconds) {
        (1.., 0, _, _) => format!("{days} {day_word}"),
        (1.., _, _, _) => format!("{days} {day_word} {hours} h"),
        (0, 1.., 0, _) => format!("{hours} h"),
        (0, 1.., _, _) => format!("{hours} h {minutes} min"),
        (0, 0, 1.., _) if seconds.is_multiple_of(60) => format!("{minutes} min"),
        (0, 0, 1.., _) => format!("{minutes} min {} s", seconds % 60),
        (0, 0, 0, 10..) => format!("{seconds} s"),
        (0, 0, 0, 1..) => format!("{}.{} s", seconds, span.subsec_millis() / 100),
        (0, 0, 0, 0) => format!("{} ms", span.as_millis()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_spoken_in_their_two_largest_units() {
        for (millis, text) in [
            (0, "0 ms"),
            (41, "41 ms"),
            (6_200, "6.2 s"),
            (59_000, "59 s"),
            (60_000, "1 min"),
            (2_952_000, "49 min 12 s"),
            (3_600_000, "1 h"),
            (93_600_000, "1 day 2 h"),
            (172_800_000, "2 days"),
        ] {
            assert_eq!(spoken(Duration::from_millis(millis)), text);
        }
    }

    #[test]
    fn a_time_of_a_header_field_is_read() {
        let read = |text| Timestamp::parse_http_date(text).map(Timestamp::to_utc);
        assert_eq!(read("Mon, 30 Nov 2026 22:27:55 GMT").as_deref(), Some("2026-11-30T22:27:55Z"));
        for other in ["", "120", "soon", "2026-11-30T22:27:55Z"] {
            assert_eq!(read(other), None, "{other}");
        }
    }

    #[test]
    fn a_time_is_read_back_to_the_millisecond() {
        for (millis, text) in [
            (1_795_429_800_020, "2026-11-23T10:30:00.020Z"),
            (1_795_429_800_000, "2026-11-23T10:30:00Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (i64::MAX, "9223372036854775.807"),
            (i64::MIN, "-9223372036854776.192"),
        ] {
            let time = Timestamp::from_millis(millis);
            assert_eq!((time.to_utc_millis().as_str(), Timestamp::parse(text)), (text, Some(time)));
        }
        assert_eq!(Timestamp::parse("2026-11-23T12:30:00+02:00"), Some(Timestamp::from_seconds(1_795_429_800)));
        assert_eq!(Timestamp::parse("yesterday"), None);
    }

    #[test]
    fn times_outside_the_calendar_are_still_shown() {
        assert_eq!(Timestamp::from_seconds(0).to_utc(), "1970-01-01T00:00:00Z");
        assert_eq!(Timestamp::from_millis(i64::MAX).to_utc(), (i64::MAX / 1000).to_string());
    }
}
