//! Files that are made to fill the disk or the memory: each is small, and made here. What they would take is asked for
//! first; where it is given, they end the process that converts them, and nothing else.

use std::{
    fs,
    io::{Cursor, Write as _},
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::Arc,
};

use crate::common::files::{Folder, gzip, parquet, parquet_bomb, zip, zstd};
use arrow_array::{ArrayRef, RecordBatch, StringArray};

/// Text that packs well: 1 MiB of records.
fn mebibyte() -> Vec<u8> {
    b"p1,a lamp"
        .iter()
        .copied()
        .chain(*b"\n")
        .cycle()
        .take(1 << 20)
        .collect()
}

/// A gzip file of so many MiB of records below a header, made of members.
fn packed(mebibytes: usize) -> Vec<u8> {
    let mut bytes = gzip(b"product_id,title\n");
    bytes.extend(gzip(&mebibyte()).repeat(mebibytes));
    bytes
}

/// Runs a command of the program, in a home of the folder's.
fn run(folder: &Folder, args: &[&str]) -> Output {
    Command::new(crate::common::program())
        .args(args)
        .env("TATAMI_HOME", folder.path().join("home"))
        .current_dir(folder.path())
        .output()
        .unwrap()
}

/// What `tatami check` says of a file on stderr, and its exit code.
fn checked(folder: &Folder, name: &str, bytes: &[u8], options: &[&str]) -> String {
    folder.write(name, bytes);
    let output = run(folder, &[&["check", name], options].concat());
    let spools: Vec<PathBuf> = fs::read_dir(folder.path().join("home/cache/spool"))
        .map(|spools| spools.map(|spool| spool.unwrap().path()).collect())
        .unwrap_or_default();
    assert!(spools.is_empty(), "{spools:?}");
    // A signal has no code.
    let code = output.status.code().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    format!(
        "{code}: {}",
        said.lines().map(str::trim).collect::<Vec<_>>().join(" | ")
    )
}

/// A part of a workbook: a beginning, so many MiB of one letter, and an end.
type Part<'a> = (&'a str, usize, &'a str);

/// An Excel workbook with one sheet and shared strings.
fn excel(sheet: Part<'_>, shared: Part<'_>) -> Vec<u8> {
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    let relation = |id: &str, kind: &str, target: &str| {
        format!("<Relationship Id=\"{id}\" Type=\"{office}/{kind}\" Target=\"{target}\"/>")
    };
    let relations = |all: &str| format!("<Relationships xmlns=\"{package}\">{all}</Relationships>");
    let outer = relations(&relation("r1", "officeDocument", "xl/workbook.xml"));
    let sheets = relation("r1", "worksheet", "worksheets/sheet1.xml");
    let inner = relations(&(sheets + &relation("r2", "sharedStrings", "sharedStrings.xml")));
    let book = format!(
        "<workbook xmlns=\"{main}\" xmlns:r=\"{office}\"><sheets><sheet name=\"S\" sheetId=\"1\" \
         r:id=\"r1\"/></sheets></workbook>"
    );
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let letters = vec![b'a'; 1 << 20];
    let mut put = |name: &str, (start, mebibytes, end): Part<'_>| {
        let options = zip::write::SimpleFileOptions::default();
        archive.start_file(name, options).unwrap();
        archive.write_all(start.as_bytes()).unwrap();
        (0..mebibytes).for_each(|_| archive.write_all(&letters).unwrap());
        archive.write_all(end.as_bytes()).unwrap();
    };
    put("_rels/.rels", (&outer, 0, ""));
    put("xl/workbook.xml", (&book, 0, ""));
    put("xl/_rels/workbook.xml.rels", (&inner, 0, ""));
    put(
        "xl/worksheets/sheet1.xml",
        (
            &format!("<worksheet xmlns=\"{main}\">{}", sheet.0),
            sheet.1,
            &format!("{}</worksheet>", sheet.2),
        ),
    );
    put(
        "xl/sharedStrings.xml",
        (
            &format!("<sst xmlns=\"{main}\">{}", shared.0),
            shared.1,
            &format!("{}</sst>", shared.2),
        ),
    );
    archive.finish().unwrap().into_inner()
}

