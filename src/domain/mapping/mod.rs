//! Which column of a table becomes which field of the record.

mod alternatives;
mod claims;
pub(in crate::domain) mod evidence;
mod names;
mod offer;
mod suggest;
pub(crate) mod written;

use std::borrow::Cow;

use super::{
    dataset::Dataset,
    number::grouped,
    proposal::{self, Proposal},
    record::{Part, Plan},
    sampled::Sampled,
    schema::Schema,
    transform::{Transform, TransformError},
    value::{self, Form},
};

pub use super::value::CustomType;
pub(crate) use evidence::ValueLook;
pub(crate) use names::TakenPaths;
use names::overlap;
pub use offer::OfferKind;
pub(crate) use offer::{Offer, offer_for};

/// A column's destination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Dotted path in the record (`title`, `context.page.url`, `custom_attributes.color`); `None`: left out.
    pub path: Option<String>,
    /// How text becomes the value of a custom attribute; `None`: the type that all its values fit.
    /// Fields of the schema have their own type.
    pub custom_type: Option<CustomType>,
    /// The transform that its values go through first.
    pub transform: Option<Transform>,
    /// Why the column goes there.
    pub reason: Reason,
}

impl Target {
    pub(super) const fn new(path: Option<String>, reason: Reason) -> Self {
        Self {
            path,
            custom_type: None,
            transform: None,
            reason,
        }
    }

    /// The type of a custom attribute that was chosen, or that the transform makes; `None`: the one its values fit.
    pub(crate) fn chosen_type(&self) -> Option<CustomType> {
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
    /// The name is spelled much like the field's.
    Resembles,
    /// The field's name is part of the name.
    PartOfName,
    /// The values look like the field's.
    Values {
        /// The form that the values have.
        look: ValueLook,
        /// How many of the sampled values look like that.
        count: u64,
        /// How many values were sampled.
        of: u64,
    },
    /// No field matches: it goes to the custom attributes.
    Custom,
    /// It holds passwords or the like, which are not sent unless a person insists.
    Secret(&'static str),
    /// A key of a JSON file that no field matches: it is sent as it stands.
    AsIs,
    /// A person chose it.
    Chosen,
    /// A recipe says so.
    Recipe,
}

impl Reason {
    /// The reason in words.
    pub fn words(self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::SameName => "same name",
            Self::SimilarName => "similar name",
            Self::Alias => "common name for it",
            Self::Resembles => "name spelled alike",
            Self::PartOfName => "part of the name",
            Self::Values { look, count, of } => {
                return Cow::Owned(format!(
                    "{} of {} values are {}",
                    grouped(count),
                    grouped(of),
                    look.plural()
                ));
            }
            Self::Secret(kind) => return Cow::Owned(format!("left out, as it holds a {kind}; send it to insist")),
            Self::Custom => "no such field",
            Self::AsIs => "as it stands",
            Self::Chosen => "chosen",
            Self::Recipe => "by recipe",
        })
    }

