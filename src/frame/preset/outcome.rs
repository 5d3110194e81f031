//! What became of a file that was rewritten by a preset.

use std::collections::BTreeMap;

use super::Preset;
use crate::{
    domain::number::grouped,
    frame::{Defect, Frame},
};

/// What became of a file that was rewritten by a preset.
#[derive(Debug)]
pub struct Converted {
    /// The preset it was rewritten by.
    pub preset: Preset,
    /// How many rows the file has.
    pub read: u32,
    /// How many records they became.
    pub records: u64,
    /// How many rows could not be read; they are shown as they are.
    pub unreadable: u64,
    /// What became of the other rows, for people.
    pub(super) rest: Option<String>,
    /// What was joined, renamed or left out, in sentences.
    pub notes: Vec<String>,
    pub(in crate::frame) places: Places,
}

/// Where the records come from.
#[derive(Debug)]
pub(in crate::frame) enum Places {
    /// Rows of a table.
    Rows(Box<Frame>, Vec<u32>),
    /// File lines and byte offsets in an XML file, and why some of its items cannot be read, by row.
    Items(Vec<(u64, u64)>, BTreeMap<u32, String>),
}

impl Converted {
    /// The outcome in one line: `Shopify product export: 22 rows → 18 products, 4 image rows joined`.
    pub fn summary(&self) -> String {
        let rows = if self.read == 1 { "row" } else { "rows" };
        let rest = self.rest.as_ref().map(|rest| format!(", {rest}")).unwrap_or_default();
        let unreadable = match self.unreadable {
            0 => String::new(),
            1 => ", 1 row cannot be read".to_owned(),
            count => format!(", {} rows cannot be read", grouped(count)),
        };
        format!(
            "{}: {} {rows} → {} {}{rest}{unreadable}",
            self.preset.title(),
            grouped(u64::from(self.read)),
            grouped(self.records),
            match self.preset.dataset() {
                Some(dataset) => dataset.noun(self.records),
                None if self.records == 1 => "record",
                None => "records",
            }
        )
    }

    /// Whether the file can also be read as it stands: XML cannot.
    pub(crate) const fn is_optional(&self) -> bool {
        matches!(self.places, Places::Rows(..))
    }

    /// The table as it stands in the file; `None` when it is XML.
    pub(in crate::frame) fn table(&self) -> Option<&Frame> {
        match &self.places {
            Places::Rows(frame, _) => Some(frame),
            Places::Items(..) => None,
        }
    }

    /// The table as it stands in the file, with the row that a record comes from.
    pub(in crate::frame) fn origin(&self, row: u32) -> Option<(&Frame, u32)> {
        match &self.places {
            Places::Rows(frame, rows) => Some((frame, *rows.get(row as usize)?)),
            Places::Items(..) => None,
        }
    }

    /// The file line and the byte offset at which a record begins.
    pub(in crate::frame) fn place(&self, row: u32) -> Option<(u64, u64)> {
        match &self.places {
            Places::Rows(frame, rows) => {
                let row = *rows.get(row as usize)?;
                Some((frame.line(row), frame.offset(row)))
            }
            Places::Items(items, _) => items.get(row as usize).copied(),
        }
    }

    /// Copies the reasons of unreadable rows from the original table.
    pub(in crate::frame) fn restore(&self, defects: &mut [Defect]) {
        if let Places::Items(_, reasons) = &self.places {
            for defect in defects {
                if let Some(reason) = reasons.get(&defect.row) {
                    defect.reason.clone_from(reason);
                }
            }
            return;
        }
        for defect in defects {
            let Some((frame, row)) = self.origin(defect.row) else {
                continue;
            };
            let known = frame.defects();
            if let Ok(at) = known.binary_search_by_key(&row, |known| known.row)
                && let Some(known) = known.get(at)
            {
                *defect = Defect {
                    row: defect.row,
                    ..known.clone()
                };
            }
        }
    }
}
