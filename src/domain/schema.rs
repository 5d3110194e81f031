//! The compiled form of the JSON Schema documents in `assets/schema`, which everything else uses.
//! It covers the keywords those documents use; [`Schema::of`] refuses others, so that a document can never promise
//! more than is checked.

mod compile;
mod resembling;

use std::sync::LazyLock;

use super::{dataset::Dataset, format::StringFormat};

/// The schema of one data set.
#[derive(Debug)]
pub struct Schema {
    /// Which data set it describes.
    pub dataset: Dataset,
    /// The published document it holds records to, and where it differs.
    pub contract: Contract,
    /// The record.
    pub record: Node,
    /// The interaction types and what each allows; empty for other data sets.
    pub interaction_types: Vec<InteractionType>,
}

/// What a schema is taken from.
#[derive(Debug, Default)]
pub struct Contract {
    /// The document's name.
    pub document: String,
    /// Its version.
    pub version: String,
    /// What is taken although the document does not say so.
    pub differences: Vec<NamedDifference>,
}

/// Something that is taken although the published document does not say so.
#[derive(Debug)]
pub struct NamedDifference {
    /// Its name, which is also that of the rule that makes it an error: `nulls`.
    pub name: String,
    /// What is taken.
    pub says: String,
    /// Where it is known from.
    pub source: String,
}

/// One interaction type.
#[derive(Debug)]
pub struct InteractionType {
    /// Its name on the wire.
    pub name: String,
    /// The group the documentation puts it in.
    pub group: String,
    /// 1 core, 2 useful, 3 the rest.
    pub(crate) tier: u64,
    /// What it stands for.
    pub description: String,
    /// The fields it has beyond those that all types have.
    pub fields: Vec<String>,
}

impl InteractionType {
    /// The fields that all types have.
    pub(crate) const COMMON: [&str; 6] = ["type", "user_id", "anonymous_id", "timestamp", "miso_id", "context"];

    /// Whether interactions of the type may have a field, given by its name without dots.
    pub fn allows(&self, field: &str) -> bool {
        Self::COMMON.contains(&field) || self.fields.iter().any(|own| own == field)
    }
}

/// What a value must be.
#[derive(Debug, Default)]
pub struct Node {
    /// The JSON types allowed, as the document lists them; empty: any.
    pub types: Vec<&'static str>,
    /// The texts allowed; empty: any.
    pub allowed: Vec<String>,
    /// The formats of which a text must follow one; empty: any text.
    pub formats: Vec<StringFormat>,
    /// Least number of characters.
    pub(crate) min_length: Option<u64>,
    /// Greatest number of characters.
    pub(crate) max_length: Option<u64>,
    /// What every element of an array must be.
    pub items: Option<Box<Node>>,
    /// What the elements of an array may be, all of them alike; empty: what [`Node::items`] says.
    pub(crate) item_kinds: Vec<Node>,
    /// The known properties of an object, in document order.
    pub properties: Vec<(String, Node)>,
    /// Whether an object may have no other properties than the known ones.
    pub closed: bool,
    /// The properties an object must have.
    pub required: Vec<String>,
    /// Properties an object must have when another has a certain value: `(property, value, required)`.
    pub(crate) required_when: Vec<(String, String, String)>,
    /// What an object's further properties must be, where that is limited.
    pub rest: Option<Box<Node>>,
    /// What properties named `i18n_xx` must be.
    pub translations: Option<Box<Node>>,
    /// The numbers that are meant, which the API does not insist on.
    pub range: Option<Range>,
    /// What the field means, in one line.
    pub description: String,
    /// What the engine does with it, what good values look like, what happens when it is left out.
    pub help: String,
    /// An example value.
    pub example: Option<serde_json::Value>,
    /// Where the rule comes from, or what was decided where the API's text is silent.
    pub comment: Option<String>,
}

/// The numbers that a field means.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Range {
    /// The least.
    pub(crate) minimum: Option<f64>,
    /// The greatest.
    pub(crate) maximum: Option<f64>,
    /// What all are greater than.
    pub above: Option<f64>,
}

impl Range {
    /// Whether a number is meant.
    pub fn contains(&self, number: f64) -> bool {
        self.minimum.is_none_or(|least| number >= least)
            && self.maximum.is_none_or(|most| number <= most)
            && self.above.is_none_or(|least| number > least)
    }
}

impl Node {
    /// Whether a JSON type is allowed (an integer is a number).
    pub fn allows(&self, json_type: &str) -> bool {
        self.types.is_empty()
            || self.types.contains(&json_type)
            || (json_type == "integer" && self.types.contains(&"number"))
    }

