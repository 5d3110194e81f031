//! A stored record beside one that would take its place: whether they say the same, what would be lost, and both as
//! one. Values keep their text on the way: a number keeps its digits.

use std::{borrow::Cow, fmt, fmt::Write as _};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::{Error, value::RawValue};
use xxhash_rust::xxh3::xxh3_64;

use super::schema::TRANSLATION;

/// Whether the service adds a key to the products that it hands out; its own clients take such keys out before they
/// send a record again (miso-api.md section 2.1).
pub(crate) fn is_added_by_service(key: &str) -> bool {
    key == "product_group_id_or_product_id" || key.starts_with("category_path_")
}

/// Whether a field is a collection of others, that are compared and merged one by one: custom attributes, and the
/// translations of a language.
fn is_collection(field: &str) -> bool {
    field == "custom_attributes" || field.starts_with(TRANSLATION)
}

/// The members of a JSON object in their order, with their values as they are written. Of equal keys the last counts.
#[derive(Default)]
struct Members<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Members<'a> {
    fn get(&self, key: &str) -> Option<&'a RawValue> {
        let found = self.0.iter().rev().find(|(name, _)| name == key);
        found.map(|(_, value)| *value)
    }

    /// The value of a key; none when it is null.
    fn value(&self, key: &str) -> Option<&'a RawValue> {
        self.get(key).filter(|value| value.get() != "null")
    }

    /// Each key once, without those that have no value.
    fn present(&self) -> impl Iterator<Item = (&str, &'a RawValue)> {
        self.each().filter(|(_, value)| value.get() != "null")
    }

    /// Each key once.
    fn each(&self) -> impl Iterator<Item = (&str, &'a RawValue)> {
        let is_last = |at: usize, key: &str| self.0.iter().skip(at + 1).all(|(later, _)| later != key);
        let all = self.0.iter().enumerate();
        all.filter(move |(at, (key, _))| is_last(*at, key))
            .map(|(_, (key, value))| (key.as_ref(), *value))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Members<'de>, M::Error> {
                let mut members = Vec::new();
                while let Some((MemberName(key), value)) = map.next_entry()? {
                    members.push((key, value));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

/// A key, borrowed where it is written without escapes.
#[derive(Deserialize)]
struct MemberName<'a>(#[serde(borrow)] Cow<'a, str>);

/// A field whose value differs between the stored record and the new one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change<'a> {
    /// The field's dotted path.
    pub path: String,
    /// The stored value as it is written; `None` when there is none.
    pub before: Option<&'a str>,
    /// The new value as it is written; `None` when there is none.
    pub after: Option<&'a str>,
}

impl Change<'_> {
    /// Whether the new record lacks the field.
    pub(crate) const fn is_loss(&self) -> bool {
        self.after.is_none()
    }
}

/// What a record that takes another's place changes: first in the fields of the new one, in its order, then the fields
/// that it does not have. A field that is null is a field that is not there; what the service adds does not count;
/// custom attributes and translations are compared one by one.
///
/// # Errors
/// When one of the records is no JSON object.
pub(crate) fn changes<'a>(stored: &'a str, new: &'a str) -> Result<Vec<Change<'a>>, Error> {
    let (stored, new): (Members<'_>, Members<'_>) = (serde_json::from_str(stored)?, serde_json::from_str(new)?);
    let mut changes = Vec::new();
    for (field, after) in new.present().filter(|(field, _)| !is_added_by_service(field)) {
        compare(field, stored.value(field), Some(after), &mut changes)?;
    }
    let own = stored.present().filter(|(field, _)| !is_added_by_service(field));
    for (field, before) in own.filter(|(field, _)| new.value(field).is_none()) {
        compare(field, Some(before), None, &mut changes)?;
    }
    Ok(changes)
}

/// Whether two records say the same: then there are no [`changes`].
///
/// # Errors
/// When one of the records is no JSON object.
pub(crate) fn is_same_record(stored: &str, new: &str) -> Result<bool, Error> {
    Ok(stored == new || changes(stored, new)?.is_empty())
}

