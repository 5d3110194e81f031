//! Files of every format, written small, read through the same door, and broken in every place.

use std::sync::Arc;

use crate::common::files::{Folder, arrow_file, arrow_stream, cells, gzip, parquet, shown, workbook, zip, zstd};
use ::parquet::{
    arrow::ArrowWriter,
    data_type::{Int96, Int96Type},
    file::{
        metadata::{ParquetMetaDataBuilder, ParquetMetaDataWriter},
        properties::WriterProperties,
        writer::SerializedFileWriter,
    },
    schema::parser::parse_message_type,
};
use arrow_array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Decimal256Array, DictionaryArray,
    DurationMillisecondArray, FixedSizeBinaryArray, Float32Array, Float64Array, Int32Array, Int64Array, ListArray,
    MapArray, RecordBatch, StringArray, StructArray, Time64NanosecondArray, TimestampMicrosecondArray,
    TimestampMillisecondArray,
    builder::{Int64Builder, MapBuilder, StringBuilder},
    types::{Int32Type, Int64Type},
};
use arrow_buffer::i256;
use arrow_schema::{DataType, Field};
use proptest::prelude::*;
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};
use tatami::{
    domain::progress::Progress,
    frame::{DataSource, Edits, Frame, FrameError, OpenOptions},
};

const CSV: &str = "product_id,title\nA1,Lamp\nA2,\"Rug, red\"\n";

/// Opening a file cut off anywhere is refused; nothing of it is shown as if it were whole. (Old workbooks end with
/// what no cell needs.)
fn refused_when_cut(folder: &Folder, whole: &[u8]) {
    let step = (whole.len() / 60).max(1);
    let table = shown(&folder.table(whole));
    // Of fewer bytes nobody can say what they were.
    for end in (8..whole.len()).step_by(step) {
        if let Ok(frame) = folder.open(&folder.write("cut", &whole[..end])) {
            assert_eq!(shown(&frame), table, "cut off after {end} of {} bytes", whole.len());
        }
    }
}

/// With any byte changed a file may open or not; reading it does neither panic nor hang.
fn survives_when_damaged(folder: &Folder, whole: &[u8]) {
    let step = (whole.len() / 150).max(1);
    for at in (0..whole.len()).step_by(step) {
        let mut bytes = whole.to_vec();
        bytes[at] ^= 0x55;
        if let Ok(frame) = folder.open(&folder.write("damaged", &bytes)) {
            frame.read(0..frame.len(), &Edits::default()).unwrap();
        }
    }
}

#[test]
fn compressed_text_is_read_as_if_it_were_not() {
    let folder = Folder::new();
    let plain = shown(&folder.table(CSV.as_bytes()));
    let halves = CSV.split_at(20);
    let mut padded = gzip(CSV.as_bytes());
    padded.extend([0; 1000]);
    let packed = [
        gzip(CSV.as_bytes()),
        padded,
        [gzip(halves.0.as_bytes()), gzip(halves.1.as_bytes())].concat(),
        zstd(CSV.as_bytes()),
        [zstd(halves.0.as_bytes()), zstd(halves.1.as_bytes())].concat(),
        zstd(&gzip(CSV.as_bytes())),
    ];
    for bytes in packed {
        let path = folder.write("packed", &bytes);
        assert_eq!(shown(&folder.open(&path).unwrap()), plain);
        assert_eq!(folder.open(&path).unwrap().size(), bytes.len() as u64);
        let head = Frame::open_head(&path, &folder.options()).unwrap();
        assert_eq!(shown(&head), plain);
    }
    // What is spooled has no name, and so leaves nothing behind.
    assert_eq!(std::fs::read_dir(folder.path().join("spool")).unwrap().count(), 0);
}

#[test]
fn the_head_of_a_large_compressed_file_is_not_its_end() {
    let folder = Folder::new();
    let rows = (0..100_000).map(|row| format!("P{row},\"A title of row {row}\"\n"));
    let text = format!("product_id,title\n{}", rows.collect::<String>());
    let path = folder.write("large.csv.gz", &gzip(text.as_bytes()));
    let head = Frame::open_head(&path, &folder.options()).unwrap();
    assert_eq!((head.len(), head.defects()), (1000, &[][..]));
    let whole = folder.open(&path).unwrap();
    assert_eq!((whole.len(), whole.defects()), (100_000, &[][..]));
    let stopped = Progress::default();
    stopped.cancel();
    let opened = Frame::open(&path, &folder.options(), &stopped);
    assert!(matches!(opened, Err(FrameError::Cancelled)), "{opened:?}");
}