    /// Whether texts may follow a format.
    pub(crate) fn has_format(&self, format: StringFormat) -> bool {
        self.formats.contains(&format)
    }

    /// Whether it is an object whose keys are free.
    pub fn is_open(&self) -> bool {
        self.types.contains(&"object") && self.properties.is_empty() && !self.closed
    }

    /// Whether texts, numbers and truth values are all allowed, as in custom attributes: the values themselves tell
    /// their type.
    pub(crate) fn takes_any_scalar(&self) -> bool {
        ["string", "number", "boolean"]
            .into_iter()
            .all(|name| self.types.contains(&name))
    }

    /// The property of that name; translations included, free keys not.
    pub fn property(&self, name: &str) -> Option<&Self> {
        let known = self
            .properties
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, node)| node);
        known
            .or_else(|| self.translations.as_deref().filter(|_| is_translation(name)))
            .or_else(|| self.rest.as_deref().filter(|_| !self.is_open()))
    }

    /// The type in plain words: `text`, `list of text`, `number`.
    pub(crate) fn type_name(&self) -> String {
        let types: Vec<&str> = self.types.iter().copied().filter(|name| *name != "null").collect();
        let plain = |name: &str| match name {
            "string" if !self.allowed.is_empty() => "one of a list".to_owned(),
            "string" => match self.formats.as_slice() {
                [] => "text".to_owned(),
                [StringFormat::DateTime, StringFormat::Date] => "date, with or without a time".to_owned(),
                [StringFormat::DateTime, ..] => "date and time".to_owned(),
                [StringFormat::Date, ..] => "date".to_owned(),
                [StringFormat::Uri, ..] => "URL".to_owned(),
                [StringFormat::Uuid, ..] => "UUID".to_owned(),
                [StringFormat::Ipv4, ..] => "IPv4 address".to_owned(),
            },
            "integer" => "whole number".to_owned(),
            "boolean" => "true or false".to_owned(),
            "array" => match &self.items {
                Some(items) if items.allows("array") && !items.types.is_empty() => "list of paths".to_owned(),
                Some(items) => format!("list of {}", items.type_name()),
                None if self.item_kinds.is_empty() => "list".to_owned(),
                None => {
                    let kinds: Vec<String> = self.item_kinds.iter().map(Self::type_name).collect();
                    format!("list of {}", kinds.join("s or of "))
                }
            },
            other => other.to_owned(),
        };
        if types.is_empty() {
            "anything".to_owned()
        } else {
            types.into_iter().map(plain).collect::<Vec<_>>().join(" or ")
        }
    }
}

/// What the names of translations begin with.
pub(crate) const TRANSLATION: &str = "i18n_";

/// Whether a top-level property is named like a translation: `i18n_es`, `i18n_zh_Hant`.
pub(crate) fn is_translation(name: &str) -> bool {
    let Some(code) = name.strip_prefix(TRANSLATION) else {
        return false;
    };
    let (language, rest) = code
        .split_once('_')
        .map_or((code, None), |(language, rest)| (language, Some(rest)));
    language.len() == 2
        && language.bytes().all(|byte| byte.is_ascii_lowercase())
        && rest.is_none_or(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_alphabetic()))
}

static PRODUCTS: LazyLock<Schema> = LazyLock::new(|| compile::schema(Dataset::Products));
static INTERACTIONS: LazyLock<Schema> = LazyLock::new(|| compile::schema(Dataset::Interactions));
static USERS: LazyLock<Schema> = LazyLock::new(|| compile::schema(Dataset::Users));

impl Schema {
    /// The interaction type of that name.
    pub(crate) fn interaction_type(&self, name: &str) -> Option<&InteractionType> {
        self.interaction_types.iter().find(|kind| kind.name == name)
    }

