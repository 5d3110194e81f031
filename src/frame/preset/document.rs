//! How an export is recognised and rewritten: the form of the documents in `assets/presets`.
//!
//! A document says how the export is recognised (`recognise`), which of its rows belong together (`group`, `parents`)
//! or are no records (`leave_out`), where its columns go (`fields`, in order: the first that gives a value to a path
//! wins), what pairs of name and value are (`options`), and where everything else goes (`rest`) or that it is not sent
//! (`drop`). Columns of delimited text go by their bare names: `Variant Price` is `variant_price`; those of JSON by
//! their dotted paths, with `[]` behind a list. What no document can say is code, which it then names (`code`).

use std::{
    collections::{BTreeMap, HashSet},
    sync::LazyLock,
};

use serde::{Deserialize, Deserializer, de::Error as _};

use crate::domain::dataset::Dataset;

/// The documents, by name.
const DOCUMENTS: &[&str] = include!(concat!(env!("OUT_DIR"), "/presets.rs"));

/// All documents, those that fit records of any kind last. (That each of them can be read is for a test.)
pub(super) static ALL: LazyLock<Vec<PresetDocument>> = LazyLock::new(|| {
    let read = DOCUMENTS.iter().filter_map(|text| serde_json::from_str(text).ok());
    let mut all: Vec<PresetDocument> = read.collect();
    all.sort_by_key(|document| document.dataset.is_none());
    all
});

/// A preset's document.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PresetDocument {
    /// Its name on the command line.
    pub(super) name: String,
    /// Its title for people.
    pub(super) title: String,
    /// The data set of its records; `None`: any.
    #[serde(default, deserialize_with = "dataset")]
    pub(super) dataset: Option<Dataset>,
    /// How it is recognised, and what becomes of it.
    pub(super) about: String,
    pub(super) recognise: Recognise,
    /// The code that rewrites it; `None`: the members below do.
    #[serde(default)]
    pub(super) code: Option<Code>,
    /// Rows that follow one another and belong together.
    #[serde(default)]
    pub(super) group: Option<PresetGroup>,
    /// Rows that others name as their parents, wherever they stand.
    #[serde(default)]
    pub(super) parents: Option<Parents>,
    /// Rows that are no records.
    #[serde(default)]
    pub(super) leave_out: Vec<PresetKind>,
    #[serde(default)]
    pub(super) fields: Vec<PresetField>,
    #[serde(default)]
    pub(super) options: Option<PresetOptions>,
    #[serde(default)]
    pub(super) rest: Vec<PresetRest>,
    /// Columns that are not sent; a `*` at the end stands for anything.
    #[serde(default)]
    pub(super) drop: Vec<String>,
    /// Notes for people, in sentences.
    #[serde(default)]
    pub(super) notes: Vec<String>,
}

/// Exports that take code to rewrite.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Code {
    GoogleMerchant,
    Segment,
    Ga4,
    Stored,
    Bulk,
    Nested,
}

/// How an export is recognised.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Recognise {
    /// Whether it is delimited text or JSON; `None`: either.
    #[serde(default)]
    pub(super) format: Option<PresetFormat>,
    /// Columns that it has; a list of names stands for any one of them.
    pub(super) columns: Vec<PresetNames>,
    /// Columns that it must not have.
    #[serde(default)]
    pub(super) without: Vec<String>,
    /// Texts of which one stands in the head of every such file: a cheap test before the file is read.
    pub(super) hints: Vec<String>,
    /// The names of the columns of a file without a header.
    #[serde(default)]
    pub(super) header: Vec<String>,
    /// What the first row must hold.
    #[serde(default)]
    pub(super) first: Condition,
}

/// The format of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum PresetFormat {
    Text,
    Json,
}

/// One name or several.
#[derive(Debug, Default)]
pub(super) struct PresetNames(pub(super) Vec<String>);

impl<'de> Deserialize<'de> for PresetNames {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either {
            One(String),
            Several(Vec<String>),
        }
        Ok(match Either::deserialize(from)? {
            Either::One(name) => Self(vec![name]),
            Either::Several(names) => Self(names),
        })
    }
}

fn dataset<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Dataset>, D::Error> {
    String::deserialize(from)?.parse().map(Some).map_err(D::Error::custom)
}

/// Tests of a row, by column; `@` before a name means a field that is already written.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub(super) struct Condition(BTreeMap<String, Test>);

