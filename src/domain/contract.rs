//! The API's published document, and how another version of it differs from the one that records are held to.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{dataset::Dataset, number::grouped};

/// The document that `assets/schema` follows, without its prose.
const DOCUMENT: &str = include_str!("../../assets/contract/miso-data-apis-1.1.4.json");

/// The deepest nesting of schemas that is followed, as a schema may refer to itself.
const DEEPEST: usize = 12;

/// Why a document cannot be compared.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ContractError {
    /// The text is no JSON.
    #[error("it is not JSON: {0}")]
    NotJson(#[from] serde_json::Error),
    /// It describes no upload of these records.
    #[error("it describes no request POST /v1/{0}; choose the OpenAPI document of the ingestion API")]
    NoUpload(Dataset),
}

/// A published document: an `OpenAPI` description of the ingestion API.
#[derive(Debug)]
pub(crate) struct Published(Value);

/// A field whose requirements differ between two documents.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct DocumentChange {
    /// The data set that has the field.
    pub dataset: Dataset,
    /// Dotted path in the record; `[]` stands for the items of a list, `*` for free keys.
    pub path: String,
    /// The types of interactions concerned; empty: all of them, or no interactions.
    pub kinds: Vec<String>,
    /// Whether the other document adds, removes or changes it.
    pub what: Difference,
}

/// What is different about a field, in words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Difference {
    /// The other document has it.
    Added(String),
    /// The other document does not have it.
    Removed(String),
    /// The other document wants something else.
    Changed {
        /// The requirement of our document.
        from: String,
        /// The requirement of the other document.
        to: String,
    },
}

/// The requirements on the fields of a record, by path.
type Fields = BTreeMap<String, String>;

impl Published {
    /// The document that records are held to.
    ///
    /// # Errors
    /// Never: a test reads it.
    pub(crate) fn ours() -> Result<Self, ContractError> {
        DOCUMENT.parse()
    }

    /// How another document differs from this one: by data set and path.
    pub(crate) fn changes(&self, other: &Self) -> Vec<DocumentChange> {
        let mut changes = Vec::new();
        for dataset in Dataset::ALL {
            let (ours, theirs) = (self.records(dataset), other.records(dataset));
            let mut by_field: BTreeMap<(String, Difference), Vec<String>> = BTreeMap::new();
            let mut kinds: Vec<&String> = ours.keys().chain(theirs.keys()).collect();
            kinds.sort_unstable();
            kinds.dedup();
            for &kind in &kinds {
                match (ours.get(kind), theirs.get(kind)) {
                    (Some(ours), Some(theirs)) => {
                        for (path, what) in compare(ours, theirs) {
                            by_field.entry((path, what)).or_default().push(kind.clone());
                        }
                    }
                    (Some(_), None) => {
                        let removed = Difference::Removed("a type of interaction".to_owned());
                        by_field.insert((format!("type {kind}"), removed), Vec::new());
                    }
                    (None, _) => {
                        let added = Difference::Added("a type of interaction".to_owned());
                        by_field.insert((format!("type {kind}"), added), Vec::new());
                    }
                }
            }
            let all = kinds.len();
            changes.extend(by_field.into_iter().map(|((path, what), kinds)| DocumentChange {
                dataset,
                path,
                kinds: if kinds.len() == all { Vec::new() } else { kinds },
                what,
            }));
        }
        changes
    }

    /// The requirements on a data set's fields by type of interaction; other data sets have an empty name.
    fn records(&self, dataset: Dataset) -> BTreeMap<String, Fields> {
        let Some(record) = self.record(dataset) else {
            return BTreeMap::new();
        };
        let record = self.resolved(record);
        let kinds = record
            .get("anyOf")
            .or_else(|| record.get("oneOf"))
            .and_then(Value::as_array);
        let Some(kinds) = kinds else {
            return BTreeMap::from([(String::new(), self.fields(record))]);
        };
        let named = kinds.iter().filter_map(|kind| {
            let kind = self.resolved(kind);
            let name = kind
                .pointer("/properties/type/enum/0")
                .or_else(|| kind.pointer("/properties/type/const"));
            let mut fields = self.fields(kind);
            fields.remove("type");
            Some((name?.as_str()?.to_owned(), fields))
        });
        named.collect()
    }

