//! Delimited text as people have it: each line of it is a row, a header, a title or left out, and which is said.

use crate::common::files::{Folder, cells, gzip, shown, workbook, zip};
use proptest::prelude::*;
use tatami::{
    domain::progress::Progress,
    frame::{Edits, Frame, Lines, OpenOptions, export_same},
};

fn open(text: &str) -> Frame {
    Frame::from_text("pasted", text, &OpenOptions::default()).unwrap()
}

/// How it is written, what its lines are, and all rows with their places.
fn show(frame: &Frame) -> String {
    let reading = frame.reading();
    let said = [
        reading.written(),
        frame.sum_of_lines(),
        frame.left_out_words(),
        reading.joined(),
    ];
    let mut lines: Vec<String> = said.into_iter().flatten().map(|said| format!("({said})")).collect();
    lines.extend(
        reading
            .not_read
            .iter()
            .map(|unlike| format!("({} is not read: {})", unlike.file, unlike.reason)),
    );
    lines.push(shown(frame));
    lines.join("\n")
}

macro_rules! check {
    ($input:expr, @$expected:literal) => {
        insta::assert_snapshot!(show(&open($input)), @$expected)
    };
}

#[test]
fn stray_separators_make_no_columns() {
    check!("title\nLamp\nLamp;small\nMat;round\n", @r#"
title
line 2: Lamp
line 3: Lamp;small
line 4: Mat;round
"#);
    check!("product_id,title\n1,A &amp; B;small\n2,Tom&#039;s;mug\n3,Plain\n", @r#"
product_id | title
line 2: 1 | A &amp; B;small
line 3: 2 | Tom&#039;s;mug
line 4: 3 | Plain
"#);
    // More values than names are errors of their rows; the header stays the first line.
    check!("id;name;price\n1;Lamp;12,50;x\n2;Mat;30,00;\n", @r#"
(; between cells)
id | name | price
line 2:  |  | 
line 3:  |  | 
line 2: 4 cells where the header has 3
line 3: 4 cells where the header has 3
"#);
    let rows: Vec<String> = (0..200)
        .map(|row| {
            if row % 3 == 0 {
                format!("Lamp {row}")
            } else {
                format!("Lamp {row}, small")
            }
        })
        .collect();
    let frame = open(&format!("title\n{}\n", rows.join("\n")));
    assert_eq!((frame.columns(), frame.len()), (&["title".to_owned()][..], 200));
    let grown: Vec<String> = (0..60)
        .map(|row| format!("P{row},Item{}", if row < 30 { "" } else { ",extra" }))
        .collect();
    let frame = open(&format!("product_id,title\n{}\n", grown.join("\n")));
    assert_eq!((frame.columns().len(), frame.len(), frame.defects().len()), (2, 60, 30));
}

#[test]
fn separators_of_two_characters() {
    check!("1::Toy Story (1995)::Animation|Comedy\n2::Jumanji (1995)::Adventure\n", @r#"
(:: between cells, no header)
column 1 | column 2 | column 3
line 1: 1 | Toy Story (1995) | Animation|Comedy
line 2: 2 | Jumanji (1995) | Adventure
"#);
    check!("id||title||price\nP-1||Lamp||\nP-2||||30\n", @r#"
(|| between cells)
id | title | price
line 2: P-1 | Lamp | 
line 3: P-2 |  | 30
"#);
    check!("id||title\n1||\"a||b\"\n2||'x'\n", @r#"
(|| between cells)
id | title
line 2: 1 | a||b
line 3: 2 | 'x'
"#);
    // Empty cells are none.
    check!("id,a,b\n1,,\n2,,x\n3,,\n", @r#"
id | a | b
line 2: 1 |  | 
line 3: 2 |  | x
line 4: 3 |  |
"#);
}

#[test]
fn quotes_of_another_kind() {
    check!("'id','title','tags'\n'P-1','Lamp','{\"home\",\"light\",floor}'\n'P-2','Ann''s mat','{\"floor\",\"round, soft\"}'\n", @r#"
(' around cells)
id | title | tags
line 2: P-1 | Lamp | {"home","light",floor}
line 3: P-2 | Ann's mat | {"floor","round, soft"}
"#);
    check!("id, title, note\n1, \"Lamp, small\", \"x\"\n2, \"Mat\", \"a \"\"b\"\"\"\n", @r#"
(spaces beside the cells)
id | title | note
line 2: 1 | Lamp, small | x
line 3: 2 | Mat | a "b"
"#);
    check!("id,note\n1,\"say, \"\"hi\"\", you\"\n2, plain\n", @r#"
id | note
line 2: 1 | say, "hi", you
line 3: 2 |  plain
"#);
}

#[test]
fn titles_stand_above_a_table() {
    check!("Report of 2025-01-06\nid;name;price\n1;ROSSI \"LA\";1,799\n2;Bianchi|Verdi;1,689\n3;NERI \"N;2\n", @r#"
(; between cells, the header on line 2)
(3 rows + 1 header + 1 before the header = 5 lines)
id | name | price
line 3: 1 | ROSSI "LA" | 1,799
line 4: 2 | Bianchi|Verdi | 1,689
line 5: 3 | NERI "N | 2
"#);
    check!("Info,Version=1.0.0,Template=x\n*Action(Site=DE|Country=DE),SKU,Title,Price,Stock,Photo,Condition,Text,Format\nAdd,P-1,Lamp,1.00,1,,4000,,Fixed\nAdd,P-2,Mat,2.00,1,,4000,,Fixed\n", @r#"
(the header on line 2)
(2 rows + 1 header + 1 before the header = 4 lines)
*Action(Site=DE|Country=DE) | SKU | Title | Price | Stock | Photo | Condition | Text | Format
line 3: Add | P-1 | Lamp | 1.00 | 1 |  | 4000 |  | Fixed
line 4: Add | P-2 | Mat | 2.00 | 1 |  | 4000 |  | Fixed
"#);
    check!("# exported 2024-01-05, by hand\n#\nid,title,color\nP-1,Lamp,red\nP-2,Mat,blue\n", @r#"
(the header on line 3)
(2 rows + 1 header + 2 before the header = 5 lines)
id | title | color
line 4: P-1 | Lamp | red
line 5: P-2 | Mat | blue
"#);
    check!("#,title\n1,Lamp\n2,Mat\n", @r#"
# | title
line 2: 1 | Lamp
line 3: 2 | Mat
"#);
    check!("Report,,\n,,\n\"Product\nID\",Title,\"Price\n(EUR)\"\nP-1,Lamp,12.50\nP-2,Mat,30\n", @r#"
(the header on line 3)
(2 rows + 3 header + 2 before the header = 7 lines)
Product
ID | Title | Price
(EUR)
line 6: P-1 | Lamp | 12.50
line 7: P-2 | Mat | 30
"#);
}

#[test]
fn machines_names_win_over_peoples() {
    check!("Template=x\tVersion=1\t\t\t\nProduct Type\tSeller SKU\tProduct Name\tYour price\tImage\nproduct_type\titem_sku\titem_name\tstandard_price\tmain_image\ncandy\tP-1\tDark, 12\" box\t19.50\thttps://a.example/1.jpg\ncandy\tP-2\tNo \"palm\" oil\t35\thttps://a.example/2.jpg\n", @r#"
    (tabs between cells, the header on line 3)
    (2 rows + 1 header + 2 before the header = 5 lines)
    product_id | title | sale_price | custom_attributes.product_type | custom_attributes.main_image
    line 4: P-1 | Dark, 12" box | 19.50 | candy | https://a.example/1.jpg
    line 5: P-2 | No "palm" oil | 35 | candy | https://a.example/2.jpg
    "#);
    check!("product_id,sale_price,main_image\nProduct ID,Sale price,Main image\nP-1,12,a.jpg\nP-2,13,b.jpg\n", @r#"
(2 rows + 1 header + 1 left out = 4 lines)
(line 2 (names for people))
product_id | sale_price | main_image
line 3: P-1 | 12 | a.jpg
line 4: P-2 | 13 | b.jpg
"#);
    // Words in small letters alone are values.
    check!("Name,Color,Size\nold_lamp,dark_red,x_large\nnew_lamp,dark_blue,x_small\n", @r#"
Name | Color | Size
line 2: old_lamp | dark_red | x_large
line 3: new_lamp | dark_blue | x_small
"#);
}

#[test]
fn furniture_is_left_out() {
    check!("product_id,title,price\n----------,-----,-----\nP-1,Lamp,12.50\nP-2,Mat,30.00\n\n(2 rows affected)\n", @r#"
(2 rows + 1 header + 2 left out + 1 empty = 6 lines)
(line 2 (a line of dashes), line 6 (a footer))
product_id | title | price
line 3: P-1 | Lamp | 12.50
line 4: P-2 | Mat | 30.00
"#);
    check!("product_id;title;weight;price\n;;[kg];[EUR]\nP-1;Lamp;1.2;12.50\nP-2;Mat;0.9;30\n", @r#"
(; between cells)
(2 rows + 1 header + 1 left out = 4 lines)
(line 2 (units))
product_id | title | weight | price
line 3: P-1 | Lamp | 1.2 | 12.50
line 4: P-2 | Mat | 0.9 | 30
"#);
    check!(" product_id | title | price \n------------+-------+-------\n P-1        | Lamp  | 12.50\n P-2        | Mat   | 30.00\n(2 rows)\n\n", @r#"
(| between cells, spaces beside the cells)
(2 rows + 1 header + 2 left out + 1 empty = 6 lines)
(line 2 (a line of dashes), line 5 (a footer))
product_id | title | price
line 3: P-1 | Lamp | 12.50
line 4: P-2 | Mat | 30.00
"#);
    check!("id,title,price\nP-1,Lamp,12.50\n,,\nP-2,Mat,30\nTotal,,42.50\n,,\n,,\n", @r#"
(2 rows + 1 header + 4 left out = 7 lines)
(line 3 (without a value), line 5 (a sum), lines 6 to 7 (without a value))
id | title | price
line 2: P-1 | Lamp | 12.50
line 4: P-2 | Mat | 30
"#);
    check!("id\ttitle\n1\tLamp\n  \n\t\n2\tMat\n", @r#"
(tabs between cells)
(2 rows + 1 header + 2 left out = 5 lines)
(lines 3 to 4 (without a value))
id | title
line 2: 1 | Lamp
line 5: 2 | Mat
"#);
    check!("id,title\n1,Lamp\nid,title\n2,Mat\n", @r#"
(2 rows + 1 header + 1 left out = 4 lines)
(line 3 (the header again))
id | title
line 2: 1 | Lamp
line 4: 2 | Mat
"#);
    check!("SKU;Name;Preis;Lager\nA;B;1,5;2\nC;D;2,5;3\nSumme;;4,0;5\n;;;\nStand: 01.01.2025;;;\n", @r#"
(; between cells)
(2 rows + 1 header + 3 left out = 6 lines)
(line 4 (a sum), line 5 (without a value), line 6 (a footer))
SKU | Name | Preis | Lager
line 2: A | B | 1,5 | 2
line 3: C | D | 2,5 | 3
"#);
    check!("id,weight,price\n-,kg,EUR\nP-1,1,2\nP-2,3,4\nTotal: 2 rows\n", @r#"
(2 rows + 1 header + 2 left out = 5 lines)
(line 2 (units), line 5 (a footer))
id | weight | price
line 3: P-1 | 1 | 2
line 4: P-2 | 3 | 4
"#);
    check!("title\n-----\nLamp\nMat\n(2 rows)\n", @r#"
(2 rows + 1 header + 2 left out = 5 lines)
(line 2 (a line of dashes), line 5 (a footer))
title
line 3: Lamp
line 4: Mat
"#);
}

#[test]
fn what_may_be_a_row_is_one() {
    for text in [
        // A product called so.
        "id,title,price\nP-1,Lamp,12\nP-2,Total,13\n",
        "id,title,price\nP-1,Lamp,12\nTotal,Yoghurt,13\n",
        // Sizes are no units where others are sizes, too.
        "id,size\n1,m\n2,l\n3,s\n",
        "size,fit\nm,l\ns,m\n",
        // Marks for nothing.
        "id,note\n1,-\n2,--\n",
        "note\n \nLamp\n",
        "title\nLamp\n12 rows of beads\n",
    ] {
        let frame = open(text);
        assert_eq!(frame.len() as usize, text.lines().count() - 1, "{text}");
        assert_eq!(frame.sum_of_lines(), None, "{text}");
    }
    // A last line that was cut off is an error, and no footer.
    let cut = open("id,title\n1,Lamp\n2,Mat\n3\n");
    assert_eq!((cut.len(), cut.defects().len()), (3, 1));
}

#[test]
fn somebody_says_that_every_line_is_a_row() {
    let options = OpenOptions {
        every_line: true,
        ..OpenOptions::default()
    };
    let text = "id,title\n--,-----\n1,Lamp\n,\nTotal,5\n(1 row)\n";
    let frame = Frame::from_text("pasted", text, &options).unwrap();
    assert_eq!((frame.len(), frame.defects().len()), (5, 1));
}

/// What is left out stands between rows, and is in none of them; an export has it still.
#[test]
fn rows_beside_what_is_left_out_are_themselves() {
    let text = "id,title\n,\n1,\"a\nb\"\n,\n,\n2,Mat\nid,title\n3,Rug\n(3 rows)\n";
    let frame = open(text);
    assert_eq!(cells(&frame), [["1", "a\nb"], ["2", "Mat"], ["3", "Rug"]]);
    let raw: Vec<Vec<u8>> = (0..frame.len()).map(|row| frame.raw(row).unwrap()).collect();
    assert_eq!(raw, [&b"1,\"a\nb\""[..], b"2,Mat", b"3,Rug"]);
    let mut edits = Edits::default();
    edits.set(0, 0, Some(tatami::domain::cell::OwnedCell::Text("9".into())));
    let mut out = Vec::new();
    export_same(&frame, &edits, &Progress::default(), &mut out).unwrap();
    assert_eq!(String::from_utf8(out).unwrap(), text.replace("1,\"a", "9,\"a"));
}

#[test]
fn sheets_have_furniture_too() {
    let folder = Folder::new();
    let row = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>();
    let rows = [
        row(&["product_id", "title", "price"]),
        row(&["", "", "[EUR]"]),
        row(&["P-1", "Lamp\nsmall", "12.50"]),
        row(&["P-2", "Mat", "30"]),
        row(&["Total", "", "42.50"]),
    ];
    insta::assert_snapshot!(show(&folder.table(&workbook(&rows))), @r#"
(2 rows + 1 header + 2 left out = 5 rows)
(row 2 (units), row 5 (a sum))
product_id | title | price
Sheet1!A3: P-1 | Lamp
small | 12.50
Sheet1!A4: P-2 | Mat | 30
"#);
}

#[test]
fn files_of_an_archive_are_one_table() {
    let folder = Folder::new();
    let both = zip(&[
        ("shop/export_1.csv", b"id,title\nL-1,Lamp\n"),
        ("shop/export_2.csv", b"id,title\nM-1,Mat\nM-2,Rug"),
        ("__MACOSX/shop/._export_1.csv", b"xx"),
        ("shop/read me.txt", b"notes"),
        ("shop/customers.csv", b"email\na@b.example\n"),
    ]);
    insta::assert_snapshot!(show(&folder.open(&folder.write("both.zip", &both)).unwrap()), @r#"
(2 files are read as one table: shop/export_1.csv, shop/export_2.csv)
(shop/read me.txt is not read: )
(shop/customers.csv is not read: it is one of several files, and its columns are not those of shop/export_1.csv: id, title is missing, email is new)
id | title
shop/export_1.csv line 2: L-1 | Lamp
shop/export_2.csv line 2: M-1 | Mat
shop/export_2.csv line 3: M-2 | Rug
"#);
    let hours = zip(&[
        ("240333/21#327.json.gz", &gzip(b"{\"id\":1}\n{\"id\":2}\n")),
        ("240333/22#0.json.gz", &gzip(b"{\"id\":3}\n")),
    ]);
    insta::assert_snapshot!(show(&folder.open(&folder.write("hours.zip", &hours)).unwrap()), @r#"
(2 files are read as one table: 240333/21#327.json.gz, 240333/22#0.json.gz)
id
240333/21#327.json.gz line 1: 1
240333/21#327.json.gz line 2: 2
240333/22#0.json.gz line 1: 3
"#);
    let one = OpenOptions {
        member: Some("shop/export_2.csv".to_owned()),
        ..folder.options()
    };
    let one = Frame::open(&folder.write("both.zip", &both), &one, &Progress::default()).unwrap();
    assert_eq!(cells(&one), [["M-1", "Mat"], ["M-2", "Rug"]]);
    // What cannot be one table is not, and that is said.
    let lists = zip(&[("a.json", b"[{\"id\":1}]"), ("b.json", b"[{\"id\":2}]")]);
    let lists = folder.open(&folder.write("lists.zip", &lists)).unwrap();
    assert_eq!((lists.len(), lists.reading().not_read.len()), (1, 1));
}

/// The sum of what lines are.
fn sum(lines: Lines) -> u64 {
    lines.rows + lines.header + lines.titles + lines.left_out + lines.empty
}

proptest! {
    /// The rule of the house for reading: rows, header, titles and what is left out are all lines, and whoever takes
    /// every line for a row gets each cell as it stands there.
    #[test]
    fn every_line_is_accounted_for(
        lines in prop::collection::vec(
            prop_oneof![
                4 => "[a-c]{1,2},[0-9]{1,2},[a-c ]{0,3}",
                2 => "[a-c;,|\"' ]{0,8}",
                1 => prop::sample::select(vec![
                    "", ",,", "--,--,--", "Total,,12", "(3 rows)", "id,price,name", "[kg],,", "Report", "a::b", " ", "\"open", "'a','b','c'",
                ]).prop_map(str::to_owned),
            ],
            1..14,
        ),
        line_end in prop::sample::select(vec!["\n", "\r\n"]),
        is_ended in any::<bool>(),
    ) {
        let mut text = lines.join(line_end);
        if is_ended {
            text.push_str(line_end);
        }
        let all = text.split_inclusive('\n').count() as u64;
        let Ok(frame) = Frame::from_text("made", text.as_str(), &OpenOptions::default()) else { return Ok(()) };
        let Some(counted) = frame.lines() else { return Ok(()) };
        prop_assert_eq!((counted.all, sum(counted)), (all, all), "{:?}", counted);
        prop_assert!(counted.rows >= u64::from(frame.len()));
        let left_out: u64 = frame.left_out().map(|(_, left)| left.last - left.first + 1).sum();
        prop_assert_eq!(left_out, counted.left_out);
        // No row hides another line: each begins where it says, and holds as many lines as it has line breaks.
        let mut in_rows = 0;
        for row in 0..frame.len() {
            let raw = frame.raw(row).unwrap();
            in_rows += 1 + memchr::memchr_iter(b'\n', &raw).count() as u64;
            let at = usize::try_from(frame.offset(row)).unwrap();
            prop_assert_eq!(text.as_bytes().get(at..at + raw.len()), Some(raw.as_slice()));
        }
        prop_assert_eq!(in_rows, counted.rows);
        for (_, left) in frame.left_out() {
            prop_assert!((0..frame.len()).all(|row| !(left.first..=left.last).contains(&frame.line(row))));
        }
    }
}