/// A workbook whose second shared string is of so many MiB.
fn long_string(mebibytes: usize) -> Vec<u8> {
    let sheet = "<sheetData><row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c></row><row r=\"2\"><c r=\"A2\" \
                 t=\"s\"><v>1</v></c></row></sheetData>";
    excel(
        (sheet, 0, ""),
        ("<si><t>product_id</t></si><si><t>", mebibytes, "</t></si>"),
    )
}

/// A workbook with such a text in a cell of its own.
fn long_cell(mebibytes: usize) -> Vec<u8> {
    let start = "<sheetData><row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>product_id</t></is></c></row><row r=\"2\"><c \
                 r=\"A2\" t=\"inlineStr\"><is><t>";
    excel((start, mebibytes, "</t></is></c></row></sheetData>"), ("", 0, ""))
}

/// An archive that says of every file that it has only `size` bytes.
fn lying(mut archive: Vec<u8>, size: u32) -> Vec<u8> {
    for (mark, at) in [(b"PK\x03\x04", 22), (b"PK\x01\x02", 24)] {
        let found: Vec<usize> = places(&archive, mark);
        for start in found {
            archive[start + at..start + at + 4].copy_from_slice(&size.to_le_bytes());
        }
    }
    archive
}

fn places(bytes: &[u8], mark: &[u8]) -> Vec<usize> {
    (0..bytes.len()).filter(|at| bytes[*at..].starts_with(mark)).collect()
}

fn ods(content: &str) -> Vec<u8> {
    zip(&[
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
        ("META-INF/manifest.xml", b"<manifest/>"),
        ("content.xml", content.as_bytes()),
    ])
}

#[test]
fn what_unpacks_to_more_than_is_allowed_asks_for_it() {
    let folder = Folder::new();
    let little = ["--allow-unpacked", "1MB"];
    let said = checked(&folder, "bomb.csv.gz", &packed(8), &little);
    insta::assert_snapshot!(said, @"2: tatami: bomb.csv.gz is opened only if that is meant: it unpacks to more than 1.0 MB, and no more is allowed | --allow-unpacked 10MB opens it, if that is meant");
    let said = checked(&folder, "bomb.csv.zst", &zstd(&mebibyte().repeat(8)), &little);
    insta::assert_snapshot!(said, @"2: tatami: bomb.csv.zst is opened only if that is meant: it unpacks to more than 1.0 MB, and no more is allowed | --allow-unpacked 10MB opens it, if that is meant");
    // An archive says its sizes before anything of it is unpacked, and is not believed.
    let archive = zip(&[("a.csv", &mebibyte().repeat(3))]);
    insta::assert_snapshot!(checked(&folder, "bomb.zip", &archive, &little), @"2: tatami: bomb.zip is opened only if that is meant: it unpacks to 3.1 MB, and no more is allowed | --allow-unpacked 4MB opens it, if that is meant");
    insta::assert_snapshot!(checked(&folder, "lying.zip", &lying(archive.clone(), 40), &little), @"2: tatami: lying.zip cannot be opened: it is compressed with ZIP, but damaged (File is larger than its declared uncompressed size) after 0 bytes of text; get the file again");
    let nested = zip(&[("inner.zip", &archive)]);
    insta::assert_snapshot!(checked(&folder, "nested.zip", &nested, &little), @"2: tatami: nested.zip is opened only if that is meant: it unpacks to 3.2 MB, and no more is allowed | --allow-unpacked 4MB opens it, if that is meant");
    insta::assert_snapshot!(checked(&folder, "nested.csv.gz.gz", &gzip(&packed(8)), &little), @"2: tatami: nested.csv.gz.gz is opened only if that is meant: it unpacks to more than 1.0 MB, and no more is allowed | --allow-unpacked 10MB opens it, if that is meant");
    // What several files of an archive unpack to is added up.
    let half = mebibyte()[..600_000].to_vec();
    let several = zip(&[("a.csv", &half), ("b.csv", &half)]);
    insta::assert_snapshot!(checked(&folder, "several.zip", &several, &little), @"2: tatami: several.zip is opened only if that is meant: it unpacks to 1.2 MB, and no more is allowed | --allow-unpacked 2MB opens it, if that is meant");
    insta::assert_snapshot!(checked(&folder, "several.zip", &several, &["--allow-unpacked", "2MB"]), @"2: tatami: what several.zip holds is not certain; say which it is: | --dataset products      nothing speaks for it | --dataset interactions  nothing speaks for it | --dataset users         nothing speaks for it");
    // Text in another encoding is spooled, too.
    let wide: Vec<u8> = mebibyte().iter().flat_map(|byte| [*byte, 0]).collect();
    insta::assert_snapshot!(checked(&folder, "wide.csv", &wide, &little), @"2: tatami: wide.csv is opened only if that is meant: it unpacks to 1.0 MB, and no more is allowed | --allow-unpacked 2MB opens it, if that is meant");
    // What is allowed is opened, and what is honest is not asked for.
    assert!(checked(&folder, "bomb.csv.gz", &packed(8), &["--allow-unpacked", "9MB"]).starts_with("1: "));
    assert!(checked(&folder, "bomb.csv.gz", &packed(8), &[]).starts_with("1: "));
}

