//! The compiled form of the JSON Schema documents in `assets/schema`, which everything else uses.
//! It covers the keywords those documents use; [`Schema::of`] refuses others, so that a document can never promise
//! more than is checked.

mod compile;

use std::sync::LazyLock;

use super::dataset::Dataset;

/// The schema of one data set.
#[derive(Debug)]
pub struct Schema {
    /// Which data set it describes.
    pub dataset: Dataset,
    /// The record.
    pub record: Node,
    /// The interaction types and what each allows; empty for other data sets.
    pub interaction_types: Vec<InteractionType>,
}

/// One interaction type (miso-api.md section 3).
#[derive(Debug)]
pub struct InteractionType {
    /// Its name on the wire.
    pub name: String,
    /// The group the documentation puts it in.
    pub group: String,
    /// 1 core, 2 useful, 3 the rest.
    pub tier: u64,
    /// What it stands for.
    pub description: String,
    /// The fields it has beyond the common ones.
    pub fields: Vec<String>,
    /// Whether it concerns products.
    pub has_products: bool,
}

/// What a value must be.
#[derive(Debug, Default)]
pub struct Node {
    /// The JSON types allowed, as the document lists them; empty: any.
    pub types: Vec<&'static str>,
    /// The texts allowed; empty: any.
    pub allowed: Vec<String>,
    /// `date-time` or `uri`.
    pub format: Option<&'static str>,
    /// Least number of characters.
    pub min_length: Option<u64>,
    /// Least number.
    pub minimum: Option<f64>,
    /// Greatest number.
    pub maximum: Option<f64>,
    /// What every element of an array must be.
    pub items: Option<Box<Node>>,
    /// The known properties of an object, in document order.
    pub properties: Vec<(String, Node)>,
    /// Whether properties beyond the known ones are meant to be there (free objects).
    pub open: bool,
    /// The properties an object must have.
    pub required: Vec<String>,
    /// Properties an object must have when another has a certain value: `(property, value, required)`.
    pub required_when: Vec<(String, String, String)>,
    /// What an object's further properties must be, where that is limited.
    pub rest: Option<Box<Node>>,
    /// What properties named `i18n_xx` must be.
    pub translations: Option<Box<Node>>,
    /// What the field means, for people.
    pub description: String,
    /// An example value.
    pub example: Option<serde_json::Value>,
    /// Other names people give the field.
    pub aliases: Vec<String>,
    /// Where the rule comes from, or what was decided where the API's text is silent.
    pub comment: Option<String>,
}

impl Node {
    /// Whether a JSON type is allowed (an integer is a number).
    pub fn allows(&self, json_type: &str) -> bool {
        self.types.is_empty()
            || self.types.contains(&json_type)
            || (json_type == "integer" && self.types.contains(&"number"))
    }

    /// The property of that name; translations included.
    pub fn property(&self, name: &str) -> Option<&Self> {
        let known = self
            .properties
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, node)| node);
        known
            .or_else(|| self.translations.as_deref().filter(|_| is_translation(name)))
            .or(self.rest.as_deref())
    }

    /// The type in plain words: `text`, `list of text`, `number`.
    pub fn type_name(&self) -> String {
        let types: Vec<&str> = self.types.iter().copied().filter(|name| *name != "null").collect();
        let plain = |name: &str| match name {
            "string" if !self.allowed.is_empty() => "one of a list".to_owned(),
            "string" => match self.format {
                Some("date-time") => "date and time".to_owned(),
                Some("uri") => "URL".to_owned(),
                _ => "text".to_owned(),
            },
            "integer" => "whole number".to_owned(),
            "boolean" => "true or false".to_owned(),
            "array" => match &self.items {
                Some(items) if items.allows("array") && !items.types.is_empty() => "list of paths".to_owned(),
                Some(items) => format!("list of {}", items.type_name()),
                None => "list".to_owned(),
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

/// Whether a top-level property is named like a translation: `i18n_es`, `i18n_zh_Hant`.
pub fn is_translation(name: &str) -> bool {
    let Some(code) = name.strip_prefix("i18n_") else {
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

    /// Whether a path lies in an object whose keys are free: `custom_attributes.color`.
    pub fn is_custom(&self, path: &str) -> bool {
        let Some((parent, _)) = path.rsplit_once('.') else {
            return false;
        };
        self.node(parent).is_some_and(|node| node.open) || self.is_custom(parent)
    }

    /// A dotted path as the keys that lead to its value. What follows a free object is one key, dots included
    /// (`custom_attributes.a.b` is the attribute `a.b`), and so is a path the schema does not know.
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
                (None, _) if node.open => {
                    keys.push(rest);
                    return keys;
                }
                (None, _) => return vec![path],
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
        assert!(!products.is_custom("title"));
        assert!(Schema::of(Dataset::Interactions).is_custom("context.custom_context.items"));
    }
}
