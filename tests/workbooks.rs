//! Workbooks are read as they show their cells, whoever wrote them; what a table cannot show is said.

use std::fmt::Write as _;

use crate::common::files::{Folder, shown, zip};
use tatami::frame::Frame;

const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006/relationships";

/// Number formats, from the style of number 1 on.
const FORMATS: [&str; 7] = [
    "00000",
    "0000000000000",
    "000-000",
    "&quot;SKU-&quot;0000",
    "0.00E+00",
    "0%",
    "dd/mm/yyyy",
];

/// An Excel workbook with a sheet of this XML and, hidden, another.
fn excel(sheet: &str) -> Vec<u8> {
    excel_of(sheet, "", "")
}

fn excel_of(sheet: &str, strings: &str, properties: &str) -> Vec<u8> {
    let (mut formats, mut styles) = (String::new(), String::new());
    for (number, code) in (170..).zip(FORMATS) {
        write!(formats, r#"<numFmt numFmtId="{number}" formatCode="{code}"/>"#).unwrap();
        write!(styles, r#"<xf numFmtId="{number}" applyNumberFormat="1"/>"#).unwrap();
    }
    let parts = [
        (
            "[Content_Types].xml",
            r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>"#.to_owned(),
        ),
        (
            "_rels/.rels",
            format!(
                r#"<Relationships xmlns="{PACKAGE}"><Relationship Id="r" Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                r#"<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}">{properties}<sheets><sheet name="Data" sheetId="1" r:id="a"/><sheet name="Lists" sheetId="2" state="hidden" r:id="b"/></sheets><calcPr fullCalcOnLoad="1"/></workbook>"#
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                r#"<Relationships xmlns="{PACKAGE}"><Relationship Id="a" Type="{RELATIONS}/worksheet" Target="worksheets/one.xml"/><Relationship Id="b" Type="{RELATIONS}/worksheet" Target="/xl/worksheets/two.xml"/><Relationship Id="s" Type="{RELATIONS}/styles" Target="styles.xml"/><Relationship Id="t" Type="{RELATIONS}/sharedStrings" Target="sharedStrings.xml"/></Relationships>"#
            ),
        ),
        (
            "xl/styles.xml",
            format!(
                r#"<styleSheet xmlns="{MAIN}"><numFmts>{formats}</numFmts><cellXfs><xf numFmtId="0"/>{styles}</cellXfs></styleSheet>"#
            ),
        ),
        (
            "xl/sharedStrings.xml",
            format!(r#"<sst xmlns="{MAIN}">{strings}</sst>"#),
        ),
        ("xl/worksheets/one.xml", sheet.to_owned()),
        (
            "xl/worksheets/two.xml",
            format!(
                r#"<worksheet xmlns="{MAIN}"><sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData></worksheet>"#
            ),
        ),
    ];
    let parts: Vec<(&str, &[u8])> = parts.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
    zip(&parts)
}

/// A sheet of these rows, and what stands before and behind them.
fn sheet(before: &str, rows: &str, behind: &str) -> String {
    format!(r#"<worksheet xmlns="{MAIN}">{before}<sheetData>{rows}</sheetData>{behind}</worksheet>"#)
}

/// A cell with a text.
fn text(place: &str, text: &str) -> String {
    format!(r#"<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>"#)
}

/// The table, and what was said of it.
fn told(frame: &Frame) -> String {
    format!("{}\n{}", shown(frame), frame.notes().join("\n"))
}

fn open(bytes: &[u8]) -> String {
    told(&Folder::new().table(bytes))
}

#[test]
fn codes_keep_the_zeros_that_the_sheet_shows() {
    let rows = format!(
        r#"<row r="1">{}{}{}{}</row><row r="2"><c r="A2" s="1"><v>123</v></c><c r="B2" s="2"><v>12345678905</v></c><c r="C2" s="3"><v>1234</v></c><c r="D2" s="6"><v>0.15</v></c></row><row r="3"><c r="A3" s="1"><v>123456</v></c><c r="B3" s="5"><v>4006381333948</v></c><c r="C3" s="4"><v>12</v></c><c r="D3" s="1"><v>12.5</v></c></row><row r="4">{}{}</row>"#,
        text("A1", "product_id"),
        text("B1", "ean"),
        text("C1", "code"),
        text("D1", "ratio"),
        text("A4", "007"),
        text("B4", "0012345678905"),
    );
    insta::assert_snapshot!(open(&excel(&sheet("", &rows, ""))), @r"
    product_id | ean | code | ratio
    Data!A2: 00123 | 0012345678905 | 001-234 | 0.15
    Data!A3: 123456 | 4006381333948 | SKU-0012 | 12.5
    Data!A4: 007 | 0012345678905 |  | 
    1 sheet is hidden: Lists
    ");
}

#[test]
fn merged_cells_hidden_rows_and_columns_are_said() {
    let rows = format!(
        r#"<row r="1">{}{}{}</row><row r="2">{}{}{}</row><row r="3" hidden="1">{}</row><row r="4">{}</row><row r="6" hidden="true"><c r="A6"><v>6</v></c></row><row r="7" hidden="1"/>"#,
        text("A1", "product_id"),
        text("B1", "category"),
        text("C1", "note"),
        text("A2", "P1"),
        text("B2", "Lamps"),
        text("C2", "x"),
        text("A3", "P2"),
        text("A4", "P3"),
    );
    let behind = r#"<mergeCells count="3"><mergeCell ref="B2:B5"/><mergeCell ref="A1:C1"/><mergeCell ref="C9:C12"/></mergeCells>"#;
    let columns = r#"<cols><col min="3" max="3" hidden="1"/><col min="9" max="16384" hidden="1"/></cols>"#;
    insta::assert_snapshot!(open(&excel(&sheet(columns, &rows, behind))), @r"
    product_id | category | note
    Data!A2: P1 | Lamps | x
    Data!A3: P2 | Lamps | 
    Data!A4: P3 | Lamps | 
    Data!A6: 6 |  | 
    The value of merged cells is read in each of their rows: B2:B5
    2 hidden rows are read as well: 3, 6
    1 hidden column is read as well: C
    1 sheet is hidden: Lists
    ");
}

#[test]
fn formulas_without_a_result_are_no_empty_cells() {
    let rows = format!(
        r#"<row r="1">{}{}{}</row><row r="2">{}<c r="B2"><f>CONCATENATE("Ma","t")</f><v></v></c><c r="C2"><f>D2*1.19</f></c></row><row r="3">{}<c r="B3" t="str"><f>B9&amp;""</f><v></v></c><c r="C3"><f t="shared" si="0"/><v/></c></row><row r="4">{}<c r="B4" t="str"><f>A1</f><v>Rug</v></c><c r="C4"><f>1+1</f><v>2</v></c></row>"#,
        text("A1", "product_id"),
        text("B1", "title"),
        text("C1", "sale_price"),
        text("A2", "P1"),
        text("A3", "P2"),
        text("A4", "P3"),
    );
    insta::assert_snapshot!(open(&excel(&sheet("", &rows, ""))), @r#"
    product_id | title | sale_price
    Data!A2: P1 | =CONCATENATE("Ma","t") | =D2*1.19
    Data!A3: P2 |  | =[formula of the cells above]
    Data!A4: P3 | Rug | 2
    1 sheet is hidden: Lists
    3 formulas have no stored result; open the workbook in Excel or LibreOffice, save it, and take that file
    "#);
    let zeros = format!(
        r#"<row r="1">{}{}</row><row r="2">{}<c r="B2"><f>A9*2</f><v>0</v></c></row>"#,
        text("A1", "product_id"),
        text("B1", "sale_price"),
        text("A2", "P1"),
    );
    insta::assert_snapshot!(open(&excel(&sheet("", &zeros, ""))), @r"
    product_id | sale_price
    Data!A2: P1 | 0
    1 sheet is hidden: Lists
    The result of every formula (1) is 0, and the workbook asks to be calculated: open it in Excel or LibreOffice, save it, and take that file
    ");
}

/// What programs write that are not Excel.
#[test]
fn workbooks_of_other_writers_are_read() {
    let table = "product_id | title\nData!A2: P1 | Lamp\n1 sheet is hidden: Lists";
    let rows = format!(
        r#"<row r="1">{}{}</row><row r="2">{}{}</row>"#,
        text("A1", "product_id"),
        text("B1", "title"),
        text("A2", "P1"),
        text("B2", "Lamp")
    );
    // A dimension that lies, none, and what is none.
    for dimension in [
        r#"<dimension ref="A1"/>"#,
        r#"<dimension ref="A1:ZZ99999"/>"#,
        "",
        r#"<dimension ref=""/>"#,
        r#"<dimension ref="A:B"></dimension>"#,
        r#"<dimension ref="$A$1:$B$2"/>"#,
        "<dimension/>",
    ] {
        assert_eq!(open(&excel(&sheet(dimension, &rows, ""))), table, "{dimension}");
    }
    // Cells and rows that do not say where they are.
    let bare = rows.replace(r#" r="1""#, "").replace(r#" r="2""#, "");
    let bare = ["A1", "B1", "A2", "B2"]
        .iter()
        .fold(bare, |rows, place| rows.replace(&format!(r#" r="{place}""#), ""));
    assert_eq!(open(&excel(&sheet("", &bare, ""))), table);
    // Names with a prefix, and space between the elements.
    let prefixed = sheet("", &rows, "")
        .replace("</", "</x:")
        .replace('<', "\n<x:")
        .replace("\n<x:/x:", "</x:")
        .replace("xmlns=", "xmlns:x=");
    assert_eq!(open(&excel(&prefixed)), table);
}

#[test]
fn what_excel_hides_in_texts_is_not_read_and_its_escapes_are() {
    let strings = r#"<si><t>product_id</t></si><si><t>title</t></si><si><t>東京の椅子</t><rPh sb="0" eb="2"><t>トウキョウ</t></rPh></si><si><r><t>Line 1_x000D_
</t></r><r><t>and _x005F_x000D_</t></r></si>"#;
    let rows = r#"<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row><row r="2"><c r="A2"><v>1</v></c><c r="B2" t="s"><v>2</v></c></row><row r="3"><c r="A3"><v>2</v></c><c r="B3" t="s"><v>3</v></c></row>"#;
    let told = open(&excel_of(&sheet("", rows, ""), strings, ""));
    insta::assert_snapshot!(told.replace('\r', "<CR>"), @r"
    product_id | title
    Data!A2: 1 | 東京の椅子
    Data!A3: 2 | Line 1<CR>and _x000D_
    1 sheet is hidden: Lists
    ");
}

#[test]
fn days_are_counted_from_where_the_workbook_says() {
    let rows = format!(
        r#"<row r="1">{}{}</row><row r="2">{}<c r="B2" s="7"><v>43834.4375</v></c></row>"#,
        text("A1", "product_id"),
        text("B1", "made"),
        text("A2", "P1"),
    );
    let made = |properties: &str| {
        let told = open(&excel_of(&sheet("", &rows, ""), "", properties));
        told.lines().nth(1).unwrap().to_owned()
    };
    assert_eq!(made(""), "Data!A2: P1 | 2020-01-04T10:30:00");
    assert_eq!(
        made(r#"<workbookPr date1904="1"/>"#),
        "Data!A2: P1 | 2024-01-05T10:30:00"
    );
}

/// An `OpenDocument` workbook with tables of this XML.
fn open_document(styles: &str, tables: &str) -> Vec<u8> {
    let content = format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="o" xmlns:table="t" xmlns:text="x" xmlns:style="s" xmlns:calcext="c">
<office:automatic-styles>{styles}</office:automatic-styles>
<office:body><office:spreadsheet>
{tables}
</office:spreadsheet></office:body></office:document-content>"#
    );
    zip(&[
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
        ("META-INF/manifest.xml", b"<manifest:manifest/>"),
        ("content.xml", content.as_bytes()),
    ])
}

#[test]
fn open_documents_show_the_same() {
    let styles = r#"<style:style style:name="ta2"><style:table-properties table:display="false"/></style:style>"#;
    let tables = r#"
<table:table table:name="Data">
  <table:table-column/>
  <table:table-column table:visibility="collapse" table:number-columns-repeated="2"/>
  <table:table-row>
    <table:table-cell office:value-type="string"><text:p>product_id</text:p></table:table-cell>
    <table:table-cell office:value-type="string"><text:p>category</text:p></table:table-cell>
    <table:table-cell office:value-type="string"><text:p>price</text:p></table:table-cell>
    <table:table-cell office:value-type="string"><text:p>note</text:p></table:table-cell>
    <table:table-cell table:number-columns-repeated="1020"/>
  </table:table-row>
  <table:table-row>
    <table:table-cell office:value-type="float" office:value="123"><text:p>00123</text:p></table:table-cell>
    <table:table-cell office:value-type="string" table:number-rows-spanned="3"><text:p>Lamps<text:s text:c="2"/>&amp;</text:p><text:p>more</text:p><office:annotation><text:p>a note</text:p></office:annotation></table:table-cell>
    <table:table-cell table:formula="of:=[.A2]*2"/>
    <table:table-cell office:value-type="percentage" office:value="0.15"><text:p>15%</text:p></table:table-cell>
  </table:table-row>
  <table:table-row table:visibility="filter" table:number-rows-repeated="2">
    <table:table-cell office:value-type="float" office:value="1240"><text:p>01240</text:p></table:table-cell>
    <table:covered-table-cell/>
    <table:table-cell office:value-type="currency" office:value="12.5"><text:p>12,50 €</text:p></table:table-cell>
    <table:table-cell office:value-type="date" office:date-value="2024-01-05"><text:p>05.01.24</text:p></table:table-cell>
  </table:table-row>
  <table:table-row>
    <table:table-cell office:value-type="string" office:string-value="P&#xe4;"><text:p>P</text:p></table:table-cell>
    <table:table-cell office:value-type="time" office:time-value="PT26H30M00S"><text:p>26:30</text:p></table:table-cell>
    <table:table-cell table:formula="of:=1/0" office:value-type="string" office:string-value="" calcext:value-type="error"><text:p>#DIV/0!</text:p></table:table-cell>
    <table:table-cell office:value-type="boolean" office:boolean-value="true"><text:p>TRUE</text:p></table:table-cell>
  </table:table-row>
  <table:table-row table:number-rows-repeated="1048571"><table:table-cell table:number-columns-repeated="1024"/></table:table-row>
</table:table>
<table:table table:name="Lists" table:style-name="ta2"><table:table-row><table:table-cell office:value-type="float" office:value="1"/></table:table-row></table:table>"#;
    insta::assert_snapshot!(open(&open_document(styles, tables)), @r"
    product_id | category | price | note
    Data!A2: 00123 | Lamps  &
    more | =[.A2]*2 | 0.15
    Data!A3: 01240 | Lamps  &
    more | 12.5 | 2024-01-05
    Data!A4: 01240 | Lamps  &
    more | 12.5 | 2024-01-05
    Data!A5: Pä | 26:30:00 | #DIV/0! | true
    The value of merged cells is read in each of their rows: B2:B4
    2 hidden rows are read as well: 3–4
    2 hidden columns are read as well: B–C
    1 sheet is hidden: Lists
    1 formula has no stored result; open the workbook in Excel or LibreOffice, save it, and take that file
    ");
}

#[test]
fn open_documents_that_cannot_be_read_are_refused() {
    let folder = Folder::new();
    let endless = r#"<table:table table:name="A"><table:table-row table:number-rows-repeated="1048576"><table:table-cell office:value-type="float" office:value="1" table:number-columns-repeated="16384"/></table:table-row></table:table>"#;
    let wide = r#"<table:table table:name="A"><table:table-row><table:table-cell table:number-columns-repeated="20000"/><table:table-cell office:value-type="float" office:value="1"/></table:table-row></table:table>"#;
    let entity = r#"<table:table table:name="A"><table:table-row><table:table-cell office:value-type="string"><text:p>Caf&eacute;</text:p></table:table-cell></table:table-row></table:table>"#;
    insta::assert_snapshot!(folder.refusal("entity.ods", &open_document("", entity)), @"entity.ods cannot be opened: it begins as an OpenDocument workbook, but is cut off or damaged (the entity &eacute; is not defined); get the whole file");
    let locked = zip(&[
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet".as_slice()),
        ("META-INF/manifest.xml", b"<manifest:encryption-data/>"),
        ("content.xml", b"x"),
    ]);
    let text = zip(&[
        ("mimetype", b"application/vnd.oasis.opendocument.text".as_slice()),
        ("META-INF/manifest.xml", b"<manifest:manifest/>"),
        ("content.xml", b"<x/>"),
    ]);
    insta::assert_snapshot!(
        [
            folder.refusal("endless.ods", &open_document("", endless)),
            folder.refusal("wide.ods", &open_document("", wide)),
            folder.refusal("locked.ods", &locked),
            folder.refusal("letter.odt", &text),
        ]
        .join("\n"),
        @r"
    endless.ods cannot be opened: it is a workbook that repeats its cells more than 100,000,000 times
    wide.ods cannot be opened: it begins as an OpenDocument workbook, but is cut off or damaged (a cell lies beyond the last row or column that a sheet has); get the whole file
    locked.ods cannot be opened: it is a workbook that is locked with a password; save it without one
    letter.odt cannot be opened: it is a text document or a presentation; export its table as CSV
    "
    );
}

#[test]
fn of_other_workbooks_it_is_said_what_cannot_be_known() {
    let folder = Folder::new();
    let files = crate::common::in_repository("tests/data/formats");
    let notes = |name: &str| folder.open(&files.join(name)).unwrap().notes().join("\n");
    insta::assert_snapshot!([notes("book.xls"), notes("book.xlsb")].join("\n"), @r"
    Of an .xls workbook it cannot be known what is hidden, nor how numbers are shown (00123 is read as 123): save it as .xlsx if it matters
    Of an .xlsb workbook it cannot be known what is hidden or merged, nor how numbers are shown (00123 is read as 123): save it as .xlsx if it matters
    ");
}
