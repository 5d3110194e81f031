//! Dates as people and programs write them, as RFC 3339.

use std::{
    borrow::Cow,
    fmt::{self, Write as _},
    str::FromStr,
};

use super::months;
use crate::domain::format;

/// Which number of a date written in numbers comes first. Dates that begin with the year, and those that name the
/// month, are read in any order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DateOrder {
    /// `23/04/2024`
    Day,
    /// `04/23/2024`
    Month,
    /// `2024/04/23`; a date that begins otherwise does not fit.
    Year,
}

impl DateOrder {
    /// All orders.
    pub const ALL: [Self; 3] = [Self::Year, Self::Day, Self::Month];

    /// What comes first: `day`.
    pub const fn first(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Month => "month",
            Self::Year => "year",
        }
    }

    /// Its name: `day-first`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Day => "day-first",
            Self::Month => "month-first",
            Self::Year => "year-first",
        }
    }
}

/// A zone, as minutes east of Greenwich.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Offset(pub i16);

impl fmt::Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("Z");
        }
        let sign = if self.0 < 0 { '-' } else { '+' };
        let minutes = self.0.unsigned_abs();
        write!(f, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
    }
}

impl FromStr for Offset {
    type Err = ();

    /// Reads `Z`, `+02:00`, `-0530` or `+9`.
    fn from_str(text: &str) -> Result<Self, ()> {
        if text.eq_ignore_ascii_case("z") {
            return Ok(Self(0));
        }
        let (sign, digits) = match text.split_at_checked(1) {
            Some(("+", digits)) => (1, digits),
            Some(("-" | "\u{2212}", digits)) => (-1, digits),
            _ => return Err(()),
        };
        let (hours, minutes) = match digits.split_once(':') {
            Some(parts) => parts,
            None if digits.len() == 4 => digits.split_at_checked(2).ok_or(())?,
            None => (digits, "0"),
        };
        let number = |text: &str, most: i16| {
            let is_number = (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
            let number: i16 = text.parse().map_err(|_| ())?;
            if is_number && number <= most {
                Ok(number)
            } else {
                Err(())
            }
        };
        Ok(Self(sign * (number(hours, 23)? * 60 + number(minutes, 59)?)))
    }
}

/// The moment as RFC 3339; midnight where no time is given, `offset` where no zone is.
pub(super) fn rfc3339(text: &str, order: DateOrder, offset: Offset) -> Option<Cow<'_, str>> {
    let text = text.trim();
    if format::is_date_time(text) && has_zone(text) {
        return Some(Cow::Borrowed(text));
    }
    let written = rewritten(text, order, Some(offset))?;
    format::is_date_time(&written).then_some(Cow::Owned(written))
}

/// A date that begins with the year, and a time, as RFC 3339 writes them, which may be one that does not exist; with a
/// zone where the text names one. `None` when the text is written in no way that is known.
pub(in crate::domain) fn respelled(text: &str) -> Option<String> {
    rewritten(text, DateOrder::Year, None)
}

fn rewritten(text: &str, order: DateOrder, unsaid: Option<Offset>) -> Option<String> {
    let mut reader = DateReader { rest: text };
    let (year, month, day) = reader.date(order)?;
    let Time {
        hour,
        minute,
        second,
        fraction,
        zone,
    } = reader.time()?;
    let point = if fraction.is_empty() { "" } else { "." };
    let mut written = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{point}{fraction}");
    let zone = if let Zone::At(own) = zone { Some(own) } else { unsaid };
    if let Some(zone) = zone {
        write!(written, "{zone}").ok()?;
    }
    Some(written)
}

fn has_zone(text: &str) -> bool {
    text.get(19..).is_some_and(|rest| rest.contains(['Z', 'z', '+', '-']))
}

struct Time<'a> {
    hour: u32,
    minute: u32,
    second: u32,
    /// Its digits; empty when there is none.
    fraction: &'a str,
    zone: Zone,
}

