//! Choices about columns as they are written on the command line.

use super::{CustomType, Mapping, MappingError};
use crate::domain::transform::Transform;

impl Mapping {
    /// Applies a transform as it is written on the command line: `price=decimal-comma`. With `constant` the name on
    /// the left may be a field that no column goes to.
    pub(crate) fn transform_written(&mut self, columns: &[String], choice: &str) -> Result<(), MappingError> {
        if let Some((column, written)) = column_of(columns, choice) {
            self.transform(column, Some(written.parse()?));
            return Ok(());
        }
        let (name, written) = choice
            .split_once('=')
            .ok_or_else(|| MappingError::NoAssignment(choice.to_owned()))?;
        match written.parse()? {
            Transform::Constant(value) => self.set_constant(name, Some(&value)),
            _ => find_column(columns, name).map(|_| ()),
        }
    }

    /// Applies a choice as it is written on the command line: `book_id=product_id`, `pages=custom_attributes.pages:number`.
    pub(crate) fn choose_written(&mut self, columns: &[String], choice: &str) -> Result<(), MappingError> {
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
    pub(crate) fn drop_column(&mut self, columns: &[String], column: &str) -> Result<(), MappingError> {
        let column = find_column(columns, column)?;
        self.choose(columns, column, None, None)
    }
}

/// The column that a choice such as `price=decimal-comma` begins with, and what follows; a name may hold a `=` too.
pub(crate) fn column_of<'a>(columns: &[String], choice: &'a str) -> Option<(usize, &'a str)> {
    let mut cuts = choice.match_indices('=');
    cuts.find_map(|(at, _)| {
        let (name, rest) = (choice.get(..at)?, choice.get(at + 1..)?);
        let column = columns.iter().position(|column| column == name)?;
        Some((column, rest))
    })
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
