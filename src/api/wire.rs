//! The bodies of the API as this client reads them, tolerant of missing and additional members (miso-api.md section 1).

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{DeserializeSeed, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::domain::{dataset::Dataset, message};

/// The members of almost every answer.
#[derive(Deserialize)]
pub(super) struct Envelope<T> {
    /// For people. One answer of the published document has the colon in the name.
    #[serde(default, alias = "message:")]
    pub(super) message: Option<serde_json::Value>,
    /// Whether something is wrong although the status is 200.
    #[serde(default)]
    pub(super) errors: Option<serde_json::Value>,
    #[serde(default = "none")]
    pub(super) data: Option<T>,
    /// What is wrong with the form of the request, in the other family of refusals.
    #[serde(default)]
    pub(super) detail: Option<serde_json::Value>,
    /// The status a task ended with.
    #[serde(default)]
    pub(super) code: Option<u16>,
}

fn none<T>() -> Option<T> {
    None
}

impl<T> Envelope<T> {
    pub(super) fn has_errors(&self) -> bool {
        use serde_json::Value;
        match &self.errors {
            None | Some(Value::Null | Value::Bool(false)) => false,
            Some(Value::Array(items)) => !items.is_empty(),
            Some(_) => true,
        }
    }

    pub(super) fn message(&self) -> String {
        match &self.message {
            Some(serde_json::Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => String::new(),
        }
    }
}

/// `data` of `_ids`.
#[derive(Deserialize)]
pub(super) struct Ids {
    pub(super) ids: Vec<String>,
}

/// Whether a record has that id.
pub(super) fn is_of(record: &str, dataset: Dataset, id: &str) -> bool {
    #[derive(Deserialize)]
    struct Ids<'a> {
        #[serde(borrow, default)]
        product_id: Option<Cow<'a, str>>,
        #[serde(borrow, default)]
        user_id: Option<Cow<'a, str>>,
    }
    let ids = serde_json::from_str::<Ids<'_>>(record);
    ids.is_ok_and(|ids| match dataset {
        Dataset::Products => ids.product_id.as_deref() == Some(id),
        Dataset::Users => ids.user_id.as_deref() == Some(id),
        Dataset::Interactions => false,
    })
}

/// The same, each id passed on as it is read.
pub(super) struct EachId<'a>(pub(super) &'a mut dyn FnMut(&str));

impl<'de> DeserializeSeed<'de> for EachId<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for EachId<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of ids")
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut ids: S) -> Result<(), S::Error> {
        while let Some(Id(id)) = ids.next_element()? {
            (self.0)(&id);
        }
        Ok(())
    }
}

/// An id, borrowed where it is written without escapes.
#[derive(Deserialize)]
struct Id<'a>(#[serde(borrow)] Cow<'a, str>);

/// `data` of `_ids`, the list not parsed yet.
#[derive(Deserialize)]
pub(super) struct RawIds<'a> {
    #[serde(borrow)]
    pub(super) ids: &'a RawValue,
}

/// `data` of several products.
#[derive(Deserialize)]
pub(super) struct Products {
    pub(super) products: Vec<Box<RawValue>>,
}

#[derive(Deserialize)]
pub(super) struct Product {
    #[serde(rename = "_found")]
    pub(super) found: bool,
    pub(super) product_id: String,
}

/// `data` of an interactions page of the local server.
#[derive(Deserialize)]
pub(super) struct Interactions {
    pub(super) interactions: Vec<Interaction>,
    #[serde(default)]
    pub(super) next: Option<i64>,
}

/// One stored interaction of the local server.
#[derive(Deserialize)]
pub(super) struct Interaction {
    pub(super) rowid: i64,
    pub(super) record: Box<RawValue>,
}

/// `data` of the local server's counts.
#[derive(Deserialize)]
pub(super) struct CountsBody {
    pub(super) products: u64,
    pub(super) users: u64,
    pub(super) interactions: u64,
}

/// `data` of the local server's identity.
#[derive(Deserialize)]
pub(super) struct StoreIdentity {
    pub(super) id: String,
}

/// `data` of the local server's wipe.
#[derive(Deserialize)]
pub(super) struct WipedBody {
    pub(super) count: u64,
}

/// The body that names what to delete.
#[derive(Serialize)]
pub(super) struct DeleteBody<'a> {
    pub(super) data: std::collections::BTreeMap<String, &'a [String]>,
}

/// The body that deletes users' interactions; not wrapped in `data`.
#[derive(Serialize)]
pub(super) struct UserIds<'a> {
    pub(super) user_ids: &'a [String],
}

/// The lines of a rejection: the texts of an array, and the places and words of `detail`; anything else gives none.
pub(super) fn lines<T>(envelope: &Envelope<T>, data: Option<&serde_json::Value>) -> Vec<String> {
    let items = |value: Option<&serde_json::Value>| match value {
        Some(serde_json::Value::Array(items)) => items.clone(),
        _ => Vec::new(),
    };
    let text = |item: &serde_json::Value| item.as_str().map_or_else(|| item.to_string(), str::to_owned);
    let lines = items(data).iter().map(text).collect::<Vec<_>>();
    let detail = items(envelope.detail.as_ref());
    lines
        .into_iter()
        .chain(detail.iter().filter_map(message::of_detail))
        .collect()
}
