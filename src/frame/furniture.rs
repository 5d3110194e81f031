//! What stands around a table in delimited text, and is no row of it: a line of dashes, units below the header, sums, a
//! footer, lines without a value. Only what is nearly certain is left out, and each line of it is said.

use std::collections::VecDeque;

use super::{
    Csv,
    begin::{self, BeginningKind},
    csv::{self, CsvSplitter},
    index::FoundRecord,
    samples::FileSample,
    sniff::Sniffed,
    splitter::Splitter,
};
use crate::domain::number::grouped;

/// How many records at the end are examined.
const TAIL: usize = 60;

/// How many of them may be something other than rows.
const MOST: usize = 8;

/// Words for a sum, in small letters.
const TOTALS: [&str; 18] = [
    "total",
    "totals",
    "grand total",
    "sum",
    "subtotal",
    "sub total",
    "sub-total",
    "total general",
    "total général",
    "totale",
    "totaal",
    "gesamt",
    "gesamtsumme",
    "summe",
    "suma",
    "somme",
    "合計",
    "итого",
];

/// Words for rows in a count, in small letters.
const ROW_WORDS: [&str; 23] = [
    "row",
    "rows",
    "row(s)",
    "record",
    "records",
    "record(s)",
    "line",
    "lines",
    "entry",
    "entries",
    "result",
    "results",
    "zeile",
    "zeilen",
    "datensatz",
    "datensätze",
    "ligne",
    "lignes",
    "fila",
    "filas",
    "registros",
    "righe",
    "rader",
];

/// How last lines about the file begin, in small letters.
const COLOPHONS: [&str; 20] = [
    "generated ",
    "generated:",
    "report generated",
    "exported ",
    "exported:",
    "export date",
    "created on",
    "printed ",
    "end of ",
    "-- end",
    "*** end",
    "copyright",
    "©",
    "* ",
    "date:",
    "datum:",
    "note:",
    "quelle:",
    "source:",
    "stand:",
];

/// Units, and names of types, in small letters.
const UNITS: [&str; 62] = [
    "kg",
    "g",
    "mg",
    "t",
    "lb",
    "lbs",
    "oz",
    "mm",
    "cm",
    "m",
    "km",
    "in",
    "inch",
    "ft",
    "ml",
    "cl",
    "l",
    "m2",
    "m²",
    "m3",
    "m³",
    "°c",
    "°f",
    "w",
    "kw",
    "v",
    "%",
    "€",
    "$",
    "£",
    "eur",
    "usd",
    "gbp",
    "chf",
    "jpy",
    "pcs",
    "pc",
    "pieces",
    "stk",
    "stück",
    "min",
    "h",
    "days",
    "string",
    "str",
    "text",
    "varchar",
    "char",
    "int",
    "integer",
    "bigint",
    "float",
    "double",
    "decimal",
    "number",
    "numeric",
    "bool",
    "boolean",
    "date",
    "datetime",
    "timestamp",
    "uuid",
];

/// A line that is not a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Furniture {
    /// Where it begins in the text.
    pub(super) at: u64,
    pub(super) what: LineKind,
}

/// The kinds of lines that are not rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind {
    /// A drawn line: `----------,-----`.
    Rule,
    /// Units or types of the columns.
    Units,
    /// The columns' names once more, for people.
    Labels,
    /// The header again.
    Header,
    /// A sum.
    Total,
    /// A count of the rows, or a word about the file.
    Footer,
    /// Delimiters with nothing between them.
    Hollow,
}

impl LineKind {
    /// What it is, for people.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Rule => "a line of dashes",
            Self::Units => "units",
            Self::Labels => "names for people",
            Self::Header => "the header again",
            Self::Total => "a sum",
            Self::Footer => "a footer",
            Self::Hollow => "without a value",
        }
    }
}

/// Lines that were left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The first line, from 1; of a sheet, the row.
    pub first: u64,
    /// The last one.
    pub last: u64,
    /// What they are.
    pub what: LineKind,
    /// Where the first one begins in the text.
    pub(super) at: u64,
}

impl LeftOut {
    /// The lines in words: `line 2 (a line of dashes)`.
    pub fn words(&self, (one, several): (&str, &str)) -> String {
        let what = self.what.words();
        if self.first == self.last {
            format!("{one} {} ({what})", grouped(self.first))
        } else {
            format!("{several} {} to {} ({what})", grouped(self.first), grouped(self.last))
        }
    }
}

