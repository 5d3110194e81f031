//! `OpenDocument` workbooks, as `LibreOffice` writes them, read as a stream: what a cell shows, and which rows, columns
//! and sheets are hidden.

use std::{borrow::Cow, collections::HashSet, io::Read as _};

use quick_xml::events::{BytesStart, Event};

use super::{
    RowVisit, Stop,
    cell_text::{write_duration, write_number},
    layout::SheetLayout,
    xml::{attribute, open, resolved},
};
use crate::frame::intake::archive::Archive;

/// What the workbook's type begins with.
const MIMETYPE: &str = "application/vnd.oasis.opendocument.spreadsheet";

/// The most cells that repetitions may make: a small file could repeat cells for hours.
const MOST_CELLS: u64 = 100_000_000;

pub(super) struct Ods<'r> {
    archive: Archive<'r>,
    sheets: Vec<OdsSheet>,
}

pub(super) struct OdsSheet {
    pub(super) name: String,
    pub(super) is_hidden: bool,
    pub(super) layout: SheetLayout,
}

impl<'r> Ods<'r> {
    /// Opens a workbook, and surveys its sheets.
    pub(super) fn new(mut archive: Archive<'r>) -> Result<Self, Stop> {
        if !whole(&mut archive, "mimetype")?.starts_with(MIMETYPE) {
            return Err(Stop::Refused(
                "it is a text document or a presentation; export its table as CSV",
            ));
        }
        if whole(&mut archive, "META-INF/manifest.xml")?.contains("encryption-data") {
            return Err(Stop::Refused(
                "it is a workbook that is locked with a password; save it without one",
            ));
        }
        let mut reading = OdsReading::default();
        reading.read(&mut archive, &mut |_, _, _| Ok(()))?;
        Ok(Self {
            archive,
            sheets: reading.sheets,
        })
    }

    pub(super) fn sheets(&self) -> &[OdsSheet] {
        &self.sheets
    }

    /// Takes the layout of a sheet, which the survey found.
    pub(super) fn layout(&mut self, name: &str) -> SheetLayout {
        let sheet = self.sheets.iter_mut().find(|sheet| sheet.name == name);
        sheet.map(|sheet| std::mem::take(&mut sheet.layout)).unwrap_or_default()
    }

    /// Hands every cell of a sheet that is not empty to `visit`, row by row.
    pub(super) fn each(&mut self, sheet: &str, visit: RowVisit<'_>) -> Result<(), Stop> {
        let mut reading = OdsReading {
            wanted: Some(sheet.to_owned()),
            ..OdsReading::default()
        };
        reading.read(&mut self.archive, visit)
    }
}

/// A small part as a text; empty when it is missing.
fn whole(archive: &mut Archive<'_>, name: &str) -> Result<String, Stop> {
    let Some(xml) = open(archive, name)? else {
        return Ok(String::new());
    };
    let mut bytes = Vec::new();
    xml.into_inner().take(1 << 20).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[derive(Default)]
struct OdsCell {
    kind: String,
    value: Option<String>,
    formula: Option<String>,
    is_failure: bool,
    columns: u32,
    rows_spanned: u32,
    /// The text that the sheet shows.
    shown: String,
    has_paragraph: bool,
    is_in_paragraph: bool,
}

impl OdsCell {
    fn of(tag: &BytesStart<'_>) -> Self {
        let mut cell = Self {
            columns: 1,
            ..Self::default()
        };
        for found in tag.attributes().with_checks(false).flatten() {
            let name = found.key.local_name();
            let value = || attribute(tag, name.as_ref()).unwrap_or_default();
            match name.as_ref() {
                // Of two such attributes the one of LibreOffice also tells failures.
                "value-type" if &*found.value == "error" => cell.is_failure = true,
                "value-type" => cell.kind = value(),
                "value" | "date-value" | "time-value" | "boolean-value" | "string-value" => cell.value = Some(value()),
                "formula" => cell.formula = Some(value()),
                "number-columns-repeated" => cell.columns = found.value.parse().unwrap_or(1),
                "number-rows-spanned" => cell.rows_spanned = found.value.parse().unwrap_or(1),
                _ => {}
            }
        }
        cell
    }

    fn is_unsolved(&self) -> bool {
        self.formula.is_some() && self.kind.is_empty() && self.value.is_none() && self.shown.is_empty()
    }

    /// The text that would be typed into it.
    fn text(&self) -> Cow<'_, str> {
        let value = self.value.as_deref().unwrap_or_default();
        if self.is_failure || self.kind == "string" || self.kind.is_empty() {
            return match &self.formula {
                // A prefix names the syntax: `of:=[.A1]*2`.
                Some(formula) if self.is_unsolved() => {
                    Cow::Borrowed(formula.find('=').and_then(|at| formula.get(at..)).unwrap_or(formula))
                }
                _ if value.is_empty() || self.is_failure => Cow::Borrowed(&self.shown),
                _ => Cow::Borrowed(value),
            };
        }
        let mut out = String::new();
        match (self.kind.as_str(), value.parse::<f64>()) {
            ("float" | "currency" | "percentage", Ok(number)) if self.is_code(number) => out.push_str(&self.shown),
            ("float" | "currency" | "percentage", Ok(number)) => write_number(&mut out, number),
            ("time", _) => write_duration(&mut out, value),
            _ => out.push_str(value),
        }
        Cow::Owned(out)
    }

    /// Whether a number is shown with leading zeros, as article numbers are.
    fn is_code(&self, number: f64) -> bool {
        let shown = self.shown.as_str();
        shown.len() > 1
            && shown.starts_with('0')
            && shown.bytes().all(|byte| byte.is_ascii_digit())
            && shown.parse() == Ok(number)
    }
}