/// Compares the values of a field; those of a collection member by member.
fn compare<'a>(
    field: &str,
    before: Option<&'a RawValue>,
    after: Option<&'a RawValue>,
    changes: &mut Vec<Change<'a>>,
) -> Result<(), Error> {
    let is_object = |value: Option<&RawValue>| value.is_none_or(|value| value.get().starts_with('{'));
    if !is_collection(field) || !is_object(before) || !is_object(after) {
        return note(field.to_owned(), before, after, changes);
    }
    let (stored, new) = (members(before)?, members(after)?);
    for (name, after) in new.present() {
        note(format!("{field}.{name}"), stored.value(name), Some(after), changes)?;
    }
    for (name, before) in stored.present().filter(|(name, _)| new.value(name).is_none()) {
        note(format!("{field}.{name}"), Some(before), None, changes)?;
    }
    Ok(())
}

/// Notes a field whose values differ.
fn note<'a>(
    path: String,
    before: Option<&'a RawValue>,
    after: Option<&'a RawValue>,
    changes: &mut Vec<Change<'a>>,
) -> Result<(), Error> {
    let [before, after] = [before, after].map(|value| value.map(RawValue::get));
    let is_equal = match (before, after) {
        (Some(before), Some(after)) => is_same(before, after)?,
        (before, after) => before == after,
    };
    if !is_equal {
        changes.push(Change { path, before, after });
    }
    Ok(())
}

fn members(object: Option<&RawValue>) -> Result<Members<'_>, Error> {
    object.map_or_else(|| Ok(Members::default()), |object| serde_json::from_str(object.get()))
}

/// A record with the stored one's fields where it has none of its own: custom attributes and translations by key,
/// everything else whole; without what the service adds. A null of the new record stands: it empties the field.
///
/// # Errors
/// When one of them is no JSON object.
pub(crate) fn merged(stored: &str, new: &str) -> Result<String, Error> {
    let (stored, new): (Members<'_>, Members<'_>) = (serde_json::from_str(stored)?, serde_json::from_str(new)?);
    let mut out = ObjectText::default();
    for (field, value) in new.each() {
        match stored.get(field).filter(|_| is_collection(field)) {
            Some(before) if before.get().starts_with('{') && value.get().starts_with('{') => {
                let (before, after) = (members(Some(before))?, members(Some(value))?);
                let mut inner = ObjectText::default();
                after.each().for_each(|(name, value)| inner.push(name, value.get()));
                let kept = before.each().filter(|(name, _)| after.get(name).is_none());
                kept.for_each(|(name, value)| inner.push(name, value.get()));
                out.push(field, &inner.end());
            }
            _ => out.push(field, value.get()),
        }
    }
    let kept = stored.each().filter(|(field, _)| new.get(field).is_none());
    kept.filter(|(field, _)| !is_added_by_service(field))
        .for_each(|(field, value)| out.push(field, value.get()));
    Ok(out.end())
}

/// A record without the fields, custom attributes and translations that are null.
///
/// # Errors
/// When it is no JSON object.
pub(crate) fn without_nulls(record: &str) -> Result<String, Error> {
    let members: Members<'_> = serde_json::from_str(record)?;
    let mut out = ObjectText::default();
    for (field, value) in members.present() {
        if is_collection(field) && value.get().starts_with('{') {
            let mut inner = ObjectText::default();
            let own: Members<'_> = serde_json::from_str(value.get())?;
            own.present().for_each(|(name, value)| inner.push(name, value.get()));
            out.push(field, &inner.end());
        } else {
            out.push(field, value.get());
        }
    }
    Ok(out.end())
}

/// The fields of a record whose names are to be kept, as they are written.
///
/// # Errors
/// When it is no JSON object.
pub(crate) fn with_fields(record: &str, keep: impl Fn(&str) -> bool) -> Result<String, Error> {
    let members: Members<'_> = serde_json::from_str(record)?;
    let mut out = ObjectText::default();
    let kept = members.each().filter(|(field, _)| keep(field));
    kept.for_each(|(field, value)| out.push(field, value.get()));
    Ok(out.end())
}

