//! The formats of texts that the schema documents name (JSON Schema, section 7.3).

/// A format that a text can be held to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StringFormat {
    /// `2023-11-07T05:31:56Z`
    DateTime,
    /// `2023-11-07`
    Date,
    /// `https://example.com/a`
    Uri,
    /// `123e4567-e89b-12d3-a456-426614174000`
    Uuid,
    /// `84.20.17.0`
    Ipv4,
}

impl StringFormat {
    /// Every format that the schema documents name.
    pub(crate) const ALL: [Self; 5] = [Self::DateTime, Self::Date, Self::Uri, Self::Uuid, Self::Ipv4];

    /// Its name in schema documents and in the API's messages.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::DateTime => "date-time",
            Self::Date => "date",
            Self::Uri => "uri",
            Self::Uuid => "uuid",
            Self::Ipv4 => "ipv4",
        }
    }

    /// Whether a text follows the format.
    pub(crate) fn matches(self, text: &str) -> bool {
        match self {
            Self::DateTime => is_date_time(text),
            Self::Date => is_date(text.as_bytes()),
            Self::Uri => is_uri(text),
            Self::Uuid => is_uuid(text),
            Self::Ipv4 => text.parse::<std::net::Ipv4Addr>().is_ok(),
        }
    }
}

/// Whether the text is a date and time (RFC 3339): `YYYY-MM-DD`, `T`, `HH:MM:SS`, an optional fraction, and a zone, which
/// may be left out (a named difference of the schema documents). Any case; the calendar is checked; second 60 stands
/// only where seconds are put in, at 23:59 UTC.
pub(crate) fn is_date_time(text: &str) -> bool {
    zone_of_date_time(text).is_some()
}

/// Whether the text is a date and time with a zone.
pub(crate) fn is_zoned_date_time(text: &str) -> bool {
    zone_of_date_time(text).is_some_and(|zone| !zone.is_empty())
}

/// The zone of a date and time: `Z`, `+02:00`, or empty; `None` when the text is no date and time.
fn zone_of_date_time(text: &str) -> Option<&[u8]> {
    let bytes = text.as_bytes();
    let (date, time) = (bytes.get(..10)?, bytes.get(11..19)?);
    if !matches!(bytes[10], b'T' | b't') || !is_date(date) {
        return None;
    }
    let (hour, minute, second) = clock(time)?;
    let mut zone = &bytes[19..];
    if let Some(fraction) = zone.strip_prefix(b".") {
        let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits == 0 {
            return None;
        }
        zone = &fraction[digits..];
    }
    let ahead = match zone {
        [] | [b'Z' | b'z'] => 0,
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let hours = number(&[*h1, *h2]).filter(|hours| *hours <= 23)?;
            let minutes = number(&[*m1, *m2]).filter(|minutes| *minutes <= 59)?;
            let ahead = hours * 60 + minutes;
            if *sign == b'+' { ahead } else { 1440 - ahead }
        }
        _ => return None,
    };
    let is_last_minute = (hour * 60 + minute + 1440 - ahead) % 1440 == 23 * 60 + 59;
    (second < 60 || is_last_minute).then_some(zone)
}

/// Hours, minutes and seconds of `HH:MM:SS`.
fn clock(time: &[u8]) -> Option<(u32, u32, u32)> {
    let [h1, h2, b':', m1, m2, b':', s1, s2] = time else {
        return None;
    };
    let hour = number(&[*h1, *h2]).filter(|hour| *hour <= 23)?;
    let minute = number(&[*m1, *m2]).filter(|minute| *minute <= 59)?;
    let second = number(&[*s1, *s2]).filter(|second| *second <= 60)?;
    Some((hour, minute, second))
}

/// Whether the text is a UUID: 32 hexadecimal digits in groups of 8, 4, 4, 4 and 12.
pub(crate) fn is_uuid(text: &str) -> bool {
    let is_right = |(at, byte): (usize, u8)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    text.len() == 36 && text.bytes().enumerate().all(is_right)
}

/// Whether the ten bytes are a date that exists, `YYYY-MM-DD`.
pub(crate) fn is_date(date: &[u8]) -> bool {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = date else {
        return false;
    };
    let (Some(year), Some(month), Some(day)) =
        (number(&[*y1, *y2, *y3, *y4]), number(&[*m1, *m2]), number(&[*d1, *d2]))
    else {
        return false;
    };
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => return false,
    };
    (1..=days).contains(&day)
}

fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |value, digit| {
        digit.is_ascii_digit().then(|| value * 10 + u32::from(digit - b'0'))
    })
}

/// Whether the text is an absolute URI (RFC 3986): a scheme, then only the characters that are allowed where they stand.
pub(crate) fn is_uri(text: &str) -> bool {
    let bytes = text.as_bytes();
    // Nearly all URIs begin with one of these.
    let scheme = if bytes.starts_with(b"https:") {
        5
    } else {
        bytes.iter().take_while(|byte| is_scheme_byte(**byte)).count()
    };
    if bytes.get(scheme) != Some(&b':') || !bytes.first().is_some_and(u8::is_ascii_alphabetic) {
        return false;
    }
    let mut rest = bytes.get(scheme + 1..).unwrap_or_default();
    if let Some(after) = rest.strip_prefix(b"//") {
        let is_end = |byte: &u8| matches!(byte, b'/' | b'?' | b'#');
        let is_in_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
        // Nearly all hosts are plain names.
        let name = after.iter().take_while(|byte| is_in_name(byte)).count();
        let end = match after.get(name) {
            Some(byte) if !is_end(byte) => {
                let end = after.iter().position(is_end).unwrap_or(after.len());
                let authority = after.get(..end).unwrap_or_default();
                if !std::str::from_utf8(authority).is_ok_and(is_authority) {
                    return false;
                }
                end
            }
            _ => name,
        };
        rest = after.get(end..).unwrap_or_default();
    }
    // Path, query and fragment take the same characters, but for the marks between them.
    let mut has_fragment = false;
    while let Some(at) = outside_path(rest) {
        let step = match rest.get(at..) {
            Some([b'#', ..]) if !has_fragment => {
                has_fragment = true;
                1
            }
            Some([b'%', a, b, ..]) if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => 3,
            _ => return false,
        };
        rest = rest.get(at + step..).unwrap_or_default();
    }
    true
}

/// The position of the first byte that must be escaped in a path.
fn outside_path(bytes: &[u8]) -> Option<usize> {
    // Sixteen bytes at a time, as nearly all are allowed.
    let (chunks, _) = bytes.as_chunks::<16>();
    let is_fine = |chunk: &[u8; 16]| chunk.iter().fold(true, |fine, byte| fine & is_in_path(*byte));
    let start = 16 * chunks.iter().take_while(|chunk| is_fine(chunk)).count();
    // The last sixteen bytes cover the rest, and overlap with those seen.
    if start == 16 * chunks.len() && bytes.last_chunk().is_some_and(is_fine) {
        return None;
    }
    let rest = bytes.get(start..).unwrap_or_default();
    rest.iter().position(|byte| !is_in_path(*byte)).map(|at| start + at)
}

/// Whether the byte may stand in a path, or behind one, as it is: the unreserved characters, the sub-delimiters, and
/// `/:@?`; without branches.
#[expect(
    clippy::needless_bitwise_bool,
    reason = "without branches the compiler looks at many bytes at once"
)]
const fn is_in_path(byte: u8) -> bool {
    const fn within(byte: u8, first: u8, last: u8) -> bool {
        byte.wrapping_sub(first) <= last - first
    }
    (byte == b'!')
        | (byte == b'$')
        | within(byte, b'&', b';')
        | (byte == b'=')
        | within(byte, b'?', b'Z')
        | (byte == b'_')
        | within(byte, b'a', b'z')
        | (byte == b'~')
}

/// The marks among the unreserved characters and the sub-delimiters.
const fn is_mark(byte: u8) -> bool {
    matches!(
        byte,
        b'-' | b'.' | b'_' | b'~' | b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b';' | b'='
    )
}

/// Whether the text can be a URI's scheme: `https`.
pub(crate) fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic()) && text.bytes().all(is_scheme_byte)
}

const fn is_scheme_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.')
}