#[test]
fn a_workbook_with_an_endless_cell_ends_the_process_that_converts_it_and_no_other() {
    let folder = Folder::new();
    let little = ["--allow-unpacked", "1MB"];
    insta::assert_snapshot!(checked(&folder, "cell.xlsx", &long_cell(5), &little), @"2: tatami: cell.xlsx is opened only if that is meant: it unpacks to 5.2 MB, and no more is allowed | --allow-unpacked 6MB opens it, if that is meant");
    insta::assert_snapshot!(checked(&folder, "string.xlsx", &long_string(5), &little), @"2: tatami: string.xlsx is opened only if that is meant: it unpacks to 5.2 MB, and no more is allowed | --allow-unpacked 6MB opens it, if that is meant");
    insta::assert_snapshot!(checked(&folder, "memory.xlsx", &long_string(300), &["--allow-unpacked", "320MB"]), @"2: tatami: memory.xlsx is opened only if that is meant: its conversion takes more than 320.0 MB of memory, and no more is allowed | --allow-unpacked 2GB opens it, if that is meant");
    // The archive says 40 bytes.
    let large = 5;
    insta::assert_snapshot!(checked(&folder, "lying cell.xlsx", &lying(long_cell(large), 40), &little), @"2: tatami: lying cell.xlsx cannot be opened: it begins as an Excel workbook, but is cut off or damaged (Xml error: I/O error: File is larger than its declared uncompressed size); get the whole file");
    insta::assert_snapshot!(checked(&folder, "lying string.xlsx", &lying(long_string(large), 40), &little), @"2: tatami: lying string.xlsx cannot be opened: it begins as an Excel workbook, but is cut off or damaged (Xml error: I/O error: File is larger than its declared uncompressed size); get the whole file");
    // A cell with an entity that nothing defines.
    let start = "<sheetData><row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>&lol9;</t></is></c></row></sheetData>";
    let entity = excel((start, 0, ""), ("", 0, ""));
    insta::assert_snapshot!(checked(&folder, "entity.xlsx", &entity, &[]), @"2: tatami: entity.xlsx cannot be opened: it begins as an Excel workbook, but is cut off or damaged (the entity &lol9; is not defined); get the whole file");
    // A cell that is converted, and is no record for any service.
    let said = checked(&folder, "long.xlsx", &long_string(70), &["--allow-unpacked", "2GB"]);
    insta::assert_snapshot!(said, @"2: tatami: long.xlsx cannot be opened: the record on line 2 is longer than 64 MB; see whether its line or quote ever ends");
}

