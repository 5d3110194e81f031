//! Small files of every format, for the tests of reading.

use std::{
    cell::Cell,
    io::{Cursor, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use arrow_array::{ArrayRef, DictionaryArray, Int32Array, RecordBatch, StringArray, types::Int32Type};
use arrow_ipc::writer::{FileWriter, StreamWriter};
use parquet::{arrow::ArrowWriter, file::properties::WriterProperties};
use tatami::{
    domain::progress::Progress,
    frame::{Edits, Frame, FrameError, OpenOptions},
};

/// A folder that goes with the test.
pub struct Folder(tempfile::TempDir, Cell<u32>);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap(), Cell::new(0))
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    pub fn options(&self) -> OpenOptions {
        OpenOptions {
            spool: Some(self.0.path().join("spool")),
            ..OpenOptions::default()
        }
    }

    pub fn open(&self, path: &Path) -> Result<Frame, FrameError> {
        Frame::open(path, &self.options(), &Progress::default())
    }

    /// A file of these bytes, opened.
    pub fn table(&self, bytes: &[u8]) -> Frame {
        self.1.set(self.1.get() + 1);
        let name = format!("table {}", self.1.get());
        self.open(&self.write(&name, bytes)).unwrap()
    }

    /// The refusal of a file of these bytes, without its folder.
    pub fn refusal(&self, name: &str, bytes: &[u8]) -> String {
        let error = self.open(&self.write(name, bytes)).unwrap_err();
        self.said(&error)
    }

    /// What an error says, without the folder.
    pub fn said(&self, error: &FrameError) -> String {
        let folder = format!("{}{}", self.0.path().display(), std::path::MAIN_SEPARATOR);
        error.to_string().replace(&folder, "")
    }
}

/// The header, then every row with the place of its first cell, cells between bars.
pub fn shown(frame: &Frame) -> String {
    let mut lines = vec![frame.columns().join(" | ")];
    for (row, cells) in (0..).zip(cells(frame)) {
        let place = frame.location(row, Some(0));
        lines.push(format!("{place}: {}", cells.join(" | ")));
    }
    for defect in frame.defects() {
        lines.push(format!("{}: {}", frame.location(defect.row, None), defect.reason));
    }
    lines.join("\n")
}

/// All cells as people see them.
pub fn cells(frame: &Frame) -> Vec<Vec<String>> {
    let rows = frame.read(0..frame.len(), &Edits::default()).unwrap();
    rows.iter()
        .map(|row| row.iter().map(|cell| cell.as_cell().shown().into_owned()).collect())
        .collect()
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 0).unwrap()
}

pub fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        archive
            .start_file(*name, zip::write::SimpleFileOptions::default())
            .unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// In row groups of two rows.
pub fn parquet(batch: &RecordBatch) -> Vec<u8> {
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(2)).build();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).unwrap();
    writer.write(batch).unwrap();
    writer.close().unwrap();
    bytes
}

/// A megabyte that is two gigabytes as a table: one long value in a dictionary, that all rows name.
pub fn parquet_bomb() -> Vec<u8> {
    let value = "a".repeat(1 << 20);
    let keys = Int32Array::from(vec![0; 2000]);
    let values: StringArray = [Some(value.as_str())].into_iter().collect();
    let column: ArrayRef = Arc::new(DictionaryArray::<Int32Type>::new(keys, Arc::new(values)));
    let batch = RecordBatch::try_from_iter([("title", column)]).unwrap();
    let properties = WriterProperties::builder()
        .set_dictionary_page_size_limit(1 << 30)
        .build();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

pub fn arrow_file(batch: &RecordBatch) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = FileWriter::try_new(&mut bytes, &batch.schema()).unwrap();
    writer.write(batch).unwrap();
    writer.finish().unwrap();
    bytes
}

pub fn arrow_stream(batch: &RecordBatch) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = StreamWriter::try_new(&mut bytes, &batch.schema()).unwrap();
    writer.write(batch).unwrap();
    writer.finish().unwrap();
    bytes
}

/// Rows of texts as the only sheet of an Excel workbook.
pub fn workbook(rows: &[Vec<String>]) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (row, cells) in (0..).zip(rows) {
        for (column, cell) in (0..).zip(cells) {
            sheet.write_string(row, column, cell).unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}