    /// The schema of a data set, compiled on first use.
    pub fn of(dataset: Dataset) -> &'static Self {
        match dataset {
            Dataset::Products => &PRODUCTS,
            Dataset::Interactions => &INTERACTIONS,
            Dataset::Users => &USERS,
        }
    }

    /// The JSON Schema document itself.
    pub const fn document(dataset: Dataset) -> &'static str {
        match dataset {
            Dataset::Products => include_str!("../../assets/schema/products.json"),
            Dataset::Interactions => include_str!("../../assets/schema/interactions.json"),
            Dataset::Users => include_str!("../../assets/schema/users.json"),
        }
    }

    /// What a dotted path must hold: `title`, `context.page.url`, `location.lat`, `i18n_es.title`.
    /// `None` for paths the schema does not know, among them those inside free objects (`custom_attributes.color`).
    pub fn node(&self, path: &str) -> Option<&Node> {
        path.split('.').try_fold(&self.record, |node, name| node.property(name))
    }

    /// What the values of a path inside a free object must be: `custom_attributes.color`.
    pub(crate) fn free_node(&self, path: &str) -> Option<&Node> {
        self.holder(path).filter(|holder| holder.is_open())?.rest.as_deref()
    }

    /// Whether a path lies in an object whose keys are free: `custom_attributes.color`.
    pub(crate) fn is_custom(&self, path: &str) -> bool {
        self.holder(path).is_some_and(Node::is_open)
    }

    /// Whether the API refuses records with a value at a path, because it knows no such field.
    pub fn is_refused(&self, path: &str) -> bool {
        self.node(path).is_none() && self.holder(path).is_none_or(|holder| holder.closed)
    }

    /// The object in which a path's last known part lies: the first one that has no such property.
    fn holder(&self, path: &str) -> Option<&Node> {
        let mut node = &self.record;
        let mut names = path.split('.').peekable();
        while let Some(name) = names.next() {
            match node.property(name) {
                Some(child) if names.peek().is_some() => node = child,
                _ => return Some(node),
            }
        }
        None
    }

    /// A dotted path as the keys that lead to its value. What follows a free object is one key, dots included
    /// (`custom_attributes.a.b` is the attribute `a.b`), and so is what follows an object that has no such property.
    pub fn split<'a>(&self, path: &'a str) -> Vec<&'a str> {
        let mut keys = Vec::new();
        let (mut node, mut rest) = (&self.record, path);
        loop {
            let (name, after) = rest
                .split_once('.')
                .map_or((rest, None), |(name, after)| (name, Some(after)));
            match (node.property(name), after) {
                (Some(child), Some(after)) => {
                    keys.push(name);
                    (node, rest) = (child, after);
                }
                (Some(_), None) => {
                    keys.push(name);
                    return keys;
                }
                (None, _) if node.closed => return vec![path],
                (None, _) => {
                    keys.push(rest);
                    return keys;
                }
            }
        }
    }

    /// Every field with its dotted path, parents before their parts, in document order.
    pub fn fields(&self) -> Vec<(String, &Node)> {
        fn add<'a>(prefix: &str, node: &'a Node, fields: &mut Vec<(String, &'a Node)>) {
            for (name, child) in &node.properties {
                let path = if prefix.is_empty() {
                    name.clone()
                } else {
                    format!("{prefix}.{name}")
                };
                fields.push((path.clone(), child));
                add(&path, child, fields);
            }
        }
        let mut fields = Vec::new();
        add("", &self.record, &mut fields);
        fields
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_three_documents_compile() {
        for dataset in Dataset::ALL {
            assert_eq!(Schema::of(dataset).dataset, dataset);
        }
        assert_eq!(Schema::of(Dataset::Interactions).interaction_types.len(), 29);
    }

    #[test]
    fn interaction_types_are_those_of_the_enum_and_name_real_fields() {
        let schema = Schema::of(Dataset::Interactions);
        let names: Vec<_> = schema.interaction_types.iter().map(|kind| kind.name.clone()).collect();
        assert_eq!(schema.node("type").map(|node| &node.allowed), Some(&names));
        for kind in &schema.interaction_types {
            for field in &kind.fields {
                assert!(schema.node(field).is_some(), "{} names {field}", kind.name);
            }
            assert!(kind.allows("user_id") && !kind.allows("title"), "{}", kind.name);
        }
    }

    #[test]
    fn paths_lead_to_nodes() {
        let products = Schema::of(Dataset::Products);
        assert!(products.node("location.lat").is_some());
        assert!(products.node("i18n_es.title").is_some());
        assert!(products.node("i18n_ES").is_none());
        assert!(products.node("price").is_none());
        assert!(products.is_custom("custom_attributes.color"));
        assert!(products.is_custom("custom_attributes.a.b"));
        assert!(
            products
                .free_node("custom_attributes.a.b")
                .is_some_and(Node::takes_any_scalar)
        );
        for (path, expect) in [
            ("title", false),
            ("price", true),
            ("price.net", true),
            ("location.altitude", false),
        ] {
            assert_eq!(products.is_refused(path), expect, "{path}");
        }
        assert_eq!(products.split("custom_attributes.a.b"), ["custom_attributes", "a.b"]);
        assert_eq!(products.split("location.altitude.feet"), ["location", "altitude.feet"]);
        assert_eq!(products.split("price.net"), ["price.net"]);
        assert!(!products.is_custom("title"));
        assert!(Schema::of(Dataset::Interactions).is_custom("context.custom_context.items"));
    }
}