#[test]
fn compressed_files_that_are_broken_are_refused() {
    let folder = Folder::new();
    let text = CSV.repeat(50);
    let (gz, zst) = (gzip(text.as_bytes()), zstd(text.as_bytes()));
    refused_when_cut(&folder, &gz);
    refused_when_cut(&folder, &zst);
    let mut wrong_sum = gz.clone();
    let at = wrong_sum.len() - 6;
    wrong_sum[at] ^= 1;
    let followed = [gz.as_slice(), b"and then"].concat();
    let often = gzip(&gzip(&gzip(&gzip(&gzip(CSV.as_bytes())))));
    insta::assert_snapshot!(
        [
            folder.refusal("cut.gz", &gz[..gz.len() - 9]),
            folder.refusal("cut.zst", &zst[..zst.len() - 9]),
            folder.refusal("sum.gz", &wrong_sum),
            folder.refusal("followed.gz", &followed),
            folder.refusal("often.gz", &often),
            folder.refusal("nothing.gz", &gzip(b"")),
        ]
        .join("\n"),
        @r"
    cut.gz cannot be opened: it is compressed with gzip, but ends in the middle of the compressed data; get the whole file
    cut.zst cannot be opened: it is compressed with zstd, but ends in the middle of the compressed data; get the whole file
    sum.gz cannot be opened: it is compressed with gzip, but damaged (corrupt gzip stream does not have a matching checksum) after 1,950 bytes of text; get the file again
    followed.gz cannot be opened: it is compressed with gzip, but something else follows the compressed data; get the file again
    often.gz cannot be opened: it is packed more than 4 times over; unpack it first
    nothing.gz cannot be opened: it is empty; choose a file with records
    "
    );
}

#[test]
fn a_compressed_file_that_changes_is_noticed() {
    let folder = Folder::new();
    let path = folder.write("table.csv.gz", &gzip(CSV.as_bytes()));
    let frame = folder.open(&path).unwrap();
    folder.write("table.csv.gz", &gzip(b"product_id\nB1\n"));
    let read = frame.read(0..1, &Edits::default());
    assert!(matches!(read, Err(FrameError::Changed { .. })), "{read:?}");
}

#[test]
fn an_archive_opens_at_its_data_file_or_the_one_chosen() {
    let folder = Folder::new();
    let more = zip(&[("deep/more.json", br#"[{"user_id":"U1"}]"#)]);
    let bytes = zip(&[
        ("README.txt", b"What this is"),
        ("__MACOSX/._products.csv", b"\0\0"),
        ("data/products.csv", CSV.as_bytes()),
        ("users.jsonl.gz", &gzip(b"{\"user_id\":\"U1\"}\n{\"user_id\":\"U2\"}\n")),
        ("more.zip", &more),
        (".hidden", b"x"),
    ]);
    let path = folder.write("export.zip", &bytes);
    let first = folder.open(&path).unwrap();
    let members = first.origin().members().unwrap();
    let mut text = format!("{}: {}\n", members.chosen, members.all.join(", "));
    let open = |member: &str| {
        let options = OpenOptions {
            member: Some(member.to_owned()),
            ..folder.options()
        };
        Frame::open(&path, &options, &Progress::default())
    };
    text.push_str(&shown(&first));
    for member in ["users.jsonl.gz", "more.zip"] {
        let frame = open(member).unwrap();
        let layers: Vec<_> = frame.origin().layers().collect();
        text = text + "\n" + &layers.join(", ") + ":\n" + &shown(&frame);
    }
    text = text + "\n" + &folder.said(&open("other.csv").unwrap_err());
    insta::assert_snapshot!(text, @r#"
    data/products.csv: README.txt, data/products.csv, users.jsonl.gz, more.zip
    product_id | title
    data/products.csv line 2: A1 | Lamp
    data/products.csv line 3: A2 | Rug, red
    ZIP, gzip:
    user_id
    users.jsonl.gz line 1: U1
    users.jsonl.gz line 2: U2
    ZIP, ZIP:
    user_id
    deep/more.json /0/user_id: U1
    export.zip cannot be opened: it is a ZIP archive that holds no file "other.csv"; it holds README.txt, data/products.csv, users.jsonl.gz, more.zip
    "#);
}

#[test]
fn archives_that_are_broken_are_refused() {
    let folder = Folder::new();
    let bytes = zip(&[("products.csv", CSV.repeat(50).as_bytes())]);
    refused_when_cut(&folder, &bytes);
    survives_when_damaged(&folder, &bytes);
    insta::assert_snapshot!(
        [
            folder.refusal("cut.zip", &bytes[..bytes.len() / 2]),
            folder.refusal("nothing.zip", &zip(&[])),
            folder.refusal("letter.docx", &zip(&[("word/document.xml", b"<x/>")])),
        ]
        .join("\n"),
        @r"
    cut.zip cannot be opened: it begins as a ZIP archive, but is cut off or damaged (invalid Zip archive: Could not find EOCD); get the whole file
    nothing.zip cannot be opened: it is a ZIP archive without a file in it
    letter.docx cannot be opened: it is a text document or a presentation; export its table as CSV
    "
    );
}

/// Every type that a column of most files has.
fn typed() -> RecordBatch {
    let moments = || TimestampMicrosecondArray::from(vec![Some(1_704_450_600_123_456), None, Some(-1)]);
    let decimals = Decimal128Array::from(vec![Some(1250), None, Some(-7)]);
    let lists = [vec![Some(1), Some(2)], vec![], vec![Some(3)]];
    let object = StructArray::from(vec![
        (
            Field::new("a", DataType::Int32, true).into(),
            Arc::new(Int32Array::from(vec![1, 2, 3])) as ArrayRef,
        ),
        (
            Field::new("b", DataType::Utf8, true).into(),
            Arc::new(StringArray::from(vec!["x", "y\n\"z\"", "ü"])),
        ),
    ]);
    let columns: [(&str, ArrayRef); 14] = [
        ("id", Arc::new(StringArray::from(vec!["A1", "A2", "A3"]))),
        (
            "large",
            Arc::new(Int64Array::from(vec![9_007_199_254_740_993, i64::MIN, i64::MAX])),
        ),
        ("float", Arc::new(Float64Array::from(vec![0.1, 1e300, f64::NAN]))),
        (
            "single",
            Arc::new(Float32Array::from(vec![Some(0.1), None, Some(2008.0)])),
        ),
        (
            "truth",
            Arc::new(BooleanArray::from(vec![Some(true), None, Some(false)])),
        ),
        ("decimal", Arc::new(decimals.with_precision_and_scale(38, 2).unwrap())),
        ("day", Arc::new(Date32Array::from(vec![1, 2, 3]))),
        ("naive", Arc::new(moments())),
        ("moment", Arc::new(moments().with_timezone("UTC"))),
        (
            "time",
            Arc::new(Time64NanosecondArray::from(vec![37_800_500_000_000, 0, 1])),
        ),
        (
            "lasts",
            Arc::new(DurationMillisecondArray::from(vec![5_400_500, 0, -1_000])),
        ),
        (
            "list",
            Arc::new(ListArray::from_iter_primitive::<Int64Type, _, _>(lists.map(Some))),
        ),
        ("object", Arc::new(object)),
        (
            "bytes",
            Arc::new(BinaryArray::from(vec![&b"text"[..], &[0xff, 0], &[0xff, 0xfe, 0xfd]])),
        ),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true))).unwrap()
}

fn of_columns<const N: usize>(columns: [(&str, ArrayRef); N]) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true))).unwrap()
}