/// The account of all lines of delimited text: the other numbers add up to the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Lines {
    /// All lines.
    pub all: u64,
    /// Lines of rows; a row with line breaks in its cells has several.
    pub rows: u64,
    /// Lines of the header.
    pub header: u64,
    /// Lines before the header, or before the first row where there is none.
    pub titles: u64,
    /// Lines among the rows that are not rows.
    pub left_out: u64,
    /// Empty lines.
    pub empty: u64,
}

/// Tells the rows of delimited text from what is none, one record after another, and counts their lines.
#[derive(Debug)]
pub(super) struct LineTally {
    /// The lines that were recognised in samples, in order.
    expected: VecDeque<Furniture>,
    /// The header's bytes, where they may come again.
    header: Vec<u8>,
    lines: Lines,
    pub(super) left_out: Vec<LeftOut>,
}

impl LineTally {
    pub(super) fn new(sniffed: &Sniffed) -> Self {
        Self {
            expected: sniffed.furniture.iter().copied().collect(),
            header: Vec::new(),
            lines: Lines {
                titles: sniffed.line.saturating_sub(1),
                ..Lines::default()
            },
            left_out: Vec::new(),
        }
    }

    /// Takes the header.
    pub(super) fn header(&mut self, header: &FoundRecord, record: &[u8], columns: usize) {
        self.lines.header += header.lines;
        // In a table of one column a value may equal the name.
        if columns > 1 && header.broken.is_none() {
            self.header = record.to_vec();
        }
    }

    /// What a record is, which stands at `at` in the text, when it is no row.
    #[inline]
    pub(super) fn what(&mut self, csv: Csv, record: &[u8], at: u64) -> Option<LineKind> {
        let first = record.first().copied().unwrap_or_default();
        // The first byte settles nearly every record.
        let is_usual = first > b' ' && first != csv.delimiter && Some(&first) != self.header.first();
        if is_usual && self.expected.is_empty() {
            return None;
        }
        self.what_unusual(csv, record, at)
    }

    fn what_unusual(&mut self, csv: Csv, record: &[u8], at: u64) -> Option<LineKind> {
        while self.expected.front().is_some_and(|next| next.at < at) {
            self.expected.pop_front();
        }
        match self.expected.front() {
            Some(next) if next.at == at => Some(next.what),
            _ if self.may_be_hollow(record, csv) && is_hollow(record, csv) => Some(LineKind::Hollow),
            _ if self.is_header(record, csv) => Some(LineKind::Header),
            _ => None,
        }
    }

    /// Whether a record begins as one without a value does; of one column, spaces are a value.
    fn may_be_hollow(&self, record: &[u8], csv: Csv) -> bool {
        match record.first() {
            Some(b' ' | b'\t') => !self.header.is_empty(),
            first => first == Some(&csv.delimiter),
        }
    }

    fn is_header(&self, record: &[u8], csv: Csv) -> bool {
        !self.header.is_empty() && record.starts_with(&self.header) && csv::trim(record, csv) == self.header
    }

    /// Counts the lines of a record, which is a row or something else.
    pub(super) fn count(&mut self, found: &FoundRecord, what: Option<LineKind>, at: u64) {
        let Some(what) = what else {
            self.lines.rows += found.lines;
            return;
        };
        self.lines.left_out += found.lines;
        let last = found.line + found.lines.saturating_sub(1);
        match self.left_out.last_mut() {
            Some(before) if before.what == what && before.last + 1 == found.line => before.last = last,
            _ => self.left_out.push(LeftOut {
                first: found.line,
                last,
                what,
                at,
            }),
        }
    }

    /// All that was counted; the splitter is at the end of the text.
    pub(super) fn finish(&mut self, splitter: &Splitter) -> Lines {
        self.lines.empty = splitter.blank();
        self.lines.all = splitter.line().saturating_sub(1);
        self.lines
    }
}

/// Whether there is nothing in a record but delimiters and space.
fn is_hollow(record: &[u8], csv: Csv) -> bool {
    record
        .iter()
        .all(|byte| *byte == csv.delimiter || byte.is_ascii_whitespace())
}

