//! Nothing is lost: any text that is written reads back as it was, in every dialect and encoding, with the places it
//! claims, and an export of an untouched file is that file.

use encoding_rs::{BIG5, EUC_KR, Encoding, GBK, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use proptest::prelude::*;
use tatami::{
    domain::{cell::OwnedCell, progress::Progress},
    frame::{Edits, Frame, FrameError, LineBreak, OpenOptions, export_same},
};

const DELIMITERS: [u8; 8] = *b",;\t|^~:#";

fn open(bytes: &[u8], options: &OpenOptions) -> Frame {
    Frame::from_text("made", bytes, options).expect("opens")
}

fn texts(frame: &Frame) -> Vec<Vec<String>> {
    let rows = frame.read(0..frame.len(), &Edits::default()).expect("read");
    rows.iter()
        .map(|row| row.iter().map(|cell| cell.as_cell().shown().into_owned()).collect())
        .collect()
}

fn exported(frame: &Frame, edits: &Edits) -> Result<Vec<u8>, FrameError> {
    let mut out = Vec::new();
    export_same(frame, edits, &Progress::default(), &mut out)?;
    Ok(out)
}

/// The text's bytes in an encoding; `None` when they are not read back as that text.
fn encoded(text: &str, encoding: &'static Encoding) -> Option<Vec<u8>> {
    let bytes = if encoding == UTF_16LE {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    } else if encoding == UTF_16BE {
        text.encode_utf16().flat_map(u16::to_be_bytes).collect()
    } else {
        encoding.encode(text).0.into_owned()
    };
    let back = encoding.decode_without_bom_handling_and_without_replacement(&bytes)?;
    (back == text).then_some(bytes)
}

fn cell() -> impl Strategy<Value = String> {
    let nasty = prop::sample::select(vec![
        "\"", "\"\"", "'", ",", ";", "\t", "|", "^", "~", ":", "#", "\n", "\r\n", "\r", " ", "é", "€", "日本", "ソ",
        "한", "中", "🍣", "a", "0", "{", "\\", "\0", "\u{feff}",
    ]);
    prop_oneof![
        prop::collection::vec(nasty, 0..6).prop_map(|parts| parts.concat()),
        any::<String>(),
    ]
}

fn table() -> impl Strategy<Value = Vec<Vec<String>>> {
    (1_usize..5).prop_flat_map(|columns| prop::collection::vec(prop::collection::vec(cell(), columns), 1..10))
}

/// Written by the `csv` crate, which is the oracle.
fn written(rows: &[Vec<String>], delimiter: u8, quote: u8, always: bool, line_break: LineBreak) -> Vec<u8> {
    let style = if always {
        csv::QuoteStyle::Always
    } else {
        csv::QuoteStyle::Necessary
    };
    let terminator = match line_break {
        LineBreak::Lf => csv::Terminator::Any(b'\n'),
        LineBreak::CrLf => csv::Terminator::CRLF,
        LineBreak::Cr => csv::Terminator::Any(b'\r'),
    };
    let mut writer = csv::WriterBuilder::new()
        .delimiter(delimiter)
        .quote(quote)
        .quote_style(style)
        .terminator(terminator)
        .from_writer(Vec::new());
    let columns = rows.first().map_or(1, Vec::len);
    let header = (0..columns).map(|column| format!("c{column}"));
    writer.write_record(header).expect("written");
    for row in rows {
        writer.write_record(row).expect("written");
    }
    writer.into_inner().expect("flushed")
}

fn options(delimiter: u8, quote: u8, line_break: LineBreak, encoding: &'static Encoding) -> OpenOptions {
    OpenOptions {
        delimiter: Some(delimiter),
        quote: Some(Some(quote)),
        line_break: Some(line_break),
        header: Some(true),
        skip: Some(0),
        every_line: true,
        spaced: Some(false),
        encoding: Some(encoding.into()),
        ..OpenOptions::default()
    }
}

/// Every row stands in the file where it is said to, and is read from there alone as it is read within the file.
fn check_places(frame: &Frame, bytes: &[u8], options: &OpenOptions) -> Result<(), TestCaseError> {
    let rows = texts(frame);
    let alone = OpenOptions {
        header: Some(false),
        ..options.clone()
    };
    for (row, cells) in (0..).zip(&rows) {
        let start = usize::try_from(frame.offset(row)).expect("in memory");
        let raw = frame.raw(row).expect("read");
        prop_assert_eq!(bytes.get(start..start + raw.len()), Some(raw.as_slice()));
        // A record of one empty cell in quotes, or one that begins with a byte order mark, is another file by itself.
        if let Ok(record) = Frame::from_text("record", raw, &alone)
            && !record.dialect().has_bom
        {
            prop_assert_eq!(&texts(&record)[0], cells);
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn delimited_text_reads_back(
        rows in table(),
        delimiter in prop::sample::select(DELIMITERS.to_vec()),
        quote in prop::sample::select(b"\"'".to_vec()),
        always in any::<bool>(),
        line_break in prop::sample::select(vec![LineBreak::Lf, LineBreak::CrLf, LineBreak::Cr]),
    ) {
        let bytes = written(&rows, delimiter, quote, always, line_break);
        let options = options(delimiter, quote, line_break, UTF_8);
        let frame = open(&bytes, &options);
        prop_assert_eq!(frame.defects(), &[]);
        prop_assert_eq!(texts(&frame), rows);
        check_places(&frame, &bytes, &options)?;
        prop_assert_eq!(exported(&frame, &Edits::default()).expect("exported"), bytes);
    }

    #[test]
    fn encoded_text_reads_back(
        rows in table(),
        encoding in prop::sample::select(vec![UTF_16LE, UTF_16BE, SHIFT_JIS, GBK, BIG5, EUC_KR, WINDOWS_1252]),
        mark in any::<bool>(),
    ) {
        // What the encoding does not have is left out.
        let keep = |text: &String| text.chars().filter(|char| encoded(&char.to_string(), encoding).is_some()).collect();
        let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(keep).collect()).collect();
        let text = String::from_utf8(written(&rows, b',', b'"', false, LineBreak::Lf)).expect("is text");
        let text = if mark && encoding.name().starts_with("UTF-16") { format!("\u{feff}{text}") } else { text };
        let Some(bytes) = encoded(&text, encoding) else { return Ok(()) };
        let options = options(b',', b'"', LineBreak::Lf, encoding);
        let frame = open(&bytes, &options);
        prop_assert_eq!(frame.defects(), &[]);
        prop_assert_eq!(texts(&frame), rows);
        check_places(&frame, &bytes, &options)?;
        prop_assert_eq!(exported(&frame, &Edits::default()).expect("exported"), bytes);
    }

    /// Whatever bytes there are, an export of the untouched file is the file.
    #[test]
    fn any_file_is_exported_as_it_is(
        bytes in prop::collection::vec(prop::sample::select(b"{}[]\",:\n\r\\ a1\xe9\x81;\t'".to_vec()), 0..80),
        encoding in prop::sample::select(vec![None, Some(SHIFT_JIS), Some(UTF_16LE), Some(GBK)]),
    ) {
        let options = OpenOptions { encoding: encoding.map(Into::into), ..OpenOptions::default() };
        if let Ok(frame) = Frame::from_text("made", bytes.as_slice(), &options) {
            prop_assert_eq!(exported(&frame, &Edits::default()).expect("exported"), bytes);
        }
    }

    /// A changed cell reads back changed, every other as it was.
    #[test]
    fn a_changed_cell_is_the_only_one(
        rows in table(),
        (row, column) in (0_usize..10, 0_usize..5),
        new in cell(),
        delimiter in prop::sample::select(DELIMITERS.to_vec()),
        always in any::<bool>(),
    ) {
        let (row, column) = (row % rows.len(), column % rows[0].len());
        let bytes = written(&rows, delimiter, b'"', always, LineBreak::Lf);
        let options = options(delimiter, b'"', LineBreak::Lf, UTF_8);
        let frame = open(&bytes, &options);
        let mut edits = Edits::default();
        let place = (u32::try_from(row).expect("small"), u32::try_from(column).expect("small"));
        edits.set(place.0, place.1, Some(OwnedCell::Text(new.as_str().into())));
        let again = open(&exported(&frame, &edits).expect("exported"), &options);
        let mut expected = rows;
        expected[row][column] = new;
        prop_assert_eq!(texts(&again), expected);
    }

    /// The same in JSON: what a key had before it was changed is all that is lost.
    #[test]
    fn a_changed_value_is_the_only_one(
        records in prop::collection::vec(prop::collection::btree_map("[a-z\"\\\\é]{1,3}", any::<Option<String>>(), 0..5), 1..6),
        row in 0_usize..6,
        key in "[a-z\"\\\\é]{1,3}",
        new in prop::option::of(any::<String>()),
        array in any::<bool>(),
    ) {
        let row = row % records.len();
        let json: Vec<String> = records.iter().map(|record| serde_json::to_string(record).expect("written")).collect();
        let text = if array { format!("[{}]", json.join(" ,\n")) } else { json.join("\n") + "\n" };
        let frame = open(text.as_bytes(), &OpenOptions::default());
        prop_assert_eq!(exported(&frame, &Edits::default()).expect("exported"), text.as_bytes());
        let Some(column) = frame.column(&key) else { return Ok(()) };
        let mut edits = Edits::default();
        let cell = new.as_ref().map_or(OwnedCell::Missing, |new| OwnedCell::Text(new.as_str().into()));
        edits.set(u32::try_from(row).expect("small"), column, Some(cell));
        let written = String::from_utf8(exported(&frame, &edits).expect("exported")).expect("is text");
        let again: Vec<serde_json::Value> = if array {
            serde_json::from_str(&written).expect("is JSON")
        } else {
            written.lines().map(|line| serde_json::from_str(line).expect("is JSON")).collect()
        };
        let mut expected = records;
        let was_text = matches!(expected[row].get(&key), Some(Some(_)) | None);
        match &new {
            Some(new) => drop(expected[row].insert(key.clone(), Some(new.clone()))),
            None => drop(expected[row].remove(&key)),
        }
        for (at, (again, expected)) in again.iter().zip(&expected).enumerate() {
            // What was typed over null and is JSON stays JSON; only then the kind may differ.
            if at != row || was_text {
                prop_assert_eq!(again, &serde_json::to_value(expected).expect("written"));
            }
        }
    }
}

#[test]
fn what_a_file_cannot_hold_is_said() {
    let check = |text: &[u8], options: &OpenOptions, new: &str, expected: &str| {
        let frame = open(text, options);
        let mut edits = Edits::default();
        edits.set(0, 1, Some(OwnedCell::Text(new.into())));
        let error = exported(&frame, &edits).expect_err("refused");
        assert_eq!(error.to_string(), expected);
    };
    let none = OpenOptions {
        quote: Some(None),
        ..OpenOptions::default()
    };
    check(
        b"id\ttext\n1\ta\n",
        &none,
        "a\tb",
        "the record on line 2 cannot be written: a cell holds a delimiter or a line break, and the file has no quotes around cells",
    );
    let western = OpenOptions {
        encoding: Some(WINDOWS_1252.into()),
        ..OpenOptions::default()
    };
    check(
        b"id,text\n1,a\n",
        &western,
        "日本",
        "the record on line 2 cannot be written: a changed cell has a character that Windows-1252 does not have",
    );
}
