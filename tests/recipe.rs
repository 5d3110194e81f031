//! What files' own values suggest, transforms that are proven on them, and recipes that keep it all.

use crate::{
    common::plan::plan,
    home::{Home, Served, at},
};
use proptest::prelude::*;
use tatami::{
    domain::{
        cell::OwnedCell,
        dataset::Dataset,
        mapping::{Mapping, OfferKind},
        proposal::Proposal,
        recipe::{ReadOptions, Recipe},
        rules::Levels,
        sampled::Sampled,
        transform::Transform,
        value::Form,
    },
    frame::{Edits, LineBreak, OpenOptions, Preset},
    upload::{self, Ledger, UploadPlan, WriteOptions},
};

/// A catalog as a European shop exports it.
const MESSY: &str = "\
Artikelnummer;name;price;stock;published;updated;Kategorie;link;Bild;neu;rating
A-1;Lampe;12,50 €;in stock;23/04/2024;1699334400000;Wohnen / Licht;www.shop.example/a1;https://cdn.example/a1.jpg;ja;4,5
A-2;Tisch;1.299,00 €;sold out;01/02/2024;1699334500000;Wohnen / Möbel;www.shop.example/a2;https://cdn.example/a2.jpg;nein;4
A-3;Stuhl;49,00 €;In Stock;03/02/2024;1699334600000;Wohnen / Möbel;www.shop.example/a3;https://cdn.example/a3.jpg;ja;3,9
A-4;Vase;7,25 €;pre-order;30/11/2023;1699334700000;Deko;www.shop.example/a4;https://cdn.example/a4.jpg;nein;
A-5;Bild;120,00 €;in stock;15/06/2024;1699334800000;Deko / Wand;www.shop.example/a5;https://cdn.example/a5.jpg;ja;5
A-6;Teppich;89,99 €;in stock;05/06/2024;1699334900000;Wohnen / Textil;www.shop.example/a6;https://cdn.example/a6.jpg;ja;2,1
A-7;Kissen;15,00 €;in stock;06/06/2024;1699335000000;Wohnen / Textil;www.shop.example/a7;https://cdn.example/a7.jpg;nein;
A-8;Decke;35,00 €;ausverkauft;07/06/2024;1699335100000;Wohnen / Textil;www.shop.example/a8;https://cdn.example/a8.jpg;ja;4,4
A-9;Kerze;4,50 €;in stock;08/06/2024;1699335200000;Deko / Licht;www.shop.example/a9;https://cdn.example/a9.jpg;nein;3
A-10;Spiegel;59,00 €;in stock;09/06/2024;1699335300000;Wohnen / Wand;www.shop.example/a10;https://cdn.example/a10.jpg;ja;
";