/// A hash that is equal for records without [`changes`], however they are written.
///
/// # Errors When it is no JSON object.
pub(crate) fn digest(record: &str) -> Result<u64, Error> {
    let members: Members<'_> = serde_json::from_str(record)?;
    let mut text = String::with_capacity(record.len());
    normalize_members(&members, is_added_by_service, &mut text)?;
    Ok(xxh3_64(text.as_bytes()))
}

/// Whether two JSON values say the same.
fn is_same(a: &str, b: &str) -> Result<bool, Error> {
    if a == b {
        return Ok(true);
    }
    let (mut left, mut right) = (String::new(), String::new());
    normalize(a, &mut left)?;
    normalize(b, &mut right)?;
    Ok(left == right)
}

/// Writes a value in the one way in which all are written that say the same: keys in order, without those that are
/// null; numbers by their digits.
fn normalize(json: &str, out: &mut String) -> Result<(), Error> {
    match json.as_bytes().first() {
        Some(b'{') => normalize_members(&serde_json::from_str(json)?, |_| false, out)?,
        Some(b'[') => {
            out.push('[');
            for item in serde_json::from_str::<Vec<&RawValue>>(json)? {
                normalize(item.get(), out)?;
                out.push(',');
            }
            out.push(']');
        }
        // A string without escapes has one form only.
        Some(b'"') if !json.as_bytes().contains(&b'\\') => out.push_str(json),
        Some(b'"') => push_text(&serde_json::from_str::<String>(json)?, out)?,
        Some(b'-' | b'0'..=b'9') => number(json, out),
        _ => out.push_str(json),
    }
    Ok(())
}

