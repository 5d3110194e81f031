//! Which column of a table becomes which field of the record.

use super::{dataset::Dataset, schema::Schema, transform::Transform};

/// A column's destination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Dotted path in the record (`title`, `context.page.url`, `custom_attributes.color`); `None`: left out.
    pub path: Option<String>,
    /// How text becomes the value of a custom attribute; `None`: the type that all its values fit.
    /// Fields of the schema have their own type.
    pub custom_type: Option<CustomType>,
    /// What is done to its values first.
    pub transform: Option<Transform>,
    /// Why the column goes there.
    pub reason: Reason,
}

impl Target {
    const fn new(path: Option<String>, reason: Reason) -> Self {
        Self {
            path,
            custom_type: None,
            transform: None,
            reason,
        }
    }

    /// The type of a custom attribute that was chosen, or that the transform makes; `None`: the one its values fit.
    pub fn chosen_type(&self) -> Option<CustomType> {
        self.custom_type
            .or_else(|| self.transform.as_ref().and_then(Transform::custom_type))
    }
}

/// A field that has the same value in every record, without a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constant {
    /// Dotted path in the record.
    pub path: String,
    /// The value, as text.
    pub value: String,
}

/// Why a column goes where it goes.
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

impl Reason {
    /// The reason in words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SameName => "same name",
            Self::SimilarName => "similar name",
            Self::Alias => "common name for it",
            Self::Custom => "no such field",
            Self::AsIs => "as it stands",
            Self::Chosen => "chosen",
        }
    }
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

impl CustomType {
    /// All types.
    pub const ALL: [Self; 4] = [Self::Text, Self::Number, Self::Boolean, Self::List];

    /// The type in plain words, as it is written on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::List => "list",
        }
    }
}

/// The destinations of all columns of a table, in column order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// The data set the records belong to.
    pub dataset: Dataset,
    /// One target for every column.
    pub targets: Vec<Target>,
    /// Fields without a column.
    pub constants: Vec<Constant>,
}

/// Why a change of a mapping is refused.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum MappingError {
    /// No such column.
    #[error("there is no column \"{column}\"; the columns are {columns}")]
    NoColumn {
        /// What was asked for.
        column: String,
        /// What there is.
        columns: String,
    },
    /// The path is no field, and lies in no free object.
    #[error("{dataset} have no field \"{path}\"; own fields go to {prefix}.NAME")]
    NoField {
        /// The data set.
        dataset: Dataset,
        /// What was asked for.
        path: String,
        /// Where free fields go.
        prefix: &'static str,
    },
    /// A type that does not exist.
    #[error("there is no type \"{0}\"; there are text, number, boolean and list")]
    NoType(String),
    /// The words are no `column=field`.
    #[error("\"{0}\" is not COLUMN=FIELD")]
    NoAssignment(String),
}

impl Mapping {
    /// Matches columns to fields: by exact name, by case and separators, by common aliases; each field once, the
    /// better reason first. What matches nothing becomes a custom attribute, or in a JSON file stays as it is.
    pub fn suggest(dataset: Dataset, columns: &[String], is_json: bool) -> Self {
        type Test = fn(&Candidate, &str) -> bool;
        let fields = candidates(Schema::of(dataset));
        let mut targets: Vec<Option<Target>> = vec![None; columns.len()];
        let mut taken: Vec<String> = Vec::new();
        let tests: [(Reason, Test); 3] = [
            (Reason::SameName, |field, column| field.path == column),
            (Reason::SimilarName, |field, column| field.plain == plain(column)),
            (Reason::Alias, |field, column| field.aliases.contains(&plain(column))),
        ];
        for (reason, fits) in tests {
            for (column, target) in columns.iter().zip(&mut targets).filter(|(_, target)| target.is_none()) {
                let free = |field: &&Candidate| !taken.iter().any(|path| overlap(path, &field.path));
                if let Some(field) = fields.iter().filter(free).find(|field| fits(field, column)) {
                    taken.push(field.path.clone());
                    *target = Some(Target::new(Some(field.path.clone()), reason));
                }
            }
        }
        let targets = columns.iter().zip(targets).map(|(column, target)| {
            target.unwrap_or_else(|| {
                let (path, reason) = fallback(dataset, column, is_json, &taken);
                taken.push(path.clone());
                Target::new(Some(path), reason)
            })
        });
        Self {
            dataset,
            targets: targets.collect(),
            constants: Vec::new(),
        }
    }