#[test]
fn columns_of_every_type_keep_it() {
    let folder = Folder::new();
    let frame = folder.table(&parquet(&typed()));
    insta::assert_snapshot!(shown(&frame), @r#"
    id | large | float | single | truth | decimal | day | naive | moment | time | lasts | list | object | bytes
    record 1: A1 | 9007199254740993 | 0.1 | 0.1 | true | 12.50 | 1970-01-02 | 2024-01-05T10:30:00.123456 | 2024-01-05T10:30:00.123456Z | 10:30:00.5 | PT5400.5S | [1,2] | {"a":1,"b":"x"} | base64:dGV4dA==
    record 2: A2 | -9223372036854775808 | 1e300 | null | null | null | 1970-01-03 | null | null | 00:00:00 | PT0S | [] | {"a":2,"b":"y\n\"z\""} | base64:/wA=
    record 3: A3 | 9223372036854775807 | NaN | 2008.0 | false | -0.07 | 1970-01-04 | 1969-12-31T23:59:59.999999 | 1969-12-31T23:59:59.999999Z | 00:00:00.000000001 | -PT1S | [3] | {"a":3,"b":"ü"} | base64://79
    "#);
    for bytes in [arrow_file(&typed()), arrow_stream(&typed()), gzip(&parquet(&typed()))] {
        assert_eq!(shown(&folder.table(&bytes)), shown(&frame));
    }
    let head = Frame::open_head(&folder.write("head", &parquet(&typed())), &folder.options()).unwrap();
    assert_eq!(shown(&head), shown(&frame));
}

#[test]
fn names_out_of_a_list_are_texts() {
    let folder = Folder::new();
    let kinds: DictionaryArray<Int32Type> = ["a", "b", "a"].into_iter().collect();
    let batch = of_columns([("kind", Arc::new(kinds) as ArrayRef)]);
    for bytes in [parquet(&batch), arrow_file(&batch), arrow_stream(&batch)] {
        assert_eq!(cells(&folder.table(&bytes)), [["a"], ["b"], ["a"]]);
    }
}

/// Maps, numbers of more digits than others hold, moments that other units do not reach, and bytes.
#[test]
fn columns_of_rarer_types_keep_every_digit() {
    let folder = Folder::new();
    let mut stock = MapBuilder::new(None, StringBuilder::new(), Int64Builder::new());
    for shops in [vec![("Oslo", 3), ("Bergen \"N\"", 0)], vec![]] {
        for (shop, count) in shops {
            stock.keys().append_value(shop);
            stock.values().append_value(count);
        }
        stock.append(true).unwrap();
    }
    let stock: MapArray = stock.finish();
    let wide = Decimal256Array::from(vec![i256::from_string(&"9".repeat(60)), None]);
    let thousands = Decimal128Array::from(vec![Some(12), Some(0)]);
    // 9999-12-31T23:59:59.999 and 1000-01-01, which nanoseconds since 1970 cannot hold.
    let far = TimestampMillisecondArray::from(vec![253_402_300_799_999, -30_610_224_000_000]);
    let uuids = FixedSizeBinaryArray::try_from_iter([[0xff_u8; 16], [0; 16]].into_iter()).unwrap();
    let mixed = BinaryArray::from(vec![&b"text"[..], &[0xff, 0]]);
    let batch = of_columns([
        ("stock", Arc::new(stock) as ArrayRef),
        ("wide", Arc::new(wide.with_precision_and_scale(76, 10).unwrap())),
        (
            "thousands",
            Arc::new(thousands.with_precision_and_scale(10, -3).unwrap()),
        ),
        ("far", Arc::new(far)),
        ("fixed", Arc::new(uuids)),
        ("mixed", Arc::new(mixed)),
    ]);
    let read = shown(&folder.table(&arrow_file(&batch)));
    insta::assert_snapshot!(read, @r#"
    stock | wide | thousands | far | fixed | mixed
    record 1: {"Oslo":3,"Bergen \"N\"":0} | 99999999999999999999999999999999999999999999999999.9999999999 | 12000 | 9999-12-31T23:59:59.999 | base64://///////////////////w== | base64:dGV4dA==
    record 2: {} | null | 0 | 1000-01-01T00:00:00 | base64:AAAAAAAAAAAAAAAAAAAAAA== | base64:/wA=
    "#);
    assert_eq!(shown(&folder.table(&arrow_stream(&batch))), read);
    let batch = batch.project(&[0, 1, 3, 4, 5]).unwrap();
    assert_eq!(
        shown(&folder.table(&parquet(&batch))),
        shown(&folder.table(&arrow_file(&batch)))
    );
}

/// Times as old writers have them: a day and nanoseconds of that day, far beyond what nanoseconds since 1970 reach.
#[test]
fn old_times_are_exact() {
    fn check(times: &[(i64, u64)], expect: &str) {
        let folder = Folder::new();
        let message = Arc::new(parse_message_type("message old { optional int96 at; }").unwrap());
        let mut bytes = Vec::new();
        let mut writer = SerializedFileWriter::new(&mut bytes, message, Arc::default()).unwrap();
        let mut group = writer.next_row_group().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        let values: Vec<Int96> = times
            .iter()
            .map(|(days, nanoseconds)| {
                let mut value = Int96::new();
                let [low, high] =
                    [*nanoseconds, *nanoseconds >> 32].map(|half| u32::try_from(half & 0xffff_ffff).unwrap());
                value.set_data(low, high, u32::try_from(days + 2_440_588).unwrap());
                value
            })
            .collect();
        let levels = vec![1; values.len()];
        column
            .typed::<Int96Type>()
            .write_batch(&values, Some(&levels), None)
            .unwrap();
        column.close().unwrap();
        group.close().unwrap();
        writer.close().unwrap();
        let path = folder.write("old.parquet", &bytes);
        let read = folder.open(&path).map(|frame| cells(&frame).concat().join(" "));
        assert_eq!(read.unwrap_or_else(|error| folder.said(&error)), expect);
    }
    check(
        &[(0, 0), (19_000, 3_723_000_000_001)],
        "1970-01-01T00:00:00 2022-01-08T01:02:03.000000001",
    );
    // 9999-12-31 and 1000-01-01.
    check(
        &[(2_932_896, 86_399_000_001_000), (-354_285, 0)],
        "9999-12-31T23:59:59.000001 1000-01-01T00:00:00",
    );
    check(
        &[(2_932_896, 0), (19_000, 1)],
        "9999-12-31T00:00:00 2022-01-08T00:00:00.000000001",
    );
}

/// Some writers leave the number of rows of the whole file at 0, and say it of its parts only.
#[test]
fn rows_that_only_the_parts_count_are_read() {
    let folder = Folder::new();
    let batch = typed();
    let mut bytes = parquet(&batch);
    // The field of 64 bits before the list of the parts; numbers are doubled there.
    let rows = u8::try_from(batch.num_rows() * 2).unwrap();
    let at = bytes.windows(3).rposition(|at| at == [0x16, rows, 0x19]).unwrap();
    bytes[at + 1] = 0;
    assert_eq!(shown(&folder.table(&bytes)), shown(&folder.table(&parquet(&batch))));
}

/// Some writers put 0 for the place of a dictionary that there is not.
#[test]
fn a_dictionary_at_the_first_byte_is_none() {
    let folder = Folder::new();
    let ids = Int64Array::from(vec![7, 8, 9]);
    let batch = RecordBatch::try_from_iter([("id", Arc::new(ids) as ArrayRef)]).unwrap();
    let plain = WriterProperties::builder().set_dictionary_enabled(false).build();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(plain)).unwrap();
    writer.write(&batch).unwrap();
    let whole = writer.close().unwrap();
    let groups = whole.row_groups().iter().map(|group| {
        let column = group.column(0).clone().into_builder();
        let column = column.set_dictionary_page_offset(Some(0)).build().unwrap();
        group
            .clone()
            .into_builder()
            .set_column_metadata(vec![column])
            .build()
            .unwrap()
    });
    let said = ParquetMetaDataBuilder::new(whole.file_metadata().clone()).set_row_groups(groups.collect());
    let length = u32::from_le_bytes(bytes[bytes.len() - 8..][..4].try_into().unwrap());
    bytes.truncate(bytes.len() - 8 - length as usize);
    ParquetMetaDataWriter::new(&mut bytes, &said.build()).finish().unwrap();
    assert_eq!(cells(&folder.table(&bytes)).concat(), ["7", "8", "9"]);
}

/// A file that is whole is not called cut off.
#[test]
fn a_whole_file_with_an_unreadable_part_is_said_to_be_that() {
    let mut bytes = parquet(&typed());
    // The type of the first page.
    bytes[5] = 0x7f;
    insta::assert_snapshot!(Folder::new().refusal("odd.parquet", &bytes), @"odd.parquet cannot be opened: it is a Parquet file up to its end, but a part of it cannot be read (External: Parquet argument error: Parquet error: Unexpected PageType -64); write it again with another program, or export it as CSV");
}

#[test]
fn column_files_that_are_broken_are_refused() {
    let folder = Folder::new();
    let files = [parquet(&typed()), arrow_file(&typed()), arrow_stream(&typed())];
    for bytes in &files {
        refused_when_cut(&folder, bytes);
    }
    let empty = typed().slice(0, 0);
    insta::assert_snapshot!(
        [
            folder.refusal("cut.parquet", &files[0][..files[0].len() / 2]),
            folder.refusal("cut.arrow", &files[1][..files[1].len() / 2]),
            folder.refusal("cut.arrows", &files[2][..files[2].len() / 2]),
            folder.refusal("unended.arrows", &files[2][..files[2].len() - 8]),
            folder.refusal("empty.parquet", &parquet(&empty)),
            folder.refusal("empty.arrow", &arrow_file(&empty)),
        ]
        .join("\n"),
        @r"
    cut.parquet cannot be opened: it begins as a Parquet file, but is cut off or damaged (Parquet error: Invalid Parquet file. Corrupt footer); get the whole file
    cut.arrow cannot be opened: it begins as an Arrow file, but is cut off or damaged (Parser error: Arrow file does not contain correct footer); get the whole file
    cut.arrows cannot be opened: it begins as an Arrow file, but is cut off or damaged (Parser error: Unexpected end of stream: expected 952 metadata bytes, got 764); get the whole file
    unended.arrows cannot be opened: it begins as an Arrow stream, but ends without the mark of its end: it may be cut off; get the whole file
    empty.parquet cannot be opened: it is a Parquet file without a record; choose one with records
    empty.arrow cannot be opened: it is an Arrow file without a record; choose one with records
    "
    );
}

/// A workbook with a table below a blank row and right of a blank column, and another sheet.
fn catalog() -> Vec<u8> {
    let mut book = Workbook::new();
    book.add_worksheet().set_name("Notes").unwrap();
    let sheet = book.add_worksheet();
    sheet.set_name("Catalog 2024").unwrap();
    let names = [
        "product_id",
        "title",
        "price",
        "made",
        "seen",
        "open",
        "lasts",
        "active",
        "ratio",
    ];
    for (column, name) in (1..).zip(names) {
        sheet.write(2, column, name).unwrap();
    }
    let format = |code: &str| Format::new().set_num_format(code);
    let day = ExcelDateTime::from_ymd(2024, 1, 5).unwrap();
    let moment = ExcelDateTime::from_ymd(2024, 1, 5).unwrap().and_hms(10, 30, 0).unwrap();
    sheet.write(3, 1, "00123").unwrap();
    sheet.write(3, 2, "Lamp,\n\"round\"").unwrap();
    sheet.write(3, 3, 2008).unwrap();
    sheet.write_with_format(3, 4, &day, &format("d-mmm")).unwrap();
    sheet
        .write_with_format(3, 5, &moment, &format("dd/mm/yyyy hh:mm"))
        .unwrap();
    sheet
        .write_with_format(3, 6, ExcelDateTime::from_hms(10, 30, 0).unwrap(), &format("h:mm AM/PM"))
        .unwrap();
    sheet.write_with_format(3, 7, 1.5, &format("[h]:mm:ss")).unwrap();
    sheet.write(3, 8, true).unwrap();
    sheet.write_with_format(3, 9, 0.25, &format("0%")).unwrap();
    // A blank row, one with gaps, and a moment at midnight whose format has a time.
    sheet.write(5, 1, "A2").unwrap();
    sheet.write(5, 3, 12.5).unwrap();
    sheet
        .write_with_format(5, 5, &day, &format("yyyy-mm-dd hh:mm:ss"))
        .unwrap();
    sheet.write(5, 8, Formula::new("=NA()").set_result("#N/A")).unwrap();
    let third = book.add_worksheet();
    third.write(0, 0, "product_id").unwrap();
    third.write(1, 0, "T1").unwrap();
    book.save_to_buffer().unwrap()
}

#[test]
fn a_sheet_is_read_as_its_cells_would_be_typed() {
    let folder = Folder::new();
    let bytes = catalog();
    let path = folder.write("catalog.xlsx", &bytes);
    let frame = folder.open(&path).unwrap();
    let sheets = frame.origin().sheets().unwrap();
    let mut text = format!("{} of {}\n{}", sheets.chosen, sheets.all.join(", "), shown(&frame));
    let open = |sheet: &str| {
        let options = OpenOptions {
            sheet: Some(sheet.to_owned()),
            ..folder.options()
        };
        Frame::open(&path, &options, &Progress::default())
    };
    text = text + "\n" + &shown(&open("Sheet3").unwrap());
    text = text + "\n" + &folder.said(&open("Notes").unwrap_err());
    text = text + "\n" + &folder.said(&open("Sheet9").unwrap_err());
    insta::assert_snapshot!(text, @r#"
    Catalog 2024 of Notes, Catalog 2024, Sheet3
    product_id | title | price | made | seen | open | lasts | active | ratio
    'Catalog 2024'!B4: 00123 | Lamp,
    "round" | 2008 | 2024-01-05 | 2024-01-05T10:30:00 | 10:30:00 | 36:00:00 | true | 0.25
    'Catalog 2024'!B6: A2 |  | 12.5 |  | 2024-01-05T00:00:00 |  |  | #N/A | 
    product_id
    Sheet3!A2: T1
    catalog.xlsx cannot be opened: the sheet "Notes" is empty; choose another
    catalog.xlsx cannot be opened: it is an Excel workbook without a sheet "Sheet9"; its sheets are Notes, Catalog 2024, Sheet3
    "#);
    // Within an archive, too.
    let packed = folder.table(&zip(&[("catalog.xlsx", &bytes)]));
    assert_eq!(cells(&packed), cells(&frame));
}

#[test]
fn workbooks_of_other_programs_are_read_alike() {
    let folder = Folder::new();
    let files = crate::common::in_repository("tests/data/formats");
    let table = |name: &str| {
        let frame = folder.open(&files.join(name)).unwrap();
        format!("{name}\n{}", shown(&frame))
    };
    insta::assert_snapshot!([table("book.ods"), table("book.xls"), table("book.xlsb")].join("\n"), @r#"
        book.ods
        product_id | title | price | made | seen | open | active
        'Sheet 2'!C4: 00123 | Lamp, "round" | 2008 | 2024-01-05 | 2024-01-05T10:30:00 | 10:30:00 | 1
        'Sheet 2'!C6: A2 | Käse & 日本 | 12.5 |  | #N/A |  | 0
        book.xls
        product_id | title | price | made | seen | open | active
        'Sheet 2'!C4: 00123 | Lamp, "round" | 2008 | 2024-01-05 | 2024-01-05T10:30:00 | 10:30:00 | 1
        'Sheet 2'!C6: A2 | Käse & 日本 | 12.5 |  | #N/A |  | 0
        book.xlsb
        product_id | title | price | made | seen | open | active
        'Sheet 2'!C4: 00123 | Lamp, "round" | 2008 | 2024-01-05 | 2024-01-05T10:30:00 | 10:30:00 | true
        'Sheet 2'!C6: A2 | Käse & 日本 | 12.5 |  | #N/A |  | false
        "#);
}

#[test]
fn workbooks_that_are_broken_are_refused() {
    let folder = Folder::new();
    let files = crate::common::in_repository("tests/data/formats");
    for name in ["book.ods", "book.xls", "book.xlsb"] {
        let bytes = std::fs::read(files.join(name)).unwrap();
        refused_when_cut(&folder, &bytes);
        survives_when_damaged(&folder, &bytes);
    }
    let bytes = catalog();
    refused_when_cut(&folder, &bytes);
    survives_when_damaged(&folder, &bytes);
    let mut empty = Workbook::new();
    empty.add_worksheet();
    insta::assert_snapshot!(
        [
            folder.refusal("cut.xlsx", &bytes[..bytes.len() / 2]),
            folder.refusal("cut.xls", &std::fs::read(files.join("book.xls")).unwrap()[..2000]),
            folder.refusal("empty.xlsx", &empty.save_to_buffer().unwrap()),
            folder.refusal("cut.ods", &zip(&[
                ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
                ("META-INF/manifest.xml", b"<manifest:manifest/>"),
                ("content.xml", b"<office:document-content><office:body><table:table table:name=\"A\">"),
            ])),
        ]
        .join("\n"),
        @r"
    cut.xlsx cannot be opened: it begins as a ZIP archive, but is cut off or damaged (invalid Zip archive: Could not find EOCD); get the whole file
    cut.xls cannot be opened: it begins as an old Excel workbook, but is cut off or damaged (Cfb error: Sector 11 points past end of file); get the whole file
    empty.xlsx cannot be opened: it is an Excel workbook, but all of its sheets are empty
    cut.ods cannot be opened: it begins as an OpenDocument workbook, but is cut off or damaged (it ends within an element); get the whole file
    "
    );
}

#[test]
fn places_are_named_as_the_format_names_them() {
    let folder = Folder::new();
    let place = |bytes: &[u8], column: &str| {
        let frame = folder.table(bytes);
        let column = frame.column(column);
        [frame.location(1, column), frame.location(1, None)].map(|location| {
            let offset = location
                .offset
                .map_or_else(String::new, |offset| format!(", byte {offset}"));
            format!("{location}{offset}")
        })
    };
    let array = br#"[{"title":"a"}, {"title":"b","i18n_de":{"title":"B"},"custom_attributes":{"a.b/c":1}}]"#;
    let body = [br#"{"data":"#.as_slice(), array, b"}"].concat();
    let sheet = workbook(&[vec!["title".to_owned()], vec!["a".to_owned()], vec!["b".to_owned()]]);
    let places = [
        place(CSV.as_bytes(), "title"),
        place(&zip(&[("in.csv", CSV.as_bytes())]), "title"),
        place(array, "title"),
        place(array, "custom_attributes.a.b/c"),
        place(&body, "i18n_de.title"),
        place(&sheet, "title"),
        place(&parquet(&typed()), "large"),
    ];
    insta::assert_snapshot!(places.map(|place| place.join("; ")).join("\n"), @r"
        line 3, byte 25; line 3, byte 25
        in.csv line 3, byte 25; in.csv line 3, byte 25
        /1/title, byte 16; /1, byte 16
        /1/custom_attributes/a.b~1c, byte 16; /1, byte 16
        /data/1/i18n_de/title, byte 24; /data/1, byte 24
        Sheet1!A3; Sheet1 row 3
        record 2; record 2
        ");
}

#[test]
fn files_of_a_folder_are_one_table() {
    let folder = Folder::new();
    folder.write("plain/a.csv", b"product_id,title\nA1,Lamp\nA2,Rug");
    folder.write("plain/b.csv", b"product_id,title\n\nB1,\"Bowl,\nround\"\nB2,Cup\n");
    folder.write("plain/c.csv", b"product_id,title\n");
    folder.write("plain/d.csv", &gzip(b"product_id,title\nD1,Door\n"));
    folder.write("plain/.hidden", b"\0");
    let plain = folder.open(&folder.path().join("plain")).unwrap();
    assert_eq!(plain.origin().parts(), 4);
    let pattern = folder.open(&folder.path().join("plain/[ab].csv")).unwrap();
    folder.write("sheets/a.xlsx", &catalog());
    folder.write("sheets/b.xlsx", &catalog());
    let sheets = folder.open(&folder.path().join("sheets")).unwrap();
    folder.write("records/a.parquet", &parquet(&typed().slice(0, 2)));
    folder.write("records/b.parquet", &parquet(&typed().slice(2, 1)));
    let records = folder.open(&folder.path().join("records")).unwrap();
    let one: Vec<_> = cells(&records);
    assert_eq!(one, cells(&folder.table(&parquet(&typed()))));
    let places = |frame: &Frame| {
        (0..frame.len())
            .map(|row| frame.location(row, Some(0)).to_string())
            .collect::<Vec<_>>()
    };
    let head = Frame::open_head(&folder.path().join("plain"), &folder.options()).unwrap();
    insta::assert_snapshot!(
        [
            shown(&plain),
            shown(&pattern),
            shown(&head),
            places(&sheets).join("\n"),
            places(&records).join("\n"),
        ]
        .join("\n\n"),
        @r"
    product_id | title
    a.csv line 2: A1 | Lamp
    a.csv line 3: A2 | Rug
    b.csv line 3: B1 | Bowl,
    round
    b.csv line 5: B2 | Cup
    d.csv line 2: D1 | Door

    product_id | title
    a.csv line 2: A1 | Lamp
    a.csv line 3: A2 | Rug
    b.csv line 3: B1 | Bowl,
    round
    b.csv line 5: B2 | Cup

    product_id | title
    a.csv line 2: A1 | Lamp
    a.csv line 3: A2 | Rug

    a.xlsx 'Catalog 2024'!B4
    a.xlsx 'Catalog 2024'!B6
    b.xlsx 'Catalog 2024'!B4
    b.xlsx 'Catalog 2024'!B6

    a.parquet record 1
    a.parquet record 2
    b.parquet record 1
    "
    );
    folder.write("plain/b.csv", b"product_id,title\nnew\n");
    assert!(matches!(plain.ensure_unchanged(), Err(FrameError::Changed { .. })));
    assert!(matches!(
        plain.read(2..3, &Edits::default()),
        Err(FrameError::Changed { .. })
    ));
}

#[test]
fn files_that_differ_make_no_table() {
    let folder = Folder::new();
    let refusal = |name: &str, second: &[u8]| {
        folder.write(&format!("{name}/a.csv"), b"product_id,title\nA1,Lamp\n");
        folder.write(&format!("{name}/b.csv"), second);
        folder.said(&folder.open(&folder.path().join(name)).unwrap_err())
    };
    let missing = folder.open(&folder.path().join("no*.csv")).unwrap_err();
    std::fs::create_dir(folder.path().join("empty")).unwrap();
    let empty = folder.open(&folder.path().join("empty")).unwrap_err();
    insta::assert_snapshot!(
        [
            refusal("columns", b"product_id,name,price\nB1,Bowl,1\n"),
            refusal("order", b"title,product_id\nBowl,B1\n"),
            refusal("delimiter", b"product_id;title\nB1;Bowl\n"),
            refusal("format", b"{\"product_id\":\"B1\"}\n{\"product_id\":\"B2\"}\n"),
            refusal("array", b"[{\"product_id\":\"B1\"}]"),
            folder.said(&missing),
            folder.said(&empty),
        ]
        .join("\n"),
        @r#"
    columns/b.csv cannot be opened: it is one of several files, and its columns are not those of a.csv: title is missing, name, price is new
    order/b.csv cannot be opened: it is one of several files, and its columns are not those of a.csv: they are in another order
    delimiter/b.csv cannot be opened: it is one of several files; its cells are separated by ";", those of a.csv by ","
    format/b.csv cannot be opened: it is one of several files, and not of the same format as a.csv
    array/b.csv cannot be opened: it is one of several files, and holds a JSON array; only files of one record a line make one table
    no*.csv cannot be opened: no file has such a name; change the pattern
    empty cannot be opened: the folder holds no file; choose another
    "#
    );
}

#[test]
fn what_comes_out_of_a_pipe_is_read_as_a_file_is() {
    let folder = Folder::new();
    for bytes in [CSV.as_bytes().to_vec(), gzip(CSV.as_bytes())] {
        let (options, progress) = (folder.options(), Progress::default());
        let pipe = DataSource::pipe("standard input", &bytes[..], &options, &progress).unwrap();
        assert_eq!(
            cells(&pipe.open_head(&options).unwrap()),
            cells(&folder.table(CSV.as_bytes()))
        );
        let (frame, ()) = pipe.open(&options, &(), &progress).unwrap();
        assert_eq!(cells(&frame), cells(&folder.table(CSV.as_bytes())));
        assert_eq!(frame.size(), bytes.len() as u64);
        assert!(frame.ensure_unchanged().is_ok());
    }
}

/// Tables of texts as people write them, and as they do not: none of the texts empty, for that is a missing value.
fn tables() -> impl Strategy<Value = Vec<Vec<String>>> {
    let text = "[ -~äß日本\t\n\r\"',;|]{1,12}".prop_filter("XML keeps no carriage return", |text| !text.contains('\r'));
    (1_usize..5)
        .prop_flat_map(move |width| proptest::collection::vec(proptest::collection::vec(text.clone(), width), 1..6))
}

fn named(rows: &[Vec<String>]) -> Vec<Vec<String>> {
    let width = rows.first().map_or(0, Vec::len);
    let header = (0..width).map(|column| format!("column_{column}")).collect();
    [vec![header], rows.to_vec()].concat()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn texts_read_back_unchanged_from_every_format(rows in tables()) {
        let folder = Folder::new();
        let named = named(&rows);
        let columns = named[0].iter().enumerate().map(|(at, name)| {
            let texts: StringArray = rows.iter().map(|row| Some(row[at].as_str())).collect();
            (name.as_str(), Arc::new(texts) as ArrayRef)
        });
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let mut csv = csv::WriterBuilder::new().from_writer(Vec::new());
        for row in &named {
            csv.write_record(row).unwrap();
        }
        let csv = csv.into_inner().unwrap();
        let written = [
            workbook(&named),
            parquet(&batch),
            arrow_file(&batch),
            arrow_stream(&batch),
        ];
        for bytes in written {
            prop_assert_eq!(&cells(&folder.table(&bytes)), &rows);
        }
        let options = OpenOptions { delimiter: Some(b','), header: Some(true), skip: Some(0), every_line: true, ..folder.options() };
        for bytes in [gzip(&csv), zstd(&csv), zip(&[("table.csv", &csv)])] {
            let frame = Frame::open(&folder.write("packed", &bytes), &options, &Progress::default()).unwrap();
            prop_assert_eq!(&cells(&frame), &rows);
        }
    }
}