#[test]
fn sheets_that_repeat_their_cells_and_columns_without_end_are_refused() {
    let folder = Folder::new();
    let sheet = |inner: &str| {
        ods(&format!(
            "<document-content><body><spreadsheet><table name=\"S\">{inner}</table></spreadsheet></body></document-content>"
        ))
    };
    let cell = |repeated: &str| {
        format!("<table-cell value-type=\"string\" number-columns-repeated=\"{repeated}\"><p>x</p></table-cell>")
    };
    let row =
        |repeated: &str, cells: &str| format!("<table-row number-rows-repeated=\"{repeated}\">{cells}</table-row>");
    let wide = sheet(&row("1", &cell("1000000000")));
    insta::assert_snapshot!(checked(&folder, "wide.ods", &wide, &[]), @"2: tatami: wide.ods cannot be opened: it begins as an OpenDocument workbook, but is cut off or damaged (a cell lies beyond the last row or column that a sheet has); get the whole file");
    let tall = sheet(&row("1000000000", &cell("3")));
    insta::assert_snapshot!(checked(&folder, "tall.ods", &tall, &[]), @"2: tatami: tall.ods cannot be opened: it is a workbook that repeats its cells more than 100,000,000 times");
    // Empty ones are none.
    let empty = row("1", &cell("1")) + &row("1000000000", "<table-cell number-columns-repeated=\"1000000000\"/>");
    insta::assert_snapshot!(checked(&folder, "empty.ods", &sheet(&(row("1", &cell("1")) + &empty)), &[]), @"2: tatami: what empty.ods holds is not certain; say which it is: | --dataset products      nothing speaks for it | --dataset interactions  nothing speaks for it | --dataset users         nothing speaks for it");
    let far = "<sheetData><row r=\"1\"><c r=\"ZZZZZ1\"><v>1</v></c></row></sheetData>";
    insta::assert_snapshot!(checked(&folder, "far.xlsx", &excel((far, 0, ""), ("", 0, "")), &[]), @"2: tatami: far.xlsx cannot be opened: it begins as an Excel workbook, but is cut off or damaged (a cell lies beyond the last row or column that a sheet has); get the whole file");
    let hidden = "<cols><col min=\"1\" max=\"4294967295\" hidden=\"1\"/></cols><sheetData><row r=\"4294967295\"><c \
                   r=\"A4294967295\"><v>1</v></c></row></sheetData>";
    insta::assert_snapshot!(checked(&folder, "hidden.xlsx", &excel((hidden, 0, ""), ("", 0, "")), &[]), @"2: tatami: hidden.xlsx cannot be opened: it begins as an Excel workbook, but is cut off or damaged (a cell lies beyond the last row or column that a sheet has); get the whole file");
}

#[test]
fn archives_of_many_files_and_of_more_than_there_are_are_read_or_refused() {
    let folder = Folder::new();
    let mut many = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for file in 0..70_000 {
        let options = zip::write::SimpleFileOptions::default();
        many.start_file(format!("{file}.csv"), options).unwrap();
    }
    many.write_all(b"product_id\nA\n").unwrap();
    let many = many.finish().unwrap().into_inner();
    insta::assert_snapshot!(checked(&folder, "many.zip", &many, &[]), @"2: tatami: many.zip cannot be opened: it is empty; choose a file with records");
    // A directory of four thousand million files, in a file of a hundred bytes.
    let mut claims = zip(&[("a.csv", b"product_id\nA\n")]);
    let end = places(&claims, b"PK\x05\x06")[0];
    claims[end + 8..end + 12].fill(0xff);
    insta::assert_snapshot!(checked(&folder, "claims.zip", &claims, &[]), @"2: tatami: claims.zip cannot be opened: it begins as a ZIP archive, but is cut off or damaged (invalid Zip archive: Unexpected end of zip::format::blocks::ZipCentralEntryBlock); get the whole file");
}