fn normalize_members(members: &Members<'_>, is_left_out: fn(&str) -> bool, out: &mut String) -> Result<(), Error> {
    let mut sorted: Vec<&(Cow<'_, str>, &RawValue)> = members.0.iter().collect();
    // Of equal keys the last counts, which a stable sort leaves last.
    sorted.sort_by_key(|(key, _)| key);
    out.push('{');
    for same in sorted.chunk_by(|a, b| a.0 == b.0) {
        let Some((key, value)) = same
            .last()
            .filter(|(key, value)| value.get() != "null" && !is_left_out(key))
        else {
            continue;
        };
        let before = out.len();
        push_text(key, out)?;
        out.push(':');
        let start = out.len();
        normalize(value.get(), out)?;
        // A collection of nothing is nothing: `{"custom_attributes": {}}`.
        if is_collection(key) && out.get(start..) == Some("{}") {
            out.truncate(before);
        } else {
            out.push(',');
        }
    }
    out.push('}');
    Ok(())
}

/// Writes a text as JSON.
fn push_text(text: &str, out: &mut String) -> Result<(), Error> {
    if text.bytes().all(|byte| byte >= 0x20 && byte != b'"' && byte != b'\\') {
        out.push('"');
        out.push_str(text);
        out.push('"');
    } else {
        out.push_str(&serde_json::to_string(text)?);
    }
    Ok(())
}

/// Writes a number as sign, digits and power of ten, so that `1.50`, `1.5` and `15e-1` become equal.
fn number(json: &str, out: &mut String) {
    let (mantissa, power) = json.split_once(['e', 'E']).unwrap_or((json, "0"));
    let Ok(power) = power.parse::<i64>() else {
        // A power beyond all bounds.
        return out.push_str(json);
    };
    let is_negative = mantissa.starts_with('-');
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = [whole.trim_start_matches('-'), fraction].concat();
    let significant = digits.trim_end_matches('0');
    let places = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let dropped = places(digits.len() - significant.len());
    let significant = significant.trim_start_matches('0');
    if significant.is_empty() {
        return out.push('0');
    }
    if is_negative {
        out.push('-');
    }
    let power = power.saturating_sub(places(fraction.len())).saturating_add(dropped);
    // Writing to a text cannot fail.
    write!(out, "{significant}e{power}").ok();
}

/// A JSON object being written.
#[derive(Default)]
struct ObjectText(String);

impl ObjectText {
    fn push(&mut self, key: &str, value: &str) {
        self.0.push(if self.0.is_empty() { '{' } else { ',' });
        // A text can always be written as JSON.
        push_text(key, &mut self.0).ok();
        self.0.push(':');
        self.0.push_str(value);
    }

    fn end(mut self) -> String {
        if self.0.is_empty() {
            self.0.push('{');
        }
        self.0.push('}');
        self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Map, Value, json};

    use super::*;

    /// The paths that are added, changed and lost.
    fn difference(stored: &Value, new: &Value) -> [String; 3] {
        let (stored, new) = (stored.to_string(), new.to_string());
        let changes = changes(&stored, &new).unwrap();
        let paths = |has: [bool; 2]| {
            let such = changes.iter();
            let such = such.filter(|change| [change.before.is_some(), change.after.is_some()] == has);
            such.map(|change| change.path.as_str()).collect::<Vec<_>>().join(" ")
        };
        [[false, true], [true, true], [true, false]].map(paths)
    }

    #[test]
    fn says_what_is_added_changed_and_lost() {
        let stored = json!({
            "product_id": "a", "title": "A", "sale_price": 12, "description": "long", "tags": ["x", "y"], "brand": null,
            "custom_attributes": {"season": "summer", "pages": 10},
            "i18n_es": {"title": "La A", "description": "larga"},
            "product_group_id_or_product_id": "a", "category_path_0": ["x"],
        });
        let new = json!({
            "tags": ["x", "z"], "product_id": "a", "title": "A", "sale_price": 12.0, "size": "L",
            "custom_attributes": {"pages": 11, "color": "red"}, "i18n_es": {"title": "La A"},
        });
        let expect = [
            "size custom_attributes.color",
            "tags custom_attributes.pages",
            "custom_attributes.season i18n_es.description description",
        ];
        assert_eq!(difference(&stored, &new), expect);
        assert_eq!(difference(&stored, &stored), ["", "", ""]);
        assert_eq!(
            difference(&json!({"custom_attributes": {"a": 1}}), &json!({})),
            ["", "", "custom_attributes.a"]
        );
        assert_eq!(
            difference(&json!({"custom_attributes": {}}), &json!({"brand": null})),
            ["", "", ""]
        );
    }

    #[test]
    fn the_same_is_the_same_however_it_is_written() {
        for (a, b) in [
            ("1.50", "15e-1"),
            ("-0.0", "0"),
            ("100", "1E2"),
            (
                r#"{"a":1,"b":[1,{}]}"#,
                r#" {"b" : [ 1.0 , {"c":null} ], "a":1 }"#.trim(),
            ),
            (r#""é""#, r#""\u00e9""#),
        ] {
            assert!(is_same(a, b).unwrap(), "{a} {b}");
        }
        for (a, b) in [
            ("12345678901234567890123", "12345678901234567890124"),
            ("1", "10"),
            ("1", "\"1\""),
            ("0.1", "0.10000000000000001"),
            ("[1,2]", "[2,1]"),
        ] {
            assert!(!is_same(a, b).unwrap(), "{a} {b}");
        }
    }

    #[test]
    fn merging_keeps_what_the_new_record_does_not_have() {
        let check = |stored: &str, new: &str, expect: &str| assert_eq!(merged(stored, new).unwrap(), expect);
        check(
            r#"{"product_id":"a","title":"Old","isbn":12345678901234567890123,"category_path_1":1}"#,
            r#"{"product_id":"a","title":"New","brand":null}"#,
            r#"{"product_id":"a","title":"New","brand":null,"isbn":12345678901234567890123}"#,
        );
        check(
            r#"{"custom_attributes":{"a":1.50,"b":2},"i18n_es":{"title":"x"}}"#,
            r#"{"custom_attributes":{"b":3},"i18n_es":{"description":"y"}}"#,
            r#"{"custom_attributes":{"b":3,"a":1.50},"i18n_es":{"description":"y","title":"x"}}"#,
        );
        check(
            r#"{"custom_attributes":{"a":1}}"#,
            "{}",
            r#"{"custom_attributes":{"a":1}}"#,
        );
        check("{}", "{}", "{}");
        assert!(merged("[]", "{}").is_err());
    }

    #[test]
    fn fields_are_kept_as_they_are_written() {
        let read = r#"{"product_id":"a","sale_price":1.50,"category_path_0":[],"product_group_id_or_product_id":"a"}"#;
        let own = with_fields(read, |field| !is_added_by_service(field)).unwrap();
        assert_eq!(own, r#"{"product_id":"a","sale_price":1.50}"#);
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            (-5_i64..5).prop_map(Value::from),
            (-3_i32..3).prop_map(|tenths| Value::from(f64::from(tenths) / 2.0)),
            "[ab\"é]{0,2}".prop_map(Value::from),
        ];
        leaf.prop_recursive(2, 8, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::btree_map("[ab]", inner, 0..3)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    fn record() -> impl Strategy<Value = Value> {
        let name = prop::sample::select(vec!["title", "tags", "custom_attributes", "i18n_es", "category_path_0"]);
        prop::collection::btree_map(name, value(), 0..5)
            .prop_map(|map| Value::Object(map.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()))
    }

    /// Without nulls, and with numbers in one form: what an independent comparison of values sees.
    fn plain(value: &Value) -> Value {
        match value {
            Value::Object(map) => {
                let kept = map.iter().filter(|(_, value)| !value.is_null());
                Value::Object(kept.map(|(key, value)| (key.clone(), plain(value))).collect())
            }
            Value::Array(items) => items.iter().map(plain).collect(),
            Value::Number(number) => Value::from(number.as_f64()),
            other => other.clone(),
        }
    }

    fn plain_record(record: &Value) -> Value {
        let Value::Object(map) = plain(record) else {
            unreachable!()
        };
        let is_nothing = |(key, value): &(String, Value)| is_collection(key) && *value == json!({});
        Value::Object(
            map.into_iter()
                .filter(|(key, _)| !is_added_by_service(key))
                .filter(|member| !is_nothing(member))
                .collect::<Map<_, _>>(),
        )
    }

    proptest! {
        #[test]
        fn equal_records_have_no_difference_and_one_digest(a in record(), b in record()) {
            let (x, y) = (a.to_string(), b.to_string());
            let is_equal = plain_record(&a) == plain_record(&b);
            prop_assert_eq!(is_same_record(&x, &y).unwrap(), is_equal);
            prop_assert_eq!(digest(&x).unwrap() == digest(&y).unwrap(), is_equal);
        }

        /// Whatever was stored and is sent: merged, nothing is lost but what the new record says is empty, and merging
        /// again changes nothing.
        #[test]
        fn merging_loses_nothing(stored in record(), new in record()) {
            let (stored_text, new_text) = (stored.to_string(), new.to_string());
            let both = merged(&stored_text, &new_text).unwrap();
            for change in changes(&stored_text, &both).unwrap().into_iter().filter(Change::is_loss) {
                let path = change.path.as_str();
                let (field, name) = path.split_once('.').unwrap_or((path, ""));
                let said = new.get(field).unwrap();
                let is_emptied = said.is_null() || said.get(name).is_some_and(Value::is_null) || !said.is_object()
                    || !stored[field].is_object();
                prop_assert!(is_emptied, "{} is lost", path);
            }
            let again = merged(&stored_text, &both).unwrap();
            prop_assert!(is_same_record(&both, &again).unwrap());
            let over = changes(&both, &new_text).unwrap();
            prop_assert!(over.iter().all(Change::is_loss), "the new record stands: {:?}", over);
        }
    }
}