    /// How sure it makes the field, from 0 to 100; `None` where there was nothing to find out.
    pub const fn confidence(self) -> Option<u8> {
        match self {
            Self::SameName => Some(100),
            Self::SimilarName => Some(95),
            Self::Alias => Some(90),
            _ => None,
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
    /// There is no such column.
    #[error("there is no column \"{column}\"; the columns are {columns}")]
    NoColumn {
        /// The name that was given.
        column: String,
        /// The names of all columns, for the message.
        columns: String,
    },
    /// The path is no field, and lies in no free object.
    #[error("{dataset} have no field \"{path}\"; own fields go to {prefix}.NAME")]
    NoField {
        /// The data set that lacks the field.
        dataset: Dataset,
        /// The path that was given.
        path: String,
        /// The object for free fields.
        prefix: &'static str,
    },
    /// The same value cannot be in every record, or the field does not take it.
    #[error("{path} cannot be “{value}” in every record: {reason}")]
    NoConstant {
        /// The field.
        path: String,
        /// The value.
        value: String,
        /// Why not.
        reason: &'static str,
    },
    /// The words are no transform.
    #[error(transparent)]
    Transform(#[from] TransformError),
    /// A type that does not exist.
    #[error("there is no type \"{0}\"; there are text, number, boolean and list")]
    NoType(String),
    /// The words are no `column=field`.
    #[error("\"{0}\" is not COLUMN=FIELD")]
    NoAssignment(String),
}

impl Mapping {
    /// Matches columns to fields by their names alone, as [`Mapping::suggest_from`].
    pub fn suggest(dataset: Dataset, columns: &[String], is_json: bool) -> Self {
        Self::suggest_from(dataset, columns, is_json, &[])
    }

    /// Matches columns to fields: by exact name, by case and separators, by common names that the values do not
    /// speak against; each field once, the better reason first. What matches nothing becomes a custom attribute, or
    /// in a JSON file stays as it is; passwords and the like are left out. Less sure ways to use a column are
    /// [`Mapping::offers`].
    pub fn suggest_from(dataset: Dataset, columns: &[String], is_json: bool, samples: &[Sampled]) -> Self {
        suggest::suggest(dataset, columns, is_json, samples)
    }

    /// What could be done with the columns as they are mapped now, for a person to accept: fields for columns that
    /// have none, and transforms. Samples are the columns' values, in column order.
    pub fn offers(&self, columns: &[String], samples: &[Sampled]) -> Vec<Offer> {
        offer::offers(self, columns, samples)
    }

    /// Of [`Mapping::offers`] those of fields.
    pub(crate) fn field_offers(&self, columns: &[String], samples: &[Sampled]) -> Vec<Offer> {
        offer::fields_for(self, columns, samples)
    }

    /// Of [`Mapping::offers`] the transform of one column.
    pub fn proposal(&self, column: usize, sample: &Sampled) -> Option<Proposal> {
        offer::proposal(self, column, sample)
    }

    /// Does everything that is likely and needs no choice between two readings: fields first, then transforms of what
    /// is mapped then. Answers what was accepted.
    pub fn accept_all(&mut self, columns: &[String], samples: &[Sampled]) -> Vec<Offer> {
        let mut accepted = Vec::new();
        for wants_fields in [true, false] {
            let is_wanted =
                |offer: &Offer| offer.is_clear() && matches!(offer.kind, OfferKind::Field { .. }) == wants_fields;
            for offer in self.offers(columns, samples).into_iter().filter(is_wanted) {
                offer.accept(self, columns);
                accepted.push(offer);
            }
        }
        accepted
    }

    /// How rows become records. `types` are the types of text in custom attributes, by column; those that the mapping
    /// chooses come first.
    pub fn plan(&self, types: &[CustomType]) -> Plan {
        let columns = self.targets.iter().enumerate().map(|(column, target)| {
            let custom_type = target.chosen_type().or_else(|| types.get(column).copied());
            let path = target.path.as_deref()?;
            Some(Part::of(self.dataset, path, custom_type, target.transform.clone()))
        });
        let constants = self.constants.iter().map(|constant| {
            let custom_type = value::natural_type(&constant.value);
            let transform = Transform::Constant(constant.value.clone());
            Some(Part::of(
                self.dataset,
                &constant.path,
                Some(custom_type),
                Some(transform),
            ))
        });
        Plan::new(self.dataset, columns.chain(constants).collect())
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
            // A transform made for one field need not suit another.
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

    /// Rewrites a column's values, or with `None` leaves them as they are.
    pub fn transform(&mut self, column: usize, transform: Option<Transform>) {
        if let Some(target) = self.targets.get_mut(column) {
            target.transform = transform;
        }
    }

    /// Gives a field without a column the same value in every record, or with `None` no value.
    ///
    /// # Errors
    /// When there is no such field, a column goes there, or the field does not take the value.
    pub(crate) fn set_constant(&mut self, path: &str, value: Option<&str>) -> Result<(), MappingError> {
        let schema = Schema::of(self.dataset);
        let node = schema.node(path);
        if node.is_none() && !schema.is_custom(path) {
            return Err(MappingError::NoField {
                dataset: self.dataset,
                path: path.to_owned(),
                prefix: self.dataset.custom_prefix(),
            });
        }
        self.constants.retain(|constant| constant.path != path);
        let Some(value) = value else { return Ok(()) };
        let is_taken = |taken: &str| overlap(taken, path);
        let fits = node.is_none_or(|node| proposal::is_valid(node, Form::of(node), super::cell::Cell::Text(value)));
        let reason = if Some(path) == self.dataset.id_field() {
            Some("every record needs an id of its own")
        } else if self
            .targets
            .iter()
            .filter_map(|target| target.path.as_deref())
            .any(is_taken)
        {
            Some("a column goes there")
        } else if self.constants.iter().any(|constant| is_taken(&constant.path)) {
            Some("another constant goes there")
        } else if value.is_empty() || !fits {
            Some("the field does not take that value")
        } else {
            None
        };
        if let Some(reason) = reason {
            return Err(MappingError::NoConstant {
                path: path.to_owned(),
                value: value.to_owned(),
                reason,
            });
        }
        self.constants.push(Constant {
            path: path.to_owned(),
            value: value.to_owned(),
        });
        Ok(())
    }

    /// The part of the record that a column is, with another transform.
    pub fn part_with(&self, column: usize, transform: Option<Transform>) -> Option<Part> {
        let target = self.targets.get(column)?;
        Some(Part::of(
            self.dataset,
            target.path.as_ref()?,
            target.custom_type,
            transform,
        ))
    }

    /// The column that goes to a path.
    pub fn column_of(&self, path: &str) -> Option<usize> {
        self.targets
            .iter()
            .position(|target| target.path.as_deref() == Some(path))
    }

    /// Whether neither a column nor a constant goes to a path, or to what it lies in.
    pub(crate) fn is_free(&self, path: &str) -> bool {
        let constants = self.constants.iter().map(|constant| constant.path.as_str());
        let paths = self.targets.iter().filter_map(|target| target.path.as_deref());
        !paths.chain(constants).any(|taken| overlap(taken, path))
    }

    /// The record's path of a column.
    pub fn path(&self, column: usize) -> Option<&str> {
        self.targets.get(column)?.path.as_deref()
    }
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
            .map(|target| format!("{} ({})", target.path.as_deref().unwrap_or("-"), target.reason.words()));
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
