//! A recipe: how the files of one kind are read and mapped, as a readable JSON document that can be kept, shared and
//! applied again.

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::Xxh3;

use super::{
    dataset::Dataset,
    mapping::{Constant, CustomType, Mapping, Reason, Target},
    schema::Schema,
    transform::Transform,
};

/// The version of the documents that are written; later ones are refused.
const VERSION: u32 = 1;

/// How the files of one kind are read and mapped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipe {
    /// What it was made for, for people: a file's name.
    pub name: String,
    /// When it was last saved, as RFC 3339; empty when it never was.
    pub saved: String,
    /// How its files are read.
    pub read: ReadOptions,
    /// The columns it was made for.
    pub columns: Vec<String>,
    /// Where they go.
    pub mapping: Mapping,
}

/// How a recipe's files are read; what is `None` is found out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReadOptions {
    /// The character between cells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<char>,
    /// Whether it stands there twice.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub doubled: bool,
    /// The character around cells; empty: there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quote: Option<String>,
    /// What ends lines: `lf`, `crlf` or `cr`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line_break: Option<String>,
    /// Whether the first row names the columns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<bool>,
    /// Lines before the header.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skip: Option<u32>,
    /// Whether spaces beside delimiters belong to them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spaced: Option<bool>,
    /// Whether every line below the header is a row.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub every_line: bool,
    /// The list of a JSON document that holds the records.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub records: Option<String>,
    /// The encoding's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// The sheet of a workbook.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// The file in an archive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
    /// The export of a known system that it is read as; `none`: as it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preset: Option<String>,
}

impl ReadOptions {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// Why a document is no recipe.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum RecipeError {
    /// It is no such JSON.
    #[error("this is no recipe: {0}")]
    Malformed(String),
    /// A later version wrote it.
    #[error("this recipe is of version {0}, and this Tatami reads version 1; use a newer Tatami")]
    Newer(u64),
    /// A field does not exist.
    #[error("the recipe sends {column} to \"{path}\", but {dataset} have no such field")]
    NoField {
        /// The column, or "a constant".
        column: String,
        /// The field.
        path: String,
        /// The data set.
        dataset: Dataset,
    },
    /// A constant's value does not fit.
    #[error("{0}")]
    Constant(String),
}

/// What the columns of a file have that a recipe has not, and the other way round.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Differences {
    /// Columns of the recipe that the file does not have.
    pub missing: Vec<String>,
    /// Columns of the file that the recipe does not know.
    pub extra: Vec<String>,
}

impl Differences {
    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.missing.is_empty() && self.extra.is_empty()
    }

    /// In a sentence; `None` when there are none.
    pub fn sentence(&self) -> Option<String> {
        let of = |names: &[String], what: &str| (!names.is_empty()).then(|| format!("{what} {}", names.join(", ")));
        let missing = of(&self.missing, "the file lacks");
        let extra = of(&self.extra, "the recipe does not know");
        let parts: Vec<String> = missing.into_iter().chain(extra).collect();
        (!parts.is_empty()).then(|| parts.join("; "))
    }
}

/// That a recipe was applied to a file, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The recipe's name.
    pub name: String,
    /// When it was saved; empty when it never was.
    pub saved: String,
    /// What the file's columns and the recipe do not have in common.
    pub differences: Differences,
}