/// A test of a value.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Test {
    /// It is one of these words, or a list with commas that holds one; case does not matter.
    Words(Vec<String>),
    Other(Bound),
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Bound {
    /// It is a number, and no more than this.
    AtMost(f64),
    /// It is a number, and more than this.
    Over(f64),
    /// It begins with this text.
    Starts(String),
    /// `true`: it is not empty; `false`: it is.
    Filled(bool),
}

impl Condition {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a row passes all tests; `text` gives its value in a column.
    pub(super) fn holds(&self, text: &dyn Fn(&str) -> String) -> bool {
        self.0.iter().all(|(name, test)| {
            let text = text(name);
            match test {
                Test::Words(words) => {
                    let mut parts = text.split(',').map(str::trim).chain([text.as_str()]);
                    parts.any(|part| words.iter().any(|word| word.eq_ignore_ascii_case(part)))
                }
                Test::Other(Bound::AtMost(most)) => text.parse().is_ok_and(|number: f64| number <= *most),
                Test::Other(Bound::Over(least)) => text.parse().is_ok_and(|number: f64| number > *least),
                Test::Other(Bound::Starts(start)) => text.starts_with(start.as_str()),
                Test::Other(Bound::Filled(is_filled)) => text.is_empty() != *is_filled,
            }
        })
    }
}

/// Rows of a kind, with a word for one of them: `image row`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PresetKind {
    pub(super) when: Condition,
    pub(super) noun: String,
}

/// Which columns a row without a value of its own takes over.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Inherit {
    /// All but these; a `*` at the end stands for anything.
    pub(super) except: Vec<String>,
}

/// Rows that follow one another and belong together.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PresetGroup {
    /// Rows with the same value in this column,
    #[serde(default)]
    pub(super) by: PresetNames,
    /// or the rows from one that passes these tests to the next.
    #[serde(default)]
    pub(super) starts: Condition,
    /// What the others take over from the first.
    pub(super) inherit: Inherit,
    /// Rows that only add to the others.
    #[serde(default)]
    pub(super) joined: Vec<PresetKind>,
    /// Lists of all rows' values; fields read them by this name with `@` before it.
    #[serde(default)]
    pub(super) collect: BTreeMap<String, PresetNames>,
    /// Whether the first row stands for the whole group, and is a record only when it is alone.
    #[serde(default)]
    pub(super) first_is_parent: bool,
}

/// Rows that others name as their parents. A row that is named by another is left out.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Parents {
    /// Which rows can be named so.
    pub(super) when: Condition,
    /// The columns that others name them by, with the text before the value.
    pub(super) keys: Vec<PresetKey>,
    /// The column of the others that names one of these,
    #[serde(default)]
    pub(super) of: Option<String>,
    /// or the column of the parents that lists the others, each by its key after a text such as `sku=`.
    #[serde(default)]
    pub(super) lists: Option<PresetKey>,
    /// What the others take over.
    pub(super) inherit: Inherit,
}

/// A column, and the text before its value.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PresetKey {
    pub(super) column: String,
    #[serde(default)]
    pub(super) before: String,
}

/// A field of the record, and where its value comes from.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PresetField {
    /// The path in the record.
    pub(super) to: String,
    /// The columns to read, of which the first that is not empty counts. `parent.` means a column of the row's parent,
    /// `@` a collected list.
    #[serde(default)]
    pub(super) from: PresetNames,
    /// How the value is written.
    #[serde(default, rename = "as")]
    pub(super) form: PresetForm,
    /// The separator between the items of a list.
    #[serde(default = "comma")]
    pub(super) between: String,
    /// The separator between the levels of a path.
    #[serde(default = "greater")]
    pub(super) level: String,
    /// Replacements by value, whatever its case; an empty one leaves the field out.
    #[serde(default)]
    pub(super) values: BTreeMap<String, String>,
    /// The value for all that `values` does not name.
    #[serde(default)]
    pub(super) otherwise: Option<String>,
    /// Values that count as empty.
    #[serde(default)]
    pub(super) ignore: Vec<String>,
    /// Signs around the items of a list that do not belong to them.
    #[serde(default)]
    pub(super) strip: String,
    #[serde(default)]
    pub(super) when: Condition,
    #[serde(default)]
    pub(super) unless: Condition,
}

fn comma() -> String {
    ",".to_owned()
}

fn greater() -> String {
    ">".to_owned()
}

