//! The commands as processes: what they print, and what they end with.
#![cfg(unix)]

use std::{
    fs,
    io::{Read as _, Write as _},
    process::Stdio,
};

use crate::home::{CATALOG, Home, ended};
use serde_json::Value;

#[test]
fn check_speaks_to_people() {
    let home = Home::new();
    home.file("catalog.csv", CATALOG);
    insta::assert_snapshot!(home.run(&["check", "catalog.csv"]).all(), @r"
    catalog.csv: 6 rows, products, recognised from the columns
      sku   → product_id (common name for it)
      Title → title (similar name)
      price → sale_price (common name for it)
      1 column has its field's name
      1 column goes to custom_attributes: season

    error record cannot be read, 1 row [unreadable]
      line 7: 1 cell where the header has 5 (byte 160)
      → correct the line in the file

    error sku (product_id): required field is missing, 1 row [required]
      line 4
      → fill in the value, or choose the column that holds it

    error price (sale_price): numbers with a decimal comma, 2 rows [type]
      line 3: 12,50
      line 5: 9,90
      → write a point instead of the comma: 12.50; or for the whole column: --transform price=decimal-comma

    warning sku (product_id): id appears again further down, 1 row [repeated-id]
      line 2: product_id “A” appears again in line 6; that record will replace this one
      → remove the earlier record, or give each its own id

    2 of 6 rows can be sent; 4 errors, 1 warning
    [1]
    ");
    insta::assert_snapshot!(home.run(&["check", "catalog.csv", "--columns", "--places", "0"]).out.lines().take(6).collect::<Vec<_>>().join("\n"), @r"
    catalog.csv: 6 rows, products, recognised from the columns
      sku        → product_id (common name for it)
      Title      → title (similar name)
      price      → sale_price (common name for it)
      created_at → created_at (same name)
      season     → custom_attributes.season (no such field, text)
    ");
}

#[test]
fn check_writes_json() {
    let home = Home::new();
    home.file("catalog.csv", CATALOG);
    let ended = home.run(&["check", "catalog.csv", "--format", "json", "--places", "1"]);
    assert_eq!((ended.code, ended.err.as_str()), (1, ""));
    let document: Value = serde_json::from_str(&ended.out).unwrap();
    insta::assert_snapshot!(serde_json::to_string(&document["files"][0]["columns"]).unwrap(), @r#"[{"column":"sku","field":"product_id","reason":"common name for it"},{"column":"Title","field":"title","reason":"similar name"},{"column":"price","field":"sale_price","reason":"common name for it"},{"column":"created_at","field":"created_at","reason":"same name"},{"column":"season","field":"custom_attributes.season","reason":"no such field","type":"text"}]"#);
    insta::assert_snapshot!(serde_json::to_string_pretty(&document["files"][0]["problems"][2]).unwrap(), @r#"
    {
      "rule": "type",
      "severity": "error",
      "column": "price",
      "field": "sale_price",
      "looks_like": "numbers with a decimal comma",
      "rows": 2,
      "advice": "write a point instead of the comma: 12.50; or for the whole column: --transform price=decimal-comma",
      "places": [
        {
          "line": 3,
          "offset": 75,
          "location": "line 3",
          "path": "sale_price",
          "value": "12,50",
          "sentence": "sale_price “12,50” must be a number: write a point instead of the comma: 12.50",
          "api_line": "data.0.sale_price is invalid. The attribute expected to be of type 'number', 'null', but 'string' is given."
        }
      ]
    }
    "#);
    insta::assert_snapshot!(document["total"].to_string(), @r#"{"rows":6,"can_be_sent":2,"errors":4,"warnings":1}"#);
    let all = home.run(&["check", "catalog.csv", "catalog.csv", "--format", "json", "--all"]);
    let document: Value = serde_json::from_str(&all.out).unwrap();
    assert_eq!(document["files"].as_array().unwrap().len(), 2);
    for group in document["files"][1]["problems"].as_array().unwrap() {
        assert_eq!(group["rows"], group["places"].as_array().unwrap().len());
    }
}

#[test]
fn check_writes_csv_with_a_line_for_every_problem() {
    let home = Home::new();
    home.file("catalog.csv", CATALOG);
    insta::assert_snapshot!(home.run(&["check", "catalog.csv", "--format", "csv"]).all(), @r#"
    file,line,column,field,rule,severity,value,sentence,api_line
    catalog.csv,2,sku,product_id,repeated-id,warning,A,product_id “A” appears again in line 6; that record will replace this one,
    catalog.csv,3,price,sale_price,type,error,"12,50","sale_price “12,50” must be a number: write a point instead of the comma: 12.50","data.0.sale_price is invalid. The attribute expected to be of type 'number', 'null', but 'string' is given."
    catalog.csv,4,sku,,required,error,,product_id is missing; every record needs one,data.0 is invalid. The attribute property 'product_id' is required.
    catalog.csv,5,price,sale_price,type,error,"9,90","sale_price “9,90” must be a number: write a point instead of the comma: 12.50","data.0.sale_price is invalid. The attribute expected to be of type 'number', 'null', but 'string' is given."
    catalog.csv,7,,,unreadable,error,,This line cannot be read: 1 cell where the header has 5,
    [1]
    "#);
    let many: Vec<String> = (0..3000).map(|row| format!("{row},\"1,{row}5\"")).collect();
    home.file("many.csv", format!("product_id,price\n{}\n", many.join("\n")));
    let ended = home.run(&["check", "many.csv", "--format", "csv"]);
    let mut lines = csv::Reader::from_reader(ended.out.as_bytes());
    assert_eq!(
        lines
            .records()
            .map(Result::unwrap)
            .filter(|line| &line[4] == "type")
            .count(),
        3000
    );
}

#[test]
fn check_ends_as_documented() {
    let home = Home::new();
    home.file("good.csv", "product_id,title\n1,Lamp\n");
    home.file("warned.csv", "product_id,title\n1,Lamp\n1,Lamp\n");
    home.file("bad.csv", "product_id,price\n1,x\n");
    let code = |args: &[&str]| home.run(&[&["check"], args].concat()).code;
    assert_eq!(code(&["good.csv"]), 0);
    assert_eq!(code(&["warned.csv"]), 0);
    assert_eq!(code(&["bad.csv"]), 1);
    assert_eq!(code(&["good.csv", "bad.csv"]), 1);
    assert_eq!(code(&["bad.csv", "missing.csv"]), 2);
    assert_eq!(code(&["good.csv", "--map", "nothing=title"]), 2);
    assert_eq!(code(&["good.csv", "--dataset", "things"]), 2);
}

#[test]
fn columns_can_be_sent_elsewhere() {
    let home = Home::new();
    home.file("books.csv", "shelf_no;title;pages;note\nS1;Sea;374;a\nS2;Sky;870;b\n");
    let none = home.run(&["check", "books.csv"]);
    insta::assert_snapshot!(none.all(), @r"
    books.csv: 2 rows, products, recognised from the columns
      written with ; between cells
      1 column has its field's name
      3 columns go to custom_attributes: shelf_no, pages, note

    error product_id: required field is missing, 2 rows [required]
      lines 2, 3
      → no column goes to product_id: choose one, such as --map shelf_no=product_id

    0 of 2 rows can be sent; 2 errors, 0 warnings
    [1]
    ");
    let args = [
        "check",
        "books.csv",
        "--map",
        "shelf_no=product_id",
        "--map",
        "pages=custom_attributes.pages:text",
        "--drop",
        "note",
        "--columns",
    ];
    insta::assert_snapshot!(home.run(&args).all(), @r"
    books.csv: 2 rows, products, recognised from the columns
      written with ; between cells
      shelf_no → product_id (chosen)
      title    → title (same name)
      pages    → custom_attributes.pages (chosen, text)
      note     left out

    All 2 rows can be sent; no problems
    [0]
    ");
    insta::assert_snapshot!(home.run(&["check", "books.csv", "--dataset", "products", "--delimiter", ","]).out.lines().nth(1).unwrap(), @"  1 column goes to custom_attributes: shelf_no;title;pages;note");
    insta::assert_snapshot!(home.run(&["check", "books.csv", "--map", "pages=nothing"]).all(), @r#"
    tatami: products have no field "nothing"; own fields go to custom_attributes.NAME
    [2]
    "#);
    insta::assert_snapshot!(home.run(&["check", "books.csv", "--drop", "nothing"]).all(), @r#"
    tatami: there is no column "nothing"; the columns are shelf_no, title, pages, note
    [2]
    "#);
}

#[test]
fn what_a_file_holds_is_asked_when_it_is_not_certain() {
    let home = Home::new();
    home.file("list.csv", "id,name\n1,Ada\n2,Bert\n");
    let commands: [&[&str]; 3] = [&["check"], &["columns"], &["recipe", "export"]];
    for command in commands {
        let ran = home.run(&[command, &["list.csv"]].concat());
        assert_eq!((ran.code, ran.out.trim()), (2, ""), "{command:?}");
        insta::allow_duplicates! {
            insta::assert_snapshot!(ran.err, @r"
            tatami: what list.csv holds is not certain; say which it is:
              --dataset products      products have a column such as name
              --dataset users         users have a column such as name
              --dataset interactions  nothing speaks for it
            ");
        }
        assert_eq!(
            home.run(&[command, &["list.csv", "--dataset", "users"]].concat()).code,
            0
        );
    }
}

#[test]
fn a_column_that_is_left_out_makes_room_for_a_constant() {
    let home = Home::new();
    home.file(
        "log.csv",
        "event,user_id,product_id,timestamp\nx,u,A,2024-03-04T10:00:00Z\n",
    );
    let args = [
        "check",
        "log.csv",
        "--drop",
        "event",
        "--transform",
        "type=constant:click",
    ];
    assert_eq!(home.run(&args).code, 0);
    let taken = home.run(&["check", "log.csv", "--transform", "type=constant:click"]);
    insta::assert_snapshot!(taken.all(), @r"
    tatami: type cannot be “click” in every record: a column goes there
    [2]
    ");
}

#[test]
fn secrets_are_left_out_and_said() {
    let home = Home::new();
    home.file(
        "users.csv",
        "user_id,Passwort,password_changed\nu1,x9!kk,2024-03-04\nu2,hunter2,2024-03-05\n",
    );
    insta::assert_snapshot!(home.run(&["check", "users.csv"]).all(), @r"
    users.csv: 2 rows, users, recognised from the columns
      Passwort left out, as it holds a password; send it to insist
      1 column has its field's name
      1 column goes to custom_attributes: password_changed

    All 2 rows can be sent; no problems
    [0]
    ");
    insta::assert_snapshot!(home.run(&["check", "users.csv", "--map", "Passwort=custom_attributes.pin"]).out, @r"
    users.csv: 2 rows, users, recognised from the columns
      Passwort → custom_attributes.pin (chosen, text)
      1 column has its field's name
      1 column goes to custom_attributes: password_changed

    All 2 rows can be sent; no problems
    ");
}

#[test]
fn order_lines_are_offered_what_they_do_not_say() {
    let home = Home::new();
    home.file(
        "orders.csv",
        "Bestellnummer;Bestelldatum;Kundennummer;Artikelnummer;Menge\n1;2024-03-04;K1;A;2\n1;2024-03-04;K1;B;1\n",
    );
    insta::assert_snapshot!(home.run(&["check", "orders.csv"]).all(), @r"
    orders.csv: 2 rows, interactions, recognised from the columns
      written with ; between cells
      Bestelldatum  → timestamp (common name for it)
      Kundennummer  → user_id (common name for it)
      Artikelnummer → product_ids (common name for it)
      Menge         → quantities (common name for it)
      1 column goes to context.custom_context: Bestellnummer

    error type: required field is missing, 2 rows [required]
      lines 2, 3
      → no column goes to type: choose one, or say that it is always the same: --transform type=constant:checkout

    error Bestelldatum (timestamp): dates without a time, 2 rows [date-time]
      line 2: 2024-03-04
      line 3: 2024-03-04
      → add a time: 2023-11-07T00:00:00Z; or for the whole column: --transform Bestelldatum=date:year-first

    0 of 2 rows can be sent; 4 errors, 0 warnings
    [1]
    ");
    insta::assert_snapshot!(home.run(&["columns", "orders.csv"]).all(), @r#"
    orders.csv: interactions, 2 rows, 5 columns
      Bestellnummer → context.custom_context.Bestellnummer (no such field): 1
          suggested: type is always checkout (the records say that something happened, but not what)
            --transform type=constant:checkout
      Bestelldatum  → timestamp (common name for it, confidence 90): "2024-03-04"
          suggested: Date, year first, 2 of 2 values fit
            2024-03-04 → 2024-03-04T00:00:00Z
            --transform Bestelldatum=date:year-first
      Kundennummer  → user_id (common name for it, confidence 90): "K1"
      Artikelnummer → product_ids (common name for it, confidence 90): ["A"]
      Menge         → quantities (common name for it, confidence 90): [2]
    [0]
    "#);
    let args = ["check", "orders.csv", "--transform", "type=constant:checkout"];
    assert_eq!(home.run(&args).code, 1);
}

#[test]
fn the_address_of_a_shop_is_asked_for_not_guessed() {
    let home = Home::new();
    home.file("shop.csv", "sku,title,url\nA,Lamp,/p/lamp\nB,Mat,/p/mat\n");
    let found = home.run(&["check", "shop.csv"]).out;
    insta::assert_snapshot!(found.lines().find(|line| line.contains('→') && line.contains("--transform")).unwrap(), @"  → write the whole address, escaped; or put the shop's address in front of all: --transform url=prefix:https://YOUR-SHOP/");
    let args = ["check", "shop.csv", "--transform", "url=prefix:https://shop.example/"];
    assert_eq!(home.run(&args).code, 0);
}

#[test]
fn what_is_accepted_is_listed_with_real_values() {
    let home = Home::new();
    home.file(
        "shop.csv",
        "Artikelnummer;Preis;x_brand\nA1;12,50 €;Oak\nA2;7,00 €;Elm\nA3;1.299,00 €;Oak\n",
    );
    insta::assert_snapshot!(home.run(&["recipe", "export", "shop.csv", "--accept"]).err, @r"
    accepted: x_brand → brand, such as “Oak” (part of the name)
    accepted: Preis: Number with decimal comma, “12,50 €” → “12.50”
    ");
}

#[test]
fn hostile_files_fail_in_one_sentence() {
    let home = Home::new();
    home.file("empty.csv", "");
    home.file("header.csv", "product_id,title\n");
    home.file("binary.csv", [0_u8, 159, 146, 150, 0, 1, 2, 3].repeat(100));
    home.file("escape.csv", "product_id,price\n1,\u{1b}[31mred\u{1b}]0;title\u{7}\n");
    fs::create_dir(home.path("folder")).unwrap();
    for name in ["missing.csv", "empty.csv", "binary.csv", "folder"] {
        let ended = home.run(&["check", name]);
        assert_eq!((ended.code, ended.out.as_str()), (2, ""), "{name}: {}", ended.err);
        assert_eq!(ended.err.lines().count(), 1, "{name}: {}", ended.err);
        assert!(
            ended.err.starts_with("tatami: ") && ended.err.contains(name),
            "{}",
            ended.err
        );
    }
    insta::assert_snapshot!(home.run(&["check", "header.csv"]).out.lines().last().unwrap(), @"There are no rows; no problems");
    let ended = home.run(&["check", "escape.csv"]);
    assert!(
        !ended.out.contains('\u{1b}') && ended.out.contains("\\u{1b}[31mred"),
        "{}",
        ended.out
    );
}

#[test]
fn colours_only_where_they_are_wanted() {
    let home = Home::new();
    home.file("bad.csv", "product_id,price\n1,x\n");
    assert!(!home.run(&["check", "bad.csv"]).out.contains('\u{1b}'));
    let mut forced = home.command(&["check", "bad.csv"]);
    assert!(ended(forced.env("CLICOLOR_FORCE", "1")).out.contains('\u{1b}'));
    let mut plain = home.command(&["check", "bad.csv"]);
    assert!(
        !ended(plain.env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1"))
            .out
            .contains('\u{1b}')
    );
}

#[test]
fn explain_knows_everything_by_name() {
    let home = Home::new();
    let explain = |topic: &str| home.run(&["explain", topic]).all();
    insta::assert_snapshot!(home.run(&["explain"]).all(), @r#"
    Data sets
      products      One product or piece of content of the catalog
      interactions  One thing that someone did on the site
      users         One user or visitor

    Rules
      unreadable       error    Record cannot be read
      required         error    Required field is missing
      action-name      error    Custom interaction has no name
      type             error    Wrong type of value
      date-time        error    Not a date and time
      url              error    Not a URL
      format           error    Text in another form than the field takes
      enum             error    Not one of the allowed names
      empty            error    Empty text
      length           error    Text too long or too short
      items            error    List of items that do not go together
      unknown-field    error    Unknown field
      other-type       error    Field of another type of interaction
      inconsistent     error    Custom attribute of another type
      refused          error    Refused by the service
      repeated-id      warning  Id appears again further down
      alike-ids        warning  Ids that differ only in capital letters or leading zeros
      id-spaces        warning  Spaces around an id
      id-form          warning  Id with a comma or a leading _, or . or ..
      id-controls      warning  Control character in an id
      several-ids      warning  Several ids in a field for one
      placeholder-id   error    Id that is a word for "no value"
      header-as-id     warning  Header that stands among the records
      unknown-parent   warning  Parents that are not among the records
      ignored-field    warning  Field that the API does not name
      flat-categories  warning  Categories written as one text
      range            warning  Number out of range
      language         warning  Language without a code
      untitled         warning  Record without a title, where most have one
      zero-sale-price  warning  Sale price of 0 beside a price
      nobody           warning  Interaction of nobody
      no-timestamp     warning  Interaction without a time
      empty-miso-id    warning  Empty miso_id
      quantities       warning  Not as many quantities as products
      repeated-event   warning  The same interaction again
      absurd-date      warning  Date that can hardly be meant
      zoneless-time    warning  Time without a zone
      url-scheme       warning  URL that no browser opens as a page
      markup           warning  HTML in a title
      mangled          warning  Value that a spreadsheet has changed
      garbled          warning  Text that was read in the wrong encoding
      placeholder      warning  Word for "no value"
      spaces           warning  Spaces around a text
      personal-data    warning  Personal data in clear
      null             off      null for a field that may be left out
      translation      off      Texts in another language

    Presets, exports that are recognised
      amazon           Amazon listing template
      amplitude        Amplitude events
      bigcommerce      BigCommerce product export
      bigcommerce-v3   BigCommerce product export (v3)
      ga4              Google Analytics 4 export
      google-merchant  Google Merchant feed
      hubspot          HubSpot contacts
      klaviyo          Klaviyo profiles
      magento          Magento product export
      mailchimp        Mailchimp audience
      mixpanel         Mixpanel events
      segment          Segment events
      shopify          Shopify product export
      snowplow         Snowplow enriched events
      stored           Products read back
      woocommerce      WooCommerce product export
      elastic-bulk     Elasticsearch bulk file
      nested           Nested JSON

    More: tatami explain products, tatami explain products.categories, tatami explain date-time, tatami explain transforms, tatami explain contract
    [0]
    "#);
    insta::assert_snapshot!(explain("users"), @r#"
    Users
    One user or visitor.
    A record replaces an earlier one with the same user_id, whole.

      user_id            text, required                "user_1234"
      created_at         date, with or without a time  "2023-11-07T05:31:56Z"
      updated_at         date, with or without a time  "2023-11-07T05:31:56Z"
      name               text                          "Visitor 12"
      profile_image      URL
      age                whole number                  33
      gender             text                          "F"
      city               text                          "Mountain View"
      state              text                          "California"
      country            text                          "US"
      group_id           text                          "Northwind Corp"
      description        text
      custom_attributes  object                        {"season":"summer","popularity":7.439,"genr…

    More about one: tatami explain users.custom_attributes
    [0]
    "#);
    insta::assert_snapshot!(explain("products.availability"), @r#"
    products.availability
    Whether it can be bought: IN_STOCK, OUT_OF_STOCK or PRE_ORDER

    Products that are OUT_OF_STOCK are filtered out of all results, so a wrong value hides a product
    or recommends one that nobody can buy. One of the three names, in capitals. Left out, the
    product counts as IN_STOCK.

      type      one of a list
      one of    IN_STOCK, OUT_OF_STOCK, PRE_ORDER
      example   "IN_STOCK"
      columns   availability, available, in stock, is in stock, instock, is available, stock
                availability, availability status, stock, inventory, inventory status, stock level,
                product availability, verfugbarkeit, verfuegbarkeit, lieferbar, verfugbar, vorratig,
                auf lager, lieferstatus, lagerstatus, disponibilite, disponible, en stock, dispo,
                etat du stock, disponibilidad, hay stock, disponibilita, disponibile, disponibile in
                magazzino, disponibilidade, disponivel, em estoque, beschikbaarheid, op voorraad,
                leverbaar, beschikbaar, voorraadstatus, dostepnosc, dostepny, dostepne, w magazynie,
                наличие, в наличии, доступность, статус наличия, 在庫状況, 在庫有無, 在庫ステータス, 库存状态, 是否有货,
                供货状态, 有货, stok durumu, stokta, stokta var mi, mevcut are matched to it too
    [0]
    "#);
    insta::assert_snapshot!(explain("interactions.search"), @r#"
    interactions.search
    The search

    What people look for in their own words, from which engines learn what they mean. An object with
    keywords, and filters if any were set. Left out, the record says only that somebody searched.

      type      object
      only of   search
      example   {"keywords":"chips"}

      search.keywords  text    "chips"
      search.filters   object

    search, a type of interaction (Clickstream)
    Someone searches

      allows    search, beside what all interactions have
      worth     core: send it if it happens at all
    [0]
    "#);
    insta::assert_snapshot!(explain("products.custom_attributes.color"), @r#"
    color is a name of your own in custom_attributes.

    products.custom_attributes
    Anything else you know about it, by name

    Each attribute becomes a feature and can be filtered by and shown, so send what matters to
    customers; hundreds are fine. Text, a number, true or false, a list of texts or of numbers, an
    object of such values, or a list of objects; one attribute keeps one type in all records. Left
    out, the engine knows only the fields above.

      type      object
      example   {"season":"summer","popularity":7.439,"genres":["Drama","Romance"]}
      keys      free; in a flat file each is a column of its own, written with a dot
    [0]
    "#);
    insta::assert_snapshot!(explain("repeated-id"), @r"
    Id appears again further down [repeated-id] warning
    A record replaces an earlier one with the same id whole, so only the last of them remains.
    → remove the earlier record, or give each its own id
    [0]
    ");
    insta::assert_snapshot!(explain("prodcts"), @r#"
    tatami: there is no data set, rule or preset "prodcts"; did you mean tatami explain products?
    [2]
    "#);
    insta::assert_snapshot!(explain("sale_price"), @r#"
    tatami: there is no data set, rule or preset "sale_price"; did you mean tatami explain products.sale_price?
    [2]
    "#);
    insta::assert_snapshot!(explain("products.price"), @r#"
    tatami: products have no field "price"; did you mean tatami explain products.sale_price?
    [2]
    "#);
    insta::assert_snapshot!(explain("users.nonsense"), @r#"
    tatami: users have no field "nonsense"; tatami explain users lists all, and your own go to custom_attributes
    [2]
    "#);
    let types = explain("interactions.type");
    assert_eq!(
        types.lines().filter(|line| line.contains("product_ids")).count(),
        25,
        "{types}"
    );
}

#[test]
fn samples_are_the_same_every_time() {
    let home = Home::new();
    let args = ["sample", "products", "--rows", "50", "--bad", "20%", "--seed", "7"];
    let first = home.run(&args);
    // A cell may hold line breaks.
    let records = csv::Reader::from_reader(first.out.as_bytes()).records().count();
    assert_eq!((first.code, records), (0, 50));
    assert_eq!(first.out, home.run(&args).out);
    let mut written = args.to_vec();
    written.extend(["--out", "catalog.csv"]);
    insta::assert_snapshot!(home.run(&written).all(), @r"
    50 products in catalog.csv
    [0]
    ");
    assert_eq!(home.read("catalog.csv"), first.out);
    assert_eq!(home.run(&["check", "catalog.csv"]).code, 1);
    let clean = home.run(&[
        "sample",
        "interactions",
        "--rows",
        "30",
        "--bad",
        "0",
        "--format",
        "jsonl",
    ]);
    home.file("clean.jsonl", clean.out);
    assert_eq!(home.run(&["check", "clean.jsonl"]).code, 0);
    assert_eq!(home.run(&["sample", "things"]).code, 2);
    assert_eq!(home.run(&["sample", "users", "--bad", "101"]).code, 2);
}

#[test]
fn a_reader_that_has_read_enough_is_no_failure() {
    let home = Home::new();
    let mut command = home.command(&["sample", "products", "--rows", "200000"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut start = [0; 100];
    child.stdout.take().unwrap().read_exact(&mut start).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(
        (output.status.code(), output.stderr.as_slice()),
        (Some(0), [].as_slice())
    );
}

#[test]
fn a_misspelled_command_is_recognised() {
    let home = Home::new();
    insta::assert_snapshot!(home.run(&["chekc"]).all(), @r#"
    tatami: there is no file or command "chekc"; did you mean tatami check?
    [2]
    "#);
    insta::assert_snapshot!(home.run(&["catalog.csv"]).all(), @r#"
    tatami: there is no file or command "catalog.csv"; see tatami --help
    [2]
    "#);
}

#[test]
fn how_a_file_is_written_is_recognised_said_and_can_be_given() {
    let home = Home::new();
    home.file(
        "export.csv",
        *b"My shop;;\nproduct_id;title;title\n1;K\xe4se;x\n2;Br\xf6tchen;y\n",
    );
    insta::assert_snapshot!(home.run(&["check", "export.csv"]).out, @r"
    export.csv: 2 rows, products, recognised from the columns
      written with ; between cells, the header on line 2, Windows-1252
      2 rows + 1 header + 1 before the header = 4 lines
      One column has a name that another one has; it is called title (2)
      2 columns have their fields' names
      1 column goes to custom_attributes: title (2)

    All 2 rows can be sent; no problems
    ");
    insta::assert_snapshot!(home.run(&["check", "export.csv", "--dataset", "products", "--skip", "2", "--no-header", "--encoding", "koi8-u", "--quote", "none"]).out, @r"
    export.csv: 2 rows, products
      written with ; between cells, no quotes around cells, no header, records from line 3, KOI8-U
      2 rows + 2 before the rows = 4 lines
      3 columns go to custom_attributes: column 1, column 2, column 3

    error product_id: required field is missing, 2 rows [required]
      lines 3, 4
      → no column goes to product_id: choose one, such as --map 'column 1=product_id'

    0 of 2 rows can be sent; 2 errors, 0 warnings
    ");
    insta::assert_snapshot!(home.run(&["check", "export.csv", "--encoding", "klingon"]).err, @r"
    error: invalid value 'klingon' for '--encoding <NAME>': give a name as web pages do, such as utf-8, utf-16le, windows-1252, sjis or gbk, or cp437, cp850, mac-roman

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(home.run(&["check", "export.csv", "--delimiter", ";", "--quote", ";"]).err, @"tatami: export.csv cannot be opened: the same character cannot stand between and around cells; choose another");
}

#[test]
fn a_file_is_exported_byte_for_byte() {
    let home = Home::new();
    let bytes = b"product_id;title\r\n1;\"K\xe4se\"\r\n\r\n2; \r\n3;\"open";
    home.file("export.csv", *bytes);
    assert_eq!(home.run(&["export", "export.csv", "--out", "copy.csv"]).code, 0);
    assert_eq!(fs::read(home.path("copy.csv")).unwrap(), bytes);
    insta::assert_snapshot!(home.run(&["export", "export.csv", "--out", "export.csv"]).all(), @r"
    tatami: --out is the file itself, which is never changed; give another name
    [2]
    ");
    insta::assert_snapshot!(home.run(&["export", "missing.csv", "--out", "other.csv"]).all(), @r"
    tatami: missing.csv cannot be read: No such file or directory (os error 2)
    [2]
    ");
}

#[test]
fn every_command_has_help_with_examples() {
    let home = Home::new();
    for command in [
        "check", "upload", "ids", "get", "delete", "wipe", "explain", "export", "sample",
    ] {
        let ended = home.run(&[command, "--help"]);
        assert_eq!(ended.code, 0);
        assert!(
            ended.out.contains(&format!("Examples:\n  tatami {command}")),
            "{}",
            ended.out
        );
    }
}

#[test]
fn a_report_never_replaces_what_it_is_about() {
    let home = Home::new();
    home.file("catalog.csv", CATALOG);
    std::os::unix::fs::symlink(home.path("catalog.csv"), home.path("link.csv")).unwrap();
    for report in ["catalog.csv", "./catalog.csv", "link.csv"] {
        let ended = home.run(&["upload", "catalog.csv", "--report", report]);
        assert_eq!(ended.code, 2);
        assert_eq!(
            ended.err,
            format!("tatami: the report would replace {report}, which is to be uploaded; give --report another file\n")
        );
        assert_eq!(home.read("catalog.csv"), CATALOG);
    }
    let recipe = home.run(&["recipe", "export", "catalog.csv", "--output", "link.csv"]);
    assert_eq!(recipe.code, 2);
    assert_eq!(
        recipe.err,
        "tatami: link.csv cannot be written: an opened file is never changed itself; choose another name\n"
    );
    assert_eq!(home.read("catalog.csv"), CATALOG);
    // Nobody listens at that address: the upload fails, and what was there stays.
    home.file("rest.csv", "kept");
    let nowhere = [
        "upload",
        "catalog.csv",
        "--report",
        "rest.csv",
        "--force",
        "--url",
        "http://127.0.0.1:9",
    ];
    let mut command = home.command(&nowhere);
    assert_eq!(ended(command.env("TATAMI_KEY", "key-of-this-test")).code, 2);
    assert_eq!(home.read("rest.csv"), "kept");
}

#[test]
fn a_sample_takes_its_place_whole() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = Home::new();
    home.file("plain.csv", "");
    home.run(&["sample", "users", "--rows", "3", "--out", "users.csv"]);
    assert_eq!(home.read("users.csv").lines().count(), 4);
    let mode = |name| fs::metadata(home.path(name)).unwrap().permissions().mode();
    assert_eq!(mode("users.csv"), mode("plain.csv"));
    let nowhere = home.run(&["sample", "users", "--out", "no/users.csv"]);
    assert_eq!(nowhere.code, 2);
    assert!(
        nowhere.err.contains("no/users.csv cannot be written"),
        "{}",
        nowhere.err
    );
    assert_eq!(
        fs::read_dir(home.path(".")).unwrap().count(),
        2,
        "nothing is left behind"
    );
}

/// What is read of several, and what is not, is said.
#[test]
fn archives_and_pipes_are_read() {
    let home = Home::new();
    let mut archive = zip::ZipWriter::new(std::fs::File::create(home.path("shop.zip")).unwrap());
    for (name, text) in [("a.csv", "product_id\n1\n"), ("b.csv", "user_id\n7\n8\n")] {
        archive
            .start_file(name, zip::write::SimpleFileOptions::default())
            .unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    archive.finish().unwrap();
    insta::assert_snapshot!(home.run(&["check", "shop.zip"]).all(), @r"
    shop.zip: 1 row, products, recognised from the columns
      the file a.csv is read; --member takes another: b.csv
      1 column has its field's name

    The one row can be sent; no problems
    [0]
    ");
    insta::assert_snapshot!(home.run(&["check", "shop.zip", "--member", "b.csv"]).all(), @r"
    shop.zip: 2 rows, users, recognised from the columns
      the file b.csv is read; --member takes another: a.csv
      1 column has its field's name

    All 2 rows can be sent; no problems
    [0]
    ");
    insta::assert_snapshot!(home.run_with_input(&["check", "-"], "product_id\n1\n2\n").all(), @r"
    standard input: 2 rows, products, recognised from the columns
      1 column has its field's name

    All 2 rows can be sent; no problems
    [0]
    ");
}
