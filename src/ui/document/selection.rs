//! How large the selection is, and what the numbers in it come to.

use std::ops::Range;

use super::{Key, facts::Facts, key, rows::Rows, shown_columns::ShownColumns};
use crate::{
    domain::{
        cell::Cell,
        value::{self, Form},
    },
    session::Document,
    ui::{
        grid::{GridState, Selection},
        widgets::grouped,
    },
};

/// More cells than this are not added up. Rows are read whole, so cells beside the selection count too.
const MOST_CELLS: u64 = 100_000;
/// How many cells are read in a frame.
const CELLS_A_FRAME: u64 = 4_000;
/// The most digits after the point.
const MOST_DECIMALS: usize = 9;

/// The numbers of a selection, added up a stretch of rows in each frame.
#[derive(Default)]
pub(super) struct SelectionTotals {
    of: Option<(Key, Selection)>,
    /// The first row that is not added yet.
    next: u64,
    numbers: u64,
    sum: f64,
    /// The most digits after the point of a number.
    decimals: usize,
    rows: Rows,
}

impl SelectionTotals {
    /// The selection in words, and whether a further frame is needed to say all; `None` when it is a single cell.
    pub(super) fn text(
        &mut self,
        document: &Document,
        facts: &Facts,
        (grid, shown): (&GridState, &ShownColumns),
    ) -> Option<(String, bool)> {
        let selection = grid.selection().filter(|selection| !selection.is_cell())?;
        let (rows, columns) = (selection.rows(), selection.columns());
        let of = Some((key(document), selection));
        if self.of != of {
            *self = Self {
                of,
                next: rows.start,
                ..Self::default()
            };
        }
        let size = size(rows.end - rows.start, columns.len() as u64);
        let width = document.view()?.frame.columns().len().max(1) as u64;
        if (rows.end - rows.start).saturating_mul(width) > MOST_CELLS {
            return Some((size, false));
        }
        let end = rows.end.min(self.next + (CELLS_A_FRAME / width).max(1));
        if self.next < end {
            self.add(document, facts, self.next..end, shown.files(columns));
        }
        if end < rows.end {
            return Some((size, true));
        }
        // What is added up needs no rows any more.
        self.rows = Rows::default();
        Some((format!("{size}{}", self.sums()), false))
    }

    fn add(&mut self, document: &Document, facts: &Facts, rows: Range<u64>, columns: impl Iterator<Item = u32>) {
        let plan = facts.plan(document);
        // Digits of ids and the like are no numbers; of a column that is not sent, nothing is known.
        let is_counted = |column: &u32| {
            let part = plan.and_then(|plan| plan.part(*column as usize));
            part.is_none_or(|part| part.form == Form::Number)
        };
        let columns: Vec<u32> = columns.filter(is_counted).collect();
        if !columns.is_empty() {
            self.rows.prefetch(document, rows.clone());
        }
        for row in rows.clone() {
            let Some(row) = self.rows.get(row) else { continue };
            let added: Vec<(f64, usize)> = columns
                .iter()
                .filter_map(|column| match plan.and_then(|plan| row.sent(plan, *column)) {
                    Some(sent) => number(sent),
                    None => match row.cell(*column) {
                        Cell::Missing => None,
                        cell => number(&cell.shown()),
                    },
                })
                .collect();
            for (number, decimals) in added {
                self.numbers += 1;
                self.sum += number;
                self.decimals = self.decimals.max(decimals);
            }
        }
        self.next = rows.end;
    }

    /// `, sum 20.00, mean 10.00`, or nothing where there are no two numbers.
    #[expect(
        clippy::cast_precision_loss,
        reason = "there are at most as many numbers as cells are read"
    )]
    fn sums(&self) -> String {
        if self.numbers < 2 {
            return String::new();
        }
        let sum = written(self.sum, self.decimals, self.decimals);
        let mean = written(self.sum / self.numbers as f64, self.decimals, self.decimals + 2);
        format!(", sum {sum}, mean {mean}")
    }
}

/// `6 rows × 2 columns`.
fn size(rows: u64, columns: u64) -> String {
    let part = |count: u64, name: &str| format!("{} {name}{}", grouped(count), if count == 1 { "" } else { "s" });
    format!("{} × {}", part(rows, "row"), part(columns, "column"))
}

/// The number that a text says, and how many digits it has after the point.
fn number(text: &str) -> Option<(f64, usize)> {
    let digits = value::number(text)?;
    let number: f64 = digits.parse().ok().filter(|number: &f64| number.is_finite())?;
    let decimals = match digits.split_once('.') {
        Some((_, after)) if !digits.contains(['e', 'E']) => after.len(),
        _ if digits.contains("e-") || digits.contains("E-") => MOST_DECIMALS,
        _ => 0,
    };
    Some((number, decimals.min(MOST_DECIMALS)))
}

/// A number with commas between thousands, and from `least` to `most` digits after the point.
pub(super) fn written(number: f64, least: usize, most: usize) -> String {
    let text = format!("{number:.most$}");
    let (sign, text) = text.strip_prefix('-').map_or(("", text.as_str()), |rest| ("-", rest));
    let (whole, after) = text.split_once('.').unwrap_or((text, ""));
    let after = match after.split_at_checked(least) {
        Some((kept, rest)) => &after[..kept.len() + rest.trim_end_matches('0').len()],
        None => after,
    };
    let whole = whole.parse().map_or_else(|_| whole.to_owned(), grouped);
    if after.is_empty() {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{after}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_have_the_digits_of_their_numbers() {
        let totals = |texts: &[&str]| {
            let mut totals = SelectionTotals::default();
            for (value, decimals) in texts.iter().filter_map(|text| number(text)) {
                totals.numbers += 1;
                totals.sum += value;
                totals.decimals = totals.decimals.max(decimals);
            }
            totals.sums()
        };
        assert_eq!(totals(&["0.1", "0.2"]), ", sum 0.3, mean 0.15");
        assert_eq!(totals(&["12.50", "7.50", "cheap", ""]), ", sum 20.00, mean 10.00");
        assert_eq!(totals(&["1000000", "-1", "2"]), ", sum 1,000,001, mean 333,333.67");
        assert_eq!(totals(&["-1500", "500.5"]), ", sum -999.5, mean -499.75");
        assert_eq!(totals(&["7"]), "");
    }

    #[test]
    fn one_row_is_no_rows() {
        assert_eq!(size(1, 2), "1 row × 2 columns");
        assert_eq!(size(10_000_000, 1), "10,000,000 rows × 1 column");
    }
}
