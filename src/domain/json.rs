//! JSON read in place, without building anything: where a value, a text or a number ends, what texts a list has, how many
//! elements. Every hand-written scan of JSON stands here; what is kept as a value is read by `serde_json`.
//!
//! The functions of the grammar take a text and where a value starts in it, and return where the value ends, or `None`
//! when it is none. What passes is what `serde_json` takes, and so a server: also half a surrogate pair (`"\ud800"`) and
//! numbers beyond all bounds (`1e400`) are refused.

use super::bytes;

/// Lists and objects within each other; `serde_json` reads no more than 127.
pub(crate) const MAX_DEPTH: usize = 100;

/// Skips the white space of JSON.
#[inline]
pub(crate) fn skip_space(json: &[u8], mut at: usize) -> usize {
    // White space is rare.
    while let Some(b' ' | b'\n' | b'\r' | b'\t') = json.get(at) {
        at += 1;
    }
    at
}

/// A value that lies within `depth` lists and objects.
pub(crate) fn value(json: &[u8], at: usize, depth: usize) -> Option<usize> {
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
pub(crate) fn colon(json: &[u8], at: usize) -> Option<usize> {
    let at = skip_space(json, at);
    (json.get(at) == Some(&b':')).then(|| skip_space(json, at + 1))
}

/// A text, from its opening quote.
#[inline]
pub(crate) fn string(json: &[u8], open: usize) -> Option<usize> {
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
    let (end, has_exponent) = digits_of_number(json, start)?;
    let may_be_beyond = has_exponent || end - start > 300;
    if may_be_beyond && serde_json::from_slice::<serde_json::Value>(json.get(start..end)?).is_err() {
        return None;
    }
    Some(end)
}

/// A number of any size, and whether it has an exponent.
#[inline]
fn digits_of_number(json: &[u8], start: usize) -> Option<(usize, bool)> {
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
    let has_exponent = matches!(json.get(at), Some(b'e' | b'E'));
    if has_exponent {
        let sign = usize::from(matches!(json.get(at + 1), Some(b'+' | b'-')));
        at = digits(at + 1 + sign)?;
    }
    Some((at, has_exponent))
}

/// Whether the text follows the grammar of numbers, of any size.
pub(crate) fn is_number(text: &[u8]) -> bool {
    digits_of_number(text, 0).is_some_and(|(end, _)| end == text.len())
}

/// Every text in a piece of JSON, as it is written between its quotes, keys of objects included.
pub(crate) fn texts(json: &str) -> impl Iterator<Item = &str> {
    let mut rest = json;
    std::iter::from_fn(move || {
        let start = bytes::find(b'"', rest.as_bytes())? + 1;
        let mut end = start;
        loop {
            end += bytes::find_special(rest.as_bytes().get(end..)?)?;
            match rest.as_bytes().get(end) {
                Some(b'"') => break,
                Some(b'\\') => end += 2,
                // JSON has no such byte in a text, and what people type may.
                _ => end += 1,
            }
        }
        let text = rest.get(start..end)?;
        rest = rest.get(end + 1..)?;
        Some(text)
    })
}

/// Whether the JSON is an array of texts and nothing else; `false` also when in doubt.
pub(crate) fn is_list_of_plain_texts(json: &[u8]) -> bool {
    let Some(inside) = json.strip_prefix(b"[").and_then(|rest| rest.strip_suffix(b"]")) else {
        return false;
    };
    let mut rest = inside.trim_ascii();
    while let Some(text) = rest.strip_prefix(b"\"") {
        let Some(end) = bytes::find_special(text).filter(|end| text[*end] == b'"') else {
            return false;
        };
        rest = text[end + 1..].trim_ascii_start();
        match rest.strip_prefix(b",") {
            Some(more) => rest = more.trim_ascii_start(),
            None => return rest.is_empty(),
        }
    }
    rest.is_empty()
}

/// The elements of a JSON array, counted without taking them apart.
pub(crate) fn count_elements(json: &[u8]) -> Option<usize> {
    let inside = json.strip_prefix(b"[")?.strip_suffix(b"]")?;
    if inside.trim_ascii().is_empty() {
        return Some(0);
    }
    let (mut commas, mut depth, mut in_text, mut escaped) = (0, 0_u32, false, false);
    for byte in inside {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = in_text,
            b'"' => in_text = !in_text,
            _ if in_text => {}
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            b',' if depth == 0 => commas += 1,
            _ => {}
        }
    }
    Some(commas + 1)
}