    /// The schema of a data set's records, as the request to upload them has it.
    fn record(&self, dataset: Dataset) -> Option<&Value> {
        let body = format!("/paths/~1v1~1{dataset}/post/requestBody/content/application~1json/schema");
        let body = self.resolved(self.0.pointer(&body)?);
        body.pointer("/properties/data/items")
    }

    /// A schema, or the one that it refers to.
    fn resolved<'a>(&'a self, schema: &'a Value) -> &'a Value {
        let mut schema = schema;
        for _ in 0..DEEPEST {
            let only = schema
                .get("allOf")
                .and_then(Value::as_array)
                .filter(|all| all.len() == 1);
            let name = schema
                .get("$ref")
                .and_then(Value::as_str)
                .and_then(|name| name.strip_prefix('#'));
            let next = only.and_then(|all| all.first()).or_else(|| self.0.pointer(name?));
            match next {
                Some(next) => schema = next,
                None => break,
            }
        }
        schema
    }

    fn fields(&self, record: &Value) -> Fields {
        let mut fields = Fields::new();
        self.add(record, "", 0, &mut fields);
        fields
    }

    fn add(&self, schema: &Value, path: &str, depth: usize, fields: &mut Fields) {
        if depth > DEEPEST {
            return;
        }
        let schema = self.resolved(schema);
        let inside = |name: &str| {
            if path.is_empty() {
                name.to_owned()
            } else {
                format!("{path}.{name}")
            }
        };
        let required: Vec<&str> = texts(schema, "required").collect();
        for (name, property) in schema
            .get("properties")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            let is_required = required.contains(&name.as_str());
            let needed = if is_required { ", required" } else { "" };
            let path = inside(name);
            fields.insert(path.clone(), format!("{}{needed}", self.words(property, 0)));
            self.add(property, &path, depth + 1, fields);
        }
        match schema.get("additionalProperties") {
            Some(free @ Value::Object(_)) => {
                fields.insert(inside("*"), self.words(free, 0));
            }
            Some(Value::Bool(false)) => {}
            _ if schema.get("properties").is_some() && !path.is_empty() => {
                fields.insert(inside("*"), "anything".to_owned());
            }
            _ => {}
        }
        if let Some(items) = schema.get("items") {
            self.add(items, &format!("{path}[]"), depth + 1, fields);
        }
        for branch in branches(schema) {
            self.add(branch, path, depth + 1, fields);
        }
    }

    /// The requirement on a value, in words.
    fn words(&self, schema: &Value, depth: usize) -> String {
        if depth > DEEPEST {
            return "anything".to_owned();
        }
        let schema = self.resolved(schema);
        let mut choices: Vec<String> = branches(schema).map(|branch| self.words(branch, depth + 1)).collect();
        if !choices.is_empty() {
            choices.dedup();
            return choices.join(" or ");
        }
        let names: Vec<&str> = texts(schema, "enum").collect();
        if !names.is_empty() {
            return format!("one of {}", names.join(", "));
        }
        let number = |name: &str| schema.get(name).and_then(Value::as_u64);
        match schema.get("type").and_then(Value::as_str) {
            Some("string") => {
                let what = match schema.get("format").and_then(Value::as_str) {
                    None => "text".to_owned(),
                    Some("date-time") => "date and time".to_owned(),
                    Some("uri") => "URL".to_owned(),
                    Some("uuid") => "UUID".to_owned(),
                    Some("ipv4") => "IPv4 address".to_owned(),
                    Some(format) => format.to_owned(),
                };
                match (number("minLength"), number("maxLength")) {
                    (None, None) => what,
                    (Some(least), None) => format!("{what} of at least {} characters", grouped(least)),
                    (None, Some(most)) => format!("{what} of at most {} characters", grouped(most)),
                    (Some(least), Some(most)) => format!("{what} of {least} to {} characters", grouped(most)),
                }
            }
            Some("integer") => "whole number".to_owned(),
            Some("number") => "number".to_owned(),
            Some("boolean") => "true or false".to_owned(),
            Some("array") => match schema.get("items") {
                Some(items) => format!("list of ({})", self.words(items, depth + 1)),
                None => "list".to_owned(),
            },
            Some("object") => match schema.get("additionalProperties") {
                Some(free @ Value::Object(_)) => format!("object of ({})", self.words(free, depth + 1)),
                _ => "object".to_owned(),
            },
            Some(other) => other.to_owned(),
            None => "anything".to_owned(),
        }
    }
}

