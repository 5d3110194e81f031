//! Where a table begins in delimited text: below titles and what is for people, with a header or without.

use super::{
    Csv,
    csv::{self, CsvSplitter},
    furniture::{self, Furniture, LineKind},
    index::FoundRecord,
    reader::Spans,
    refusal::NotATable,
};

/// How many records are searched for the header, and compared with it.
const TOP: usize = 60;

/// Where the header, or the first record, begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Begin {
    /// Byte offset in the text.
    pub(super) at: usize,
    /// File line, from 1.
    pub(super) line: u64,
}

/// Takes what is no row below the header out of the records that were found.
pub(super) fn take_below_header(head: &[u8], csv: Csv, found: &mut Vec<FoundRecord>) -> Vec<Furniture> {
    let there = furniture::below_header(head, csv, found);
    let place = |&(at, what): &(usize, LineKind)| {
        found.get(at).map(|found| Furniture {
            at: found.start as u64,
            what,
        })
    };
    let furniture = there.iter().filter_map(place).collect();
    if let (Some((first, _)), Some((last, _))) = (there.first(), there.last()) {
        found.drain(*first..=*last);
    }
    furniture
}

/// Whether the cells of most records are filled up with spaces, as those of a drawn table are.
pub(super) fn is_padded(head: &[u8], csv: Csv, found: &[FoundRecord]) -> bool {
    let is_one = |found: &&FoundRecord| {
        let cells = cells(head, csv, found);
        cells.len() > 1 && cells.iter().any(|cell| cell.trim().len() < cell.len())
    };
    found.iter().filter(is_one).count() * 2 > found.len()
}

/// Whether a table of so many columns begins with the first line, or below lines that are certainly none of it. In a
/// list of texts, some of which hold the delimiter, it does not.
pub(super) fn begins_a_table(head: &[u8], csv: Csv, columns: usize) -> bool {
    let found = top(head, csv, 1);
    let rows: Vec<Vec<String>> = found.iter().map(|found| cells(head, csv, found)).collect();
    let is_none = |cells: &&Vec<String>| cells.len() < 2 || is_comment(cells, columns);
    let before = rows.iter().take_while(is_none).count();
    let Some((header, rows)) = rows.get(before..).and_then(<[_]>::split_first) else {
        return false;
    };
    if before == 0 {
        return true;
    }
    let like = rows.iter().filter(|cells| cells.len() == header.len()).count();
    let is_even = like > 0 && like * 10 >= rows.len() * 8;
    let is_apart = match (found.get(before - 1), found.get(before)) {
        (Some(title), Some(header)) => header.line > title.line + title.lines,
        _ => false,
    };
    let is_wide = columns > 3 && like > 4;
    let are_comments = found
        .iter()
        .take(before)
        .all(|found| head.get(found.start) == Some(&b'#'));
    is_even && (is_apart || is_wide || are_comments || names_other_values(header, rows))
}

/// Whether below one of the names there are values of another kind only.
fn names_other_values(names: &[String], rows: &[Vec<String>]) -> bool {
    names.iter().enumerate().any(|(column, name)| {
        let kinds = rows
            .iter()
            .filter_map(|row| row.get(column))
            .map(|cell| BeginningKind::of(cell));
        let mut kinds = kinds.filter(|kind| *kind != BeginningKind::Empty).peekable();
        BeginningKind::of(name) == BeginningKind::Text
            && kinds.peek().is_some()
            && kinds.all(|kind| kind != BeginningKind::Text)
    })
}

pub(super) fn top(head: &[u8], csv: Csv, line: u64) -> Vec<FoundRecord> {
    const FEW: usize = 32 << 10;
    let mut found = Vec::new();
    if let Some(few) = head.get(..FEW) {
        CsvSplitter::new(csv, line).split(few, false, &mut found);
    }
    if found.len() < TOP {
        found.clear();
        CsvSplitter::new(csv, line).split(head, true, &mut found);
    }
    found.truncate(TOP);
    found
}

/// Skips the given number of lines.
pub(super) fn skipped(head: &[u8], csv: Csv, lines: u32) -> Result<(Begin, Vec<FoundRecord>), NotATable> {
    let mut at = 0;
    for line in 0..lines {
        let end = csv.line_end(head, at, false);
        at = end.ok_or(NotATable::FewLines(u64::from(line) + 1))?;
    }
    let mut found = top(head.get(at..).unwrap_or_default(), csv, u64::from(lines) + 1);
    for found in &mut found {
        found.start += at;
        found.end += at;
    }
    let begin = found.first().map_or(
        Begin {
            at,
            line: u64::from(lines) + 1,
        },
        |first| Begin {
            at: first.start,
            line: first.line,
        },
    );
    Ok((begin, found))
}

/// Skips title lines: lines with next to nothing in them, before one that looks like a header.
pub(super) fn after_titles(head: &[u8], csv: Csv, columns: usize, is_hinted: bool) -> (Begin, Vec<FoundRecord>) {
    let mut found = top(head, csv, 1);
    if is_hinted && !found.is_empty() {
        found.remove(0);
    }
    let is_title = |found: &FoundRecord| {
        let cells = cells(head, csv, found);
        let filled = cells.iter().filter(|cell| !cell.trim().is_empty()).count();
        filled * 3 <= columns || (filled <= 1 && cells.len() < columns) || is_comment(&cells, columns)
    };
    let titles = found.iter().take_while(|found| is_title(found)).count();
    let rows: Vec<Vec<String>> = found.iter().map(|found| cells(head, csv, found)).collect();
    let is_name = |cell: &String| !cell.trim().is_empty() && BeginningKind::of(cell) == BeginningKind::Text;
    let (above, rest) = rows.split_at(titles);
    if let Some((header, below)) = rest.split_first()
        && columns > 1
        && !below.is_empty()
        && header.len() == columns
        && header.iter().all(is_name)
        // A header may have fewer cells than the rows below it.
        && (above.iter().all(|cells| is_sparse(cells) || is_comment(cells, columns)) || names_other_values(header, below))
    {
        found.drain(..titles);
    }
    found.drain(..above_keys(head, csv, &found));
    let first = found.first().map_or(
        Begin {
            at: head.len(),
            line: 1,
        },
        |first| Begin {
            at: first.start,
            line: first.line,
        },
    );
    (first, found)
}

