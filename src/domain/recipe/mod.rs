//! A recipe: how the files of one kind are read and mapped, as a readable JSON document that can be kept, shared and
//! applied again. The ledger keeps what an upload was made with as one too.

mod applied;
mod read;

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use xxhash_rust::xxh3::Xxh3;

use super::{
    dataset::Dataset,
    mapping::{Constant, CustomType, Mapping, MappingError, Reason, Target},
    rules::{LevelError, Levels},
    schema::Schema,
    transform::Transform,
};

pub use applied::Applied;
pub(crate) use applied::Differences;
pub use read::ReadOptions;

/// The version of the documents that are written; later ones are refused.
const VERSION: u32 = 1;

/// How the files of one kind are read, mapped and judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipe {
    /// The name of the file that it was made for.
    pub name: String,
    /// When it was last saved, as RFC 3339; empty when it never was.
    pub saved: String,
    /// The options its files are read with.
    pub read: ReadOptions,
    /// The columns it was made for.
    pub columns: Vec<String>,
    /// Where they go.
    pub mapping: Mapping,
    /// The level of every rule.
    pub levels: Levels,
}

/// Why a document is no recipe.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum RecipeError {
    /// The JSON has another form.
    #[error("this is no recipe: {0}")]
    Malformed(String),
    /// Nothing says that it is one.
    #[error("this is no recipe: it has no \"tatami_recipe\"")]
    NoVersion,
    /// A later version wrote it.
    #[error("this recipe is of version {0}, and this Tatami reads version 1; use a newer Tatami")]
    Newer(u64),
    /// A data set does not exist.
    #[error("this is no recipe: there is no data set \"{0}\"")]
    NoDataset(String),
    /// A type of custom attributes does not exist.
    #[error("this is no recipe: there is no type \"{0}\"; there are text, number, boolean and list")]
    NoType(String),
    /// A column is there twice.
    #[error("this is no recipe: the column {0} is there twice")]
    RepeatedColumn(String),
    /// Two columns go to one field.
    #[error("this is no recipe: two columns go to {0}")]
    SharedField(String),
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
    #[error(transparent)]
    Constant(#[from] MappingError),
    /// A rule cannot be weighed so.
    #[error(transparent)]
    Level(#[from] LevelError),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RecipeFile {
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
    /// Rules that weigh differently than usual: `markup=off`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    rules: Vec<String>,
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
    /// A hash of a set of columns, whatever their order: 16 hexadecimal digits.
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
        let mut places: HashMap<&str, &Target> = HashMap::new();
        for (name, target) in self.columns.iter().zip(&self.mapping.targets) {
            places.entry(name).or_insert(target);
        }
        let target = |name: &String| places.get(name.as_str()).copied();
        let known = columns.iter().map(|name| target(name).cloned());
        mapping.targets = known
            .map(|target| target.unwrap_or_else(|| Target::new(None, Reason::Recipe)))
            .collect();
        let extra: Vec<usize> = (0..columns.len())
            .filter(|at| target(&columns[*at]).is_none())
            .collect();
        let mut taken = mapping.taken();
        for at in &extra {
            let wanted = suggested
                .targets
                .get(*at)
                .filter(|_| suggested.dataset == mapping.dataset);
            if let Some(target) = wanted
                && let Some(path) = &target.path
                && taken.is_free(path)
                && let Some(place) = mapping.targets.get_mut(*at)
            {
                taken.take(path.clone(), ());
                place.clone_from(target);
            }
        }
        let there: HashSet<&str> = columns.iter().map(String::as_str).collect();
        let missing = self
            .columns
            .iter()
            .filter(|name| !there.contains(name.as_str()))
            .cloned()
            .collect();
        let extra = extra.into_iter().filter_map(|at| columns.get(at).cloned()).collect();
        (mapping, Differences { missing, extra })
    }

    /// That it was applied to a file with such differences.
    pub fn applied(&self, differences: Differences) -> Applied {
        Applied {
            name: self.name.clone(),
            saved: self.saved.clone(),
            differences,
            rules: self.levels.written().collect(),
        }
    }

    /// The recipe as a readable document, in lines.
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Reads a document that a person may have written.
    ///
    /// # Errors
    /// When it is no recipe, is of a later version, holds a field or a rule this version does not know, or sends a
    /// column where there is no field.
    pub fn from_json(text: &str) -> Result<Self, RecipeError> {
        let malformed = |error: serde_json::Error| RecipeError::Malformed(error.to_string());
        let value: serde_json::Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(malformed)?;
        match value.get("tatami_recipe").and_then(serde_json::Value::as_u64) {
            None => return Err(RecipeError::NoVersion),
            Some(version) if version > u64::from(VERSION) => return Err(RecipeError::Newer(version)),
            Some(_) => {}
        }
        let document: RecipeFile = serde_json::from_value(value).map_err(malformed)?;
        for choice in &document.rules {
            Levels::default().set_written(choice)?;
        }
        let mut recipe = document.into_recipe()?;
        recipe.ensure_usable()?;
        Ok(recipe)
    }

    /// The constants of the recipe.
    pub fn constants(&self) -> &[Constant] {
        &self.mapping.constants
    }

    /// Fails when the schema has no such fields, or does not take such constants.
    fn ensure_usable(&mut self) -> Result<(), RecipeError> {
        let schema = Schema::of(self.mapping.dataset);
        let (mut columns, mut paths) = (HashSet::new(), HashSet::new());
        let mut pairs = self.columns.iter().zip(&self.mapping.targets);
        pairs.try_for_each(|(column, target)| {
            if !columns.insert(column) {
                return Err(RecipeError::RepeatedColumn(column.clone()));
            }
            let Some(path) = &target.path else { return Ok(()) };
            // JSON files have fields that the schema does not know, and keep them.
            if path.is_empty() || (schema.node(path).is_none() && !schema.is_custom(path) && path != column) {
                return Err(RecipeError::NoField {
                    column: column.clone(),
                    path: path.clone(),
                    dataset: self.mapping.dataset,
                });
            }
            if !paths.insert(path) {
                return Err(RecipeError::SharedField(path.clone()));
            }
            Ok(())
        })?;
        for Constant { path, value } in std::mem::take(&mut self.mapping.constants) {
            self.mapping.set_constant(&path, Some(&value))?;
        }
        Ok(())
    }
}

