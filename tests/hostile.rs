//! Files that are hard to read, in `tests/data/hostile`: what becomes of each. Nothing is lost: every byte ends in a
//! cell as it stood, in a defect with its place, or the file is refused with the reason.

use std::{fmt::Write as _, fs, path::Path};

use crate::fuzz;
use encoding_rs::{UTF_8, WINDOWS_1252};
use tatami::{
    domain::{
        cell::{Cell, OwnedCell},
        progress::Progress,
    },
    frame::{Edits, Format, Frame, FrameError, LineBreak, OpenOptions},
};

fn open(path: &Path) -> Result<Frame, FrameError> {
    Frame::open(path, &OpenOptions::default(), &Progress::default())
}

fn from_text(text: impl Into<Vec<u8>>) -> Frame {
    Frame::from_text("made", text, &OpenOptions::default()).unwrap()
}

/// How the file was read, its columns, its first rows with their places, and what is wrong.
fn outcome(frame: Result<Frame, FrameError>) -> String {
    let frame = match frame {
        Ok(frame) => frame,
        Err(FrameError::Unsupported { reason, .. }) => return format!("  refused: {reason}\n"),
        Err(error) => panic!("{error}"),
    };
    let mut text = format!("  {}\n  columns: {:?}\n", dialect(&frame), frame.columns());
    for note in frame.notes() {
        writeln!(text, "  note: {note}").unwrap();
    }
    for (row, cells) in (0..).zip(frame.read(0..frame.len().min(9), &Edits::default()).unwrap()) {
        let cells: Vec<String> = cells.iter().map(shown).collect();
        let (line, offset) = (frame.line(row), frame.offset(row));
        writeln!(text, "  {line} at {offset}: {}", cells.join(" ")).unwrap();
    }
    for defect in frame.defects() {
        writeln!(text, "  ! {} at {}: {}", defect.line, defect.offset, defect.reason).unwrap();
    }
    text
}

fn dialect(frame: &Frame) -> String {
    let dialect = frame.dialect();
    let mut text = match dialect.format {
        Format::Csv(csv) => {
            let quote = csv
                .quote
                .map_or("none".to_owned(), |quote| char::from(quote).to_string());
            format!("csv {:?} quote {quote} {:?}", char::from(csv.delimiter), csv.line_break)
        }
        format => format!("{format:?}"),
    };
    if let Format::Csv(csv) = dialect.format {
        if !csv.header {
            text.push_str(" no header");
        }
        if csv.skip > 0 {
            write!(text, " skip {}", csv.skip).unwrap();
        }
    }
    write!(text, " {}", dialect.encoding.title()).unwrap();
    if dialect.has_bom {
        text.push_str(" BOM");
    }
    write!(text, ", rows: {}", frame.len()).unwrap();
    text
}

fn shown(cell: &OwnedCell) -> String {
    let text = match cell.as_cell() {
        Cell::Missing => "-".to_owned(),
        Cell::Text(text) => format!("{text:?}"),
        Cell::Json(json) => json.to_owned(),
    };
    if text.len() > 80 {
        format!("{}… ({} bytes)", text.chars().take(40).collect::<String>(), text.len())
    } else {
        text
    }
}

#[test]
fn every_hostile_file_ends_as_expected() {
    let folder = crate::common::in_repository("tests/data/hostile");
    let mut paths: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    assert!(paths.len() >= 60);
    let mut text = String::new();
    for path in paths {
        writeln!(text, "{}", path.file_name().unwrap().to_string_lossy()).unwrap();
        text.push_str(&outcome(open(&path)));
    }
    insta::assert_snapshot!(text);
}

/// What the fuzz targets assert of any bytes: records stand where they are said to, and opened again in the way that was
/// recognised, the file is the same table.
#[test]
fn what_holds_of_any_file_holds_of_these() {
    let folder = crate::common::in_repository("tests/data/hostile");
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        // What was packed has places of its own.
        if path.extension().is_some_and(|extension| extension == "gz") {
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        if let Some(frame) = fuzz::open(&bytes, &OpenOptions::default()) {
            fuzz::check_places(&frame, &bytes);
            fuzz::check_again(&frame, &bytes);
            if let Format::Csv(csv) = frame.format()
                && !csv.header
                && frame.dialect().encoding == UTF_8
            {
                let start = usize::try_from(frame.offset(0)).unwrap();
                fuzz::check_nothing_is_lost(&frame, &bytes, start, |byte| b"\r\n".contains(&byte));
            }
        }
    }
}

