//! Finding rows by what their cells hold, by their line, or by their id.

use std::ops::{ControlFlow, Range};

use memchr::memchr_iter;
use rayon::iter::ParallelIterator as _;

use super::chunks::{go_on, par_chunks};
use crate::{
    domain::{cell::Cell, cell_query::CellQuery, progress::Progress, record::Plan, rows::RowSet},
    frame::{Edits, Frame, FrameError, Shown},
};

/// The display rows of those rows shown that have a text in a cell, edits included.
///
/// # Errors
/// When the file cannot be read or has changed, and when asked to stop.
pub(crate) fn places(
    frame: &Frame,
    edits: &Edits,
    plan: &Plan,
    shown: &Shown,
    query: &CellQuery,
    progress: &Progress,
) -> Result<RowSet, FrameError> {
    progress.restart(u64::from(frame.len()));
    let chunks: Vec<RowSet> = par_chunks(frame)
        .map(|chunk| {
            let mut found = RowSet::default();
            for rows in shown.within(chunk.clone()).ranges() {
                go_on(progress)?;
                frame.scan(rows, edits, &mut |row, cells| {
                    if (0..).zip(cells).any(|(column, cell)| query.is_in(plan, column, *cell)) {
                        found.insert(row);
                    }
                    ControlFlow::Continue(())
                })?;
            }
            progress.add(chunk.len() as u64);
            Ok(found)
        })
        .collect::<Result<_, FrameError>>()?;
    let mut found = RowSet::default();
    for chunk in chunks {
        found.append(chunk);
    }
    Ok(shown.places(&found))
}

/// The first row on a line, when the text is a number and there is one; else the first one that has it as its id.
///
/// # Errors
/// When the file cannot be read or has changed, and when asked to stop.
pub(crate) fn row(
    frame: &Frame,
    edits: &Edits,
    text: &str,
    id_column: Option<u32>,
    progress: &Progress,
) -> Result<Option<u32>, FrameError> {
    progress.restart(u64::from(frame.len()));
    let on_line = match text.parse() {
        Ok(line) => row_on_line(frame, line, progress)?,
        Err(_) => None,
    };
    match (on_line, id_column) {
        (None, Some(column)) => row_with_id(frame, edits, column, text, progress),
        (row, _) => Ok(row),
    }
}

/// The first row that begins on a line; else the one whose text spans it. Where several files make the table, each
/// counts its own lines.
fn row_on_line(frame: &Frame, line: u64, progress: &Progress) -> Result<Option<u32>, FrameError> {
    if frame.origin().parts() == 0 && frame.converted().is_none() {
        let next = first_row_from(frame, line);
        return match next.checked_sub(1) {
            _ if next < frame.len() && frame.line(next) == line => Ok(Some(next)),
            Some(row) if spans(frame, row, line)? => Ok(Some(row)),
            Some(_) | None => Ok(None),
        };
    }
    let begins = first_row(frame, |mut rows| {
        go_on(progress)?;
        Ok(rows.find(|row| frame.line(*row) == line))
    })?;
    if begins.is_some() {
        return Ok(begins);
    }
    first_row(frame, |rows| {
        go_on(progress)?;
        for row in rows {
            let is_last_before = row + 1 >= frame.len() || !(frame.line(row)..=line).contains(&frame.line(row + 1));
            if is_last_before && spans(frame, row, line)? {
                return Ok(Some(row));
            }
        }
        Ok(None)
    })
}