/// How a value is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum PresetForm {
    /// A text.
    #[default]
    Text,
    /// A text without the apostrophe that keeps spreadsheets from reading a number.
    Id,
    /// All values joined with hyphens, as in URLs.
    Slug,
    /// A text without HTML.
    Prose,
    /// A text in capital letters.
    Upper,
    /// A text of digits only; any other counts as empty.
    Digits,
    Number,
    /// A number, but not 0.
    Positive,
    Boolean,
    /// A list of texts.
    List,
    /// A list of numbers.
    Numbers,
    /// The first of a list of texts.
    First,
    /// Category paths, without those that are digits only.
    Paths,
    /// A time in seconds since 1970.
    Seconds,
    Milliseconds,
    /// Date and time in UTC with a space between.
    Utc,
    /// An IP address without its last part.
    Address,
    /// The value as it stands in the file.
    Verbatim,
}

/// Pairs of a name and a value, as the options of a variant.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PresetOptions {
    /// The columns of names and of values.
    #[serde(default)]
    pub(super) columns: Vec<(String, String)>,
    /// Which rows have them.
    #[serde(default)]
    pub(super) when: Condition,
    /// Columns that hold several pairs, and how they are written.
    #[serde(default)]
    pub(super) written: BTreeMap<String, Notation>,
    /// The fields for options of known names, whatever their case.
    pub(super) known: BTreeMap<String, String>,
    /// The beginning of the path for all other options.
    pub(super) others: String,
    /// Values that say nothing.
    #[serde(default)]
    pub(super) ignore: Vec<String>,
}

/// How several pairs are written in a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Notation {
    /// `[S]Color=Red,[RT]Size=M`, or `color=Red,size=M`
    Assignments,
    /// `Type=Swatch|Name=Color|Value=Red[#f00]`
    Fields,
}

impl PresetDocument {
    /// The columns that fields, options and groups use.
    pub(super) fn used(&self) -> HashSet<&str> {
        let fields = self.fields.iter().flat_map(|field| &field.from.0).map(String::as_str);
        let mut used: HashSet<&str> = fields
            .map(|name| name.strip_prefix("parent.").unwrap_or(name))
            .map(|name| name.split("[]").next().unwrap_or(name))
            .collect();
        if let Some(options) = &self.options {
            used.extend(options.columns.iter().flat_map(|(name, value)| [name.as_str(), value]));
            used.extend(options.written.keys().map(String::as_str));
        }
        if let Some(group) = &self.group {
            let collected = group.collect.values().flat_map(|names| &names.0);
            used.extend(group.by.0.iter().chain(collected).map(String::as_str));
        }
        used.extend(self.parents.iter().filter_map(|parents| parents.of.as_deref()));
        used
    }
}

/// Where the columns go that no field reads.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PresetRest {
    /// The object whose members go there; `None`: all columns.
    #[serde(default)]
    pub(super) of: Option<String>,
    /// The path of the object they go into.
    pub(super) into: String,
}

/// Whether a name is one of a list, in which a `*` at the end of a name stands for anything.
pub(super) fn is_listed(name: &str, list: &[String]) -> bool {
    list.iter().any(|listed| match listed.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == listed,
    })
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;
    use crate::domain::schema::Schema;

    #[test]
    fn every_document_can_be_read_and_has_the_name_of_its_file() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/presets");
        let mut names = Vec::new();
        for entry in fs::read_dir(folder).unwrap() {
            let file = entry.unwrap().path();
            let read: Result<PresetDocument, _> = serde_json::from_str(&fs::read_to_string(&file).unwrap());
            let document = read.map_err(|error| format!("{}: {error}", file.display())).unwrap();
            assert_eq!(file.file_stem().unwrap(), document.name.as_str());
            names.push(document.name);
        }
        names.sort();
        let mut known: Vec<&str> = ALL.iter().map(|document| document.name.as_str()).collect();
        known.sort_unstable();
        assert_eq!(known, names);
    }

    /// The API refuses fields that it does not know.
    #[test]
    fn documents_write_only_fields_that_there_are() {
        for document in ALL.iter() {
            let Some(dataset) = document.dataset else {
                continue;
            };
            let schema = Schema::of(dataset);
            let own = dataset.custom_prefix();
            let options = document.options.iter();
            let options = options.flat_map(|options| options.known.values().chain([&options.others]));
            let rest = document.rest.iter().map(|rest| &rest.into);
            let paths = document.fields.iter().map(|field| &field.to).chain(options).chain(rest);
            for path in paths {
                let is_own = path
                    .strip_prefix(own)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
                assert!(is_own || schema.node(path).is_some(), "{}: {path}", document.name);
            }
        }
    }
}
