//! How a file's rows became records, kept so that a later run makes the same ones: the recipe, and what a person
//! changed.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{
    domain::{
        cell::OwnedCell,
        dataset::Dataset,
        mapping::{Mapping, Reason},
        recipe,
        rules::Levels,
    },
    frame::{Edits, OpenOptions},
};

/// How to read a file, which column is which field, and what a person changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadRecipe {
    reading: recipe::Recipe,
    options: OpenOptions,
    edits: Edits,
}

#[derive(Serialize, Deserialize)]
struct RecipeDocument<R> {
    recipe: R,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    edits: Vec<(u32, u32, CellContent)>,
}

#[derive(Serialize, Deserialize)]
enum CellContent {
    Missing,
    Text(String),
    Json(String),
}

impl UploadRecipe {
    /// Keeps what an upload of a file with such columns is made with.
    pub fn new(options: &OpenOptions, columns: &[String], mapping: &Mapping, levels: &Levels, edits: &Edits) -> Self {
        let recipe = recipe::Recipe {
            name: String::new(),
            saved: String::new(),
            read: options.to_recipe(),
            columns: columns.to_vec(),
            mapping: chosen(mapping.clone()),
            levels: *levels,
        };
        Self {
            reading: recipe,
            options: OpenOptions {
                allow_unpacked: None,
                spool: None,
                ..options.clone()
            },
            edits: edits.clone(),
        }
    }

    /// What is kept of an upload that reads no file.
    pub fn of_no_file(dataset: Dataset) -> Self {
        let mapping = Mapping {
            dataset,
            targets: Vec::new(),
            constants: Vec::new(),
        };
        Self::new(
            &OpenOptions::default(),
            &[],
            &mapping,
            &Levels::default(),
            &Edits::default(),
        )
    }

    /// How to read the file.
    pub fn options(&self) -> OpenOptions {
        self.options.clone()
    }

    /// Which column is which field.
    pub fn mapping(&self) -> Mapping {
        self.reading.mapping.clone()
    }

    /// How much every rule weighs. A rule that this version does not know, or does not let one choose, weighs as usual.
    pub fn levels(&self) -> Levels {
        self.reading.levels
    }

    /// What a person changed.
    pub fn edits(&self) -> Edits {
        self.edits.clone()
    }

    pub(super) fn to_json(&self) -> String {
        let content = |cell: &OwnedCell| match cell {
            OwnedCell::Missing => CellContent::Missing,
            OwnedCell::Text(text) => CellContent::Text(text.to_string()),
            OwnedCell::Json(json) => CellContent::Json(json.to_string()),
        };
        let rows = self.edits.rows();
        let changed = rows.iter().flat_map(|&row| {
            let cells = self.edits.of_row(row);
            cells.map(move |(column, cell)| (row, column, content(cell)))
        });
        let document = RecipeDocument {
            recipe: &self.reading,
            edits: changed.collect(),
        };
        // Texts and numbers always can be written.
        serde_json::to_string(&document).unwrap_or_default()
    }

    /// Reads what was kept of an upload of a data set, by this version or an earlier one.
    pub(super) fn from_json(text: &str, dataset: Dataset) -> Option<Self> {
        let value: Value = serde_json::from_str(text).ok()?;
        let value = match value.get("recipe") {
            Some(_) => value,
            None => of_version_4(value, dataset)?,
        };
        let RecipeDocument { mut recipe, edits }: RecipeDocument<recipe::Recipe> =
            serde_json::from_value(value).ok()?;
        recipe.mapping = chosen(recipe.mapping);
        let options = OpenOptions::default().or_recipe(&recipe.read).ok()?;
        let mut cells = Edits::default();
        for (row, column, content) in edits {
            let cell = match content {
                CellContent::Missing => OwnedCell::Missing,
                CellContent::Text(text) => OwnedCell::Text(text.into()),
                CellContent::Json(json) => OwnedCell::Json(json.into()),
            };
            cells.set(row, column, Some(cell));
        }
        Some(Self {
            reading: recipe,
            options,
            edits: cells,
        })
    }
}

/// Whoever began the upload chose what it was made with.
fn chosen(mut mapping: Mapping) -> Mapping {
    for target in &mut mapping.targets {
        target.reason = Reason::Chosen;
    }
    mapping
}