/// What is no row below the header, of the records at the beginning of a text; the header is the first of them.
pub(super) fn below_header(head: &[u8], csv: Csv, found: &[FoundRecord]) -> Vec<(usize, LineKind)> {
    let Some(header) = found.first().map(|found| begin::cells(head, csv, found)) else {
        return Vec::new();
    };
    let rows = || found.iter().skip(1).map(|found| begin::cells(head, csv, found));
    let mut there = Vec::new();
    for (at, record) in found.iter().enumerate().skip(1).take(3) {
        let cells = begin::cells(head, csv, record);
        let what = if is_rule(
            csv::trim(head.get(record.start..record.end).unwrap_or_default(), csv),
            csv,
        ) {
            LineKind::Rule
        } else if are_units(&cells, header.len(), rows().skip(at)) {
            LineKind::Units
        } else if are_labels(&cells, &header) {
            LineKind::Labels
        } else {
            break;
        };
        there.push((at, what));
    }
    // Lines that are all of the table are its rows.
    if there.len() + 1 < found.len() {
        there
    } else {
        Vec::new()
    }
}

/// What is no row at the end of a text whose rows have `columns` cells, from its last sample; `begin` is where the
/// header begins, and `below` what stands below it.
pub(super) fn at_end(
    sample: &FileSample,
    csv: Csv,
    columns: usize,
    begin: usize,
    below: &[Furniture],
) -> Vec<Furniture> {
    let range = sample.whole_lines();
    let start = if sample.is_first { begin } else { range.start };
    let text = sample.bytes.get(start..range.end).unwrap_or_default();
    let mut found = Vec::new();
    CsvSplitter::new(csv, 1).split(text, true, &mut found);
    let place = |found: &FoundRecord| sample.at + (start + found.start) as u64;
    found.retain(|found| below.iter().all(|below| below.at != place(found)));
    let record = |found: &FoundRecord| csv::trim(text.get(found.start..found.end).unwrap_or_default(), csv);
    // The header is not one of the rows.
    let first = found.len().saturating_sub(TAIL).max(1).min(found.len());
    let tail = found.get(first..).unwrap_or_default();
    let rows: Vec<Vec<String>> = tail.iter().map(|found| begin::cells(text, csv, found)).collect();
    let mut there = Vec::new();
    for (at, (found, cells)) in tail.iter().zip(&rows).enumerate().rev().take(MOST) {
        let above = rows.get(..at).unwrap_or_default();
        let bytes = record(found);
        let what = if is_footer(cells, columns) {
            LineKind::Footer
        } else if is_total(cells, columns, above) {
            LineKind::Total
        } else if is_rule(bytes, csv) {
            LineKind::Rule
        } else if is_hollow(bytes, csv) {
            continue;
        } else {
            break;
        };
        there.push(Furniture { at: place(found), what });
    }
    // Dashes alone, with neither a sum nor a footer, may be meant.
    if there.iter().all(|there| there.what == LineKind::Rule) && columns < 2 {
        there.clear();
    }
    there.reverse();
    there
}

/// Whether a record is drawn: dashes, and what crosses them.
pub(super) fn is_rule(record: &[u8], csv: Csv) -> bool {
    let is_dash = |byte: &&u8| matches!(byte, b'-' | b'=' | b'_');
    let is_drawn = |byte: &u8| matches!(byte, b'-' | b'=' | b'_' | b'+' | b'|' | b':' | b' ' | b'\t');
    let cells = record.split(|byte| *byte == csv.delimiter);
    let mut cells = cells.map(<[u8]>::trim_ascii).filter(|cell| !cell.is_empty());
    record.iter().filter(is_dash).count() >= 3
        && record.iter().all(|byte| is_drawn(byte) || *byte == csv.delimiter)
        && cells.all(|cell| cell.iter().filter(is_dash).count() >= 2)
}

fn filled(cells: &[String]) -> impl Iterator<Item = (usize, &str)> {
    let cells = cells.iter().map(|cell| cell.trim()).enumerate();
    cells.filter(|(_, cell)| !cell.is_empty())
}

fn is_unit(cell: &str) -> bool {
    UNITS.contains(&cell.to_lowercase().as_str())
}

fn is_bracketed(cell: &str) -> bool {
    let is_in = |open: char, close: char| cell.starts_with(open) && cell.ends_with(close);
    (is_in('[', ']') || is_in('(', ')')) && cell.chars().count() <= 14 && !cell.contains(['"', '\''])
}

