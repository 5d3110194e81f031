//! Where a row, or one of its cells, stands in the file it came from.

use std::fmt;

use super::{Converted, Format, Frame, containers, intake::Origin};

/// Where something stands in a file: `line 14`, `Sheet1!F4812`, `/data/3/title`, `record 9`; of a file among several,
/// or in an archive, behind its name: `part2.csv line 14`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// Which file, where the table is made of several or lay in an archive.
    pub file: Option<String>,
    /// The line it begins on, from 1; of a sheet its row, of Parquet and Arrow the record's number.
    pub line: u64,
    /// The byte offset in the (unpacked) text at which the record begins; `None` where the file is no text.
    pub offset: Option<u64>,
    /// How the file's own format names the place.
    pub place: RecordLocation,
}

/// How a place is named in the terms of its format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordLocation {
    /// By the line.
    Line,
    /// By sheet and cell, or by sheet and row: `Sheet1!F4812`.
    Sheet(String),
    /// By a JSON pointer (RFC 6901).
    Pointer(String),
    /// By the record's number.
    Record,
}

impl Location {
    /// For a column that is named after lines: the number alone where nothing more is needed.
    pub(crate) fn brief(&self) -> String {
        match (&self.file, &self.place) {
            (None, RecordLocation::Line) => self.line.to_string(),
            _ => self.to_string(),
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{file} ")?;
        }
        match &self.place {
            RecordLocation::Line => write!(f, "line {}", self.line),
            RecordLocation::Sheet(cell) => f.write_str(cell),
            RecordLocation::Pointer(pointer) => f.write_str(pointer),
            RecordLocation::Record => write!(f, "record {}", self.line),
        }
    }
}

/// Where a row's text stands in the file that it is from, which may be one of several.
struct Own<'f> {
    file: Option<String>,
    origin: &'f Origin,
    offset: u64,
    line: u64,
}

impl Frame {
    /// Where a row, or one of its cells, stands in the file.
    pub fn location(&self, row: u32, column: Option<u32>) -> Location {
        if let Some((table, row)) = self.converted.as_ref().and_then(|converted| converted.origin(row)) {
            return table.location(row, None);
        }
        let Own {
            file,
            origin,
            offset,
            line,
        } = self.own(row);
        let name = column.and_then(|column| self.columns().get(column as usize));
        let (offset, place) = match (origin.sheet(), self.format()) {
            (Some(sheet), _) => (None, RecordLocation::Sheet(sheet.reference(line, column))),
            (None, _) if origin.is_table() => (None, RecordLocation::Record),
            (None, Format::JsonArray | Format::JsonData) => {
                let member = name.map(|name| containers::pointer(name)).unwrap_or_default();
                let list = containers::pointer_of(&self.list);
                (Some(offset), RecordLocation::Pointer(format!("{list}/{row}{member}")))
            }
            (None, Format::Csv(_) | Format::JsonLines | Format::JsonObjects | Format::JsonRows { .. }) => {
                (Some(offset), RecordLocation::Line)
            }
        };
        Location {
            file,
            line,
            offset,
            place,
        }
    }

    /// The number a row goes by in its file: the line it starts on, from 1; of a sheet its row, of Parquet and Arrow
    /// the record's number.
    pub fn line(&self, row: u32) -> u64 {
        self.own(row).line
    }

    fn own(&self, row: u32) -> Own<'_> {
        let offset = self.index.offset(row as usize);
        let mut own = Own {
            file: None,
            origin: &self.origin,
            offset: self.offset(row),
            line: self.index.line(row as usize),
        };
        if let Some(part) = self.origin.part_at(offset) {
            let (file, line) = self.line_at(offset, own.line);
            own = Own {
                file,
                origin: part.origin(),
                offset: part.own_offset(offset),
                line,
            };
        } else if let Some(member) = self.origin.member() {
            own.file = Some(member.to_owned());
        }
        if let Some(sheet) = own.origin.sheet() {
            own.line = sheet.row_at(own.offset);
        }
        if let Some((line, _)) = self.converted.as_ref().and_then(|converted| converted.place(row)) {
            own.line = line;
        }
        own
    }

    /// The line that a place in the text is on, and the file it is in, where there are several; `line` is what it is among
    /// all of the text.
    pub(super) fn line_at(&self, offset: u64, line: u64) -> (Option<String>, u64) {
        if let Some(part) = self.origin.part_at(offset) {
            let (start, first_line) = part.beginning();
            let before = self.index.line(self.first_from(start));
            return (Some(part.name()), line.saturating_sub(before) + first_line);
        }
        match self.origin.sheet() {
            Some(sheet) => (None, sheet.row_at(offset)),
            None => (None, line),
        }
    }

    /// The first row that starts at an offset or behind it.
    fn first_from(&self, offset: u64) -> usize {
        let (mut low, mut high) = (0, self.index.len());
        while low < high {
            let middle = low + (high - low) / 2;
            if self.index.offset(middle) < offset {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// What that number counts, for one and for several: `line`, `lines`.
    pub fn unit(&self) -> (&'static str, &'static str) {
        if let Some(table) = self.converted.as_ref().and_then(Converted::table) {
            return table.unit();
        }
        if self.own(0).origin.sheet().is_some() {
            ("row", "rows")
        } else if self.origin.is_table() {
            ("record", "records")
        } else {
            ("line", "lines")
        }
    }

    /// What was unpacked and converted to get at the rows.
    pub fn origin(&self) -> &Origin {
        let table = self.converted.as_ref().and_then(Converted::table);
        table.map_or(&self.origin, |table| &table.origin)
    }
}
