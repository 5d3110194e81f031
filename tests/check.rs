//! What the checker promises: every rule, on every cell, with counts.

use tatami::{
    check::{Checked, check},
    domain::{
        cell::{Cell, OwnedCell},
        dataset::Dataset,
        issue::Severity,
        mapping::{Constant, Mapping},
        progress::Progress,
        recognition::recognise,
        rows::RowSet,
    },
    frame::{Edits, Frame, OpenOptions},
};

fn open(name: &str, text: &str) -> (Frame, Mapping, Checked) {
    let frame = Frame::from_text(name, text, &OpenOptions::default()).unwrap();
    let is_json = frame.format().is_json();
    let mapping = Mapping::suggest(recognise(frame.columns(), &[]).best(), frame.columns(), is_json);
    let checked = check(&frame, &Edits::default(), &mapping, &Progress::default()).unwrap();
    (frame, mapping, checked)
}

/// Every problem as `line: sentence`, with the API's line beneath.
fn problems(frame: &Frame, edits: &Edits, checked: &Checked) -> String {
    let mut lines = Vec::new();
    for row in 0..frame.len() {
        let read = frame.read(row..row + 1, edits).unwrap();
        let cells: Vec<Cell<'_>> = read[0].iter().map(tatami::domain::cell::OwnedCell::as_cell).collect();
        let reason = frame
            .defects()
            .iter()
            .find(|defect| defect.row == row)
            .map(|defect| defect.reason.as_str());
        for problem in checked.explain(row, &cells, reason, &|row| frame.location(row, None).to_string(), 0) {
            lines.push(format!("{}: {}", frame.line(row), problem.sentence));
            lines.extend(problem.api_line.map(|line| format!("   {line}")));
        }
    }
    lines.join("\n")
}

fn check_text(name: &str, text: &str) -> String {
    let (frame, _, checked) = open(name, text);
    problems(&frame, &Edits::default(), &checked)
}

