//! Which column of a table becomes which field of the record.

use super::dataset::Dataset;

/// A column's destination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Dotted path in the record (`title`, `context.page.url`, `custom_attributes.color`); `None`: left out.
    pub path: Option<String>,
    /// How text becomes the value of a custom attribute; fields of the schema have their own type.
    pub custom_type: Option<CustomType>,
    /// Why the column goes there, for people: "same name", "known as sku", "chosen".
    pub reason: Reason,
}

/// How sure a match is, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The column has the field's name.
    SameName,
    /// The name differs in case and separators only.
    SimilarName,
    /// The name is a common alias of the field.
    Alias,
    /// No field matches: it goes to the custom attributes.
    Custom,
    /// A key of a JSON file that no field matches: it is sent as it stands.
    AsIs,
    /// A person chose it.
    Chosen,
}

/// The type of a custom attribute that comes from text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CustomType {
    /// Text, as it stands.
    Text,
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// A list of texts.
    List,
}

/// The destinations of all columns of a table, in column order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// The data set the records belong to.
    pub dataset: Dataset,
    /// One target for every column.
    pub targets: Vec<Target>,
}