/// Whether all cells are units or types, and no other row has any in their columns.
fn are_units(cells: &[String], columns: usize, rows: impl Iterator<Item = Vec<String>>) -> bool {
    let rows: Vec<Vec<String>> = rows.collect();
    let units: Vec<(usize, &str)> = filled(cells).filter(|(_, cell)| *cell != "-").collect();
    let are_all = !units.is_empty() && units.iter().all(|(_, cell)| is_unit(cell) || is_bracketed(cell));
    // One alone stands above nothing but numbers.
    let is_above_numbers = |at: usize| {
        let mut below = rows
            .iter()
            .filter_map(|row| row.get(at))
            .filter(|cell| !cell.trim().is_empty())
            .peekable();
        below.peek().is_some() && below.all(|cell| is_amount(cell))
    };
    let are_enough = units.len() > 1
        || units
            .iter()
            .all(|(at, cell)| is_bracketed(cell) || is_above_numbers(*at));
    let has_one = |row: &Vec<String>| {
        let mut own = units.iter().filter_map(|(at, _)| row.get(*at));
        own.any(|cell| is_unit(cell.trim()) || is_bracketed(cell.trim()))
    };
    columns > 1 && cells.len() == columns && are_all && are_enough && !rows.iter().any(has_one)
}

/// Whether the cells say the same as the header, in other letters.
fn are_labels(cells: &[String], header: &[String]) -> bool {
    let letters = |text: &str| -> String {
        text.chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect()
    };
    let is_same =
        |(cell, name): &(&String, &String)| !cell.trim().is_empty() && cell != name && letters(cell) == letters(name);
    let same = cells.iter().zip(header).filter(is_same).count();
    let are_texts = filled(cells).all(|(_, cell)| BeginningKind::of(cell) == BeginningKind::Text);
    cells.len() == header.len() && same > 1 && same * 2 >= cells.len() && are_texts
}

/// Whether a record is the sum of others: it says so, all else in it are numbers, and columns are empty that are not in
/// the rows above.
fn is_total(cells: &[String], columns: usize, above: &[Vec<String>]) -> bool {
    let mut own = filled(cells);
    let name = own
        .next()
        .map(|(_, cell)| cell.trim_end_matches([':', ' ']).to_lowercase());
    let is_named = name.is_some_and(|name| TOTALS.contains(&name.as_str()));
    let mut numbers = 0;
    let are_numbers = own.all(|(_, cell)| {
        numbers += 1;
        is_amount(cell)
    });
    let is_row = |row: &&Vec<String>| row.len() == columns && filled(row).next().is_some();
    let rows: Vec<&Vec<String>> = above.iter().filter(is_row).collect();
    // Units and the like among them have holes too.
    let is_filled = |at: usize| {
        let is_there = |row: &&&Vec<String>| row.get(at).is_some_and(|cell| !cell.trim().is_empty());
        rows.iter().filter(is_there).count() * 2 > rows.len()
    };
    let is_empty = |at: &usize| cells.get(*at).is_none_or(|cell| cell.trim().is_empty());
    let has_holes = (0..columns).filter(is_empty).any(is_filled);
    columns > 1 && is_named && are_numbers && numbers > 0 && !rows.is_empty() && has_holes
}

fn is_amount(cell: &str) -> bool {
    let letters = cell.chars().filter(|c| c.is_alphabetic()).count();
    cell.bytes().any(|byte| byte.is_ascii_digit()) && letters <= 3
}

/// Whether a record is one cell that counts the rows, or tells of the file.
fn is_footer(cells: &[String], columns: usize) -> bool {
    let mut own = filled(cells);
    let (Some((_, text)), None) = (own.next(), own.next()) else {
        return false;
    };
    let text = text.to_lowercase();
    let inner = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    let mut words = inner.unwrap_or(&text).split_whitespace();
    let is_all = |word: &&str| matches!(word.trim_end_matches(':'), "total" | "all");
    if columns > 1 && words.clone().next().as_ref().is_some_and(is_all) {
        words.next();
    }
    let (first, second) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let is_count =
        |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit() || b",.".contains(&byte));
    let is_word = |word: &str| ROW_WORDS.contains(&word.trim_end_matches([':', ',', '.']));
    if columns < 2 {
        // Of one column, only what databases write.
        let is_said = inner.is_some()
            || words
                .next()
                .is_some_and(|word| matches!(word, "affected" | "selected" | "in"));
        return is_count(first) && is_word(second) && is_said;
    }
    (is_count(first) && is_word(second))
        || (is_word(first) && is_count(second))
        || COLOPHONS.iter().any(|begin| text.starts_with(begin))
}