#[test]
fn flat_files_are_held_to_the_schema() {
    insta::assert_snapshot!(check_text("catalog.csv", "\
product_id,title,price,created_at,url,availability,rating
A,Lamp,12.50,2023-11-07T05:31:56Z,https://example.com/a,IN_STOCK,4.5
,Lamp,12.50,,,,
B,Lamp,\"12,50\",2023-11-07,www.example.com,in stock,good
A,Lamp,1,2,3,,
C,Lamp
"), @r"
    3: product_id is missing; every record needs one
       data.0 is invalid. The attribute property 'product_id' is required.
    4: sale_price “12,50” must be a number: write a point instead of the comma: 12.50
       data.0.sale_price is invalid. The attribute expected to be of type 'number', 'null', but 'string' is given.
    4: url “www.example.com” is not a URL: start with https://
       data.0.url is invalid. The attribute should match 'uri' format.
    4: availability “in stock” is none of IN_STOCK, OUT_OF_STOCK, PRE_ORDER: write the name exactly as listed
       data.0.availability is invalid. The attribute must be one of the following values: 'IN_STOCK', 'OUT_OF_STOCK', 'PRE_ORDER'.
    4: rating “good” must be a number: write the value in the field's type
       data.0.rating is invalid. The attribute expected to be of type 'number', 'null', but 'string' is given.
    5: created_at “2” is not a date: write it as 2023-11-07T05:31:56Z
       data.0.created_at is invalid. The attribute should match 'date-time' format.
    5: url “3” is not a URL: write the whole address, escaped
       data.0.url is invalid. The attribute should match 'uri' format.
    6: This line cannot be read: 2 cells where the header has 7
    ");
}

#[test]
fn json_lines_are_held_to_the_schema() {
    insta::assert_snapshot!(check_text("events.jsonl", r#"{"type":"search","user_id":"u","search":{"keywords":"chips"}}
{"type":"purchase","user_id":"u","product_ids":"P1","timestamp":"2023-11-07"}
{"type":"custom","anonymous_id":"x","quantities":[1,0,"2"]}
{"type":"rate","rating":7,"colour":"red"}
{"type":"rate",
[1]
{"type":"like","user_id":7,"context":{"page":{"url":"https://a.b","title":3}},"product_ids":null}
"#), @r#"
    1: There is no timestamp, so it counts as happening at the moment of the upload; fill one in for what happened before
    2: type “purchase” is none of the 29 names the API knows: use one of the listed names
       data.0.type is invalid. The attribute must be one of the following values: 'product_detail_page_view', 'category_page_view', 'search', 'impression', 'viewable_impression', 'click', 'home_page_view', 'promo_page_view', 'product_image_view', 'add_to_cart', 'checkout', 'remove_from_cart', 'refund', 'subscribe', 'unsubscribe', 'read', 'watch', 'listen', 'complete', 'add_to_collection', 'remove_from_collection', 'rate', 'like', 'dislike', 'share', 'bookmark', 'submit', 'feedback', 'custom'.
    2: product_ids “P1” must be a list: put the value into a list
       data.0.product_ids is invalid. The attribute was expected to be of type ''array', 'null'' but type 'string' was given.
    2: timestamp “2023-11-07” is not a date and time: add a time: 2023-11-07T00:00:00Z
       data.0.timestamp is invalid. The attribute should match the 'date-time' format.
    3: custom_action_name is missing; interactions of the type custom need one
       data.0 is invalid. The attribute property 'custom_action_name' is required.
    3: quantities.2 “2” must be a number: write the value in the field's type
       data.0.quantities.2 is invalid. The attribute was expected to be of type ''number'' but type 'string' was given.
    3: quantities “[1,0,"2"]” does not belong to interactions of the type custom; correct the type, or empty the cell
       data.0.quantities is invalid. The attribute is invalid
    3: There is no timestamp, so it counts as happening at the moment of the upload; fill one in for what happened before
    3: quantities “[1,0,"2"]” is out of range: correct the number, or convert the scale
    3: There are 3 quantities for 0 products; give one for every product, in their order
    4: colour is not a field of the API; move it to context.custom_context, rename it, or leave it out
       data.0.colour is invalid. The attribute is invalid
    4: Neither user_id nor anonymous_id says whose interaction this is; it cannot be used for personalization
    4: There is no timestamp, so it counts as happening at the moment of the upload; fill one in for what happened before
    4: rating “7” is out of range: correct the number, or convert the scale
    5: This line cannot be read: Not valid JSON: EOF while parsing an object (byte 15 of the record)
    6: This line cannot be read: Not a JSON object: a record is written as {"field": value, …}
    7: user_id “7” must be text: put the number in quotes, with all its digits
       data.0.user_id is invalid. The attribute was expected to be of type ''string', 'null'' but type 'integer' was given.
    7: context.page.title “3” must be text: put the number in quotes, with all its digits
       data.0.context.page.title is invalid. The attribute was expected to be of type ''string', 'null'' but type 'integer' was given.
    7: There is no timestamp, so it counts as happening at the moment of the upload; fill one in for what happened before
    "#);
}

#[test]
fn custom_attributes_must_agree() {
    insta::assert_snapshot!(check_text("p.jsonl", r#"{"product_id":"1","custom_attributes":{"size":1,"tags":[]}}
{"product_id":"2","custom_attributes":{"size":2.5,"tags":["a"]}}
{"product_id":"3","custom_attributes":{"size":"L","tags":null}}
{"product_id":"4","custom_attributes":{"size":null,"tags":"a"}}
"#), @r"
    3: custom_attributes.size is “L”, but in the other records it holds numbers; use one type for all
       data.0.custom_attributes.size is invalid. Its data type is not consistent with other records
    ");
}

#[test]
fn edits_are_checked_again() {
    let (frame, _, mut checked) = open("p.csv", "product_id,price,pages\nA,1,10\nA,x,20\nB,2,30\n");
    let mut edits = Edits::default();
    // What is left out replaces nothing.
    assert_eq!(problems(&frame, &edits, &checked).lines().count(), 2);
    let mut edit = |row, column, text: &str| {
        edits.set(row, column, Some(tatami::domain::cell::OwnedCell::Text(text.into())));
        checked.recheck(&frame, &edits, &RowSet::of_row(row)).unwrap();
        problems(&frame, &edits, &checked)
    };
    insta::assert_snapshot!(edit(1, 1, "2"), @"2: product_id “A” appears again in line 3; that record will replace this one");
    insta::assert_snapshot!(edit(1, 0, "C"), @"");
    insta::assert_snapshot!(edit(2, 0, "C"), @"3: product_id “C” appears again in line 4; that record will replace this one");
    insta::assert_snapshot!(edit(0, 2, "many"), @r"
    2: custom_attributes.pages is “many”, but in the other records it holds numbers; use one type for all
       data.0.custom_attributes.pages is invalid. Its data type is not consistent with other records
    3: product_id “C” appears again in line 4; that record will replace this one
    ");
}

#[test]
fn numbers_that_no_reader_can_hold_are_refused() {
    let text = "{\"product_id\":\"1\",\"rating\":1e400}\n{\"product_id\":\"2\",\"rating\":1e30}\n";
    insta::assert_snapshot!(check_text("p.jsonl", text), @r"
    1: This line cannot be read: Not valid JSON: number out of range (byte 32 of the record)
    2: rating “1e30” is out of range: correct the number, or convert the scale
    ");
    insta::assert_snapshot!(check_text("p.csv", "product_id,rating\n1,1e400\n2,12345678901234567890123456789012345678901\n"), @r"
    2: rating “1e400” must be a number: write the value in the field's type
       data.0.rating is invalid. The attribute expected to be of type 'number', 'null', but 'string' is given.
    2: rating “1e400” is out of range: correct the number, or convert the scale
    3: rating “12345678901234567890123456789012345678901” is out of range: correct the number, or convert the scale
    ");
}

#[test]
fn transformed_values_are_judged_and_misfits_stay_problems() {
    let text = "\
product_id,sale_price,created_at,custom_attributes.seen,custom_attributes.size
 A,\"1.299,00 €\",23/04/2024,ja,1
B,\"12,50\",04/23/2024,nein,2
C,ask,03/04/2024,maybe,x
A,7,2024-04-03,yes,3
";
    let frame = Frame::from_text("messy.csv", text, &OpenOptions::default()).unwrap();
    let mut mapping = Mapping::suggest(Dataset::Products, frame.columns(), false);
    for (column, written) in ["trim", "decimal-comma", "date:day-first", "boolean"]
        .iter()
        .enumerate()
    {
        mapping.targets[column].transform = Some(written.parse().unwrap());
    }
    let mut edits = Edits::default();
    let mut checked = check(&frame, &edits, &mapping, &Progress::default()).unwrap();
    insta::assert_snapshot!(problems(&frame, &edits, &checked), @r"
    2: product_id “ A” appears again in line 5; that record will replace this one
    3: created_at “04/23/2024” is not a date: write year, month, day: 2023-11-07T00:00:00Z
       data.0.created_at is invalid. The attribute should match 'date-time' format.
    4: sale_price “ask” must be a number: write the value in the field's type
       data.0.sale_price is invalid. The attribute expected to be of type 'number', 'null', but 'string' is given.
    4: custom_attributes.seen is “maybe”, but in the other records it holds true or false; use one type for all
       data.0.custom_attributes.seen is invalid. Its data type is not consistent with other records
    ");
    edits.set(1, 2, Some(OwnedCell::Text("5/6/2024".into())));
    edits.set(2, 1, Some(OwnedCell::Text("1,5".into())));
    edits.set(3, 0, Some(OwnedCell::Text("D".into())));
    checked
        .recheck(&frame, &edits, &[1, 2, 3].into_iter().collect())
        .unwrap();
    insta::assert_snapshot!(problems(&frame, &edits, &checked), @r"
    4: custom_attributes.seen is “maybe”, but in the other records it holds true or false; use one type for all
       data.0.custom_attributes.seen is invalid. Its data type is not consistent with other records
    ");
}

#[test]
fn constants_stand_for_columns() {
    let frame = Frame::from_text("visits.csv", "product_ids,user\nP1,U1\n", &OpenOptions::default()).unwrap();
    let mut mapping = Mapping::suggest(Dataset::Interactions, frame.columns(), false);
    let found = |mapping: &Mapping| {
        let checked = check(&frame, &Edits::default(), mapping, &Progress::default()).unwrap();
        problems(&frame, &Edits::default(), &checked)
    };
    insta::assert_snapshot!(found(&mapping), @r"
    2: type is missing; every record needs one
       data.0 is invalid. The attribute property 'type' is required.
    2: Neither user_id nor anonymous_id says whose interaction this is; it cannot be used for personalization
    2: There is no timestamp, so it counts as happening at the moment of the upload; fill one in for what happened before
    ");
    for (path, value) in [
        ("type", "product_detail_page_view"),
        ("anonymous_id", "nobody"),
        ("timestamp", "2024-05-01T10:00:00Z"),
    ] {
        mapping.constants.push(Constant {
            path: path.to_owned(),
            value: value.to_owned(),
        });
    }
    assert_eq!(found(&mapping), "");
    mapping.constants[0].value = "custom".to_owned();
    insta::assert_snapshot!(found(&mapping), @r"
    2: custom_action_name is missing; interactions of the type custom need one
       data.0 is invalid. The attribute property 'custom_action_name' is required.
    ");
}

#[test]
fn what_the_api_takes_but_nobody_means_is_told() {
    insta::assert_snapshot!(check_text("catalog.csv", "\
product_id,title,created_at,url,categories,size,custom_attributes.support,custom_attributes.gtin
A-1,Salt &amp; Pepper,1970-01-01T00:00:00Z,shop.example:8080/a,Kitchen / Mills,3-Apr,call (555) 123-4567,4.00638E+12
a-1, Lamp ,9999-12-31T00:00:00Z,https://shop.example/a,Kitchen > Lamps,S,joe@shop.example,4006381333931
\"B \",R&D < Art,2023-11-07T05:31:56Z,https://shop.example/b,,M,,#REF!
C,Mat,2023-11-07,htp://shop.example/c,,3-4,,
"), @r#"
2: product_id “A-1” differs from the id in line 3 only in capital letters; write it the same way everywhere
2: title “Salt &amp; Pepper” holds HTML: write plain text
2: created_at “1970-01-01T00:00:00Z” stands for no date: leave the cell empty when there is no date
2: url “shop.example:8080/a” does not begin with https:// or http://: start with https://
2: categories “Kitchen / Mills” writes a path of categories as one text: write each path as the list of its levels: [["Clothing", "Shirts"]], or Clothing > Shirts in a flat file
2: size “3-Apr” was changed by a spreadsheet: take the value from where it came from, such as 3-4 for 4-Mar
2: custom_attributes.gtin “4.00638E+12” was changed by a spreadsheet: take the number from where it came from; its last digits are lost here
3: product_id “a-1” differs from the id in line 2 only in capital letters; write it the same way everywhere
3: title “ Lamp ” has spaces around it: remove the spaces
3: created_at “9999-12-31T00:00:00Z” lies in the future: correct the date
3: custom_attributes.support “joe@shop.example” holds an e-mail address: send a hash instead, the same in all files, or leave it out
4: product_id “B ” has spaces around it: remove the spaces
4: custom_attributes.gtin “#REF!” was changed by a spreadsheet: correct the formula, or leave the cell empty
5: url “htp://shop.example/c” does not begin with https:// or http://: write the address as it stands in a browser, from https:// on
"#);
    insta::assert_snapshot!(check_text("catalog.jsonl", r#"{"product_id":"A","categories":["Kitchen","Lamps"],"related_ids":["B "],"i18n_es.title":"x"}
{"product_id":"B","categories":[["Kitchen > Lamps"],["Sale"]],"title":"<i>Lamp<\/i>"}
{"product_id":"C","categories":[["Kitchen","Lamps"]],"custom_attributes":{"contacts":["joe@shop.example"],"phone":1701234567}}
"#), @r#"
    1: categories.0 “Kitchen” must be a list: write each path as the list of its levels: [["Clothing", "Shirts"]], or Clothing > Shirts in a flat file
       data.0.categories.0 is invalid. The attribute expected to be of type 'array', but 'string' is given.
    1: categories.1 “Lamps” must be a list: write each path as the list of its levels: [["Clothing", "Shirts"]], or Clothing > Shirts in a flat file
       data.0.categories.1 is invalid. The attribute expected to be of type 'array', but 'string' is given.
    1: related_ids “["B "]” has spaces around it: remove the spaces
    2: categories “[["Kitchen > Lamps"],["Sale"]]” writes a path of categories as one text: write each path as the list of its levels: [["Clothing", "Shirts"]], or Clothing > Shirts in a flat file
    2: title “<i>Lamp</i>” holds HTML: write plain text
    3: custom_attributes.contacts “["joe@shop.example"]” holds an e-mail address: send a hash instead, the same in all files, or leave it out
    3: custom_attributes.phone “1701234567” looks like a telephone number: send a hash instead, the same in all files, or leave it out
    "#);
}

#[test]
fn interactions_are_held_to_their_type() {
    insta::assert_snapshot!(check_text("events.jsonl", r#"{"type":"click","user_id":"joe@example.com","revenue":12.5,"product_ids":["P1"]}
{"type":"checkout","user_id":"u","revenue":12.5,"product_ids":["P1","P2"],"quantities":[1]}
{"type":"checkout","user_id":"u","product_ids":[],"quantities":[1]}
{"type":"checkout","user_id":"u","product_group_ids":["G"],"quantities":[1]}
{"type":"search","anonymous_id":"84.20.17.9","search":{"keywords":"lamp"},"product_ids":[]}
{"type":"search","anonymous_id":" 7c4a","search":{"keywords":"lamp"},"product_ids":["P1"],"revenue":0}
{"type":"custom","custom_action_name":"gift","user_id":"Joe Bloggs","revenue":1,"timestamp":"1970-01-20T16:02:14Z"}
{"type":"category_page_view","user_id":"u","category":["home > kitchen"],"context":{"page":{"url":"www.shop.example/a"},"truncated_ip":"84.20.17.9"}}
"#), @r#"
    1: revenue “12.5” does not belong to interactions of the type click; correct the type, or empty the cell
       data.0.revenue is invalid. The attribute is invalid
    1: There is no timestamp, so it counts as happening at the moment of the upload; fill one in for what happened before
    1: user_id “joe@example.com” holds an e-mail address: send a hash instead, the same in all files, or leave it out
    2: There is no timestamp, so it counts as happening at the moment of the upload; fill one in for what happened before
    2: There is 1 quantity for 2 products; give one for every product, in their order
    3: There is no timestamp, so it counts as happening at the moment of the upload; fill one in for what happened before
    3: There is 1 quantity for 0 products; give one for every product, in their order
    4: There is no timestamp, so it counts as happening at the moment of the upload; fill one in for what happened before
    5: product_ids “[]” does not belong to interactions of the type search; correct the type, or empty the cell
       data.0.product_ids is invalid. The attribute is invalid
    5: There is no timestamp, so it counts as happening at the moment of the upload; fill one in for what happened before
    5: anonymous_id “84.20.17.9” is somebody's IP address: send a hash instead, the same in all files, or leave it out
    6: revenue “0” does not belong to interactions of the type search; correct the type, or empty the cell
       data.0.revenue is invalid. The attribute is invalid
    6: product_ids “["P1"]” does not belong to interactions of the type search; correct the type, or empty the cell
       data.0.product_ids is invalid. The attribute is invalid
    6: There is no timestamp, so it counts as happening at the moment of the upload; fill one in for what happened before
    6: anonymous_id “ 7c4a” has spaces around it: remove the spaces
    7: revenue “1” does not belong to interactions of the type custom; correct the type, or empty the cell
       data.0.revenue is invalid. The attribute is invalid
    7: user_id “Joe Bloggs” looks like the name of a person: send a hash instead, the same in all files, or leave it out
    7: timestamp “1970-01-20T16:02:14Z” is too long ago: correct the date; one in January 1970 comes from seconds taken for milliseconds
    8: There is no timestamp, so it counts as happening at the moment of the upload; fill one in for what happened before
    8: category “["home > kitchen"]” writes a path of categories as one text: write each path as the list of its levels: [["Clothing", "Shirts"]], or Clothing > Shirts in a flat file
    8: context.page.url “www.shop.example/a” does not begin with https:// or http://: start with https://
    8: context.truncated_ip “84.20.17.9” is somebody's IP address: send a hash instead, the same in all files, or leave it out
    "#);
}

/// What is on screen stays as it is while a worker brings a clone of it up to date, and that says what checking all rows
/// anew does.
#[test]
fn a_clone_is_checked_again_and_the_original_stays() {
    let rows = (0..20_000).map(|row| format!("P{},{}\n", row % 9_999, if row % 7 == 0 { "x" } else { "1" }));
    let text = format!("product_id,price\n{}", rows.collect::<String>());
    let (frame, mapping, shown) = open("p.csv", &text);
    let mut edits = Edits::default();
    for (row, column, text) in [
        (3, 0, "P19"),
        (10_000, 1, "2"),
        (19_999, 0, "p7"),
        (14, 1, "x"),
        (9_999, 0, ""),
    ] {
        edits.set(row, column, Some(OwnedCell::Text(text.into())));
    }
    let mut checked = shown.clone();
    let rows: RowSet = edits.rows().into_iter().collect();
    checked.recheck(&frame, &edits, &rows).unwrap();
    let anew = |edits: &Edits| check(&frame, edits, &mapping, &Progress::default()).unwrap();
    let (before, after) = (anew(&Edits::default()), anew(&edits));
    assert_eq!(checked.issues, after.issues);
    assert_eq!(shown.issues, before.issues);
    assert_ne!(shown.issues, checked.issues);
    for severity in Severity::ALL {
        assert_eq!(checked.issues.rows_with(severity), after.issues.rows_with(severity));
    }
}

#[test]
fn ids_that_differ_only_in_capitals_are_told_apart_after_edits_too() {
    let (frame, _, mut checked) = open("p.csv", "product_id\nA\na\nB\nÄ\nä\nA\n");
    let mut edits = Edits::default();
    insta::assert_snapshot!(problems(&frame, &edits, &checked), @r"
    2: product_id “A” appears again in line 7; that record will replace this one
    2: product_id “A” differs from the id in line 3 only in capital letters; write it the same way everywhere
    3: product_id “a” differs from the id in line 2 only in capital letters; write it the same way everywhere
    5: product_id “Ä” differs from the id in line 6 only in capital letters; write it the same way everywhere
    6: product_id “ä” differs from the id in line 5 only in capital letters; write it the same way everywhere
    7: product_id “A” differs from the id in line 3 only in capital letters; write it the same way everywhere
    ");
    let mut edit = |row, text: &str| {
        edits.set(row, 0, Some(tatami::domain::cell::OwnedCell::Text(text.into())));
        checked.recheck(&frame, &edits, &RowSet::of_row(row)).unwrap();
        problems(&frame, &edits, &checked)
    };
    insta::assert_snapshot!(edit(1, "b"), @r"
    2: product_id “A” appears again in line 7; that record will replace this one
    3: product_id “b” differs from the id in line 4 only in capital letters; write it the same way everywhere
    4: product_id “B” differs from the id in line 3 only in capital letters; write it the same way everywhere
    5: product_id “Ä” differs from the id in line 6 only in capital letters; write it the same way everywhere
    6: product_id “ä” differs from the id in line 5 only in capital letters; write it the same way everywhere
    ");
    insta::assert_snapshot!(edit(1, "C"), @r"
    2: product_id “A” appears again in line 7; that record will replace this one
    5: product_id “Ä” differs from the id in line 6 only in capital letters; write it the same way everywhere
    6: product_id “ä” differs from the id in line 5 only in capital letters; write it the same way everywhere
    ");
    insta::assert_snapshot!(edit(3, "ö"), @"2: product_id “A” appears again in line 7; that record will replace this one");
}