/// The elements of a list, as far as they are JSON; none of what is no list.
pub(crate) fn elements(json: &str) -> impl Iterator<Item = &str> {
    let bytes = json.as_bytes();
    let mut at = if bytes.first() == Some(&b'[') { 1 } else { bytes.len() };
    std::iter::from_fn(move || {
        let start = skip_space(bytes, at);
        let end = value(bytes, start, 0)?;
        at = after_comma(bytes, end);
        json.get(start..end)
    })
}

/// The members of an object, as far as they are JSON, with their names in quotes; none of what is no object.
pub(crate) fn members(json: &str) -> impl Iterator<Item = (&str, &str)> {
    let bytes = json.as_bytes();
    let mut at = if bytes.first() == Some(&b'{') { 1 } else { bytes.len() };
    std::iter::from_fn(move || {
        let name = skip_space(bytes, at);
        bytes.get(name).filter(|byte| **byte == b'"')?;
        let name_end = string(bytes, name)?;
        let start = colon(bytes, name_end)?;
        let end = value(bytes, start, 0)?;
        at = after_comma(bytes, end);
        Some((json.get(name..name_end)?, json.get(start..end)?))
    })
}

/// Where what follows a comma starts; the end of the text when there is no comma.
fn after_comma(json: &[u8], at: usize) -> usize {
    let at = skip_space(json, at);
    if json.get(at) == Some(&b',') {
        at + 1
    } else {
        json.len()
    }
}

/// Writes a JSON string to the end of `out`.
pub(crate) fn write_string(text: &str, out: &mut Vec<u8>) {
    let plain = text.bytes().all(|byte| byte >= 0x20 && byte != b'"' && byte != b'\\');
    if plain {
        out.push(b'"');
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
    } else {
        out.extend_from_slice(serde_json::Value::from(text).to_string().as_bytes());
    }
}

/// JSON text laid out for reading, its numbers and texts as they stand.
pub(crate) fn pretty(json: &str) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    let mut depth = 0_usize;
    let mut in_text = false;
    let mut chars = json.chars().peekable();
    let line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", depth));
    };
    while let Some(c) = chars.next() {
        if in_text {
            out.push(c);
            match c {
                '\\' => out.extend(chars.next()),
                '"' => in_text = false,
                _ => {}
            }
            continue;
        }
        match c {
            '"' => {
                in_text = true;
                out.push(c);
            }
            '{' | '[' => {
                out.push(c);
                while chars.next_if(char::is_ascii_whitespace).is_some() {}
                if let Some(close) = chars.next_if(|c| matches!(c, '}' | ']')) {
                    out.push(close);
                } else {
                    depth += 1;
                    line(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                line(&mut out, depth);
                out.push(c);
            }
            ',' => {
                out.push(c);
                line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            c if c.is_ascii_whitespace() => {}
            c => out.push(c),
        }
    }
    out
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

    #[test]
    fn texts_in_json_are_found() {
        for (json, expect) in [
            (r#"["a", "b c"]"#, vec!["a", "b c"]),
            (r#"{"k":["v\"w",1],"x":"\\"}"#, vec!["k", r#"v\"w"#, "x", r"\\"]),
            (r#"["open"#, vec![]),
            (r#""\"#, vec![]),
            ("[1]", vec![]),
        ] {
            assert_eq!(texts(json).collect::<Vec<_>>(), expect, "{json}");
        }
    }

    #[test]
    fn elements_and_members_are_told_apart() {
        assert_eq!(
            elements(r#"[ 1 ,"a,]", [2], {} ]"#).collect::<Vec<_>>(),
            ["1", r#""a,]""#, "[2]", "{}"]
        );
        let object = r#"{ "a" : 1, "b\"}": {"c": 2} ,"d":[]}"#;
        let expect = [(r#""a""#, "1"), (r#""b\"}""#, r#"{"c": 2}"#), (r#""d""#, "[]")];
        assert_eq!(members(object).collect::<Vec<_>>(), expect);
        for other in ["", "[]", "{}", "1", "[", "{", "[,", r#"{"a"}"#] {
            assert_eq!(elements(other).count() + members(other).count(), 0, "{other}");
        }
    }

    #[test]
    fn json_is_laid_out_without_changing_values() {
        let json = r#"{"a":12.500,"b":[],"c":{"d":"x,{y}\"z"},"e":[1,2]}"#;
        insta::assert_snapshot!(pretty(json), @r#"
        {
          "a": 12.500,
          "b": [],
          "c": {
            "d": "x,{y}\"z"
          },
          "e": [
            1,
            2
          ]
        }
        "#);
    }
}
