//! What is chosen about the columns of tables, as it is written on the command line.

use crate::{
    domain::{
        dataset::Dataset,
        mapping::{Mapping, MappingError, written},
        transform::Transform,
    },
    frame::Frame,
};

/// Choices about columns by their names. Several tables may share them: those about columns that one of them does not
/// have are not about it.
#[derive(Clone, Debug, Default)]
pub struct ColumnChoices {
    /// Where columns go: `book_id=product_id`.
    pub maps: Vec<String>,
    /// The columns that are left out.
    pub drops: Vec<String>,
    /// How values are rewritten: `price=decimal-comma`.
    pub transforms: Vec<String>,
}

impl ColumnChoices {
    /// Whether nothing is chosen.
    pub fn is_empty(&self) -> bool {
        self.maps.is_empty() && self.drops.is_empty() && self.transforms.is_empty()
    }

    /// Fails when a column that is named is in none of the tables.
    pub(crate) fn ensure_columns(&self, frames: &[Frame]) -> Result<(), MappingError> {
        let Some(first) = frames.first() else {
            return Ok(());
        };
        let is_nowhere = |column: &str| frames.iter().all(|frame| frame.column(column).is_none());
        let columns = first.columns();
        // Nothing comes to stand in it: a choice about no column is refused.
        let mut mapping = Mapping {
            dataset: Dataset::Products,
            targets: Vec::new(),
            constants: Vec::new(),
        };
        for choice in &self.maps {
            if !choice.contains('=') || is_nowhere(map_column(choice)) {
                mapping.choose_written(columns, choice)?;
            }
        }
        for column in self.drops.iter().filter(|column| is_nowhere(column)) {
            mapping.drop_column(columns, column)?;
        }
        for choice in &self.transforms {
            let is_here = |frame: &Frame| transformed(frame, choice).is_some();
            if !is_constant(choice) && !frames.iter().any(is_here) {
                mapping.transform_written(columns, choice)?;
            }
        }
        Ok(())
    }

    /// Changes the mapping of a table.
    pub(super) fn apply(&self, frame: &Frame, mapping: &mut Mapping) -> Result<(), MappingError> {
        let columns = frame.columns();
        for choice in &self.maps {
            let column = map_column(choice);
            if let Some(name) = own_name(frame, column) {
                let rest = choice.get(column.len()..).unwrap_or_default();
                mapping.choose_written(columns, &format!("{name}{rest}"))?;
            }
        }
        for name in self.drops.iter().filter_map(|column| own_name(frame, column)) {
            mapping.drop_column(columns, name)?;
        }
        for choice in &self.transforms {
            match transformed(frame, choice) {
                Some((name, rest)) => mapping.transform_written(columns, &format!("{name}={rest}"))?,
                None if is_constant(choice) => mapping.transform_written(columns, choice)?,
                None => {}
            }
        }
        Ok(())
    }
}

/// Whether a transform as it is written gives a field the same value in every record.
fn is_constant(choice: &str) -> bool {
    let written = choice.split_once('=').map(|(_, written)| written.parse());
    matches!(written, Some(Ok(Transform::Constant(_))))
}

/// The column that a choice such as `price=decimal-comma` names, as the file calls it, and what follows.
fn transformed<'a>(frame: &'a Frame, choice: &'a str) -> Option<(&'a str, &'a str)> {
    if let Some((column, rest)) = written::column_of(frame.columns(), choice) {
        return Some((frame.columns().get(column)?, rest));
    }
    let (column, rest) = choice.split_once('=')?;
    Some((own_name(frame, column)?, rest))
}

/// What a column is called that somebody named.
fn own_name<'f>(frame: &'f Frame, column: &str) -> Option<&'f str> {
    let column = frame.column(column)?;
    frame.columns().get(column as usize).map(String::as_str)
}

fn map_column(choice: &str) -> &str {
    choice.rsplit_once('=').map_or(choice, |(column, _)| column)
}