    /// The data set that the columns most probably hold.
    pub fn recognise(columns: &[String]) -> Dataset {
        let points = |dataset: Dataset| -> u32 {
            let mapping = Self::suggest(dataset, columns, false);
            let matched = |target: &Target| match target.reason {
                Reason::SameName => 3,
                Reason::SimilarName => 2,
                Reason::Alias => 1,
                _ => 0,
            };
            let sum: u32 = mapping.targets.iter().map(matched).sum();
            // What only this data set has says more than what all have.
            let key = mapping.column_of(dataset.id_field().unwrap_or("type"));
            let exact = key
                .and_then(|column| mapping.targets.get(column))
                .is_some_and(|t| t.reason == Reason::SameName);
            let telling = match dataset {
                Dataset::Interactions => {
                    mapping.column_of("type").is_some()
                        && ["product_ids", "anonymous_id", "timestamp", "user_id"]
                            .iter()
                            .filter(|field| mapping.column_of(field).is_some())
                            .count()
                            >= 2
                }
                _ => exact,
            };
            sum + if telling { 12 } else { 0 }
        };
        let ranked = Dataset::ALL.into_iter().rev().max_by_key(|dataset| points(*dataset));
        ranked.unwrap_or(Dataset::Products)
    }

    /// Sends a column to another field, or with `None` leaves it out. A column that went there before gives way:
    /// it becomes a custom attribute.
    pub fn choose(
        &mut self,
        columns: &[String],
        column: usize,
        path: Option<&str>,
        custom_type: Option<CustomType>,
    ) -> Result<(), MappingError> {
        if let Some(path) = path {
            let schema = Schema::of(self.dataset);
            if schema.node(path).is_none() && !schema.is_custom(path) {
                let prefix = self.dataset.custom_prefix();
                return Err(MappingError::NoField {
                    dataset: self.dataset,
                    path: path.to_owned(),
                    prefix,
                });
            }
            self.give_way(columns, column, path);
            self.constants.retain(|constant| !overlap(&constant.path, path));
        }
        if let Some(target) = self.targets.get_mut(column) {
            // What was made for one field's values need not suit another's.
            let transform = target.transform.take().filter(|_| target.path.as_deref() == path);
            *target = Target {
                path: path.map(str::to_owned),
                custom_type,
                transform,
                reason: Reason::Chosen,
            };
        }
        Ok(())
    }

    /// Moves the columns that go to `path` to the custom attributes, or leaves them out where that cannot be.
    fn give_way(&mut self, columns: &[String], column: usize, path: &str) {
        for other in (0..self.targets.len()).filter(|other| *other != column) {
            if !self.path(other).is_some_and(|taken| overlap(taken, path)) {
                continue;
            }
            let name = columns.get(other).map_or("column", String::as_str);
            let custom = format!("{}.{name}", self.dataset.custom_prefix());
            let is_taken = (0..self.targets.len())
                .filter(|third| *third != other && *third != column)
                .any(|third| self.path(third).is_some_and(|taken| overlap(taken, &custom)));
            let new_path = (!is_taken && !overlap(&custom, path)).then_some(custom);
            if let Some(target) = self.targets.get_mut(other) {
                *target = Target::new(new_path, Reason::Custom);
            }
        }
    }

    /// Applies a choice as it is written on the command line: `book_id=product_id`, `pages=custom_attributes.pages:number`.
    pub fn choose_written(&mut self, columns: &[String], choice: &str) -> Result<(), MappingError> {
        let (column, target) = choice
            .rsplit_once('=')
            .ok_or_else(|| MappingError::NoAssignment(choice.to_owned()))?;
        let (path, custom_type) = match target.rsplit_once(':') {
            Some((path, name)) => {
                let custom_type = CustomType::ALL.into_iter().find(|known| known.name() == name);
                (
                    path,
                    Some(custom_type.ok_or_else(|| MappingError::NoType(name.to_owned()))?),
                )
            }
            None => (target, None),
        };
        let column = find_column(columns, column)?;
        self.choose(columns, column, Some(path), custom_type)
    }

    /// Leaves a column out, by name.
    pub fn drop_column(&mut self, columns: &[String], column: &str) -> Result<(), MappingError> {
        let column = find_column(columns, column)?;
        self.choose(columns, column, None, None)
    }

    /// The column that goes to a path.
    pub fn column_of(&self, path: &str) -> Option<usize> {
        self.targets
            .iter()
            .position(|target| target.path.as_deref() == Some(path))
    }

    /// The record's path of a column.
    pub fn path(&self, column: usize) -> Option<&str> {
        self.targets.get(column)?.path.as_deref()
    }
}

fn find_column(columns: &[String], name: &str) -> Result<usize, MappingError> {
    columns
        .iter()
        .position(|column| column == name)
        .ok_or_else(|| MappingError::NoColumn {
            column: name.to_owned(),
            columns: columns.join(", "),
        })
}