impl Applied {
    /// In words: `Recipe of 12 Nov 2026 applied`.
    pub fn words(&self) -> String {
        let day: Option<jiff::civil::Date> = self.saved.get(..10).and_then(|day| day.parse().ok());
        let of = match day {
            Some(day) => day.strftime("of %-d %b %Y ").to_string(),
            None if self.name.is_empty() => String::new(),
            None => format!("for {} ", self.name),
        };
        let differences = self.differences.sentence().map(|sentence| format!("; {sentence}"));
        format!("Recipe {of}applied{}", differences.unwrap_or_default())
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    tatami_recipe: u32,
    #[serde(default)]
    name: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    saved: String,
    dataset: String,
    #[serde(default, skip_serializing_if = "ReadOptions::is_default")]
    read: ReadOptions,
    columns: Vec<ColumnEntry>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    constants: Vec<ConstantEntry>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnEntry {
    column: String,
    field: Option<String>,
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    custom_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    transform: Option<Transform>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ConstantEntry {
    field: String,
    value: String,
}

impl Recipe {
    /// What stands for a set of columns, whatever their order: 16 hexadecimal digits.
    pub fn fingerprint(columns: &[String]) -> String {
        let mut names: Vec<&str> = columns.iter().map(String::as_str).collect();
        names.sort_unstable();
        let mut hasher = Xxh3::new();
        for name in names {
            hasher.update(&(name.len() as u64).to_le_bytes());
            hasher.update(name.as_bytes());
        }
        format!("{:016x}", hasher.digest())
    }

    /// The mapping of a file: every column that the recipe knows goes where it says, others go where their names
    /// say, as far as there is room. With it what the file and the recipe do not have in common.
    pub fn apply(&self, columns: &[String], suggested: &Mapping) -> (Mapping, Differences) {
        let mut mapping = self.mapping.clone();
        let place = |name: &String| self.columns.iter().position(|known| known == name);
        let target = |name: &String| place(name).and_then(|at| self.mapping.targets.get(at));
        let known = columns.iter().map(|name| target(name).cloned());
        mapping.targets = known
            .map(|target| target.unwrap_or_else(|| Target::new(None, Reason::Recipe)))
            .collect();
        let extra: Vec<usize> = (0..columns.len())
            .filter(|at| target(&columns[*at]).is_none())
            .collect();
        for at in &extra {
            let wanted = suggested
                .targets
                .get(*at)
                .filter(|_| suggested.dataset == mapping.dataset);
            if let Some(target) = wanted
                && let Some(path) = &target.path
                && mapping.is_free(path)
                && let Some(place) = mapping.targets.get_mut(*at)
            {
                place.clone_from(target);
            }
        }
        let missing = self
            .columns
            .iter()
            .filter(|name| !columns.contains(name))
            .cloned()
            .collect();
        let extra = extra.into_iter().filter_map(|at| columns.get(at).cloned()).collect();
        (mapping, Differences { missing, extra })
    }

    /// The recipe as a readable document, in lines.
    pub fn to_json(&self) -> String {
        let columns = self
            .columns
            .iter()
            .zip(&self.mapping.targets)
            .map(|(column, target)| ColumnEntry {
                column: column.clone(),
                field: target.path.clone(),
                custom_type: target.custom_type.map(|custom_type| custom_type.name().to_owned()),
                transform: target.transform.clone(),
            });
        let constants = self.mapping.constants.iter().map(|constant| ConstantEntry {
            field: constant.path.clone(),
            value: constant.value.clone(),
        });
        let document = Document {
            tatami_recipe: VERSION,
            name: self.name.clone(),
            saved: self.saved.clone(),
            dataset: self.mapping.dataset.name().to_owned(),
            read: self.read.clone(),
            columns: columns.collect(),
            constants: constants.collect(),
        };
        let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Reads a document.
    ///
    /// # Errors
    /// When it is no recipe, is of a later version, holds a field this version does not know, or sends a column
    /// where there is no field.
    pub fn from_json(text: &str) -> Result<Self, RecipeError> {
        let malformed = |error: serde_json::Error| RecipeError::Malformed(error.to_string());
        let value: serde_json::Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(malformed)?;
        match value.get("tatami_recipe").and_then(serde_json::Value::as_u64) {
            None => return Err(RecipeError::Malformed("it has no \"tatami_recipe\"".to_owned())),
            Some(version) if version > u64::from(VERSION) => return Err(RecipeError::Newer(version)),
            Some(_) => {}
        }
        let document: Document = serde_json::from_value(value).map_err(malformed)?;
        let dataset: Dataset = document
            .dataset
            .parse()
            .map_err(|_| RecipeError::Malformed(format!("there is no data set \"{}\"", document.dataset)))?;
        let mut mapping = Mapping {
            dataset,
            targets: Vec::with_capacity(document.columns.len()),
            constants: Vec::new(),
        };
        let mut columns = Vec::with_capacity(document.columns.len());
        for entry in document.columns {
            if columns.contains(&entry.column) {
                return Err(RecipeError::Malformed(format!(
                    "the column {} is there twice",
                    entry.column
                )));
            }
            let target = target(&mapping, &entry)?;
            mapping.targets.push(target);
            columns.push(entry.column);
        }
        for ConstantEntry { field, value } in document.constants {
            let set = mapping.set_constant(&field, Some(&value));
            set.map_err(|error| RecipeError::Constant(error.to_string()))?;
        }
        Ok(Self {
            name: document.name,
            saved: document.saved,
            read: document.read,
            columns,
            mapping,
        })
    }

    /// The constants of the recipe.
    pub fn constants(&self) -> &[Constant] {
        &self.mapping.constants
    }
}

fn target(mapping: &Mapping, entry: &ColumnEntry) -> Result<Target, RecipeError> {
    let malformed = |reason: String| Err(RecipeError::Malformed(reason));
    if let Some(path) = &entry.field {
        let schema = Schema::of(mapping.dataset);
        // JSON files have fields that the schema does not know, and keep them.
        if path.is_empty() || (schema.node(path).is_none() && !schema.is_custom(path) && *path != entry.column) {
            return Err(RecipeError::NoField {
                column: entry.column.clone(),
                path: path.clone(),
                dataset: mapping.dataset,
            });
        }
        if mapping.targets.iter().any(|target| target.path.as_ref() == Some(path)) {
            return malformed(format!("two columns go to {path}"));
        }
    }
    let custom_type = match &entry.custom_type {
        None => None,
        Some(name) => match CustomType::ALL.into_iter().find(|known| known.name() == name) {
            None => {
                return malformed(format!(
                    "there is no type \"{name}\"; there are text, number, boolean and list"
                ));
            }
            found => found,
        },
    };
    Ok(Target {
        path: entry.field.clone(),
        custom_type,
        transform: entry.transform.clone(),
        reason: Reason::Recipe,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(names: &str) -> Vec<String> {
        names.split(',').map(str::to_owned).collect()
    }

    fn sample() -> Recipe {
        let columns = columns("Artikel,Preis,Lager,Farbe,intern");
        let mut mapping = Mapping::suggest(Dataset::Products, &columns, false);
        for choice in [
            "Artikel=product_id",
            "Preis=sale_price",
            "Lager=availability",
            "Farbe=custom_attributes.color:text",
        ] {
            mapping.choose_written(&columns, choice).unwrap();
        }
        mapping.drop_column(&columns, "intern").unwrap();
        for choice in [
            "Preis=decimal-comma",
            "Lager=values:auf Lager=IN_STOCK;weg=OUT_OF_STOCK",
            "language=constant:de",
        ] {
            mapping.transform_written(&columns, choice).unwrap();
        }
        for target in &mut mapping.targets {
            target.reason = Reason::Recipe;
        }
        Recipe {
            name: "katalog.csv".to_owned(),
            saved: "2026-11-12T10:00:00Z".to_owned(),
            read: ReadOptions {
                delimiter: Some(';'),
                ..ReadOptions::default()
            },
            columns,
            mapping,
        }
    }

    #[test]
    fn recipes_read_back_equal_and_readably() {
        let recipe = sample();
        let json = recipe.to_json();
        assert_eq!(Recipe::from_json(&json), Ok(recipe));
        insta::assert_snapshot!(json, @r#"
        {
          "tatami_recipe": 1,
          "name": "katalog.csv",
          "saved": "2026-11-12T10:00:00Z",
          "dataset": "products",
          "read": {
            "delimiter": ";"
          },
          "columns": [
            {
              "column": "Artikel",
              "field": "product_id"
            },
            {
              "column": "Preis",
              "field": "sale_price",
              "transform": "decimal-comma"
            },
            {
              "column": "Lager",
              "field": "availability",
              "transform": {
                "auf Lager": "IN_STOCK",
                "weg": "OUT_OF_STOCK"
              }
            },
            {
              "column": "Farbe",
              "field": "custom_attributes.color",
              "type": "text"
            },
            {
              "column": "intern",
              "field": null
            }
          ],
          "constants": [
            {
              "field": "language",
              "value": "de"
            }
          ]
        }
        "#);
    }

    #[test]
    fn recipes_are_applied_by_name_and_say_what_differs() {
        let recipe = sample();
        let file = columns("Lager,Artikel,Titel,title,Preis,Farbe");
        let suggested = Mapping::suggest(Dataset::Products, &file, false);
        let (mapping, differences) = recipe.apply(&file, &suggested);
        let paths: Vec<_> = (0..file.len()).map(|at| mapping.path(at).unwrap_or("-")).collect();
        assert_eq!(
            paths,
            [
                "availability",
                "product_id",
                "custom_attributes.Titel",
                "title",
                "sale_price",
                "custom_attributes.color"
            ]
        );
        assert!(mapping.targets[4].transform.is_some());
        insta::assert_snapshot!(differences.sentence().unwrap(), @"the file lacks intern; the recipe does not know Titel, title");
        assert_eq!(recipe.apply(&recipe.columns, &suggested).1.sentence(), None);
    }

    #[test]
    fn the_order_of_columns_does_not_matter_to_the_fingerprint() {
        let print = |names: &str| Recipe::fingerprint(&columns(names));
        assert_eq!(print("a,b,c"), print("c,a,b"));
        assert_ne!(print("a,b"), print("a,b,c"));
        assert_ne!(print("ab,c"), print("a,bc"));
    }

    #[test]
    fn what_is_no_recipe_is_refused_with_a_reason() {
        let error = |json: &str| Recipe::from_json(json).unwrap_err().to_string();
        let with = |rest: &str| error(&format!(r#"{{"tatami_recipe":1,"dataset":"products",{rest}}}"#));
        insta::assert_snapshot!(error("a,b"), @"this is no recipe: expected value at line 1 column 1");
        insta::assert_snapshot!(error("[]"), @r#"this is no recipe: it has no "tatami_recipe""#);
        insta::assert_snapshot!(error(r#"{"tatami_recipe":2,"what":1}"#), @"this recipe is of version 2, and this Tatami reads version 1; use a newer Tatami");
        insta::assert_snapshot!(with(r#""columns":[],"colour":1"#), @"this is no recipe: unknown field `colour`, expected one of `tatami_recipe`, `name`, `saved`, `dataset`, `read`, `columns`, `constants`");
        insta::assert_snapshot!(with(r#""columns":[{"column":"a","field":"price"}]"#), @r#"the recipe sends a to "price", but products have no such field"#);
        insta::assert_snapshot!(with(r#""columns":[{"column":"a","field":"title","transform":"upper"}]"#), @r#"this is no recipe: there is no transform "upper"; there are trim, text, decimal-comma, decimal-point, percent, fraction, date, epoch, boolean, in-stock, duration, first, list, list-literal, paths, prefix, constant and values"#);
        insta::assert_snapshot!(with(r#""columns":[{"column":"a","field":"title"},{"column":"b","field":"title"}]"#), @"this is no recipe: two columns go to title");
        insta::assert_snapshot!(with(r#""columns":[],"constants":[{"field":"sale_price","value":"cheap"}]"#), @"sale_price cannot be “cheap” in every record: the field does not take that value");
        insta::assert_snapshot!(with(r#""columns":[{"column":"a","field":null,"type":"date"}]"#), @r#"this is no recipe: there is no type "date"; there are text, number, boolean and list"#);
    }
}