#[test]
fn columns_whose_lengths_are_beyond_all_memory_are_refused() {
    let folder = Folder::new();
    let bytes = parquet_bomb();
    insta::assert_snapshot!(checked(&folder, "dictionary.parquet", &bytes, &["--allow-unpacked", "300MB"]), @"2: tatami: dictionary.parquet is opened only if that is meant: its conversion takes more than 300.0 MB of memory, and no more is allowed | --allow-unpacked 2GB opens it, if that is meant");
    // A footer of four thousand million bytes, and one of a group with more rows than there are numbers.
    let ids: StringArray = [Some("A")].into_iter().collect();
    let batch = RecordBatch::try_from_iter([("product_id", Arc::new(ids) as ArrayRef)]).unwrap();
    let mut footer = parquet(&batch);
    let end = footer.len();
    footer[end - 8..end - 4].fill(0xff);
    insta::assert_snapshot!(checked(&folder, "footer.parquet", &footer, &[]), @"2: tatami: footer.parquet cannot be opened: it is a Parquet file up to its end, but a part of it cannot be read (EOF: Parquet file too small. Size is 439 but need 4294967303); write it again with another program, or export it as CSV");
    // A message of Arrow that is two thousand million bytes long, and one whose body is.
    let mut stream = crate::common::files::arrow_stream(&batch);
    let length = u32::from_le_bytes(stream[4..8].try_into().unwrap());
    let second = 8 + length as usize;
    stream[second + 4..second + 8].copy_from_slice(&0x7fff_ff00_u32.to_le_bytes());
    insta::assert_snapshot!(checked(&folder, "message.arrows", &stream, &[]), @"2: tatami: message.arrows cannot be opened: it begins as an Arrow file, but is cut off or damaged (Parser error: Unexpected end of stream: expected 2147483392 metadata bytes, got 320); get the whole file");
    let mut file = crate::common::files::arrow_file(&batch);
    let end = file.len();
    file[end - 10..end - 6].copy_from_slice(&0x7fff_ff00_u32.to_le_bytes());
    insta::assert_snapshot!(checked(&folder, "footer.arrow", &file, &[]), @"2: tatami: footer.arrow cannot be opened: it begins as an Arrow file, but is cut off or damaged (Io error: invalid input parameter); get the whole file");
}

#[test]
fn a_window_that_looks_back_too_far_is_refused() {
    let folder = Folder::new();
    // A zstd frame with a window of 2 GB.
    let mut bytes = vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, (31 - 10) << 3];
    bytes.extend([0x01, 0x00, 0x00]);
    insta::assert_snapshot!(checked(&folder, "window.csv.zst", &bytes, &[]), @"2: tatami: window.csv.zst cannot be opened: it is compressed with zstd, but damaged (Frame requires too much memory for decoding) after 0 bytes of text; get the file again");
    // What is packed in a way that is not unpacked here, is nothing that could burst.
    insta::assert_snapshot!(checked(&folder, "a.csv.xz", b"\xfd7zXZ\x00\x00\x04\xe6\xd6\xb4F", &[]), @"2: tatami: a.csv.xz cannot be opened: it is compressed with xz; unpack it first");
    let mut tar = vec![0; 1024];
    tar[..5].copy_from_slice(b"a.csv");
    tar[124..135].copy_from_slice(b"77777777777");
    tar[156] = b'S';
    tar[257..262].copy_from_slice(b"ustar");
    insta::assert_snapshot!(checked(&folder, "sparse.tar", &tar, &[]), @"2: tatami: sparse.tar cannot be opened: it is a tar archive; unpack it first");
}

#[test]
fn an_item_of_a_feed_that_never_ends_is_refused() {
    let folder = Folder::new();
    let mut bytes = gzip(b"<rss><channel>\n<item><id>1</id></item>\n<item><id>2</id><title>");
    bytes.extend(gzip(&vec![b'a'; 1 << 20]).repeat(70));
    insta::assert_snapshot!(checked(&folder, "text.xml.gz", &bytes, &[]), @"2: tatami: text.xml.gz cannot be opened: what begins on line 3 is longer than 64 MB; see whether the item or its text ever ends");
    let mut bytes = gzip(b"<rss><channel>\n<item><id>1</id></item>\n<item>\n");
    bytes.extend(gzip(&b"<b>c</b>\n".repeat(1 << 17)).repeat(70));
    insta::assert_snapshot!(checked(&folder, "item.xml.gz", &bytes, &[]), @"2: tatami: item.xml.gz cannot be opened: what begins on line 3 is longer than 64 MB; see whether the item or its text ever ends");
}

#[test]
fn sums_of_lines_hold_where_a_bomb_is_one_of_several_files() {
    let folder = Folder::new();
    folder.write("good.csv", b"product_id,title\nA,Lamp\n");
    folder.write("bomb.csv.gz", &packed(8));
    let output = run(
        &folder,
        &["check", "bomb.csv.gz", "good.csv", "--allow-unpacked", "1MB"],
    );
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("good.csv"), "{said}");
    assert!(Path::new(&folder.path().join("good.csv")).exists());
}