/// Where a column goes that matches no field; never where another one goes. Columns of a JSON file go where they were
/// read from: what excludes each other there stands in different records.
fn fallback(dataset: Dataset, column: &str, is_json: bool, taken: &[String]) -> (String, Reason) {
    let schema = Schema::of(dataset);
    let is_known = schema.node(column).is_some() || schema.is_custom(column);
    if is_json {
        let reason = if is_known { Reason::SameName } else { Reason::AsIs };
        return (column.to_owned(), reason);
    }
    let is_free = |path: &str| !taken.iter().any(|other| overlap(other, path));
    if is_known && is_free(column) {
        return (column.to_owned(), Reason::SameName);
    }
    let plain = format!("{}.{column}", dataset.custom_prefix());
    let numbered = (2..).map(|number| format!("{plain} ({number})"));
    let path = std::iter::once(plain.clone())
        .chain(numbered.take(100))
        .find(|path| is_free(path));
    (path.unwrap_or(plain), Reason::Custom)
}

/// A field that columns can match.
struct Candidate {
    path: String,
    plain: String,
    aliases: Vec<String>,
}

fn candidates(schema: &Schema) -> Vec<Candidate> {
    let fields = schema.fields().into_iter();
    fields
        .map(|(path, node)| Candidate {
            plain: plain(&path),
            aliases: node.aliases.iter().map(|alias| plain(alias)).collect(),
            path,
        })
        .collect()
}

/// A name without case and separators.
fn plain(name: &str) -> String {
    name.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// Whether two paths cannot both be in a record: the same, or one inside the other.
fn overlap(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    long.strip_prefix(short)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(names: &str) -> Vec<String> {
        names.split(',').map(str::to_owned).collect()
    }

    fn shown(mapping: &Mapping) -> String {
        let shown = mapping
            .targets
            .iter()
            .map(|target| format!("{} ({})", target.path.as_deref().unwrap_or("-"), target.reason.name()));
        shown.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn columns_match_by_name_case_and_alias() {
        let names =
            columns("sku,Title,price,image_link,Custom_Attributes.Color,weight,location.lat,i18n_es.title,book_id");
        insta::assert_snapshot!(shown(&Mapping::suggest(Dataset::Products, &names, false)), @r"
        product_id (common name for it)
        title (similar name)
        sale_price (common name for it)
        cover_image (common name for it)
        custom_attributes.Custom_Attributes.Color (no such field)
        custom_attributes.weight (no such field)
        location.lat (same name)
        i18n_es.title (same name)
        custom_attributes.book_id (no such field)
        ");
    }

    #[test]
    fn a_better_reason_wins_a_field() {
        let names = columns("id,product_id");
        let mapping = Mapping::suggest(Dataset::Products, &names, false);
        assert_eq!(mapping.path(0), Some("custom_attributes.id"));
        assert_eq!(mapping.path(1), Some("product_id"));
    }

    #[test]
    fn no_two_columns_of_a_flat_file_go_to_one_place() {
        let names = columns("weight,custom_attributes.weight,location,location.lat,title,Title");
        insta::assert_snapshot!(shown(&Mapping::suggest(Dataset::Products, &names, false)), @r"
        custom_attributes.weight (no such field)
        custom_attributes.custom_attributes.weight (no such field)
        location (same name)
        custom_attributes.location.lat (no such field)
        title (same name)
        custom_attributes.Title (no such field)
        ");
    }

    #[test]
    fn data_sets_are_recognised() {
        for (names, expect) in [
            ("product_id,title,price", Dataset::Products),
            ("sku,title,description,brand", Dataset::Products),
            ("book_id,isbn,authors,title,image_url", Dataset::Products),
            ("type,user_id,product_ids,timestamp", Dataset::Interactions),
            ("event,anonymous_id,product_id,timestamp", Dataset::Interactions),
            ("user_id,age,gender,city", Dataset::Users),
            ("user_id,created_at,custom_attributes.segment", Dataset::Users),
            (
                "Handle,Title,Body (HTML),Vendor,Type,Tags,Variant SKU,Variant Price",
                Dataset::Products,
            ),
        ] {
            assert_eq!(Mapping::recognise(&columns(names)), expect, "{names}");
        }
    }

    #[test]
    fn choices_are_applied_and_refused_with_a_reason() {
        let names = columns("book_id,sku,pages");
        let mut mapping = Mapping::suggest(Dataset::Products, &names, false);
        mapping.choose_written(&names, "book_id=product_id").unwrap();
        mapping
            .choose_written(&names, "pages=custom_attributes.pages:text")
            .unwrap();
        mapping.drop_column(&names, "pages").unwrap();
        insta::assert_snapshot!(shown(&mapping), @r"
        product_id (chosen)
        custom_attributes.sku (no such field)
        - (chosen)
        ");
        let error = |choice: &str| mapping.clone().choose_written(&names, choice).unwrap_err().to_string();
        insta::assert_snapshot!(error("x=title"), @r#"there is no column "x"; the columns are book_id, sku, pages"#);
        insta::assert_snapshot!(error("sku=nothing"), @r#"products have no field "nothing"; own fields go to custom_attributes.NAME"#);
        insta::assert_snapshot!(error("sku"), @r#""sku" is not COLUMN=FIELD"#);
        insta::assert_snapshot!(error("sku=title:date"), @r#"there is no type "date"; there are text, number, boolean and list"#);
    }
}