#[derive(Clone, Copy)]
enum Zone {
    /// None is named.
    Unsaid,
    At(Offset),
}

/// Reads a date from the left.
struct DateReader<'a> {
    rest: &'a str,
}

impl<'a> DateReader<'a> {
    fn take(&mut self, is_part: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !is_part(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    fn digits(&mut self) -> &'a str {
        self.take(|c| c.is_ascii_digit())
    }

    fn word(&mut self) -> &'a str {
        self.take(char::is_alphabetic)
    }

    fn skip(&mut self, characters: &[char]) {
        self.rest = self.rest.trim_start_matches(characters);
    }

    /// Year, month and day.
    fn date(&mut self, order: DateOrder) -> Option<(u32, u32, u32)> {
        if self.rest.starts_with(char::is_alphabetic) {
            let word = self.word();
            self.skip(&['.', ',', ' ']);
            // A weekday may stand in front.
            if months::number(word).is_none() {
                return self.date_in_numbers(order).filter(|_| word.chars().count() <= 10);
            }
            let day = self.ordinal()?;
            self.skip(&[',', ' ']);
            return Some((year(self.digits())?, months::number(word)?, day));
        }
        self.date_in_numbers(order)
    }

    fn date_in_numbers(&mut self, order: DateOrder) -> Option<(u32, u32, u32)> {
        if self.rest.starts_with(char::is_alphabetic) {
            // `Tue Nov 07 2023`
            let month = months::number(self.word())?;
            self.skip(&['.', ' ']);
            let day = self.ordinal()?;
            self.skip(&[',', ' ']);
            return Some((year(self.digits())?, month, day));
        }
        let first = self.digits();
        if first.len() == 8 {
            let part = |range| first.get(range).and_then(|part: &str| part.parse().ok());
            return Some((part(0..4)?, part(4..6)?, part(6..8)?));
        }
        let before = self.rest;
        let separator = self.rest.chars().next()?;
        if matches!(separator, '-' | '/' | '.' | '年') {
            self.rest = &self.rest[separator.len_utf8()..];
            if self.rest.starts_with(|c: char| c.is_ascii_digit()) {
                return self.numbers(first, separator, order);
            }
        }
        self.rest = before;
        self.named(first)
    }

    /// The rest of a date whose month is a number.
    fn numbers(&mut self, first: &str, separator: char, order: DateOrder) -> Option<(u32, u32, u32)> {
        let second = self.digits();
        let between = if separator == '年' { '月' } else { separator };
        self.rest = self.rest.strip_prefix(between)?;
        let third = self.digits();
        if separator == '年' {
            self.rest = self.rest.strip_prefix('日').unwrap_or(self.rest);
        }
        if first.len() == 4 {
            return Some((year(first)?, short(second)?, short(third)?));
        }
        match order {
            DateOrder::Day => Some((year(third)?, short(second)?, short(first)?)),
            DateOrder::Month => Some((year(third)?, short(first)?, short(second)?)),
            DateOrder::Year => None,
        }
    }

    /// The rest of a date whose day comes first and whose month has a name.
    fn named(&mut self, day: &str) -> Option<(u32, u32, u32)> {
        self.suffix();
        self.skip(&['.', ' ', '-', '/']);
        let mut word = self.word();
        if matches!(word, "de" | "of") {
            self.skip(&[' ']);
            word = self.word();
        }
        let month = months::number(word)?;
        self.skip(&['.', ',', ' ', '-', '/']);
        if let Some(rest) = self.rest.strip_prefix("de ") {
            self.rest = rest;
        }
        Some((year(self.digits())?, month, short(day)?))
    }

    fn ordinal(&mut self) -> Option<u32> {
        let day = short(self.digits())?;
        self.suffix();
        Some(day)
    }

    /// Skips the `rd` of `23rd`.
    fn suffix(&mut self) {
        for suffix in ["st", "nd", "rd", "th"] {
            if let Some(rest) = self.rest.strip_prefix(suffix)
                && !rest.starts_with(char::is_alphabetic)
            {
                self.rest = rest;
                return;
            }
        }
    }