/// Whether there is next to nothing in a record, as in a title.
fn is_sparse(cells: &[String]) -> bool {
    cells.iter().filter(|cell| !cell.trim().is_empty()).count() < 2
}

/// Whether a record is a remark: `# exported on 2024-01-05`. One with as many cells as the others may be the header.
fn is_comment(cells: &[String], columns: usize) -> bool {
    cells.len() != columns && cells.first().is_some_and(|first| first.starts_with('#'))
}

/// How many records stand above one that names the columns for machines (`item_sku`, `main_image_url`), as templates of
/// marketplaces have them: the lines above it are for people.
fn above_keys(head: &[u8], csv: Csv, found: &[FoundRecord]) -> usize {
    const MOST: usize = 6;
    let rows: Vec<Vec<String>> = found.iter().map(|found| cells(head, csv, found)).collect();
    let is_key = |name: &str| {
        let is_part = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_.#[]".contains(&byte);
        name.starts_with(|first: char| first.is_ascii_lowercase()) && name.bytes().all(is_part)
    };
    let are_keys = |cells: &[String]| {
        let names = || cells.iter().map(|cell| cell.trim()).filter(|cell| !cell.is_empty());
        let many = names().count();
        many > 2 && names().all(is_key) && names().filter(|name| name.contains('_')).count() * 2 >= many
    };
    let is_above = |at: usize| {
        let (above, rest) = rows.split_at_checked(at).unwrap_or_default();
        let Some((keys, below)) = rest.split_first() else {
            return false;
        };
        let filled = |cells: &[String]| cells.iter().filter(|cell| !cell.trim().is_empty()).count();
        let is_fullest = above
            .iter()
            .all(|cells| filled(cells) <= filled(keys) && !are_keys(cells));
        let are_others = !below.is_empty() && !below.iter().any(|cells| are_keys(cells));
        are_keys(keys) && is_fullest && are_others && names_other_values(keys, below)
    };
    (1..rows.len().min(MOST)).find(|at| is_above(*at)).unwrap_or(0)
}

/// The texts of a record's cells.
pub(super) fn cells(head: &[u8], csv: Csv, found: &FoundRecord) -> Vec<String> {
    let record = csv::trim(head.get(found.start..found.end).unwrap_or_default(), csv);
    let record = String::from_utf8_lossy(record);
    let mut spans = Spans::default();
    csv::split_cells(&record, csv, &mut spans);
    spans.texts(&record).map(str::to_owned).collect()
}

/// The kind of a cell's text, as far as it tells names from values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BeginningKind {
    Empty,
    Number,
    Date,
    Address,
    Text,
}

impl BeginningKind {
    pub(super) fn of(cell: &str) -> Self {
        let cell = cell.trim();
        let is_made_of = |marks: &str| {
            cell.bytes().any(|byte| byte.is_ascii_digit())
                && cell
                    .bytes()
                    .all(|byte| byte.is_ascii_digit() || marks.as_bytes().contains(&byte))
        };
        if cell.is_empty() {
            Self::Empty
        } else if is_made_of("+-.,") || cell.parse::<f64>().is_ok_and(f64::is_finite) {
            Self::Number
        } else if is_made_of("-/.:TZ+ ") {
            Self::Date
        } else if cell.contains("://") || (cell.contains('@') && cell.contains('.')) {
            Self::Address
        } else {
            Self::Text
        }
    }
}

fn is_year(name: &str) -> bool {
    name.trim().parse().is_ok_and(|year: u32| (1900..2100).contains(&year))
}

/// Whether the first record names the columns.
pub(super) fn has_header(head: &[u8], csv: Csv, found: &[FoundRecord]) -> bool {
    if found.first().is_none_or(|first| first.broken.is_some()) {
        return true;
    }
    let mut rows = found
        .iter()
        .filter(|found| found.broken.is_none())
        .map(|found| cells(head, csv, found));
    let first = rows.next();
    first.is_none_or(|first| names_columns(&first, &rows.collect::<Vec<_>>()))
}

/// Whether a record names the columns: it does unless it looks in every column as the others do, and in one of them as
/// names do not.
pub(super) fn names_columns(record: &[String], rows: &[Vec<String>]) -> bool {
    let mut like_values = 0;
    for (column, name) in record.iter().enumerate() {
        let mut kinds = rows
            .iter()
            .filter_map(|row| row.get(column))
            .map(|cell| BeginningKind::of(cell))
            .filter(|kind| *kind != BeginningKind::Empty);
        let Some(kind) = kinds.next().filter(|kind| *kind != BeginningKind::Text) else {
            continue;
        };
        if !kinds.all(|other| other == kind) {
            continue;
        }
        match BeginningKind::of(name) {
            BeginningKind::Empty => {}
            // A year can be a name.
            BeginningKind::Number if is_year(name) => {}
            own if own == kind => like_values += 1,
            _ => return true,
        }
    }
    like_values == 0
}
