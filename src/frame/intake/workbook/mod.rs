//! Workbooks: one sheet, written as comma-separated text, every value as the sheet shows it or as it would be typed.
//!
//! calamine reads the cells of Excel's workbooks. What it keeps to itself (merged cells, what is hidden, formulas
//! without a result) is read from the archive beside it ([`xlsx`]); `OpenDocument` is read here ([`ods`]).

mod cell_text;
mod digits;
mod layout;
mod ods;
mod repair;
mod writer;
mod xlsx;
mod xml;

use std::{
    fmt::Display,
    io::{BufReader, Cursor, Read, Seek},
};

use calamine::{Data, Range, Reader as _, SheetType, SheetVisible, Xls, Xlsb, Xlsx};
use zip::ZipArchive;

use self::{
    cell_text::{Shape, SheetValue},
    layout::SheetLayout,
    ods::Ods,
    writer::{SheetWriter, WrittenSheet},
};
use super::{
    OriginStep,
    archive::Archive,
    damaged,
    origin::{Sheet, SheetKind},
};
use crate::{
    domain::progress::Progress,
    frame::{FrameError, OpenOptions, source::Source, spool::Spool},
};

/// A reader that can seek, in memory or in a file.
trait Bytes: Read + Seek {}

impl<T: Read + Seek> Bytes for T {}

type WorkbookInput<'a> = Box<dyn Bytes + 'a>;

const OPEN_DOCUMENT: &str = "an OpenDocument workbook";

/// What Excel's older and binary workbooks do not tell.
const OLD: &str = "Of an .xls workbook it cannot be known what is hidden, nor how numbers are shown (00123 is read as \
                   123): save it as .xlsx if it matters";
const BINARY: &str = "Of an .xlsb workbook it cannot be known what is hidden or merged, nor how numbers are shown (00123 \
                      is read as 123): save it as .xlsx if it matters";

/// Converts a sheet of an Excel workbook, which is one of XML or one of binary records in an archive.
pub(super) fn excel(
    source: &Source,
    is_binary: bool,
    options: &OpenOptions,
    spool: &mut Spool,
    progress: &Progress,
) -> Result<OriginStep, FrameError> {
    let input: WorkbookInput<'_> = Box::new(BufReader::new(source.reader(progress)));
    let book = if is_binary {
        Xlsb::new(input).map(Workbook::Xlsb).map_err(Stop::from)
    } else {
        let beside = || ZipArchive::new(BufReader::new(source.reader(progress)));
        let book = Xlsx::new(input).map_err(Stop::from);
        book.and_then(|book| Ok(Workbook::Xlsx(book, beside()?)))
    };
    convert(book, "an Excel workbook", source, options, spool, progress)
}

/// Converts a sheet of a workbook as Excel wrote them until 2003.
pub(super) fn old_excel(
    source: &Source,
    options: &OpenOptions,
    spool: &mut Spool,
    progress: &Progress,
) -> Result<OriginStep, FrameError> {
    let input: WorkbookInput<'_> = Box::new(BufReader::new(source.reader(progress)));
    let book = Xls::new(input);
    let book = book.map(Workbook::Xls).map_err(Stop::from);
    convert(book, "an old Excel workbook", source, options, spool, progress)
}

/// Converts a sheet of an `OpenDocument` workbook, as `LibreOffice` writes them.
pub(super) fn open_document(
    archive: Archive<'_>,
    source: &Source,
    options: &OpenOptions,
    spool: &mut Spool,
    progress: &Progress,
) -> Result<OriginStep, FrameError> {
    let book = Ods::new(archive).map(Workbook::Ods);
    convert(book, OPEN_DOCUMENT, source, options, spool, progress)
}

fn convert(
    book: Result<Workbook<'_>, Stop>,
    what: &'static str,
    source: &Source,
    options: &OpenOptions,
    spool: &mut Spool,
    progress: &Progress,
) -> Result<OriginStep, FrameError> {
    let stopped = |stop: Stop| match stop {
        Stop::Broken(error) => damaged(source, progress, what, &error),
        Stop::Refused(reason) => source.refused(reason),
        Stop::Failed(error) => error,
    };
    let mut book = book.map_err(stopped)?;
    let (seen, hidden) = book.sheets();
    let sheets: Vec<String> = seen.into_iter().chain(hidden.iter().cloned()).collect();
    let wanted: Vec<String> = match &options.sheet {
        Some(name) if !sheets.contains(name) => {
            return Err(source.refused(format!(
                "it is {what} without a sheet \"{name}\"; its sheets are {}",
                sheets.join(", ")
            )));
        }
        Some(name) => vec![name.clone()],
        None => sheets.clone(),
    };
    let mut chosen = None;
    for name in wanted {
        let layout = book.layout(&name).map_err(stopped)?;
        layout
            .ensure_writable()
            .map_err(|error| damaged(source, progress, what, &error))?;
        if let Some(area) = layout.area {
            chosen = Some((name, layout, area));
            break;
        }
    }
    let Some((name, layout, area)) = chosen else {
        return Err(source.refused(match &options.sheet {
            Some(name) => format!("the sheet \"{name}\" is empty; choose another"),
            None => format!("it is {what}, but all of its sheets are empty"),
        }));
    };
    let mut writer = SheetWriter::new(area, &layout.merges, spool);
    book.each(&name, &layout, &mut |row, column, text| writer.cell(row, column, text))
        .map_err(stopped)?;
    let WrittenSheet { rows, filled } = writer.finish()?;
    let hidden: Vec<&str> = hidden
        .iter()
        .map(String::as_str)
        .filter(|hidden| *hidden != name)
        .collect();
    Ok(OriginStep::Sheet(Sheet {
        kind: book.kind(),
        notes: layout.notes(&filled, &hidden),
        name,
        sheets,
        first_column: area.first_column,
        rows,
    }))
}

