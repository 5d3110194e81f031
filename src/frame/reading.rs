//! How a file was read, for people and for programs: nothing that was decided goes unsaid.

use encoding_rs::UTF_8;
use serde::Serialize;

use super::{Converted, Format, Frame, LeftOut, Lines, Unlike};
use crate::domain::number::grouped;

/// Lines that were left out, and files that were not read, which are named one by one.
const MOST: usize = 8;

/// How a file was read.
#[derive(Clone, Debug, Serialize)]
pub struct Reading<'f> {
    /// What it is written in: `csv`, `json lines`, `json array`, `json list`, `json objects` or `json rows`.
    pub format: &'static str,
    /// The list that holds the JSON records, where they are in one: `response.items`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub records: Option<String>,
    /// What stands between cells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<String>,
    /// What stands around them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quote: Option<char>,
    /// The line that names the columns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header_line: Option<u64>,
    /// The text's encoding.
    pub encoding: String,
    /// What was unpacked and converted, outermost first.
    pub layers: Vec<&'static str>,
    /// The files that make the table, where they are several, or in an archive.
    pub files: Vec<String>,
    /// The files of the archive that were not read.
    pub not_read: Vec<Unlike>,
    /// The sheet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<&'f str>,
    /// The other sheets.
    pub other_sheets: Vec<&'f str>,
    /// What the file was rewritten from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preset: Option<&'static str>,
    /// What its lines are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lines: Option<Lines>,
    /// Which of them are no rows.
    pub left_out: Vec<Apart>,
    /// What else was noticed.
    pub notes: Vec<String>,
    #[serde(skip)]
    frame: &'f Frame,
}

/// Lines that were left out, for programs.
#[derive(Clone, Debug, Serialize)]
pub struct Apart {
    /// The file among several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The first line.
    pub first: u64,
    /// The last line.
    pub last: u64,
    /// What they are.
    pub what: &'static str,
}

impl Frame {
    /// How the file was read.
    pub fn reading(&self) -> Reading<'_> {
        let table = self.table();
        let csv = match table.dialect.format {
            Format::Csv(csv) => Some(csv),
            _ => None,
        };
        let origin = table.origin();
        let sheets = origin.sheets();
        let member = origin.members().filter(|_| origin.files().is_empty());
        let files = member.map_or_else(|| origin.files(), |member| vec![member.chosen.to_owned()]);
        let left_out = table.left_out().map(|(file, lines)| Apart {
            file,
            first: lines.first,
            last: lines.last,
            what: lines.what.words(),
        });
        let rewritten = self
            .converted()
            .map(|converted| std::iter::once(converted.summary()).chain(converted.notes.clone()));
        Reading {
            format: format_name(table.dialect.format),
            records: (!table.list.is_empty()).then(|| table.list.join(".")),
            delimiter: csv.map(super::Csv::separator),
            quote: csv.and_then(|csv| csv.quote).map(char::from),
            header_line: csv.filter(|csv| csv.header).map(|csv| u64::from(csv.skip) + 1),
            encoding: table.dialect.encoding.title().into_owned(),
            layers: origin.layers().collect(),
            files,
            not_read: origin.not_read(),
            sheet: sheets.map(|sheets| sheets.chosen),
            other_sheets: sheets.map_or_else(Vec::new, |sheets| {
                let others = sheets.all.iter().filter(|name| *name != sheets.chosen);
                others.map(String::as_str).collect()
            }),
            preset: self.converted().map(|converted| converted.preset.name()),
            lines: table.lines(),
            left_out: left_out.collect(),
            notes: rewritten
                .into_iter()
                .flatten()
                .chain(table.notes.iter().cloned())
                .collect(),
            frame: table,
        }
    }

    /// What the lines of delimited text are; of a sheet, its rows. `None` of everything else.
    pub fn lines(&self) -> Option<Lines> {
        let Format::Csv(csv) = self.dialect.format else {
            return None;
        };
        let mut lines = self.lines;
        let later = self.origin.lines_before_parts();
        let headers = (self.origin.parts() as u64).saturating_sub(1).min(later);
        let headers = if csv.header { headers } else { 0 };
        lines.all += later;
        lines.header += headers;
        lines.titles += later - headers;
        let Some(sheet) = self.origin.sheet() else {
            return Some(lines);
        };
        // A cell's line breaks are lines of the text, and none of the sheet.
        lines.rows = u64::from(self.len());
        lines.header = u64::from(csv.header);
        lines.all = sheet.rows();
        let others = lines.rows + lines.header + lines.titles + lines.left_out;
        lines.empty = lines.all.checked_sub(others)?;
        Some(lines)
    }

    /// The lines that were left out, each with the file it is in, where there are several.
    pub fn left_out(&self) -> impl Iterator<Item = (Option<String>, LeftOut)> {
        let placed = |left: &LeftOut| {
            let (file, first) = self.line_at(left.at, left.first);
            let last = first + (left.last - left.first);
            (file, LeftOut { first, last, ..*left })
        };
        self.left_out.iter().map(placed)
    }

    /// The table as it stands in the file.
    pub(super) fn table(&self) -> &Self {
        self.converted().and_then(Converted::table).unwrap_or(self)
    }

    /// What became of the lines, where not all of them are rows below a header:
    /// `4 rows + 1 header + 1 left out = 6 lines`.
    pub fn sum_of_lines(&self) -> Option<String> {
        let table = self.table();
        let lines = table.lines().filter(|lines| lines.titles + lines.left_out > 0)?;
        let (one, several) = table.unit();
        let unit = |count: u64| if count == 1 { one } else { several };
        let rows = u64::from(table.len());
        let noun = if rows == 1 { "row" } else { "rows" };
        let of_rows = if lines.rows == rows {
            format!("{} {noun}", grouped(rows))
        } else {
            format!(
                "{} {} of {} {noun}",
                grouped(lines.rows),
                unit(lines.rows),
                grouped(rows)
            )
        };
        let titles = if lines.header > 0 {
            "before the header"
        } else {
            "before the rows"
        };
        let parts = [
            (lines.header, "header"),
            (lines.titles, titles),
            (lines.left_out, "left out"),
            (lines.empty, "empty"),
        ];
        let parts = parts.into_iter().filter(|(count, _)| *count > 0);
        let parts = parts.map(|(count, what)| format!("{} {what}", grouped(count)));
        let parts: Vec<String> = std::iter::once(of_rows).chain(parts).collect();
        Some(format!(
            "{} = {} {}",
            parts.join(" + "),
            grouped(lines.all),
            unit(lines.all)
        ))
    }

    /// Which lines were left out: `line 2 (a line of dashes), line 9 (a footer)`.
    pub fn left_out_words(&self) -> Option<String> {
        let table = self.table();
        let named = table.left_out().take(MOST).map(|(file, lines)| {
            let words = lines.words(table.unit());
            file.map_or_else(|| words.clone(), |file| format!("{file} {words}"))
        });
        let named: Vec<String> = named.collect();
        (!named.is_empty()).then(|| named.join(", ") + &more(table.left_out.len()))
    }
}