/// Up to version 4 a ledger had its own form of a recipe, without the columns' names and the data set.
fn of_version_4(value: Value, dataset: Dataset) -> Option<Value> {
    let Value::Object(mut old) = value else { return None };
    let Value::Object(mut read) = old.remove("open")? else {
        return None;
    };
    let character = |byte: &Value| Some(char::from(u8::try_from(byte.as_u64()?).ok()?).to_string());
    if let Some(delimiter) = read.get_mut("delimiter").filter(|delimiter| !delimiter.is_null()) {
        *delimiter = character(delimiter)?.into();
    }
    if let Some(quote) = read.get_mut("quote").filter(|quote| !quote.is_null()) {
        *quote = match quote.as_array()?.first() {
            Some(quote) => character(quote)?.into(),
            None => "".into(),
        };
    }
    let columns = old.get("targets")?.as_array()?.iter().enumerate().map(|(at, target)| {
        let member = |name| target.get(name).cloned().unwrap_or_default();
        json!({
            "column": format!("column {}", at + 1),
            "field": member("path"),
            "type": member("custom_type"),
            "transform": member("transform"),
        })
    });
    let columns: Vec<Value> = columns.collect();
    let constants = match old.remove("constants") {
        None => Vec::new(),
        Some(constants) => serde_json::from_value::<Vec<(String, String)>>(constants).ok()?,
    };
    let constants = constants
        .into_iter()
        .map(|(path, value)| json!({ "field": path, "value": value }));
    let mut new = Map::new();
    new.insert(
        "recipe".to_owned(),
        json!({
            "tatami_recipe": 1,
            "dataset": dataset.name(),
            "read": read,
            "columns": columns,
            "constants": constants.collect::<Vec<_>>(),
            "rules": old.remove("rules").unwrap_or_else(|| json!([])),
        }),
    );
    if let Some(edits) = old.remove("edits") {
        new.insert("edits".to_owned(), edits);
    }
    Some(Value::Object(new))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{domain::mapping::Constant, frame::Preset};

    #[test]
    fn a_recipe_makes_the_same_records_again() {
        let columns = ["sku", "price", "season"].map(str::to_owned);
        let mut mapping = Mapping::suggest(Dataset::Products, &columns, false);
        mapping
            .choose_written(&columns, "season=custom_attributes.season:list")
            .unwrap();
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
        let recipe = UploadRecipe::new(&OpenOptions::default(), &columns, &mapping, &levels, &edits);
        let again = UploadRecipe::from_json(&recipe.to_json(), Dataset::Products).unwrap();
        assert_eq!(again, recipe);
        assert_eq!((again.edits(), again.levels()), (edits, levels));
        assert_eq!(again.mapping(), chosen(mapping));
    }

    /// As ledgers of version 4 hold them.
    #[test]
    fn recipes_of_earlier_versions_are_read() {
        let old = r#"{"open":{"delimiter":59,"doubled":false,"spaced":false,"every_line":true,"records":null,"quote":[39],
            "header":true,"skip":0,"encoding":"windows-1252","sheet":null,"member":null,"preset":"none"},
            "targets":[{"path":"product_id"},{"path":null},{"path":"sale_price","transform":"decimal-comma"},
            {"path":"custom_attributes.season","custom_type":"list"}],"constants":[["language","de"]],
            "rules":["markup=off","a-rule-of-before=error"],"edits":[[3,1,{"Text":"12"}],[7,0,"Missing"]]}"#;
        let recipe = UploadRecipe::from_json(old, Dataset::Products).unwrap();
        let options = OpenOptions {
            delimiter: Some(b';'),
            spaced: Some(false),
            every_line: true,
            quote: Some(Some(b'\'')),
            header: Some(true),
            skip: Some(0),
            encoding: Some(encoding_rs::WINDOWS_1252.into()),
            preset: Some(None),
            ..OpenOptions::default()
        };
        assert_eq!(recipe.options(), options);
        let mut levels = Levels::default();
        levels.set_written("markup=off").unwrap();
        assert_eq!(recipe.levels(), levels);
        let mut edits = Edits::default();
        edits.set(3, 1, Some(OwnedCell::Text("12".into())));
        edits.set(7, 0, Some(OwnedCell::Missing));
        assert_eq!(recipe.edits(), edits);
        let mapping = recipe.mapping();
        let targets: Vec<_> = mapping
            .targets
            .iter()
            .map(|target| (target.path.as_deref(), target.custom_type, target.transform.clone()))
            .collect();
        assert_eq!(
            targets,
            [
                (Some("product_id"), None, None),
                (None, None, None),
                (Some("sale_price"), None, Some("decimal-comma".parse().unwrap())),
                (
                    Some("custom_attributes.season"),
                    Some(crate::domain::mapping::CustomType::List),
                    None
                ),
            ]
        );
        assert_eq!(mapping.constants[0].value, "de");
        assert_eq!(
            UploadRecipe::from_json(&recipe.to_json(), Dataset::Products),
            Some(recipe)
        );
        // Without what came later, and with what a preset was called.
        let plain = UploadRecipe::from_json(
            r#"{"open":{"quote":[],"preset":"shopify"},"targets":[]}"#,
            Dataset::Users,
        )
        .unwrap();
        let options = OpenOptions {
            quote: Some(None),
            preset: Some(Preset::named("shopify")),
            ..OpenOptions::default()
        };
        assert_eq!((plain.options(), plain.mapping().dataset), (options, Dataset::Users));
        assert_eq!(
            UploadRecipe::from_json(r#"{"open":{"preset":"klingon"},"targets":[]}"#, Dataset::Users),
            None
        );
    }
}
