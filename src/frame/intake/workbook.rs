//! Workbooks: one sheet, written as comma-separated text, every value as it would be typed.

use std::{fmt::Display, io::BufReader};

use calamine::{Data, Ods, Range, Reader as _, SheetType, SheetVisible, Xls, Xlsb, Xlsx};

use super::{
    Step,
    cell_text::{self, Shape, Value},
    damaged,
    origin::Sheet,
};
use crate::{
    domain::progress::Progress,
    frame::{
        FrameError, OpenOptions,
        source::{Reader, Source},
        spool::Spool,
        write::write_record,
    },
};

type Input<'a> = BufReader<Reader<'a>>;

pub(super) const OPEN_DOCUMENT: &str = "an OpenDocument workbook";

/// As many rows and columns as a sheet has in any of these programs.
const MOST_ROWS: u32 = 1 << 20;
const MOST_COLUMNS: u32 = 1 << 14;

/// Converts a sheet of an Excel workbook, which is one of XML or one of binary records in an archive.
pub(super) fn excel(
    source: &Source,
    is_binary: bool,
    options: &OpenOptions,
    spool: &mut Spool,
    progress: &Progress,
) -> Result<Step, FrameError> {
    let input = BufReader::new(source.reader(progress));
    let book = if is_binary {
        Xlsb::new(input).map(Book::Xlsb).map_err(|error| error.to_string())
    } else {
        Xlsx::new(input).map(Book::Xlsx).map_err(|error| error.to_string())
    };
    convert(book, "an Excel workbook", source, options, spool, progress)
}

/// Converts a sheet of a workbook as Excel wrote them until 2003.
pub(super) fn old_excel(
    source: &Source,
    options: &OpenOptions,
    spool: &mut Spool,
    progress: &Progress,
) -> Result<Step, FrameError> {
    let book = Xls::new(BufReader::new(source.reader(progress)));
    let book = book.map(Book::Xls).map_err(|error| error.to_string());
    convert(book, "an old Excel workbook", source, options, spool, progress)
}

/// Converts a sheet of an `OpenDocument` workbook, as `LibreOffice` writes them.
pub(super) fn open_document(
    source: &Source,
    options: &OpenOptions,
    spool: &mut Spool,
    progress: &Progress,
) -> Result<Step, FrameError> {
    let book = Ods::new(BufReader::new(source.reader(progress)));
    let book = book.map(Book::Ods).map_err(|error| error.to_string());
    convert(book, OPEN_DOCUMENT, source, options, spool, progress)
}

fn convert(
    book: Result<Book<'_>, String>,
    what: &'static str,
    source: &Source,
    options: &OpenOptions,
    spool: &mut Spool,
    progress: &Progress,
) -> Result<Step, FrameError> {
    let broken = |error: String| damaged(source, progress, what, &error);
    let mut book = book.map_err(broken)?;
    let sheets = book.sheets();
    let (name, area) = match &options.sheet {
        Some(name) if !sheets.contains(name) => {
            return Err(source.refused(format!(
                "it is {what} without a sheet \"{name}\"; its sheets are {}",
                sheets.join(", ")
            )));
        }
        Some(name) => (name.clone(), book.area(name).map_err(broken)?),
        None => {
            let mut chosen = (String::new(), None);
            for name in &sheets {
                chosen = (name.clone(), book.area(name).map_err(broken)?);
                if chosen.1.is_some() {
                    break;
                }
            }
            chosen
        }
    };
    let Some(area) = area else {
        return Err(source.refused(if options.sheet.is_some() {
            format!("the sheet \"{name}\" is empty; choose another")
        } else {
            format!("it is {what}, but all of its sheets are empty")
        }));
    };
    let mut writer = Writer::new(area, spool);
    book.each(&name, &mut |row, column, text| writer.cell(row, column, text))
        .map_err(|error| match error {
            Stop::Broken(error) => broken(error),
            Stop::Failed(error) => error,
        })?;
    let rows = writer.finish()?;
    Ok(Step::Sheet(Sheet {
        kind: book.kind(),
        name,
        sheets,
        first_column: area.first_column,
        rows,
    }))
}

/// The cells of a sheet that are not empty lie within.
#[derive(Clone, Copy, Debug)]
struct Area {
    first_column: u32,
    last_column: u32,
}

/// Why a sheet was not read to its end.
enum Stop {
    /// It cannot be read.
    Broken(String),
    /// The visitor failed.
    Failed(FrameError),
}

impl<E: Display> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Broken(error.to_string())
    }
}

type Visit<'v> = &'v mut dyn FnMut(u32, u32, &str) -> Result<(), FrameError>;

