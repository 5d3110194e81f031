//! What a sheet says beside its cells: which of them are merged, which rows and columns are hidden, and which formulas
//! have no result.

use crate::{domain::number::grouped, frame::intake::origin::letters};

/// The most rows and columns that any of these programs has in a sheet.
const MOST_ROWS: u32 = 1 << 20;
const MOST_COLUMNS: u32 = 1 << 14;

/// How many entries a sentence lists.
const PARTS: usize = 8;

/// A cell's row and column, from 0.
pub(super) type CellPosition = (u32, u32);

/// Why the cells of a sheet cannot be written one row after another.
#[derive(Debug, thiserror::Error)]
pub(super) enum LayoutError {
    /// An earlier row comes later.
    #[error("its rows are not in order; save it again with Excel")]
    Disordered,
    /// No sheet is that large.
    #[error("a cell lies beyond the last row or column that a sheet has")]
    Beyond,
}

/// The smallest rectangle around the cells of a sheet that are not empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Area {
    pub(super) first_column: u32,
    pub(super) last_column: u32,
}

/// Cells that are merged over several rows; the value stands in the first of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Merge {
    pub(super) first_row: u32,
    pub(super) last_row: u32,
    pub(super) column: u32,
}

impl Merge {
    /// The range as formulas write it: `D2:D4`.
    fn name(self) -> String {
        let column = letters(self.column);
        format!("{column}{}:{column}{}", self.first_row + 1, self.last_row + 1)
    }
}

/// What is known of a sheet before its cells are written.
#[derive(Debug, Default)]
pub(super) struct SheetLayout {
    /// Where the cells are; `None` when there are none.
    pub(super) area: Option<Area>,
    pub(super) merges: Vec<Merge>,
    /// Its hidden rows that hold something.
    pub(super) hidden_rows: Vec<u32>,
    /// Its hidden columns, those without a cell included.
    pub(super) hidden_columns: Vec<u32>,
    /// Formulas without a stored result, in the order of the cells, as they would be typed.
    pub(super) unsolved: Vec<(CellPosition, String)>,
    /// How many formulas have a result.
    pub(super) solved: u64,
    /// How many of these results are the number 0.
    pub(super) zeros: u64,
    /// Whether the workbook asks to be calculated when it is opened, as its writer did not do it.
    pub(super) is_to_calculate: bool,
    /// The sheet's part of the archive, when it says in no way that can be read how large it is.
    pub(super) odd_dimension: Option<String>,
    /// What files of this format do not tell, in a sentence.
    unknown: Option<&'static str>,
    last_row: u32,
    is_disordered: bool,
    is_beyond: bool,
}

impl SheetLayout {
    /// The layout of a format that does not tell everything.
    pub(super) fn without(unknown: &'static str) -> Self {
        Self {
            unknown: Some(unknown),
            ..Self::default()
        }
    }

    pub(super) fn cell(&mut self, (row, column): CellPosition) {
        self.is_disordered |= row < self.last_row;
        self.last_row = row;
        self.is_beyond |= row >= MOST_ROWS || column >= MOST_COLUMNS;
        let area = self.area.get_or_insert(Area {
            first_column: column,
            last_column: column,
        });
        area.first_column = area.first_column.min(column);
        area.last_column = area.last_column.max(column);
    }

    pub(super) fn merge(&mut self, from: CellPosition, to: CellPosition) {
        if to.0 > from.0 {
            self.merges.push(Merge {
                first_row: from.0,
                last_row: to.0,
                column: from.1,
            });
        }
    }

    /// Notes hidden columns, both ends included; a sheet may hide more than it has.
    pub(super) fn hide_columns(&mut self, first: u32, last: u32) {
        self.hidden_columns.extend(first..=last.min(MOST_COLUMNS - 1));
    }

    /// Fails when the cells cannot be written one row after another.
    pub(super) fn ensure_writable(&self) -> Result<(), LayoutError> {
        if self.is_disordered {
            Err(LayoutError::Disordered)
        } else if self.is_beyond {
            Err(LayoutError::Beyond)
        } else {
            Ok(())
        }
    }

    /// Notes for people on the sheet, in sentences; `filled` are the merged cells that gave their value to other rows,
    /// `hidden` the names of hidden sheets.
    pub(super) fn notes(&self, filled: &[Merge], hidden: &[&str]) -> Vec<String> {
        let mut notes = Vec::new();
        if !filled.is_empty() {
            let names: Vec<String> = filled.iter().map(|merge| merge.name()).collect();
            notes.push(format!(
                "The value of merged cells is read in each of their rows: {}",
                listed(&names)
            ));
        }
        let rows = runs(&self.hidden_rows, |row| (row + 1).to_string());
        if let Some(rows) = rows {
            let count = self.hidden_rows.len() as u64;
            notes.push(format!("{} read as well: {rows}", hidden_ones(count, "row")));
        }
        let columns: Vec<u32> = self
            .hidden_columns
            .iter()
            .copied()
            .filter(|column| {
                self.area
                    .is_some_and(|area| (area.first_column..=area.last_column).contains(column))
            })
            .collect();
        if let Some(names) = runs(&columns, letters) {
            notes.push(format!(
                "{} read as well: {names}",
                hidden_ones(columns.len() as u64, "column")
            ));
        }
        if !hidden.is_empty() {
            let names: Vec<String> = hidden.iter().map(|name| (*name).to_owned()).collect();
            let word = if hidden.len() == 1 { "sheet is" } else { "sheets are" };
            notes.push(format!("{} {word} hidden: {}", hidden.len(), listed(&names)));
        }
        if !self.unsolved.is_empty() {
            let count = self.unsolved.len() as u64;
            let word = if count == 1 { "formula has" } else { "formulas have" };
            notes.push(format!(
                "{} {word} no stored result; open the workbook in Excel or LibreOffice, save it, and take that file",
                grouped(count)
            ));
        }
        if self.is_to_calculate && self.solved > 0 && self.zeros == self.solved {
            notes.push(format!(
                "The result of every formula ({}) is 0, and the workbook asks to be calculated: open it in Excel or \
                 LibreOffice, save it, and take that file",
                grouped(self.solved)
            ));
        }
        notes.extend(self.unknown.map(str::to_owned));
        notes
    }
}

fn hidden_ones(count: u64, what: &str) -> String {
    if count == 1 {
        format!("1 hidden {what} is")
    } else {
        format!("{} hidden {what}s are", grouped(count))
    }
}

/// Numbers in ascending order, those that follow one another as one: `4–6, 9`; `None` when there are none.
fn runs(numbers: &[u32], name: impl Fn(u32) -> String) -> Option<String> {
    let runs: Vec<String> = numbers
        .chunk_by(|one, next| next.saturating_sub(*one) <= 1)
        .filter_map(|run| match run {
            [] => None,
            [only] => Some(name(*only)),
            [first, .., last] => Some(format!("{}–{}", name(*first), name(*last))),
        })
        .collect();
    (!runs.is_empty()).then(|| listed(&runs))
}

/// The first entries of a list, and how many more there are.
fn listed(parts: &[String]) -> String {
    let shown = parts
        .iter()
        .take(PARTS)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ");
    match parts.len().saturating_sub(PARTS) {
        0 => shown,
        more => format!("{shown} and {} more", grouped(more as u64)),
    }
}