/// The state while the content is read.
#[derive(Default)]
struct OdsReading {
    /// The sheet whose cells are wanted; `None`: all are surveyed.
    wanted: Option<String>,
    sheets: Vec<OdsSheet>,
    /// The names of styles of hidden sheets.
    hidden_styles: HashSet<String>,
    style: Option<String>,
    /// How many elements are open.
    depth: usize,
    is_in_sheet: bool,
    row: u32,
    column: u32,
    rows_repeated: u32,
    is_row_hidden: bool,
    columns_declared: u32,
    cell: Option<OdsCell>,
    /// The row's cells that are not empty.
    cells: Vec<(u32, String)>,
    visited: u64,
}

impl OdsReading {
    fn read(&mut self, archive: &mut Archive<'_>, visit: RowVisit<'_>) -> Result<(), Stop> {
        let Some(mut xml) = open(archive, "content.xml")? else {
            return Err(Stop::Broken("its content is missing".to_owned()));
        };
        let mut buffer = Vec::new();
        loop {
            buffer.clear();
            match xml.read_event_into(&mut buffer)? {
                Event::Start(tag) => {
                    if self.is_aside(&tag) {
                        xml.read_to_end_into(tag.name(), &mut Vec::new())?;
                    } else {
                        self.depth += 1;
                        self.start(&tag);
                    }
                }
                Event::End(tag) => {
                    self.depth = self.depth.saturating_sub(1);
                    self.end(tag.local_name().as_ref(), &mut *visit)?;
                }
                Event::Text(text) => self.text(&text.xml10_content()),
                Event::CData(text) => self.text(&text.xml10_content()),
                Event::GeneralRef(entity) => self.text(&resolved(&entity)?),
                Event::Eof if self.depth == 0 => return Ok(()),
                Event::Eof => return Err(Stop::Broken("it ends within an element".to_owned())),
                _ => {}
            }
        }
    }

