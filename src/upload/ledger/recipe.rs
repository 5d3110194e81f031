//! How a file's rows became records, kept so that a later run makes the same ones.

use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        cell::OwnedCell,
        dataset::Dataset,
        mapping::{Constant, CustomType, Mapping, Reason, Target},
        rules::Levels,
        transform::Transform,
    },
    frame::{Edits, OpenOptions, Preset, TextEncoding},
};

/// How to read a file, which column is which field, and what a person changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipe {
    open: Open,
    targets: Vec<Column>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    constants: Vec<(String, String)>,
    /// Rules that weigh differently than usual: `markup=off`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    rules: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    edits: Vec<(u32, u32, Content)>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Open {
    delimiter: Option<u8>,
    doubled: bool,
    spaced: Option<bool>,
    every_line: bool,
    records: Option<String>,
    /// Empty: there is none.
    quote: Option<Vec<u8>>,
    header: Option<bool>,
    skip: Option<u32>,
    encoding: Option<String>,
    sheet: Option<String>,
    member: Option<String>,
    /// A preset's name; `none`: as the file stands.
    preset: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Column {
    path: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    custom_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    transform: Option<Transform>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Content {
    Missing,
    Text(String),
    Json(String),
}

impl Recipe {
    /// Keeps what an upload is made with.
    pub fn new(options: &OpenOptions, mapping: &Mapping, levels: &Levels, edits: &Edits) -> Self {
        let column = |target: &Target| Column {
            path: target.path.clone(),
            custom_type: target.custom_type.map(|custom| custom.name().to_owned()),
            transform: target.transform.clone(),
        };
        let content = |cell: &OwnedCell| match cell {
            OwnedCell::Missing => Content::Missing,
            OwnedCell::Text(text) => Content::Text(text.to_string()),
            OwnedCell::Json(json) => Content::Json(json.to_string()),
        };
        let rows = edits.rows();
        let changed = rows.iter().flat_map(|&row| {
            edits
                .of_row(row)
                .map(move |(column, cell)| (row, column, content(cell)))
        });
        Self {
            open: Open {
                delimiter: options.delimiter,
                doubled: options.doubled,
                spaced: options.spaced,
                every_line: options.every_line,
                records: options.records.clone(),
                quote: options.quote.map(|quote| quote.into_iter().collect()),
                header: options.header,
                skip: options.skip,
                encoding: options.encoding.map(|encoding| encoding.name().into_owned()),
                sheet: options.sheet.clone(),
                member: options.member.clone(),
                preset: options
                    .preset
                    .map(|preset| preset.map_or("none", Preset::name).to_owned()),
            },
            targets: mapping.targets.iter().map(column).collect(),
            constants: mapping
                .constants
                .iter()
                .map(|constant| (constant.path.clone(), constant.value.clone()))
                .collect(),
            rules: levels
                .changed()
                .map(|(rule, level)| format!("{}={}", rule.name(), level.name()))
                .collect(),
            edits: changed.collect(),
        }
    }

    /// How to read the file.
    pub fn options(&self) -> OpenOptions {
        let Open {
            delimiter,
            doubled,
            spaced,
            every_line,
            records,
            quote,
            header,
            skip,
            encoding,
            sheet,
            member,
            preset,
        } = self.open.clone();
        OpenOptions {
            delimiter,
            doubled,
            spaced,
            every_line,
            records,
            quote: quote.map(|quote| quote.first().copied()),
            header,
            skip,
            encoding: encoding.and_then(|name| TextEncoding::named(&name)),
            sheet,
            member,
            preset: preset.map(|name| Preset::named(&name)),
            ..OpenOptions::default()
        }
    }

    /// Which column is which field.
    pub fn mapping(&self, dataset: Dataset) -> Mapping {
        let target = |column: &Column| Target {
            path: column.path.clone(),
            custom_type: CustomType::ALL
                .into_iter()
                .find(|custom| Some(custom.name()) == column.custom_type.as_deref()),
            transform: column.transform.clone(),
            reason: Reason::Chosen,
        };
        Mapping {
            dataset,
            targets: self.targets.iter().map(target).collect(),
            constants: self
                .constants
                .iter()
                .map(|(path, value)| Constant {
                    path: path.clone(),
                    value: value.clone(),
                })
                .collect(),
        }
    }

    /// How much every rule weighs. A rule that this version does not know, or does not let one choose, weighs as usual.
    pub fn levels(&self) -> Levels {
        let mut levels = Levels::default();
        for choice in &self.rules {
            levels.set_written(choice).ok();
        }
        levels
    }

    /// What a person changed.
    pub fn edits(&self) -> Edits {
        let mut edits = Edits::default();
        for (row, column, content) in &self.edits {
            let cell = match content {
                Content::Missing => OwnedCell::Missing,
                Content::Text(text) => OwnedCell::Text(text.as_str().into()),
                Content::Json(json) => OwnedCell::Json(json.as_str().into()),
            };
            edits.set(*row, *column, Some(cell));
        }
        edits
    }

    pub(super) fn to_json(&self) -> String {
        // Texts and numbers always can be written.
        serde_json::to_string(self).unwrap_or_default()
    }

    pub(super) fn from_json(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recipe_makes_the_same_records_again() {
        let columns = ["sku", "price", "season"].map(str::to_owned);
        let mut mapping = Mapping::suggest(Dataset::Products, &columns, false);
        mapping
            .choose_written(&columns, "season=custom_attributes.season:list")
            .unwrap();
        let options = OpenOptions {
            delimiter: Some(b';'),
            quote: Some(None),
            encoding: Some(encoding_rs::WINDOWS_1252.into()),
            ..OpenOptions::default()
        };
        mapping.targets[1].transform = Some("decimal-comma".parse().unwrap());
        mapping.constants.push(Constant {
            path: "type".to_owned(),
            value: "book".to_owned(),
        });
        let mut levels = Levels::default();
        levels.set_written("markup=off").unwrap();
        let mut edits = Edits::default();
        edits.set(3, 1, Some(OwnedCell::Text("12".into())));
        edits.set(7, 0, Some(OwnedCell::Missing));
        let recipe = Recipe::new(&options, &mapping, &levels, &edits);
        let again = Recipe::from_json(&recipe.to_json()).unwrap();
        assert_eq!(again, recipe);
        assert_eq!(
            (again.options(), again.edits(), again.levels()),
            (options, edits, levels)
        );
        let paths = |mapping: &Mapping| {
            let targets = mapping.targets.iter();
            let targets = targets.map(|target| (target.path.clone(), target.custom_type, target.transform.clone()));
            (targets.collect::<Vec<_>>(), mapping.constants.clone())
        };
        assert_eq!(paths(&again.mapping(Dataset::Products)), paths(&mapping));
    }
}