enum Book<'a> {
    Xlsx(Xlsx<Input<'a>>),
    Xlsb(Xlsb<Input<'a>>),
    Xls(Xls<Input<'a>>),
    Ods(Ods<Input<'a>>),
}

impl Book<'_> {
    const fn kind(&self) -> &'static str {
        match self {
            Self::Ods(_) => "OpenDocument",
            Self::Xlsx(_) | Self::Xlsb(_) | Self::Xls(_) => "Excel",
        }
    }

    /// The names of the sheets that hold cells: those that are seen, then the hidden ones.
    fn sheets(&self) -> Vec<String> {
        let sheets = match self {
            Self::Xlsx(book) => book.sheets_metadata(),
            Self::Xlsb(book) => book.sheets_metadata(),
            Self::Xls(book) => book.sheets_metadata(),
            Self::Ods(book) => book.sheets_metadata(),
        };
        let with = |is_seen: bool| {
            sheets
                .iter()
                .filter(move |sheet| sheet.typ == SheetType::WorkSheet)
                .filter(move |sheet| (sheet.visible == SheetVisible::Visible) == is_seen)
                .map(|sheet| sheet.name.clone())
        };
        with(true).chain(with(false)).collect()
    }

    /// Where the cells are; `None` when there are none.
    fn area(&mut self, sheet: &str) -> Result<Option<Area>, String> {
        let mut area: Option<Area> = None;
        let mut last_row = 0;
        let (mut is_in_order, mut is_within) = (true, true);
        let seen = self.each(sheet, &mut |row, column, _| {
            is_in_order &= row >= last_row;
            last_row = row;
            is_within &= row < MOST_ROWS && column < MOST_COLUMNS;
            area = Some(area.map_or(
                Area {
                    first_column: column,
                    last_column: column,
                },
                |area| Area {
                    first_column: area.first_column.min(column),
                    last_column: area.last_column.max(column),
                },
            ));
            Ok(())
        });
        match seen {
            Err(Stop::Broken(error)) => Err(error),
            // The visitor above does not fail.
            Err(Stop::Failed(error)) => Err(error.to_string()),
            Ok(()) if !is_in_order => Err("its rows are not in order; save it again with Excel".to_owned()),
            Ok(()) if !is_within => Err("a cell lies beyond the last row or column that a sheet has".to_owned()),
            Ok(()) => Ok(area),
        }
    }

    /// Hands every cell that is not empty to `visit`, row by row: row and column, from 0, and the text.
    fn each(&mut self, sheet: &str, visit: Visit<'_>) -> Result<(), Stop> {
        let mut text = String::new();
        let mut put = |row: u32, column: u32, value: Value<'_>, shape: Shape| {
            text.clear();
            cell_text::write(&mut text, value, shape);
            if text.is_empty() {
                Ok(())
            } else {
                visit(row, column, &text).map_err(Stop::Failed)
            }
        };
        let range: Range<Data> = match self {
            Self::Xlsx(book) => {
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
                    let shape = shapes.get(style).copied().unwrap_or(Shape::Unknown);
                    put(row, column, Value::from(cell.get_value()), shape)?;
                }
                return Ok(());
            }
            Self::Xlsb(book) => {
                let mut cells = book.worksheet_cells_reader(sheet)?;
                while let Some(cell) = cells.next_cell()? {
                    let (row, column) = cell.get_position();
                    put(row, column, Value::from(cell.get_value()), Shape::Unknown)?;
                }
                return Ok(());
            }
            Self::Xls(book) => book.worksheet_range(sheet)?,
            Self::Ods(book) => book.worksheet_range(sheet)?,
        };
        let (top, left) = range.start().unwrap_or_default();
        for (row, column, value) in range.used_cells() {
            let below = |from: u32, by: usize| from.saturating_add(u32::try_from(by).unwrap_or(u32::MAX));
            put(below(top, row), below(left, column), Value::from(value), Shape::Unknown)?;
        }
        Ok(())
    }
}

/// Puts cells together to rows of equal length.
struct Writer<'s> {
    area: Area,
    spool: &'s mut Spool,
    /// The row whose cells are coming.
    row: u32,
    cells: Vec<String>,
    /// How many of them have come.
    filled: usize,
    line: Vec<u8>,
    /// Where each row begins.
    rows: Vec<u64>,
}

impl<'s> Writer<'s> {
    fn new(area: Area, spool: &'s mut Spool) -> Self {
        let width = (area.last_column - area.first_column) as usize + 1;
        Self {
            area,
            spool,
            row: 0,
            cells: vec![String::new(); width],
            filled: 0,
            line: Vec::new(),
            rows: Vec::new(),
        }
    }

    fn cell(&mut self, row: u32, column: u32, text: &str) -> Result<(), FrameError> {
        if row != self.row {
            self.end_row()?;
            // A blank row is a blank line, so that lines and rows have the same numbers.
            for _ in self.row + 1..row {
                self.row += 1;
                self.end_row()?;
            }
            self.row = row;
        }
        if let Some(cell) = self.cells.get_mut((column - self.area.first_column) as usize) {
            cell.clear();
            cell.push_str(text);
            self.filled += 1;
        }
        Ok(())
    }

    fn end_row(&mut self) -> Result<(), FrameError> {
        self.rows.push(self.spool.len());
        if self.filled == 0 {
            return self.spool.write(b"\n");
        }
        self.line.clear();
        // Writing to memory cannot fail.
        write_record(&mut self.line, self.cells.iter().map(String::as_str)).ok();
        self.cells.iter_mut().for_each(String::clear);
        self.filled = 0;
        self.spool.write(&self.line)
    }

    fn finish(mut self) -> Result<Vec<u64>, FrameError> {
        self.end_row()?;
        Ok(self.rows)
    }
}