impl RecipeFile {
    /// Everything that a recipe is.
    fn of(recipe: &Recipe) -> Self {
        let Recipe {
            name,
            saved,
            read,
            columns,
            mapping,
            levels,
        } = recipe;
        let Mapping {
            dataset,
            targets,
            constants,
        } = mapping;
        let column = |(column, target): (&String, &Target)| {
            let Target {
                path,
                custom_type,
                transform,
                // Whoever reads the recipe has the column go there because of it.
                reason: _,
            } = target;
            ColumnEntry {
                column: column.clone(),
                field: path.clone(),
                custom_type: custom_type.map(|custom_type| custom_type.name().to_owned()),
                transform: transform.clone(),
            }
        };
        let constant = |Constant { path, value }: &Constant| ConstantEntry {
            field: path.clone(),
            value: value.clone(),
        };
        Self {
            tatami_recipe: VERSION,
            name: name.clone(),
            saved: saved.clone(),
            dataset: dataset.name().to_owned(),
            read: read.clone(),
            columns: columns.iter().zip(targets).map(column).collect(),
            constants: constants.iter().map(constant).collect(),
            rules: levels.written().collect(),
        }
    }

    /// A rule that this version does not know, or does not let one choose, weighs as usual.
    fn into_recipe(self) -> Result<Recipe, RecipeError> {
        let Self {
            tatami_recipe,
            name,
            saved,
            dataset,
            read,
            columns,
            constants,
            rules,
        } = self;
        if tatami_recipe > VERSION {
            return Err(RecipeError::Newer(tatami_recipe.into()));
        }
        let mut mapping = Mapping {
            dataset: dataset.parse().map_err(|_| RecipeError::NoDataset(dataset))?,
            targets: Vec::with_capacity(columns.len()),
            constants: constants
                .into_iter()
                .map(|ConstantEntry { field, value }| Constant { path: field, value })
                .collect(),
        };
        let mut names = Vec::with_capacity(columns.len());
        for entry in columns {
            let ColumnEntry {
                column,
                field,
                custom_type,
                transform,
            } = entry;
            let custom = |name: String| {
                let known = CustomType::ALL.into_iter().find(|known| known.name() == name);
                known.ok_or(RecipeError::NoType(name))
            };
            names.push(column);
            mapping.targets.push(Target {
                path: field,
                custom_type: custom_type.map(custom).transpose()?,
                transform,
                reason: Reason::Recipe,
            });
        }
        let mut levels = Levels::default();
        for choice in &rules {
            levels.set_written(choice).ok();
        }
        Ok(Recipe {
            name,
            saved,
            read,
            columns: names,
            mapping,
            levels,
        })
    }
}

impl Serialize for Recipe {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RecipeFile::of(self).serialize(serializer)
    }
}

/// Without a look at the schema, which may know less or more by now than when the recipe was written.
impl<'de> Deserialize<'de> for Recipe {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let document = RecipeFile::deserialize(deserializer)?;
        document.into_recipe().map_err(de::Error::custom)
    }
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
            levels: Levels::default(),
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
        insta::assert_snapshot!(with(r#""columns":[],"colour":1"#), @"this is no recipe: unknown field `colour`, expected one of `tatami_recipe`, `name`, `saved`, `dataset`, `read`, `columns`, `constants`, `rules`");
        insta::assert_snapshot!(with(r#""columns":[{"column":"a","field":"price"}]"#), @r#"the recipe sends a to "price", but products have no such field"#);
        insta::assert_snapshot!(with(r#""columns":[{"column":"a","field":"title","transform":"upper"}]"#), @r#"this is no recipe: there is no transform "upper"; there are trim, text, decimal-comma, decimal-point, percent, fraction, date, epoch, boolean, in-stock, duration, first, list, list-literal, paths, prefix, constant and values"#);
        insta::assert_snapshot!(with(r#""columns":[{"column":"a","field":"title"},{"column":"b","field":"title"}]"#), @"this is no recipe: two columns go to title");
        insta::assert_snapshot!(with(r#""columns":[],"constants":[{"field":"sale_price","value":"cheap"}]"#), @"sale_price cannot be “cheap” in every record: the field does not take that value");
        insta::assert_snapshot!(with(r#""columns":[{"column":"a","field":null,"type":"date"}]"#), @r#"this is no recipe: there is no type "date"; there are text, number, boolean and list"#);
    }
}