/// Why a workbook was not read to its end.
enum Stop {
    /// It cannot be read.
    Broken(String),
    /// It is nothing that we read, for a reason that completes `… cannot be opened: `.
    Refused(&'static str),
    Failed(FrameError),
}

impl<E: Display> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Broken(error.to_string())
    }
}

type RowVisit<'v> = &'v mut dyn FnMut(u32, u32, &str) -> Result<(), FrameError>;

enum Workbook<'a> {
    /// With its archive, for what the reader does not tell.
    Xlsx(Xlsx<WorkbookInput<'a>>, Archive<'a>),
    Xlsb(Xlsb<WorkbookInput<'a>>),
    Xls(Xls<WorkbookInput<'a>>),
    Ods(Ods<'a>),
}

impl Workbook<'_> {
    const fn kind(&self) -> SheetKind {
        match self {
            Self::Ods(_) => SheetKind::OpenDocument,
            Self::Xlsx(..) | Self::Xlsb(_) | Self::Xls(_) => SheetKind::Excel,
        }
    }

    /// The names of the sheets that hold cells: those that are seen, and the hidden ones.
    fn sheets(&self) -> (Vec<String>, Vec<String>) {
        let sheets = match self {
            Self::Xlsx(book, _) => book.sheets_metadata(),
            Self::Xlsb(book) => book.sheets_metadata(),
            Self::Xls(book) => book.sheets_metadata(),
            Self::Ods(book) => {
                let (hidden, seen): (Vec<_>, Vec<_>) = book.sheets().iter().partition(|sheet| sheet.is_hidden);
                let names = |sheets: Vec<&ods::OdsSheet>| sheets.iter().map(|sheet| sheet.name.clone()).collect();
                return (names(seen), names(hidden));
            }
        };
        let with = |is_seen: bool| {
            sheets
                .iter()
                .filter(move |sheet| sheet.typ == SheetType::WorkSheet)
                .filter(move |sheet| (sheet.visible == SheetVisible::Visible) == is_seen)
                .map(|sheet| sheet.name.clone())
                .collect()
        };
        (with(true), with(false))
    }

    fn layout(&mut self, sheet: &str) -> Result<SheetLayout, Stop> {
        let mut layout = match self {
            Self::Xlsx(book, archive) => {
                let layout = xlsx::survey(archive, sheet)?;
                if let Some(part) = &layout.odd_dimension {
                    let whole = repair::without_dimension(archive, part)?;
                    *book = Xlsx::new(Box::new(Cursor::new(whole)) as WorkbookInput<'_>)?;
                }
                return Ok(layout);
            }
            Self::Ods(book) => return Ok(book.layout(sheet)),
            Self::Xlsb(_) => SheetLayout::without(BINARY),
            Self::Xls(book) => {
                let mut layout = SheetLayout::without(OLD);
                for merged in book.merge_cells_by_sheet_name(sheet)? {
                    layout.merge(merged.start, merged.end);
                }
                layout
            }
        };
        self.each(sheet, &SheetLayout::default(), &mut |row, column, _| {
            layout.cell((row, column));
            Ok(())
        })?;
        Ok(layout)
    }

    /// Hands every cell that is not empty to `visit`, row by row: row and column, from 0, and the text.
    fn each(&mut self, sheet: &str, layout: &SheetLayout, visit: RowVisit<'_>) -> Result<(), Stop> {
        let mut text = String::new();
        let mut unsolved = layout.unsolved.iter().peekable();
        let mut put = |row: u32, column: u32, value: SheetValue<'_>, shape: &Shape| {
            text.clear();
            match unsolved.next_if(|(at, _)| *at == (row, column)) {
                Some((_, formula)) => text.push_str(formula),
                None => cell_text::write(&mut text, value, shape),
            }
            if text.is_empty() {
                Ok(())
            } else {
                visit(row, column, &text).map_err(Stop::Failed)
            }
        };
        let range: Range<Data> = match self {
            Self::Ods(book) => return book.each(sheet, visit),
            Self::Xlsx(book, _) => {
                let mut cells = book.worksheet_cells_reader(sheet)?;
                let shapes: Vec<Shape> = cells
                    .styles()
                    .iter()
                    .map(|style| {
                        let format = style.number_format.as_ref();
                        format.map_or(Shape::Unknown, |format| Shape::of(&format.format_code))
                    })
                    .collect();
                while let Some((cell, style)) = cells.next_cell_with_style_id()? {
                    let (row, column) = cell.get_position();
                    let shape = shapes.get(style).unwrap_or(&Shape::Unknown);
                    put(row, column, SheetValue::from(cell.get_value()), shape)?;
                }
                return Ok(());
            }
            Self::Xlsb(book) => {
                let mut cells = book.worksheet_cells_reader(sheet)?;
                while let Some(cell) = cells.next_cell()? {
                    let (row, column) = cell.get_position();
                    put(row, column, SheetValue::from(cell.get_value()), &Shape::Unknown)?;
                }
                return Ok(());
            }
            Self::Xls(book) => book.worksheet_range(sheet)?,
        };
        let (top, left) = range.start().unwrap_or_default();
        for (row, column, value) in range.used_cells() {
            let below = |from: u32, by: usize| from.saturating_add(u32::try_from(by).unwrap_or(u32::MAX));
            put(
                below(top, row),
                below(left, column),
                SheetValue::from(value),
                &Shape::Unknown,
            )?;
        }
        Ok(())
    }
}