    /// The time after the date, up to the end; midnight when there is none.
    fn time(&mut self) -> Option<Time<'a>> {
        let mut time = Time {
            hour: 0,
            minute: 0,
            second: 0,
            fraction: "",
            zone: Zone::Unsaid,
        };
        let before = self.rest;
        self.skip(&[' ', ',', 'T', 't', '\u{a0}', '\u{202f}']);
        if self.rest.is_empty() {
            return before.trim().is_empty().then_some(time);
        }
        if self.rest.len() == before.len() {
            return None;
        }
        time.hour = short(self.digits())?;
        self.rest = self.rest.strip_prefix(':')?;
        time.minute = two(self.digits())?;
        if let Some(rest) = self.rest.strip_prefix(':') {
            self.rest = rest;
            time.second = two(self.digits())?;
            if let Some(rest) = self.rest.strip_prefix(['.', ',']) {
                self.rest = rest;
                time.fraction = Some(self.digits()).filter(|digits| !digits.is_empty())?;
            }
        }
        self.half_of_day(&mut time)?;
        time.zone = self.zone()?;
        Some(time)
    }

    fn half_of_day(&mut self, time: &mut Time<'_>) -> Option<()> {
        let start = self.rest.trim_start_matches([' ', '\u{a0}', '\u{202f}']);
        let lower = start.get(..2).map(str::to_lowercase);
        let is_afternoon = match lower.as_deref() {
            Some("am") => false,
            Some("pm") => true,
            _ => return Some(()),
        };
        if !(1..=12).contains(&time.hour) {
            return None;
        }
        time.hour = time.hour % 12 + if is_afternoon { 12 } else { 0 };
        self.rest = &start[2..];
        Some(())
    }

    /// The zone at the end; `None`: what stands there is none.
    fn zone(&mut self) -> Option<Zone> {
        // `05:31:56:Z`
        let mut rest = self.rest.strip_prefix(':').unwrap_or(self.rest).trim();
        if let Some(open) = rest.find('(').filter(|_| rest.ends_with(')')) {
            // `GMT+0900 (Japan Standard Time)`
            rest = rest[..open].trim_end();
        }
        if rest.is_empty() {
            return Some(Zone::Unsaid);
        }
        let bare = ["UTC", "GMT", "Z", "z"].iter().find_map(|name| rest.strip_prefix(name));
        match bare {
            Some("") => Some(Zone::At(Offset::default())),
            _ => bare
                .unwrap_or(rest)
                .parse()
                .ok()
                .or_else(|| named_zone(rest))
                .map(Zone::At),
        }
    }
}

/// A zone by the letters for it, as far as they mean one only.
fn named_zone(letters: &str) -> Option<Offset> {
    const HOURS: [(&str, i16); 15] = [
        ("WET", 0),
        ("WEST", 1),
        ("BST", 1),
        ("CET", 1),
        ("CEST", 2),
        ("EET", 2),
        ("EEST", 3),
        ("MSK", 3),
        ("JST", 9),
        ("EDT", -4),
        ("EST", -5),
        ("CDT", -5),
        ("MDT", -6),
        ("PDT", -7),
        ("PST", -8),
    ];
    let found = HOURS.into_iter().find(|(name, _)| *name == letters);
    found.map(|(_, hours)| Offset(hours * 60))
}

/// A year of four digits, or of two by the rule of POSIX: 69 to 99 are of the last century.
fn year(digits: &str) -> Option<u32> {
    let number: u32 = digits.parse().ok()?;
    match digits.len() {
        4 => Some(number),
        2 if number < 69 => Some(2000 + number),
        2 => Some(1900 + number),
        _ => None,
    }
}

fn short(digits: &str) -> Option<u32> {
    (digits.len() <= 2).then(|| digits.parse().ok())?
}

fn two(digits: &str) -> Option<u32> {
    (digits.len() == 2).then(|| digits.parse().ok())?
}
