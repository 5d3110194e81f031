//! Dates and times that are stored as numbers, as RFC 3339 text.

use std::fmt::Write as _;

/// Days since 1970-01-01 as `2024-01-05`, in the Gregorian calendar extended both ways.
pub(super) fn write_date(out: &mut String, days: i64) {
    // Eras of 400 years that begin on 1 March, so that the leap day is the last.
    let from_march = days + 719_468;
    let (era, day) = (from_march.div_euclid(146_097), from_march.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    if year < 0 {
        // Writing to a text cannot fail.
        write!(out, "-{:04}-{month:02}-{day:02}", -year).ok();
    } else {
        write!(out, "{year:04}-{month:02}-{day:02}").ok();
    }
}

/// A time of day as `10:30:00`, with as much of a fraction as there is. `units` of it make a second.
pub(super) fn write_time(out: &mut String, since_midnight: i64, units: i64) {
    let (seconds, fraction) = (since_midnight.div_euclid(units), since_midnight.rem_euclid(units));
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    write!(out, "{hour:02}:{minute:02}:{second:02}").ok();
    write_fraction(out, fraction, units);
}

/// A moment since 1970 as `2024-01-05T10:30:00`. `units` of it make a second.
pub(super) fn write_moment(out: &mut String, since_epoch: i64, units: i64) {
    let day = 86_400 * units;
    write_date(out, since_epoch.div_euclid(day));
    out.push('T');
    write_time(out, since_epoch.rem_euclid(day), units);
}

/// The decimals of a second, without zeros at their end.
pub(super) fn write_fraction(out: &mut String, fraction: i64, units: i64) {
    if fraction > 0 {
        let digits = units.ilog10() as usize;
        let decimals = format!("{fraction:0digits$}");
        out.push('.');
        out.push_str(decimals.trim_end_matches('0'));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_as_the_calendar_has_them() {
        let moment = |at, units| {
            let mut out = String::new();
            write_moment(&mut out, at, units);
            out
        };
        let written = [
            moment(0, 1),
            moment(951_782_400, 1),
            moment(-1, 1_000),
            moment(1_709_210_096_789_000, 1_000_000),
            moment(4_102_444_799_999_999_999, 1_000_000_000),
            moment(-62_135_596_801, 1),
            moment(253_402_300_800, 1),
            moment(-62_198_755_200, 1),
        ];
        insta::assert_snapshot!(written.join("\n"), @r"
        1970-01-01T00:00:00
        2000-02-29T00:00:00
        1969-12-31T23:59:59.999
        2024-02-29T12:34:56.789
        2099-12-31T23:59:59.999999999
        0000-12-31T23:59:59
        10000-01-01T00:00:00
        -0001-01-01T00:00:00
        ");
    }
}
