//! Number formats with leading zeros, as article numbers have them.

/// How a format such as `00000` or `000-000` writes whole numbers; `None` stands for a digit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Digits(Vec<Option<char>>);

/// From here on a sheet does not hold every whole number exactly.
const EXACT: f64 = 1e15;

impl Digits {
    /// The digits of a number format; `None` for formats of other kinds, which count, measure or round.
    pub(super) fn of(format: &str) -> Option<Self> {
        let mut places = Vec::new();
        let mut chars = format.chars();
        while let Some(c) = chars.next() {
            match c {
                '0' => places.push(None),
                '"' => places.extend(chars.by_ref().take_while(|c| *c != '"').map(Some)),
                '\\' => places.push(Some(chars.next()?)),
                '-' | ' ' | '(' | ')' | '+' | ':' => places.push(Some(c)),
                // The part for negative numbers begins.
                ';' => break,
                _ => return None,
            }
        }
        // Text after the digits is a unit, and a single digit is a plain number.
        let is_code = places.last() == Some(&None) && places.iter().filter(|place| place.is_none()).count() > 1;
        is_code.then_some(Self(places))
    }

    /// The number as the format shows it; `None` when it would not show all of it.
    pub(super) fn shown(&self, number: f64) -> Option<String> {
        if number.fract() != 0.0 || !(0.0..EXACT).contains(&number) {
            return None;
        }
        let plain = format!("{number}");
        let mut digits = plain.chars().rev();
        let mut shown: Vec<char> = Vec::with_capacity(self.0.len());
        let first = self.0.iter().position(Option::is_none)?;
        for (at, place) in self.0.iter().enumerate().rev() {
            shown.push(place.unwrap_or_else(|| digits.next().unwrap_or('0')));
            if at == first {
                // Digits beyond the places are written at the first place.
                shown.extend(digits.by_ref());
            }
        }
        Some(shown.into_iter().rev().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_written_as_their_format_shows_them() {
        for (format, number, expect) in [
            ("00000", 123.0, Some("00123")),
            ("00000", 1_234_567.0, Some("1234567")),
            ("00", 0.0, Some("00")),
            ("0000000000000", 12_345_678_905.0, Some("0012345678905")),
            ("000-000", 1234.0, Some("001-234")),
            ("000-000", 1_234_567.0, Some("1234-567")),
            ("\"SKU-\"0000", 12.0, Some("SKU-0012")),
            ("\\A000;-000", 7.0, Some("A007")),
            ("00000", 12.5, None),
            ("00000", -12.0, None),
            ("00000", 1e15, None),
            ("0", 5.0, None),
            ("00.00", 5.0, None),
            ("#,##0", 5.0, None),
            ("0.00E+00", 5.0, None),
            ("00%", 5.0, None),
            ("00\" kg\"", 5.0, None),
            ("[>9999]00-000;0000", 5.0, None),
            ("General", 5.0, None),
            ("", 5.0, None),
        ] {
            let shown = Digits::of(format).and_then(|digits| digits.shown(number));
            assert_eq!(shown.as_deref(), expect, "{number} as {format}");
        }
    }
}