impl std::str::FromStr for Published {
    type Err = ContractError;

    fn from_str(text: &str) -> Result<Self, ContractError> {
        let published = Self(serde_json::from_str(text)?);
        match Dataset::ALL
            .into_iter()
            .find(|dataset| published.record(*dataset).is_none())
        {
            Some(dataset) => Err(ContractError::NoUpload(dataset)),
            None => Ok(published),
        }
    }
}

fn branches(schema: &Value) -> impl Iterator<Item = &Value> {
    let branches = schema.get("anyOf").or_else(|| schema.get("oneOf"));
    branches.and_then(Value::as_array).into_iter().flatten()
}

fn texts<'a>(schema: &'a Value, key: &str) -> impl Iterator<Item = &'a str> {
    let list = schema.get(key).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str)
}

/// The fields that differ.
fn compare(ours: &Fields, theirs: &Fields) -> Vec<(String, Difference)> {
    let mut differing = Vec::new();
    for (path, from) in ours {
        match theirs.get(path) {
            None => differing.push((path.clone(), Difference::Removed(from.clone()))),
            Some(to) if to != from => {
                let (from, to) = (from.clone(), to.clone());
                differing.push((path.clone(), Difference::Changed { from, to }));
            }
            Some(_) => {}
        }
    }
    let added = theirs.iter().filter(|(path, _)| !ours.contains_key(*path));
    differing.extend(added.map(|(path, to)| (path.clone(), Difference::Added(to.clone()))));
    differing
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The changes that an edit of the document makes, a line each.
    fn check(edit: impl FnOnce(&mut Value)) -> String {
        let mut document: Value = serde_json::from_str(DOCUMENT).unwrap();
        edit(&mut document["components"]["schemas"]);
        let other: Published = document.to_string().parse().unwrap();
        let changes = Published::ours().unwrap().changes(&other);
        let lines = changes.iter().map(|change| {
            format!(
                "{} {} {:?}: {:?}",
                change.dataset, change.path, change.kinds, change.what
            )
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn changes_of_a_document_are_told_by_field() {
        assert_eq!(check(|_| {}), "");
        insta::assert_snapshot!(check(|schemas| {
            let product = &mut schemas["ProductRecord"]["properties"];
            product["price"] = serde_json::json!({"type": "number"});
            product["title"]["maxLength"] = 200.into();
            product.as_object_mut().unwrap().shift_remove("anchors");
            schemas["LocationInformation"]["properties"]["altitude"] = serde_json::json!({"type": "number"});
            schemas["WebBasedContext"]["required"] = serde_json::json!(["page"]);
            schemas["Click"]["properties"]["duration"] = serde_json::json!({"type": "number"});
            schemas["Rate"]["properties"]["rating"]["type"] = "integer".into();
            let union = schemas["InteractionBulkIn"]["properties"]["data"]["items"]["anyOf"].as_array_mut().unwrap();
            union.retain(|kind| kind["$ref"] != "#/components/schemas/Submit");
        }), @r#"
        products anchors []: Removed("list of (text)")
        products location.altitude []: Added("number")
        products location[].altitude []: Added("number")
        products price []: Added("number")
        products title []: Changed { from: "text", to: "text of at most 200 characters" }
        interactions context.page ["add_to_cart", "add_to_collection", "bookmark", "category_page_view", "checkout", "click", "complete", "custom", "dislike", "feedback", "home_page_view", "impression", "like", "listen", "product_detail_page_view", "product_image_view", "promo_page_view", "rate", "read", "refund", "remove_from_cart", "remove_from_collection", "search", "share", "subscribe", "unsubscribe", "viewable_impression", "watch"]: Changed { from: "object", to: "object, required" }
        interactions duration ["click"]: Added("number")
        interactions rating ["rate"]: Changed { from: "number", to: "whole number" }
        interactions type submit []: Removed("a type of interaction")
        "#);
    }

    #[test]
    fn other_documents_are_refused_with_a_reason() {
        let error = |text: &str| text.parse::<Published>().unwrap_err().to_string();
        insta::assert_snapshot!(error("{"), @"it is not JSON: EOF while parsing an object at line 1 column 1");
        insta::assert_snapshot!(error(r#"{"openapi":"3.0.2","paths":{}}"#), @"it describes no request POST /v1/products; choose the OpenAPI document of the ingestion API");
    }
}