    /// Whether an element holds something else than a sheet's cells: notes, pictures, what was changed.
    fn is_aside(&self, tag: &BytesStart<'_>) -> bool {
        match tag.local_name().as_ref() {
            "annotation" | "shapes" | "tracked-changes" | "forms" => true,
            "table" | "frame" => self.cell.is_some(),
            _ => false,
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(cell) = self.cell.as_mut().filter(|cell| cell.is_in_paragraph) {
            cell.shown.push_str(text);
        }
    }

    fn start(&mut self, tag: &BytesStart<'_>) {
        let name = tag.local_name();
        let number = |name| attribute(tag, name).and_then(|text| text.parse::<u32>().ok());
        let is_hidden = || attribute(tag, "visibility").is_some_and(|value| value != "visible");
        match (name.as_ref(), &mut self.cell) {
            ("p", Some(cell)) => {
                if cell.has_paragraph {
                    cell.shown.push('\n');
                }
                cell.has_paragraph = true;
                cell.is_in_paragraph = true;
            }
            ("s", Some(cell)) => {
                let spaces = number("c").unwrap_or(1).min(1 << 16);
                cell.shown.extend(std::iter::repeat_n(' ', spaces as usize));
            }
            ("tab", Some(cell)) => cell.shown.push('\t'),
            ("line-break", Some(cell)) => cell.shown.push('\n'),
            ("style", None) => self.style = attribute(tag, "name"),
            ("table-properties", None) if attribute(tag, "display").is_some_and(|value| value == "false") => {
                self.hidden_styles.extend(self.style.take());
            }
            ("table", None) => self.start_sheet(tag),
            ("table-column", None) if self.is_in_sheet => {
                let first = self.columns_declared;
                self.columns_declared = first.saturating_add(number("number-columns-repeated").unwrap_or(1));
                let last = self.columns_declared.saturating_sub(1);
                if let Some(layout) = self.layout().filter(|_| is_hidden()) {
                    layout.hide_columns(first, last);
                }
            }
            ("table-row", None) => {
                self.rows_repeated = number("number-rows-repeated").unwrap_or(1);
                self.is_row_hidden = is_hidden();
                self.column = 0;
                self.cells.clear();
            }
            ("table-cell" | "covered-table-cell", None) if self.is_in_sheet => self.cell = Some(OdsCell::of(tag)),
            _ => {}
        }
    }

    fn start_sheet(&mut self, tag: &BytesStart<'_>) {
        let name = attribute(tag, "name").unwrap_or_default();
        self.is_in_sheet = self.wanted.as_ref().is_none_or(|wanted| *wanted == name);
        (self.row, self.columns_declared) = (0, 0);
        let style = attribute(tag, "style-name").unwrap_or_default();
        self.sheets.push(OdsSheet {
            name,
            is_hidden: self.hidden_styles.contains(&style),
            layout: SheetLayout::default(),
        });
    }

    /// The layout of the current sheet.
    fn layout(&mut self) -> Option<&mut SheetLayout> {
        self.sheets.last_mut().map(|sheet| &mut sheet.layout)
    }

    fn end(&mut self, name: &str, visit: RowVisit<'_>) -> Result<(), Stop> {
        match name {
            "p" => {
                if let Some(cell) = &mut self.cell {
                    cell.is_in_paragraph = false;
                }
            }
            "table-cell" | "covered-table-cell" => {
                if let Some(cell) = self.cell.take() {
                    self.end_cell(&cell);
                }
            }
            "table-row" if self.is_in_sheet => self.end_row(visit)?,
            "table" => self.is_in_sheet = false,
            _ => {}
        }
        Ok(())
    }

    fn end_cell(&mut self, cell: &OdsCell) {
        let at = (self.row, self.column);
        let text = cell.text();
        self.column = at.1.saturating_add(cell.columns);
        if text.is_empty() {
            return;
        }
        // No sheet has more columns; a cell beyond is refused.
        let last = self.column.min(1 << 15);
        self.cells
            .extend((at.1..last).map(|column| (column, text.clone().into_owned())));
        let is_unsolved = cell.is_unsolved();
        let Some(layout) = self.layout() else { return };
        if is_unsolved {
            layout.unsolved.push((at, text.into_owned()));
        } else if cell.formula.is_some() {
            layout.solved += 1;
        }
        if cell.rows_spanned > 1 {
            layout.merge(at, (at.0.saturating_add(cell.rows_spanned - 1), at.1));
        }
    }

    /// Hands over the row's cells, as often as the row is repeated.
    fn end_row(&mut self, visit: RowVisit<'_>) -> Result<(), Stop> {
        let rows = self.row..self.row.saturating_add(self.rows_repeated);
        self.row = rows.end;
        if self.cells.is_empty() {
            return Ok(());
        }
        self.visited += u64::from(self.rows_repeated) * self.cells.len() as u64;
        if self.visited > MOST_CELLS {
            return Err(Stop::Refused(
                "it is a workbook that repeats its cells more than 100,000,000 times",
            ));
        }
        for row in rows {
            for (column, text) in &self.cells {
                if let Some(sheet) = self.sheets.last_mut() {
                    sheet.layout.cell((row, *column));
                }
                visit(row, *column, text).map_err(Stop::Failed)?;
            }
            if let Some(layout) = self.is_row_hidden.then(|| self.layout()).flatten() {
                layout.hidden_rows.push(row);
            }
        }
        Ok(())
    }
}