#[test]
fn a_messy_file_ends_without_problems_by_its_recipe() {
    let home = Home::new();
    home.file("messy.csv", MESSY);
    insta::assert_snapshot!(home.run(&["columns", "messy.csv"]).all(), @r#"
    messy.csv: products, 10 rows, 11 columns
      Artikelnummer → product_id (common name for it, confidence 90): "A-1"
      name          → title (common name for it, confidence 90): "Lampe"
      price         → sale_price (common name for it, confidence 90): "12,50 €"
          suggested: Number with decimal comma, 10 of 10 values fit
            12,50 € → 12.50
            1.299,00 € → 1299.00
            --transform price=decimal-comma
      stock         → availability (common name for it, confidence 90): "in stock"
          suggested: Value table, 4 values, 10 of 10 values fit
            in stock → IN_STOCK
            sold out → OUT_OF_STOCK
            --transform 'stock=values:ausverkauft=OUT_OF_STOCK;in stock=IN_STOCK;pre-order=PRE_ORDER;sold out=OUT_OF_STOCK'
      published     → custom_attributes.published (no such field): "23/04/2024"
          suggested: published_at (common name for it, confidence 65); --map published=published_at
          suggested: Date, day first, 10 of 10 values fit
            23/04/2024 → 2024-04-23T00:00:00Z
            01/02/2024 → 2024-02-01T00:00:00Z
            --transform published=date:day-first
      updated       → updated_at (common name for it, confidence 90): "1699334400000"
          suggested: Time in milliseconds since 1970, 10 of 10 values fit
            1699334400000 → 2023-11-07T05:20:00Z
            1699334500000 → 2023-11-07T05:21:40Z
            --transform updated=epoch:milliseconds
      Kategorie     → categories (common name for it, confidence 90): [["Wohnen / Licht"]]
          suggested: Category path, levels separated by /, 10 of 10 values fit
            Wohnen / Licht → [["Wohnen","Licht"]]
            Wohnen / Möbel → [["Wohnen","Möbel"]]
            --transform Kategorie=paths:/
      link          → url (common name for it, confidence 90): "www.shop.example/a1"
          suggested: Put https:// in front, 10 of 10 values fit
            www.shop.example/a1 → https://www.shop.example/a1
            www.shop.example/a2 → https://www.shop.example/a2
            --transform link=prefix:https://
      Bild          → cover_image (common name for it, confidence 90): "https://cdn.example/a1.jpg"
      neu           → custom_attributes.neu (no such field): "ja"
          suggested: Yes and no in words, 10 of 10 values fit
            ja → true
            nein → false
            --transform neu=boolean
      rating        → rating (same name, confidence 100): "4,5"
          suggested: Number with decimal comma, 7 of 7 values fit
            4,5 → 4.5
            3,9 → 3.9
            --transform rating=decimal-comma
    [0]
    "#);
    assert_eq!(home.run(&["check", "messy.csv"]).code, 1);
    let export = home.run(&["recipe", "export", "messy.csv", "--accept", "-o", "shop.json"]);
    assert_eq!((export.code, export.out.as_str()), (0, ""));
    insta::assert_snapshot!(home.run(&["recipe", "show", "shop.json"]).all(), @r"
    messy.csv: products
      Artikelnummer → product_id
      name          → title
      price         → sale_price decimal-comma
      stock         → availability values:ausverkauft=OUT_OF_STOCK;in stock=IN_STOCK;pre-order=PRE_ORDER;sold out=OUT_OF_STOCK
      published     → published_at date:day-first
      updated       → updated_at epoch:milliseconds
      Kategorie     → categories paths:/
      link          → url prefix:https://
      Bild          → cover_image
      neu           → custom_attributes.neu boolean
      rating        → rating decimal-comma
    [0]
    ");
    let checked = home.run(&["check", "messy.csv", "--recipe", "shop.json"]);
    insta::assert_snapshot!(checked.all(), @r"
    messy.csv: 10 rows, products
      written with ; between cells
      Artikelnummer → product_id (by recipe)
      name          → title (by recipe)
      price         → sale_price (by recipe)
      stock         → availability (by recipe)
      published     → published_at (by recipe)
      updated       → updated_at (by recipe)
      Kategorie     → categories (by recipe)
      link          → url (by recipe)
      Bild          → cover_image (by recipe)
      neu           → custom_attributes.neu (by recipe, boolean)
      rating        → rating (by recipe)

    All 10 rows can be sent; no problems
    [0]
    ");
    // A column renamed, and one more: said, not ignored.
    home.file("next.csv", MESSY.replace("Bild;", "Foto;").replace(";neu;", ";new;"));
    let next = home.run(&["check", "next.csv", "--recipe", "shop.json"]);
    insta::assert_snapshot!(next.err, @"next.csv: the file lacks Bild, neu; the recipe does not know Foto, new");
}

#[test]
fn recipes_are_kept_found_and_refused() {
    let home = Home::new();
    home.file("shop.csv", "sku,price\n1,\"1,50\"\n");
    insta::assert_snapshot!(home.run(&["recipe", "show", "shop.csv"]).all(), @r"
    tatami: no recipe is kept for files with the columns of shop.csv; tatami recipe export makes one
    [2]
    ");
    insta::assert_snapshot!(home.run(&["recipe", "list"]).all(), @r"
    No recipes are kept yet; the window keeps one when columns are mapped, and so does tatami recipe import
    [0]
    ");
    let args = [
        "recipe",
        "export",
        "shop.csv",
        "--transform",
        "price=decimal-comma",
        "--transform",
        "language=constant:de",
    ];
    let recipe = home.run(&args);
    insta::assert_snapshot!(recipe.all(), @r#"
    {
      "tatami_recipe": 1,
      "name": "shop.csv",
      "dataset": "products",
      "columns": [
        {
          "column": "sku",
          "field": "product_id"
        },
        {
          "column": "price",
          "field": "sale_price",
          "transform": "decimal-comma"
        }
      ],
      "constants": [
        {
          "field": "language",
          "value": "de"
        }
      ]
    }
    [0]
    "#);
    home.file("recipe.json", &recipe.out);
    insta::assert_snapshot!(home.run(&["recipe", "import", "recipe.json"]).all(), @r"
    Kept: files with its 2 columns will be mapped by it in the window
    [0]
    ");
    // The order of columns does not matter.
    home.file("turned.csv", "price,sku\n\"2,50\",2\n");
    insta::assert_snapshot!(home.run(&["recipe", "show", "turned.csv"]).all(), @r"
    shop.csv: products
      sku   → product_id
      price → sale_price decimal-comma
      always language = de
    [0]
    ");
    home.file(
        "newer.json",
        recipe.out.replace("\"tatami_recipe\": 1", "\"tatami_recipe\": 9"),
    );
    insta::assert_snapshot!(home.run(&["check", "shop.csv", "--recipe", "newer.json"]).all(), @r"
    tatami: newer.json cannot be used: this recipe is of version 9, and this Tatami reads version 1; use a newer Tatami
    [2]
    ");
    insta::assert_snapshot!(home.run(&["check", "shop.csv", "--recipe", "shop.csv"]).all(), @r"
    tatami: shop.csv cannot be used: this is no recipe: expected value at line 1 column 1
    [2]
    ");
    insta::assert_snapshot!(home.run(&["check", "shop.csv", "--transform", "price=upper"]).all(), @r#"
    tatami: there is no transform "upper"; there are trim, text, decimal-comma, decimal-point, percent, fraction, date, epoch, boolean, in-stock, duration, first, list, list-literal, paths, prefix, constant and values
    [2]
    "#);
    insta::assert_snapshot!(home.run(&["check", "shop.csv", "--transform", "cost=trim"]).all(), @r#"
    tatami: there is no column "cost"; the columns are sku, price
    [2]
    "#);
    insta::assert_snapshot!(home.run(&["check", "shop.csv", "--transform", "product_id=constant:1"]).all(), @r"
    tatami: product_id cannot be “1” in every record: every record needs an id of its own
    [2]
    ");
    insta::assert_snapshot!(home.run(&["check", "shop.csv", "--transform", "condition=constant:old"]).all(), @r"
    tatami: condition cannot be “old” in every record: the field does not take that value
    [2]
    ");
}

/// What is offered for a column of `field` with these values.
fn proposal(field: &str, values: &[String]) -> Option<Proposal> {
    let columns = [field.to_owned()];
    let rows: Vec<[OwnedCell; 1]> = values
        .iter()
        .map(|value| [OwnedCell::Text(value.as_str().into())])
        .collect();
    let samples = Sampled::of_rows(1, rows.iter().map(<[OwnedCell; 1]>::as_slice));
    let mapping = Mapping::suggest_from(Dataset::Products, &columns, false, &samples);
    let offers = mapping.offers(&columns, &samples);
    offers.into_iter().find_map(|offer| match offer.kind {
        OfferKind::Transform(proposal) => Some(*proposal),
        OfferKind::Field { .. } | OfferKind::Constant { .. } => None,
    })
}

/// What is offered, in words: the transform, or both readings.
fn offered(field: &str, values: &[&str]) -> String {
    let values: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
    proposal(field, &values).map_or_else(
        || "nothing".to_owned(),
        |found| {
            let other = found.alternative.map(|(transform, _)| format!(" or {transform}"));
            let proof = found.proof;
            format!(
                "{}{}: {} of {}",
                found.transform,
                other.unwrap_or_default(),
                proof.fits,
                proof.all()
            )
        },
    )
}

#[test]
fn transforms_are_offered_by_the_values() {
    for (field, values, expect) in [
        ("sale_price", ["12,50", "7,25", "1.299,00"], "decimal-comma: 3 of 3"),
        ("sale_price", ["$12.50", "$1,299.00", "7"], "decimal-point: 3 of 3"),
        (
            "sale_price",
            ["1,299", "2,500", "1,000"],
            "decimal-point or decimal-comma: 3 of 3",
        ),
        ("sale_price", ["12.50", "7", "3"], "nothing"),
        ("margin", ["12,5 %", "7 %", "3 %"], "percent:comma: 3 of 3"),
        ("sale_price", ["12,5 %", "7 %", "3 %"], "nothing"),
        ("sale_price", ["ask", "on request", "7,5"], "nothing"),
        (
            "created_at",
            ["23/04/2024", "01/02/2024", "soon"],
            "date:day-first: 2 of 3",
        ),
        (
            "created_at",
            ["04/23/2024", "01/02/2024", "1/2/2024"],
            "date:month-first: 3 of 3",
        ),
        (
            "created_at",
            ["03/04/2024", "01/02/2024", "1/2/2024"],
            "date:day-first or date:month-first: 3 of 3",
        ),
        (
            "created_at",
            ["05/05/2024", "06/06/2024", "7/7/2024"],
            "date:day-first: 3 of 3",
        ),
        (
            "created_at",
            ["2024-04-23", "2024-04-23 10:00", "12 Nov 2023"],
            "date:year-first: 3 of 3",
        ),
        (
            "created_at",
            ["1699334400", "1699334401", "1699334402"],
            "epoch:seconds: 3 of 3",
        ),
        (
            "created_at",
            ["1699334400000", "1699334401000", "1699334402000"],
            "epoch:milliseconds: 3 of 3",
        ),
        ("enable_question_answering", ["ja", "nein", "ja"], "boolean: 3 of 3"),
        (
            "availability",
            ["in stock", "Sold Out", "IN_STOCK"],
            "values:Sold Out=OUT_OF_STOCK;in stock=IN_STOCK: 3 of 3",
        ),
        ("availability", ["IN_STOCK", "OUT_OF_STOCK", "IN_STOCK"], "nothing"),
        (
            "availability",
            ["in stock", "here", "gone"],
            "values:in stock=IN_STOCK: 1 of 3",
        ),
        (
            "condition",
            ["https://schema.org/NewCondition", "neu", "gebraucht"],
            "values:gebraucht=USED;https://schema.org/NewCondition=NEW;neu=NEW: 3 of 3",
        ),
        (
            "url",
            ["www.a.example/1", "a.example/2", "https://a.example/3"],
            "prefix:https://: 3 of 3",
        ),
        (
            "authors",
            ["Rowling, J.K.; Grandpré, Mary", "King, Stephen", "X"],
            "list:;: 3 of 3",
        ),
        ("tags", ["a,b", "c", "d,e"], "nothing"),
        ("tags", ["a\nb", "c", "d"], "list:newline: 3 of 3"),
        ("categories", ["A / B", "A / C", "D"], "paths:/: 3 of 3"),
        ("categories", ["A > B", "A > C", "D"], "nothing"),
        ("title", [" Lamp", "Mat", "Cup"], "trim: 3 of 3"),
        ("own", ["12,50 €", "7,00 €", "3,00 €"], "decimal-comma: 3 of 3"),
        ("own", ["0439023483", "12", "3"], "nothing"),
        ("own", ["yes", "no", "yes"], "boolean: 3 of 3"),
        ("own", ["red", "no", "blue"], "nothing"),
    ] {
        assert_eq!(offered(field, &values), expect, "{field}: {values:?}");
    }
}

/// Which fields are offered or taken for columns with these values.
fn fields(dataset: Dataset, columns: &[(&str, &str)]) -> String {
    let names: Vec<String> = columns.iter().map(|(name, _)| (*name).to_owned()).collect();
    let cells = |at: usize| {
        columns
            .iter()
            .map(move |(_, value)| OwnedCell::Text(value.replace('#', &at.to_string()).into()))
    };
    let rows: Vec<Vec<OwnedCell>> = (0..12).map(|at| cells(at).collect()).collect();
    let samples = Sampled::of_rows(names.len(), rows.iter().map(Vec::as_slice));
    let mapping = Mapping::suggest_from(dataset, &names, false, &samples);
    let mut lines: Vec<String> = Vec::new();
    for (at, name) in names.iter().enumerate() {
        let target = &mapping.targets[at];
        lines.push(format!(
            "{name} → {} ({})",
            target.path.as_deref().unwrap_or("-"),
            target.reason.words()
        ));
    }
    for offer in mapping.offers(&names, &samples) {
        if let OfferKind::Field {
            path,
            confidence,
            reason,
        } = offer.kind
        {
            lines.push(format!(
                "{} → {path}? ({}, {confidence})",
                names[offer.column],
                reason.words()
            ));
        }
    }
    lines.join("\n")
}

#[test]
fn fields_are_offered_by_name_and_values_but_never_taken_by_them() {
    insta::assert_snapshot!(fields(Dataset::Products, &[
        ("Artikel", "A-#"), ("sale_prise", "12.5#"), ("photo", "https://x.example/#.jpg"), ("page", "https://x.example/#"),
        ("shop_title_en", "Lamp #"), ("cost", "€ 1#,50"), ("state", "in stock"), ("price", "on request"),
    ]), @r"
    Artikel → custom_attributes.Artikel (no such field)
    sale_prise → custom_attributes.sale_prise (no such field)
    photo → cover_image (common name for it)
    page → custom_attributes.page (no such field)
    shop_title_en → custom_attributes.shop_title_en (no such field)
    cost → custom_attributes.cost (no such field)
    state → custom_attributes.state (no such field)
    price → custom_attributes.price (no such field)
    Artikel → product_id? (12 of 12 values are different ids, 60)
    sale_prise → sale_price? (name spelled alike, 56)
    page → url? (12 of 12 values are URLs, 55)
    shop_title_en → title? (part of the name, 42)
    ");
    insta::assert_snapshot!(fields(Dataset::Interactions, &[
        ("what", "add_to_cart"), ("when", "2024-04-#"), ("who", "u#"), ("user id", "u#"),
    ]), @r"
    what → context.custom_context.what (no such field)
    when → context.custom_context.when (no such field)
    who → context.custom_context.who (no such field)
    user id → user_id (similar name)
    when → timestamp? (11 of 12 values are dates, 55)
    ");
}

/// A number in the manner of a country.
fn written(whole: u64, cents: Option<u8>, decimal: char, separator: Option<char>, sign: &str) -> String {
    let digits = whole.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if let Some(separator) = separator.filter(|_| at > 0 && (digits.len() - at).is_multiple_of(3)) {
            grouped.push(separator);
        }
        grouped.push(digit);
    }
    let cents = cents.map(|cents| format!("{decimal}{cents:02}")).unwrap_or_default();
    format!("{sign}{grouped}{cents}")
}

fn apply(transform: &str, text: &str, form: Form) -> Option<String> {
    let transform: Transform = transform.parse().unwrap();
    transform.apply(text, form).ok().map(std::borrow::Cow::into_owned)
}

/// Each option for reading changed alone, and all of them at once.
fn changed_options() -> Vec<(&'static str, OpenOptions)> {
    // Nothing is left to `..`: an option that is not here, and below, does not compile.
    let all = OpenOptions {
        delimiter: Some(b';'),
        doubled: true,
        quote: Some(Some(b'\'')),
        line_break: Some(LineBreak::Cr),
        header: Some(false),
        skip: Some(3),
        spaced: Some(true),
        every_line: true,
        records: Some("response.items".to_owned()),
        encoding: Some(encoding_rs::WINDOWS_1252.into()),
        sheet: Some("Artikel".to_owned()),
        member: Some("artikel.csv".to_owned()),
        preset: Some(Preset::named("shopify")),
        allow_unpacked: Some(1 << 40),
        spool: Some("/somewhere".into()),
    };
    macro_rules! each_alone {
        ($($option:ident),*) => {{
            let OpenOptions { $($option: _),* } = &all;
            vec![$((stringify!($option), OpenOptions { $option: all.clone().$option, ..OpenOptions::default() })),*]
        }};
    }
    let mut changed = each_alone!(
        delimiter,
        doubled,
        quote,
        line_break,
        header,
        skip,
        spaced,
        every_line,
        records,
        encoding,
        sheet,
        member,
        preset,
        allow_unpacked,
        spool
    );
    changed.push(("all", all));
    for (name, quote) in [("no quote", None), ("another quote", Some(b'`'))] {
        changed.push((
            name,
            OpenOptions {
                quote: Some(quote),
                preset: Some(None),
                ..OpenOptions::default()
            },
        ));
    }
    changed
}

#[test]
fn every_option_for_reading_is_kept_in_recipes_and_ledgers() {
    let folder = tempfile::tempdir().unwrap();
    let columns = ["sku".to_owned(), "price".to_owned()];
    let mapping = Mapping::suggest(Dataset::Products, &columns, false);
    for (name, options) in changed_options() {
        assert_ne!(options, OpenOptions::default(), "{name}");
        let expected = OpenOptions {
            // Where a machine has room, and how much of it is given away, is no part of a recipe.
            allow_unpacked: None,
            spool: None,
            ..options.clone()
        };
        let recipe = Recipe {
            name: String::new(),
            saved: String::new(),
            read: options.to_recipe(),
            columns: columns.to_vec(),
            mapping: mapping.clone(),
            levels: Levels::default(),
        };
        let file = Recipe::from_json(&recipe.to_json()).unwrap();
        let reading = OpenOptions::default().or_recipe(&file.read);
        assert_eq!(reading.as_ref(), Ok(&expected), "{name}");
        let plan = UploadPlan {
            recipe: upload::UploadRecipe::new(&options, &columns, &mapping, &Levels::default(), &Edits::default()),
            ..plan(1, WriteOptions::default())
        };
        let ledger = || Ledger::open(folder.path()).unwrap();
        let id = ledger().begin(&plan).unwrap().id().unwrap();
        drop(ledger().resume(id).unwrap());
        let resumed = ledger().upload(id).unwrap().plan;
        assert_eq!(resumed.recipe.options(), expected, "{name}");
        assert_eq!(resumed, plan, "{name}");
    }
}

/// What a server holds of products.
fn products(home: &Home) -> Vec<(String, String)> {
    let database = rusqlite::Connection::open(home.path("home/data/local/records.sqlite")).unwrap();
    let mut query = database.prepare("SELECT id, record FROM products ORDER BY id").unwrap();
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

/// Lone carriage returns are text in such a file, unless somebody says otherwise; and so on.
#[test]
fn an_upload_goes_on_with_the_reading_and_the_rules_it_was_begun_with() {
    let recipe = r#"{"tatami_recipe": 1, "dataset": "products",
        "read": {"delimiter": ":", "doubled": true, "quote": "", "line_break": "cr", "header": false, "skip": 1,
            "spaced": false, "every_line": true, "encoding": "windows-1252", "preset": "none"},
        "columns": [{"column": "column 1", "field": "product_id"}, {"column": "column 2", "field": "title"}],
        "rules": ["markup=error"]}"#;
    let mut file = b"a title\n".to_vec();
    for row in 0..60 {
        file.extend(format!("P{row}:: \"St").bytes());
        // ü
        file.push(0xfc);
        let tag = if row % 3 == 2 { "<b>" } else { "" };
        let end = if row % 2 == 0 { '\r' } else { '\n' };
        file.extend(format!("ck\" {tag}{row}{end}").bytes());
    }
    let begun = |home: &Home| -> Served {
        home.file("recipe.json", recipe);
        home.file("stock.csv", &file);
        home.serve()
    };
    let whole = Home::new();
    let server = begun(&whole);
    // What an argument says goes before what the recipe does.
    let errors = |rule: &[&str]| {
        let check = ["check", "stock.csv", "--recipe", "recipe.json", "--format", "json"];
        let checked = whole.run(&[&check[..], rule].concat());
        checked.out.matches("\"markup\"").count()
    };
    assert!(errors(&[]) > 0 && errors(&["--rule", "markup=off"]) == 0);
    assert!(
        whole
            .run(&["recipe", "show", "recipe.json"])
            .out
            .ends_with("  rule markup=error\n")
    );
    let options = ["upload", "stock.csv", "--recipe", "recipe.json"];
    let ended = at(&whole, &server, &options);
    assert_eq!(ended.code, 1, "{}", ended.all());
    drop(server);
    assert_eq!(products(&whole).len(), 40, "those with tags are left out");
    assert!(
        products(&whole)[0].1.contains("\" \\\"Stück\\\" 0\""),
        "{:?}",
        products(&whole)[0]
    );

    let home = Home::new();
    let server = begun(&home);
    // One row a second: it is stopped long before its end.
    let slow = ["--batch-records", "1", "--rate", "1", "--url", &server.url];
    let mut command = home.command(&[&options[..], &slow].concat());
    let mut process = command
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    while home.run(&["uploads", "1"]).code != 0 {
        assert_eq!(process.try_wait().unwrap(), None);
    }
    process.kill().unwrap();
    process.wait().unwrap();
    let before = home.run(&["uploads", "1", "--json"]).out;
    let before: serde_json::Value = serde_json::from_str(&before).unwrap();
    assert_eq!(before["rows"], 60, "{before}");
    assert!(before["waiting"].as_u64() > Some(0), "{before}");
    // The recipe is not needed any more.
    home.file("recipe.json", "");
    let ended = at(&home, &server, &["upload", "--resume", "1"]);
    assert_eq!(ended.code, 1, "{}", ended.all());
    drop(server);
    assert_eq!(products(&home), products(&whole));
}

proptest! {
    #[test]
    fn numbers_come_back_from_every_country(
        whole in 0_u64..1_000_000_000_000, cents in proptest::option::of(0_u8..100), is_negative: bool,
        comma in proptest::option::of(prop::sample::select(vec!['.', ' ', '\'', '\u{a0}', '\u{202f}'])),
        point in proptest::option::of(prop::sample::select(vec![',', ' ', '\''])),
        currency in prop::sample::select(vec!["", " €", " EUR", " kr"]),
    ) {
        let sign = if is_negative { "-" } else { "" };
        let plain = written(whole, cents, '.', None, sign);
        let european = format!("{}{currency}", written(whole, cents, ',', comma, sign));
        prop_assert_eq!(apply("decimal-comma", &european, Form::Number), Some(plain.clone()), "{}", european);
        let english = format!("{}{currency}", written(whole, cents, '.', point, sign));
        prop_assert_eq!(apply("decimal-point", &english, Form::Number), Some(plain), "{}", english);
    }

    #[test]
    fn any_text_is_rewritten_or_left_alone(text in any::<String>(), at in 0_usize..16) {
        let written = [
            "trim", "decimal-comma", "decimal-point", "percent", "fraction:comma", "date:day-first", "date:month-first:-09:30",
            "epoch:seconds", "epoch:microseconds", "boolean", "list:;", "paths:>", "prefix:https://x.io/", "constant:a",
            "values:a=b", "date:year-first",
        ];
        for form in [Form::Text, Form::Number, Form::TextList, Form::PathList] {
            if let Some(once) = apply(written[at], &text, form) {
                // What comes out is taken as it is, so that applying a recipe to its own result changes nothing.
                let is_again = matches!(written[at], "decimal-comma" | "fraction:comma" | "epoch:seconds" | "epoch:microseconds" | "paths:>" | "list:;");
                prop_assert!(is_again || apply(written[at], &once, form).is_none_or(|twice| twice == once), "{:?}", once);
            }
        }
    }

    #[test]
    fn dates_come_back_in_every_order(year in 1970_u32..2100, month in 1_u32..=12, day in 1_u32..=28, second in 0_u32..86_400) {
        const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let time = format!("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60);
        let expect = Some(format!("{year:04}-{month:02}-{day:02}T{time}Z"));
        let name = MONTHS[month as usize - 1];
        for (order, text) in [
            ("date:day-first", format!("{day}/{month}/{year} {time}")),
            ("date:day-first", format!("{day:02}.{month:02}.{year}, {time}")),
            ("date:month-first", format!("{month}-{day}-{year} {time}")),
            ("date:year-first", format!("{year}/{month}/{day} {time}")),
            ("date:year-first", format!("{day} {name} {year} {time}")),
            ("date:year-first", format!("{name} {day}, {year} {time}")),
        ] {
            prop_assert_eq!(apply(order, &text, Form::Text), expect.clone(), "{}", text);
        }
        let days = jiff::civil::date(i16::try_from(year).unwrap(), i8::try_from(month).unwrap(), i8::try_from(day).unwrap());
        let start = days.to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp().as_second();
        let epoch = start + i64::from(second);
        prop_assert_eq!(apply("epoch:seconds", &epoch.to_string(), Form::Text), expect.clone());
        prop_assert_eq!(apply("epoch:milliseconds", &(epoch * 1000).to_string(), Form::Text), expect);
    }

    #[test]
    fn the_order_is_asked_exactly_when_no_value_settles_it(dates in prop::collection::vec((1_u32..=28, 1_u32..=12), 1..20)) {
        let values: Vec<String> = dates.iter().map(|(day, month)| format!("{day:02}/{month:02}/2024")).collect();
        let found = proposal("created_at", &values).unwrap();
        let both_fit = dates.iter().all(|(day, _)| *day <= 12);
        let differ = dates.iter().any(|(day, month)| day != month);
        prop_assert_eq!(found.alternative.is_some(), both_fit && differ, "{:?}", values);
        prop_assert_eq!(found.proof.misfits, 0);
        prop_assert_eq!(found.transform.to_string(), "date:day-first");
    }

    #[test]
    fn recipes_read_back_equal(names in prop::collection::hash_set("[a-zA-Zäß .:=\"]{1,12}", 1..8), seed in any::<u64>()) {
        let columns: Vec<String> = names.into_iter().map(|name| format!("c{name}")).collect();
        let mut mapping = Mapping::suggest(Dataset::Products, &columns, false);
        let ways = ["trim", "decimal-comma", "date:day-first:+02:00", "list:newline", "values:a=B;c=", "constant:x y"];
        for (at, target) in mapping.targets.iter_mut().enumerate() {
            let pick = usize::from(seed.to_le_bytes()[at]) % (ways.len() + 2);
            target.transform = ways.get(pick).map(|way| way.parse().unwrap());
            target.reason = tatami::domain::mapping::Reason::Recipe;
            if pick == ways.len() {
                target.path = None;
            }
        }
        let recipe = Recipe { name: "x".to_owned(), saved: String::new(), read: ReadOptions::default(), columns, mapping, levels: Levels::default() };
        prop_assert_eq!(Recipe::from_json(&recipe.to_json()), Ok(recipe));
    }
}