fn is_authority(authority: &str) -> bool {
    let (user, host) = authority
        .rsplit_once('@')
        .map_or((None, authority), |(user, host)| (Some(user), host));
    let (host, port) = match host.strip_prefix('[') {
        Some(literal) => {
            let Some((address, after)) = literal.split_once(']') else {
                return false;
            };
            if address.parse::<std::net::Ipv6Addr>().is_err() {
                return false;
            }
            (
                "",
                if after.is_empty() {
                    Some("")
                } else {
                    after.strip_prefix(':')
                },
            )
        }
        None => host
            .split_once(':')
            .map_or((host, Some("")), |(host, port)| (host, Some(port))),
    };
    user.is_none_or(|user| is_made_of(user, b":"))
        && is_made_of(host, b"")
        && port.is_some_and(|port| port.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether the text has only unreserved characters, sub-delimiters, well-formed percent escapes and `extra`.
fn is_made_of(text: &str, extra: &[u8]) -> bool {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let fine = byte.is_ascii_alphanumeric() || is_mark(byte) || extra.contains(&byte);
        if fine {
            at += 1;
        } else if byte == b'%'
            && matches!(bytes.get(at + 1..at + 3), Some([a, b]) if a.is_ascii_hexdigit() && b.is_ascii_hexdigit())
        {
            at += 3;
        } else {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn date_times() {
        for good in [
            "2023-11-07T05:31:56Z",
            "2023-11-07t05:31:56.123456z",
            "2023-11-07T05:31:56",
            "2024-02-29T15:59:60-08:00",
            "2016-12-31T23:59:60Z",
            "2017-01-01T00:29:60.5+00:30",
            "2000-02-29T00:00:00+00:00",
        ] {
            assert!(is_date_time(good), "{good}");
        }
        for bad in [
            "",
            "2023-11-07",
            "2023-02-29T00:00:00Z",
            "1900-02-29T00:00:00Z",
            "2023-13-01T00:00:00Z",
            "2023-11-07 05:31:56",
            "2023-11-07T24:00:00Z",
            "2023-11-07T05:31Z",
            "2023-11-07T05:31:56.Z",
            "2023-11-07T05:31:56+0800",
            "2023-11-07T05:31:60Z",
            "2024-02-29T23:59:60-08:00",
            "07/11/2023",
            "1699334400",
            "2023-11-07T05:31:56Zé",
        ] {
            assert!(!is_date_time(bad), "{bad}");
        }
    }

    #[test]
    fn zones_uuids_and_addresses() {
        for (text, format, expect) in [
            ("2023-11-07", StringFormat::Date, true),
            ("2023-02-29", StringFormat::Date, false),
            ("2023-11-07T00:00:00Z", StringFormat::Date, false),
            ("123e4567-e89b-12d3-a456-426614174000", StringFormat::Uuid, true),
            ("123E4567-E89B-12D3-A456-426614174000", StringFormat::Uuid, true),
            ("123e4567e89b12d3a456426614174000", StringFormat::Uuid, false),
            ("123e4567-e89b-12d3-a456-42661417400g", StringFormat::Uuid, false),
            ("", StringFormat::Uuid, false),
            ("84.20.17.0", StringFormat::Ipv4, true),
            ("84.20.17", StringFormat::Ipv4, false),
            ("84.20.017.0", StringFormat::Ipv4, false),
            ("::1", StringFormat::Ipv4, false),
        ] {
            assert_eq!(format.matches(text), expect, "{text} as {format:?}");
        }
        assert!(is_zoned_date_time("2023-11-07T05:31:56z"));
        assert!(is_zoned_date_time("2023-11-07T05:31:56.5-08:00"));
        assert!(!is_zoned_date_time("2023-11-07T05:31:56.5"));
        assert!(!is_zoned_date_time("2023-11-07"));
    }

    #[test]
    fn paths_have_the_characters_of_the_standard() {
        for byte in 0..=u8::MAX {
            let expect = byte.is_ascii_alphanumeric() || is_mark(byte) || b"/:@?".contains(&byte);
            assert_eq!(is_in_path(byte), expect, "{byte}");
        }
        let text = format!("https://x.com/{}", "a".repeat(100));
        assert!(is_uri(&text));
        for at in 14..text.len() {
            let mut broken = text.clone();
            broken.replace_range(at..=at, " ");
            assert!(!is_uri(&broken), "{at}");
        }
    }

    #[test]
    fn uris() {
        for good in [
            "https://example.com/miso-tshirt-123ABC",
            "http://a.b:8080/c?d=e#f",
            "https://x.com/%20",
            "mailto:a@b.c",
            "https://[::1]:80/",
            "urn:isbn:123",
            "https://user:pw@host/p@2x.jpg",
            "file:///a",
        ] {
            assert!(is_uri(good), "{good}");
        }
        for bad in [
            "",
            "www.example.com/a",
            "/a/b",
            "https://exa mple.com",
            "https://example.com/ü",
            "htp//x",
            "https://example.com/%2",
            "https://[::1",
            "https://a:b/",
            "https://a/#b#c",
            "1http://a",
            "https://a/<b>",
        ] {
            assert!(!is_uri(bad), "{bad}");
        }
    }
}
