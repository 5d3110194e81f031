//! The grammar of JSON, checked in place: every function takes a text and where a value starts in it, and returns where
//! the value ends, or `None` when it is none. Nothing is built. What passes is what `serde_json` takes, and so a
//! server: also half a surrogate pair (`"\ud800"`) and numbers beyond all bounds (`1e400`) are refused.

use crate::domain::bytes;

/// Lists and objects within each other; `serde_json` reads no more than 127.
pub(super) const MAX_DEPTH: usize = 100;

/// Skips the white space of JSON.
#[inline]
pub(super) fn skip_space(json: &[u8], mut at: usize) -> usize {
    // There is hardly ever any.
    while let Some(b' ' | b'\n' | b'\r' | b'\t') = json.get(at) {
        at += 1;
    }
    at
}

/// A value that lies within `depth` lists and objects.
pub(super) fn value(json: &[u8], at: usize, depth: usize) -> Option<usize> {
    match json.get(at)? {
        b'"' => string(json, at),
        b'-' | b'0'..=b'9' => number(json, at),
        b'[' => list(json, at, depth + 1),
        b'{' => object(json, at, depth + 1),
        b't' => literal(json, at, b"true"),
        b'f' => literal(json, at, b"false"),
        b'n' => literal(json, at, b"null"),
        _ => None,
    }
}

fn literal(json: &[u8], at: usize, word: &[u8]) -> Option<usize> {
    json.get(at..)?.starts_with(word).then_some(at + word.len())
}

fn list(json: &[u8], open: usize, depth: usize) -> Option<usize> {
    if depth > MAX_DEPTH {
        return None;
    }
    let mut at = skip_space(json, open + 1);
    if json.get(at) == Some(&b']') {
        return Some(at + 1);
    }
    loop {
        at = skip_space(json, value(json, at, depth)?);
        match json.get(at)? {
            b',' => at = skip_space(json, at + 1),
            b']' => return Some(at + 1),
            _ => return None,
        }
    }
}

fn object(json: &[u8], open: usize, depth: usize) -> Option<usize> {
    if depth > MAX_DEPTH {
        return None;
    }
    let mut at = skip_space(json, open + 1);
    if json.get(at) == Some(&b'}') {
        return Some(at + 1);
    }
    loop {
        at = colon(json, string(json, at)?)?;
        at = skip_space(json, value(json, at, depth)?);
        match json.get(at)? {
            b',' => at = skip_space(json, at + 1),
            b'}' => return Some(at + 1),
            _ => return None,
        }
    }
}

/// Steps over the colon behind a key, and the space around it.
#[inline]
pub(super) fn colon(json: &[u8], at: usize) -> Option<usize> {
    let at = skip_space(json, at);
    (json.get(at) == Some(&b':')).then(|| skip_space(json, at + 1))
}

/// A text, from its opening quote.
#[inline]
pub(super) fn string(json: &[u8], open: usize) -> Option<usize> {
    if json.get(open) != Some(&b'"') {
        return None;
    }
    let mut at = open + 1;
    loop {
        at += bytes::find_special(json.get(at..)?)?;
        match json.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at = escape(json, at)?,
            _ => return None,
        }
    }
}

fn escape(json: &[u8], slash: usize) -> Option<usize> {
    match json.get(slash + 1)? {
        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(slash + 2),
        b'u' => match unit(json, slash)? {
            0xd800..=0xdbff => matches!(unit(json, slash + 6)?, 0xdc00..=0xdfff).then_some(slash + 12),
            0xdc00..=0xdfff => None,
            _ => Some(slash + 6),
        },
        _ => None,
    }
}

/// The UTF-16 code unit that is written as `\uXXXX` at `slash`.
fn unit(json: &[u8], slash: usize) -> Option<u32> {
    let digits = json.get(slash..slash + 6)?.strip_prefix(b"\\u")?;
    digits
        .iter()
        .try_fold(0, |unit, digit| Some(unit * 16 + char::from(*digit).to_digit(16)?))
}

/// A number that a double can hold.
#[inline]
fn number(json: &[u8], start: usize) -> Option<usize> {
    let digits = |from: usize| {
        let mut at = from;
        while json.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        (at > from).then_some(at)
    };
    let mut at = start + usize::from(json.get(start) == Some(&b'-'));
    at = if json.get(at) == Some(&b'0') {
        at + 1
    } else {
        digits(at)?
    };
    if json.get(at) == Some(&b'.') {
        at = digits(at + 1)?;
    }
    let mut may_be_beyond = at - start > 300;
    if matches!(json.get(at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(json.get(at + 1), Some(b'+' | b'-')));
        at = digits(at + 1 + sign)?;
        may_be_beyond = true;
    }
    if may_be_beyond && serde_json::from_slice::<serde_json::Value>(json.get(start..at)?).is_err() {
        return None;
    }
    Some(at)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn is_value(json: &[u8]) -> bool {
        let end = value(json, skip_space(json, 0), 0);
        end.is_some_and(|end| skip_space(json, end) == json.len())
    }

    /// Pieces of JSON, so that what is put together of them is often nearly JSON.
    const PIECES: [&str; 44] = [
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "\\",
        " ",
        "\n",
        "\t",
        "\r",
        "\u{1}",
        "0",
        "1",
        "-",
        ".",
        "e",
        "E",
        "+",
        "00",
        "1e400",
        "1e-400",
        "12.50",
        "true",
        "false",
        "null",
        "tru",
        "\"a\"",
        "\"key\":",
        "\"\\u00e4\"",
        "\"\\ud83d\\ude00\"",
        "\"\\ud800\"",
        "\"\\udc00\\ud800\"",
        "\\u12",
        "\\n",
        "\\x",
        "é",
        "日本",
        "\u{7f}",
        "{\"a\":",
        "[1,",
        "\"long enough text, it has more than eight bytes\"",
        "\u{1f600}",
    ];

    fn nearly_json() -> impl Strategy<Value = String> {
        let pieces = prop::collection::vec(prop::sample::select(&PIECES[..]), 0..12).prop_map(|pieces| pieces.concat());
        let leaf = prop_oneof![
            pieces.clone(),
            prop::sample::select(&PIECES[..]).prop_map(str::to_owned),
            "[ -~é\n]{0,20}".prop_map(|text| serde_json::Value::from(text).to_string()),
            any::<f64>().prop_map(|number| serde_json::Value::from(number).to_string()),
            any::<i64>().prop_map(|number| number.to_string()),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(" ,"))),
                prop::collection::vec(("[a-z\\\\\"]{0,3}", inner), 0..4).prop_map(|entries| {
                    let entries: Vec<_> = entries
                        .iter()
                        .map(|(key, value)| format!("\"{key}\": {value}"))
                        .collect();
                    format!("{{{}}}", entries.join(","))
                }),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]

        #[test]
        fn takes_what_serde_takes(text in nearly_json()) {
            prop_assert_eq!(is_value(text.as_bytes()), serde_json::from_str::<serde_json::Value>(&text).is_ok());
        }
    }

    #[test]
    fn depth_is_bounded() {
        for (depth, fine) in [(1, true), (MAX_DEPTH, true), (MAX_DEPTH + 1, false), (1_000_000, false)] {
            let json = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
            assert_eq!(is_value(json.as_bytes()), fine, "{depth}");
            let json = format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
            assert_eq!(is_value(json.as_bytes()), fine, "{depth} objects");
        }
    }
}
