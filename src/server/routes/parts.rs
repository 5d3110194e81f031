//! The parts of a request's body, found without building it: what is built takes many times the memory of its text.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::server::answer::{Malformed, RequestFailure};

/// The most ids of a request; the API's own client sends a thousand.
pub(super) const MOST_IDS: usize = 10_000;

/// A body as one JSON text.
pub(super) fn whole(body: &[u8]) -> Result<&RawValue, RequestFailure> {
    let malformed = |error: &dyn fmt::Display| RequestFailure::Unreadable(format!("The body is not JSON: {error}"));
    let text = str::from_utf8(body).map_err(|error| malformed(&error))?;
    serde_json::from_str(text).map_err(|error| malformed(&error))
}

/// A member of an object, of several with the name the last.
///
/// # Errors
/// When it is no object.
pub(super) fn find<'a>(object: &'a RawValue, name: &str) -> Result<Option<&'a RawValue>, serde_json::Error> {
    MemberNamed(name).deserialize(&mut serde_json::Deserializer::from_str(object.get()))
}

/// A member of the body, which must be an object.
pub(super) fn member<'a>(body: &'a [u8], name: &str) -> Result<&'a RawValue, RequestFailure> {
    member_of(whole(body)?, &[], name)
}

/// A member of an object; `path` is where the object stands in the body.
pub(super) fn member_of<'a>(object: &'a RawValue, path: &[&str], name: &str) -> Result<&'a RawValue, RequestFailure> {
    let found = find(object, name).map_err(|_| malformed(path, "value is not a valid dict", "type_error.dict"))?;
    found.ok_or_else(|| malformed(&[path, &[name]].concat(), "field required", "value_error.missing"))
}

/// A list of ids; `path` is where it stands in the body.
pub(super) fn ids(list: &RawValue, path: &[&str]) -> Result<Vec<String>, RequestFailure> {
    if !list.get().starts_with('[') {
        return Err(malformed(path, "value is not a valid list", "type_error.list"));
    }
    let mut ids = Vec::new();
    each_element(list, &mut |element| {
        if ids.len() == MOST_IDS {
            return Err(RequestFailure::TooManyIds(MOST_IDS));
        }
        let id = serde_json::from_str(element.get()).map_err(|_| {
            let index = ids.len().to_string();
            malformed(&[path, &[&index]].concat(), "str type expected", "type_error.str")
        })?;
        ids.push(id);
        Ok(())
    })?;
    Ok(ids)
}

/// Hands out the elements of a list, until `see` refuses one.
pub(super) fn each_element<'a>(
    list: &'a RawValue,
    see: &mut dyn FnMut(&'a RawValue) -> Result<(), RequestFailure>,
) -> Result<(), RequestFailure> {
    let mut refused = Ok(());
    let mut until_refused = |element| {
        refused = see(element);
        refused.is_ok()
    };
    let read = Elements(&mut until_refused).deserialize(&mut serde_json::Deserializer::from_str(list.get()));
    refused?;
    read.map_err(|error| RequestFailure::Unreadable(format!("The body is not JSON: {error}")))
}

/// The failure for a part of the body that has another form than the endpoint takes.
pub(super) fn malformed(path: &[&str], message: &'static str, kind: &'static str) -> RequestFailure {
    let place = ["body"].iter().chain(path).map(|&step| step.to_owned()).collect();
    RequestFailure::Malformed(Malformed { place, message, kind })
}

/// Reads one member of an object and passes over the others.
struct MemberNamed<'n>(&'n str);

impl<'de> DeserializeSeed<'de> for MemberNamed<'_> {
    type Value = Option<&'de RawValue>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for MemberNamed<'_> {
    type Value = Option<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(name) = members.next_key::<String>()? {
            if name == self.0 {
                found = Some(members.next_value()?);
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }
}

/// Hands out the elements of a list, as long as they are wanted.
struct Elements<'s, 'de>(&'s mut dyn FnMut(&'de RawValue) -> bool);

impl<'de> DeserializeSeed<'de> for Elements<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Elements<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        while let Some(element) = elements.next_element()? {
            if !(self.0)(element) {
                return Err(A::Error::custom("enough"));
            }
        }
        Ok(())
    }
}