#[test]
fn five_thousand_columns() {
    let names: Vec<String> = (0..5000).map(|column| format!("c{column}")).collect();
    let row: Vec<String> = (0..5000).map(|column| column.to_string()).collect();
    let frame = from_text(format!("{}\n{}\n{},x\n", names.join(","), row.join(","), row.join(",")));
    assert_eq!(frame.columns(), names);
    let rows = frame.read(0..2, &Edits::default()).unwrap();
    assert_eq!(rows[0][4999], OwnedCell::Text("4999".into()));
    assert_eq!(frame.defects()[0].reason, "5001 cells where the header has 5000");
}

#[test]
fn cells_of_a_megabyte() {
    let (cell, lines) = ("x".repeat(1 << 20), "y\n".repeat(1 << 19));
    let frame = from_text(format!("id,text\n1,{cell}\n2,\"{lines}\"\n3,z\n"));
    let rows = frame.read(0..3, &Edits::default()).unwrap();
    assert_eq!(rows[0][1], OwnedCell::Text(cell.as_str().into()));
    assert_eq!(rows[1][1], OwnedCell::Text(lines.as_str().into()));
    assert_eq!((frame.line(2), frame.defects().len()), ((1 << 19) + 4, 0));
    let frame = from_text(format!("[{{\"id\":1,\"text\":\"{cell}\"}},{{\"id\":2}}]"));
    assert_eq!((frame.len(), frame.defects().len()), (2, 0));
}

/// What the first lines say is not what holds: only far behind is there a letter, a quote, a second cell.
#[test]
fn the_whole_file_is_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file.csv");
    let plain = "12345;plain text, and, some, commas\n".repeat(60_000);
    let rest = "12345;plain text\n".repeat(200_000);
    // A letter between the samples, seen by no one before all records were read.
    let written = [b"id;title\n", plain.as_bytes(), b"1;Caf\xe9\n", rest.as_bytes()].concat();
    fs::write(&path, &written).unwrap();
    let frame = open(&path).unwrap();
    assert_eq!(
        (frame.dialect().encoding, frame.defects()),
        (WINDOWS_1252.into(), &[][..])
    );
    let cells = frame.read(60_000..60_001, &Edits::default()).unwrap();
    assert_eq!(cells[0][1], OwnedCell::Text("Café".into()));
    let start = 9 + plain.len();
    assert_eq!((frame.offset(60_000), frame.line(60_000)), (start as u64, 60_002));
    assert_eq!(frame.offset(60_001), start as u64 + 7);
    assert_eq!(frame.raw(60_000).unwrap(), b"1;Caf\xe9");

    // With characters of UTF-8 elsewhere, it is one bad byte.
    let written = [
        "id;title\n1;Käse\n".as_bytes(),
        plain.as_bytes(),
        b"1;Caf\xe9\n",
        rest.as_bytes(),
    ]
    .concat();
    fs::write(&path, &written).unwrap();
    let frame = open(&path).unwrap();
    assert_eq!(frame.dialect().encoding, UTF_8);
    assert_eq!(frame.defects().len(), 1);
    assert_eq!(frame.defects()[0].offset, 17 + plain.len() as u64);

    // The first megabyte has as many commas as semicolons.
    let both = "1;a, b\n".repeat(160_000);
    let written = format!("id;title, long\n{both}{}", "2;c\n".repeat(1_000_000));
    fs::write(&path, &written).unwrap();
    let Format::Csv(csv) = open(&path).unwrap().format() else {
        panic!("it is delimited text");
    };
    assert_eq!((char::from(csv.delimiter), csv.line_break), (';', LineBreak::Lf));
}
