//! A record on its way into the store.

use std::{borrow::Cow, collections::BTreeMap};

use jiff::Timestamp;
use serde_json::{Value, value::RawValue};

use crate::domain::{dataset::Dataset, validate::WrittenRecord};

/// A record as it will be stored, and what the store needs to know of it. There are many of them at once, and most are
/// small: what stands in the request is not copied.
///
/// Two interactions are the same when their texts are equal. One without a `timestamp` gets the server's time, and is
/// never the same as another: it happened when it was received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Incoming<'a> {
    /// Its JSON text without the spaces between tokens, every digit and escape as it came.
    text: Cow<'a, str>,
    /// The value of the data set's id field, or an interaction's `user_id`.
    pub id: Option<Cow<'a, str>>,
    /// A product's `type`.
    pub kind: Option<Cow<'a, str>>,
    /// Equal for equal interactions; `None` when the record is not compared.
    pub hash: Option<i64>,
    /// An interaction without a time.
    is_undated: bool,
}

impl<'a> Incoming<'a> {
    /// Takes from a record that the schema takes what the store needs.
    pub(crate) fn new(dataset: Dataset, record: &WrittenRecord<'a>) -> Self {
        let text = compact(record.text);
        let is_interaction = dataset == Dataset::Interactions;
        let is_undated = is_interaction && !record.has("timestamp");
        Self {
            hash: (is_interaction && !is_undated).then(|| hash(&text)),
            id: record.text_of(dataset.id_field().unwrap_or("user_id")),
            kind: (dataset == Dataset::Products).then(|| record.text_of("type")).flatten(),
            text: if text.len() == record.text.len() {
                Cow::Borrowed(record.text)
            } else {
                Cow::Owned(text)
            },
            is_undated,
        }
    }

    /// The text to store; `received` is when the server got the record.
    pub(crate) fn text(&self, received: Timestamp) -> Cow<'_, str> {
        if self.is_undated {
            Cow::Owned(dated(&self.text, received))
        } else {
            Cow::Borrowed(&self.text)
        }
    }
}

/// The record with the time the server got it as its `timestamp`.
fn dated(text: &str, received: Timestamp) -> String {
    let Ok(mut fields) = serde_json::from_str::<BTreeMap<String, &RawValue>>(text) else {
        // This is no object, which the schema refuses.
        return text.to_owned();
    };
    let now = format!("\"{received:.3}\"");
    if fields.remove("timestamp").is_none() {
        // The usual case keeps the text, and with it the order of the fields.
        let comma = if fields.is_empty() { "" } else { "," };
        let open = text.strip_suffix('}').unwrap_or(text);
        return format!("{open}{comma}\"timestamp\":{now}}}");
    }
    let field = |(name, value): (&String, &&RawValue)| format!("{}:{value}", Value::from(name.as_str()));
    let fields: Vec<String> = fields.iter().map(field).collect();
    let comma = if fields.is_empty() { "" } else { "," };
    format!("{{{}{comma}\"timestamp\":{now}}}", fields.join(","))
}

/// JSON text without the spaces between its tokens.
fn compact(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    let mut rest = json;
    // Outside of strings every other piece between quotes; a quote inside a string has a backslash before it.
    while let Some(quote) = rest.find('"') {
        let (outside, string) = rest.split_at(quote);
        text.extend(outside.split_ascii_whitespace());
        let end = string_end(string);
        let (string, after) = string.split_at(end);
        text.push_str(string);
        rest = after;
    }
    text.extend(rest.split_ascii_whitespace());
    text
}

/// The length of the JSON string that the text begins with, its quotes included.
fn string_end(text: &str) -> usize {
    let mut escaped = false;
    let closing = text.bytes().skip(1).position(|byte| {
        let closes = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        closes
    });
    closing.map_or(text.len(), |at| at + 2)
}

/// FNV-1a. It only finds the candidates, whose texts are then compared, and is stored: it must never change.
fn hash(text: &str) -> i64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, step).cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn incoming(dataset: Dataset, text: &str) -> Incoming<'_> {
        Incoming::new(dataset, &WrittenRecord::read(text).unwrap())
    }

    #[test]
    fn only_spaces_between_tokens_go() {
        let text = "{ \"a b\" : \"c \\\" d\\\\\" ,\n \"n\": 12.50e0, \"l\": [ 1 , 2 ] }";
        assert_eq!(compact(text), r#"{"a b":"c \" d\\","n":12.50e0,"l":[1,2]}"#);
        assert_eq!(compact(r#" "\\" "#), r#""\\""#);
    }

    #[test]
    fn equal_interactions_have_equal_hashes_when_dated() {
        let one = incoming(
            Dataset::Interactions,
            r#"{"type":"click","timestamp":"2024-01-01T00:00:00Z"}"#,
        );
        let two = incoming(
            Dataset::Interactions,
            r#"{ "type": "click", "timestamp": "2024-01-01T00:00:00Z" }"#,
        );
        assert_eq!(one, two);
        assert!(one.hash.is_some());
    }

    #[test]
    fn undated_interactions_get_the_servers_time() {
        for text in [
            r#"{"user_id":"u","type":"click"}"#,
            r#"{"type":"click","timestamp":null,"user_id":"u"}"#,
        ] {
            let incoming = incoming(Dataset::Interactions, text);
            assert_eq!(incoming.hash, None);
            let text = incoming.text(Timestamp::UNIX_EPOCH);
            let value: Value = serde_json::from_str(&text).unwrap();
            assert!(value["timestamp"].as_str().unwrap().ends_with('Z'), "{text}");
            assert_eq!(value["user_id"], "u");
            assert_eq!(text.matches("timestamp").count(), 1);
        }
    }
}