/// The first row on a line or after it, where lines ascend.
fn first_row_from(frame: &Frame, line: u64) -> u32 {
    let (mut low, mut high) = (0, frame.len());
    while low < high {
        let middle = low + (high - low) / 2;
        if frame.line(middle) < line {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

/// Whether a row's text, which may have line breaks, is on a line as well.
fn spans(frame: &Frame, row: u32, line: u64) -> Result<bool, FrameError> {
    let start = frame.line(row);
    if start > line || frame.unit().0 != "line" {
        return Ok(false);
    }
    let breaks = memchr_iter(b'\n', &frame.raw(row)?).count();
    Ok(line <= start + breaks as u64)
}

fn row_with_id(
    frame: &Frame,
    edits: &Edits,
    column: u32,
    id: &str,
    progress: &Progress,
) -> Result<Option<u32>, FrameError> {
    first_row(frame, |rows| {
        go_on(progress)?;
        let count = rows.len() as u64;
        let mut found = None;
        frame.scan(rows, edits, &mut |row, cells| {
            let cell: Cell<'_> = cells.get(column as usize).copied().unwrap_or_default();
            if !cell.is_missing() && cell.shown() == id {
                found = Some(row);
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        })?;
        progress.add(count);
        Ok(found)
    })
}

/// The first row that is found in stretches of the table.
fn first_row(
    frame: &Frame,
    find: impl Fn(Range<u32>) -> Result<Option<u32>, FrameError> + Sync + Send,
) -> Result<Option<u32>, FrameError> {
    par_chunks(frame)
        .find_map_first(|rows| find(rows).transpose())
        .transpose()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        domain::{cell::OwnedCell, cell_query::CellText, dataset::Dataset, mapping::Mapping, text_query::TextQuery},
        frame::{OpenOptions, Order},
        ops::chunks::CHUNK_ROWS,
    };

    fn opened(name: &str, text: &str) -> Frame {
        Frame::from_text(name, text, &OpenOptions::default()).unwrap()
    }

    fn query(text: &str) -> CellQuery {
        CellQuery {
            text: TextQuery::new(text).unwrap(),
            column: None,
            within: CellText::Sent,
        }
    }

    fn plan(frame: &Frame) -> Plan {
        Mapping::suggest(Dataset::Products, frame.columns(), false).plan(&[])
    }

    fn found(frame: &Frame, text: &str, id_column: Option<u32>) -> Option<u32> {
        row(frame, &Edits::default(), text, id_column, &Progress::default()).unwrap()
    }

    proptest! {
        /// Whatever is changed, filtered and sorted, what is found is what looking at the rows shown one by one finds.
        #[test]
        fn finds_what_a_walk_over_the_rows_shown_does(
            cells in prop::collection::vec(("[a-c]{0,3}", "[A-Cé]{1,2}"), 1..40),
            changes in prop::collection::vec((0_usize..40, 0_usize..2, "[abCÉ]{0,2}"), 0..8),
            filter in prop::option::of(prop::collection::btree_set(0_u32..40, 0..30)),
            shuffle in any::<Option<u64>>(),
            wanted in "[abcÉ]{1,2}",
        ) {
            let mut plain: Vec<[String; 2]> = cells.iter().map(|(one, other)| [one.clone(), other.clone()]).collect();
            let lines: Vec<String> = cells.iter().map(|(one, other)| format!("{one},{other}")).collect();
            let frame = opened("table.csv", &format!("one,other\n{}\n", lines.join("\n")));
            let all = frame.len();
            prop_assert_eq!(all as usize, plain.len());
            let mut edits = Edits::default();
            for (row, column, text) in changes {
                let row = row % plain.len();
                let cell = if text.is_empty() { OwnedCell::Missing } else { OwnedCell::Text(text.clone().into()) };
                edits.set(u32::try_from(row).unwrap(), u32::try_from(column).unwrap(), Some(cell));
                plain[row][column] = text;
            }
            let mut order: Vec<u32> = (0..all).collect();
            if let Some(seed) = shuffle {
                order.sort_by_key(|row| (u64::from(*row) + 1).wrapping_mul(seed | 1));
            }
            let rows = filter.as_ref().map(|rows| rows.iter().copied().filter(|row| *row < all).collect());
            let sorted = shuffle.map(|_| Order::new(order.as_slice().into()));
            let shown = Shown::new(rows, sorted.as_ref());
            let is_shown = |row: &&u32| filter.as_ref().is_none_or(|rows| rows.contains(row));
            let has = |row: &u32| {
                let [one, other] = &plain[*row as usize];
                let wanted = wanted.to_lowercase();
                one.to_lowercase().contains(&wanted) || other.to_lowercase().contains(&wanted)
            };
            let walked = (0..).zip(order.iter().filter(is_shown)).filter(|(_, row)| has(row)).map(|(place, _)| place);
            let query = query(&wanted);
            let progress = Progress::default();
            let found = places(&frame, &edits, &plan(&frame), &shown, &query, &progress).unwrap();
            prop_assert_eq!(found, walked.collect());
            prop_assert_eq!(progress.done(), u64::from(all));
        }
    }

    #[test]
    fn what_spans_chunks_is_found_in_order() {
        let rows = 0..2 * CHUNK_ROWS + 5;
        let lines: Vec<String> = rows.map(|row| format!("{row},x{}", row % 3)).collect();
        let frame = opened("table.csv", &format!("id,kind\n{}\n", lines.join("\n")));
        let query = query("X2");
        let (edits, progress, plan) = (Edits::default(), Progress::default(), plan(&frame));
        let found = places(&frame, &edits, &plan, &Shown::default(), &query, &progress).unwrap();
        assert!(found.iter().eq((0..frame.len()).filter(|row| row % 3 == 2)));
        assert_eq!(super::row(&frame, &edits, "x2", Some(1), &progress).unwrap(), Some(2));
        progress.cancel();
        let stopped = places(&frame, &edits, &plan, &Shown::default(), &query, &progress);
        assert!(matches!(stopped, Err(FrameError::Cancelled)));
    }

    #[test]
    fn a_cell_is_found_by_what_is_sent_or_by_what_is_written() {
        let frame = opened("table.csv", "sale_price;title\n1,5;Lamp 1.5\n2;1,5\n");
        let mut mapping = Mapping::suggest(Dataset::Products, frame.columns(), false);
        mapping.targets[0].transform = Some("decimal-comma".parse().unwrap());
        let plan = mapping.plan(&[]);
        let found = |text: &str, within: CellText, column: Option<u32>| {
            let wanted = CellQuery {
                column,
                within,
                ..query(text)
            };
            let (edits, shown, progress) = (Edits::default(), Shown::default(), Progress::default());
            let rows = places(&frame, &edits, &plan, &shown, &wanted, &progress).unwrap();
            rows.iter().collect::<Vec<_>>()
        };
        assert_eq!(found("1.5", CellText::Sent, None), [0]);
        assert_eq!(
            found("1,5", CellText::Sent, None),
            [1],
            "nobody sees the comma of the price"
        );
        assert_eq!(found("1,5", CellText::Written, None), [0, 1]);
        assert_eq!(found("1.5", CellText::Written, Some(0)), [0_u32; 0]);
        assert_eq!(found("1.5", CellText::Sent, Some(0)), [0]);
    }

    #[test]
    fn a_number_is_a_line_and_else_an_id() {
        let frame = opened("table.csv", "id,title\nA,one\n\nB,\"two\nlines\"\nA,again\n9,nine\n\n");
        assert_eq!(found(&frame, "2", None), Some(0));
        assert_eq!(found(&frame, "4", None), Some(1));
        assert_eq!(found(&frame, "5", None), Some(1), "a record spans it");
        assert_eq!(found(&frame, "6", None), Some(2));
        assert_eq!(found(&frame, "9", None), None);
        assert_eq!(found(&frame, "9", Some(0)), Some(3), "there is no such line");
        assert_eq!(found(&frame, "1", Some(0)), None, "that is the header");
        assert_eq!(found(&frame, "A", Some(0)), Some(0), "the first of two");
        assert_eq!(found(&frame, "a", Some(0)), None);
        assert_eq!(found(&frame, "A", None), None);
        assert_eq!(found(&opened("empty.csv", "id\n"), "2", None), None);
        let records = opened("records.json", r#"[{"id":"A"},{"id":7}]"#);
        assert_eq!(found(&records, "7", Some(0)), Some(1));
    }

    #[test]
    fn each_of_several_files_counts_its_own_lines() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("a.csv", "id,title\nA,one\nB,two\n");
        write("b.csv", "id,title\nC,one\nD,two\nE,\"three\nfour\"\n");
        let frame = Frame::open(folder.path(), &OpenOptions::default(), &Progress::default()).unwrap();
        assert_eq!(frame.len(), 5);
        assert_eq!(found(&frame, "3", None), Some(1), "the first of two");
        assert_eq!(found(&frame, "4", None), Some(4));
        assert_eq!(found(&frame, "5", None), Some(4), "the record spans it");
        assert_eq!(found(&frame, "7", None), None);
    }
}
