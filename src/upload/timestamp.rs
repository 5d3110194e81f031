//! When something happened, for people.

use jiff::{Timestamp, tz::TimeZone};

/// `2026-11-22 21:19` by the clock of this machine, from RFC 3339.
pub(crate) fn timestamp(time: &str) -> String {
    in_zone(time, TimeZone::system())
}

fn in_zone(time: &str, zone: TimeZone) -> String {
    match time.parse::<Timestamp>() {
        Ok(moment) => moment.to_zoned(zone).strftime("%Y-%m-%d %H:%M").to_string(),
        Err(_) => time.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_told_by_the_clock_on_the_wall() {
        let east = || TimeZone::fixed(jiff::tz::offset(9));
        assert_eq!(in_zone("2026-11-22T21:19:59.5Z", east()), "2026-11-23 06:19");
        assert_eq!(in_zone("some day", east()), "some day");
    }
}