/// What follows the names of the first of so many.
fn more(all: usize) -> String {
    match all.saturating_sub(MOST) {
        0 => String::new(),
        more => format!(" and {} more", grouped(more as u64)),
    }
}

/// Marks as they are; what cannot be seen by its number.
fn shown(marks: &str) -> String {
    if marks.bytes().all(|byte| byte.is_ascii_graphic()) {
        marks.to_owned()
    } else {
        marks.escape_default().to_string()
    }
}

const fn format_name(format: Format) -> &'static str {
    match format {
        Format::Csv(_) => "csv",
        Format::JsonLines => "json lines",
        Format::JsonArray => "json array",
        Format::JsonData => "json list",
        Format::JsonObjects => "json objects",
        Format::JsonRows { .. } => "json rows",
    }
}

impl Reading<'_> {
    /// How the file is written, as far as it is not the usual way: `tabs between cells, the header on line 3`.
    pub fn written(&self) -> Option<String> {
        let dialect = &self.frame.dialect;
        let mut parts = Vec::new();
        if let Format::Csv(csv) = dialect.format {
            match csv.separator().as_str() {
                "," => {}
                "\t" => parts.push("tabs between cells".to_owned()),
                other => parts.push(format!("{} between cells", shown(other))),
            }
            match csv.quote {
                Some(b'"') => {}
                Some(quote) => parts.push(format!("{} around cells", shown(&char::from(quote).to_string()))),
                None => parts.push("no quotes around cells".to_owned()),
            }
            if csv.spaced {
                parts.push("spaces beside the cells".to_owned());
            }
            match (csv.header, csv.skip) {
                (true, 0) => {}
                (true, skip) => parts.push(format!("the header on line {}", grouped(u64::from(skip) + 1))),
                (false, 0) => parts.push("no header".to_owned()),
                (false, skip) => parts.push(format!("no header, records from line {}", grouped(u64::from(skip) + 1))),
            }
        }
        match dialect.format {
            Format::JsonObjects => parts.push("objects one after another".to_owned()),
            Format::JsonRows { header: true } => parts.push("lists of values, the first names the columns".to_owned()),
            Format::JsonRows { header: false } => parts.push("lists of values without names".to_owned()),
            Format::Csv(_) | Format::JsonLines | Format::JsonArray | Format::JsonData => {}
        }
        if dialect.encoding != UTF_8 {
            parts.push(dialect.encoding.title().into_owned());
        }
        (!parts.is_empty()).then(|| parts.join(", "))
    }

    /// Which files make the table, where they are several: `2 files are read as one table: a.csv, b.csv`.
    pub fn joined(&self) -> Option<String> {
        if self.files.len() < 2 {
            return None;
        }
        let named: Vec<&str> = self.files.iter().take(MOST).map(String::as_str).collect();
        let (count, more) = (grouped(self.files.len() as u64), more(self.files.len()));
        Some(format!(
            "{count} files are read as one table: {}{more}",
            named.join(", ")
        ))
    }
}
