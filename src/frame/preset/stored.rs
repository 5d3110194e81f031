//! Products as the service returns them, with keys that it adds itself and does not accept.

use super::{Rewrite, object::ObjectWriter, table::TableRewriter};
use crate::{
    domain::{cell::Cell, comparison::is_added_by_service},
    frame::FrameError,
};

/// Whether the columns are those of stored products.
pub(super) fn fits(columns: &[String]) -> bool {
    columns.iter().any(|column| column == "product_id") && columns.iter().any(|column| is_added_by_service(column))
}

pub(super) struct StoredRecords {
    columns: Vec<String>,
}

impl StoredRecords {
    pub(super) fn new(columns: &[String]) -> Self {
        Self {
            columns: columns.to_vec(),
        }
    }
}

impl Rewrite for StoredRecords {
    fn row(&mut self, row: u32, cells: &[Cell<'_>], out: &mut TableRewriter<'_>) -> Result<(), FrameError> {
        let mut record = ObjectWriter::default();
        let mut own = ObjectWriter::default();
        for (column, cell) in self.columns.iter().zip(cells) {
            match column.strip_prefix("custom_attributes.") {
                _ if is_added_by_service(column) => {}
                Some(name) => own.verbatim(name, *cell),
                None => record.verbatim(column, *cell),
            }
        }
        record.object("custom_attributes", own);
        out.record(row, record)
    }

    fn notes(&self) -> Vec<String> {
        let added = self.columns.iter().filter(|column| is_added_by_service(column));
        let names: Vec<&str> = added.map(String::as_str).collect();
        vec![format!(
            "Left out, as the service adds them itself: {}",
            names.join(", ")
        )]
    }
}
