//! How good the guesses about columns are, on tables made up in the manner of shops, feeds, customer lists, order
//! exports and event logs: what is decided by itself, and what is accepted with the rest, must be right nearly always.

use std::fmt::Write as _;

use tatami::{
    check::{self, Suggested},
    domain::{dataset::Dataset, mapping::Mapping},
    frame::{Edits, Frame, OpenOptions},
};

/// A table as its data set and its columns: `name / kind of values / right fields`. A field `-` stands for an
/// attribute of one's own, `x` for what must not be sent.
const TABLES: &[(Dataset, &str)] = &[
    (
        Dataset::Products,
        "sku / id / product_id
        name / title / title
        description / html / description, html
        price / price / sale_price, original_price
        special_price / price / sale_price
        qty / count / -
        out_of_stock_qty / zero / -
        is_in_stock / bit / availability
        visibility / bit / -
        categories / paths / categories
        base_image / image / cover_image
        url_key / slug / -
        created_at / moment / created_at
        tax_class_name / word / -
        meta_title / title / -",
    ),
    (
        Dataset::Products,
        "Artikelnr. / id / product_id
        Bezeichnung / title / title
        Langtext / text / description
        Warengruppe / word / categories
        VK brutto / comma price / sale_price, original_price
        EK netto / comma price / -
        Hersteller / word / brand
        Lagerbestand / count / -
        Auf Lager / ja / availability
        EAN / digits / -
        Bild 1 / image / cover_image
        Bild 2 / image / -
        Anlagedatum / german date / created_at",
    ),
    (
        Dataset::Products,
        "Référence / id / product_id
        Désignation / title / title
        Prix TTC (€) / comma price / sale_price, original_price
        Prix barré / comma price / original_price
        Catégorie / word / categories
        Marque / word / brand
        Poids (kg) / decimal / -
        Description courte / text / short_description
        Lien / url / url
        URL image / image / cover_image
        Code barres / digits / -",
    ),
    (
        Dataset::Products,
        "v_item_code / id / product_id
        v_item_title_1 / title / title
        v_item_title_2 / empty / -
        v_list_price / price / original_price
        v_sale_price / price / sale_price
        v_brand / word / brand
        v_modified / moment / updated_at",
    ),
    (
        Dataset::Products,
        "商品番号 / id / product_id
        商品名 / title / title
        販売価格 / count / sale_price
        定価 / count / original_price
        在庫数 / count / -
        ブランド名 / word / brand
        商品画像URL / image / cover_image
        公開フラグ / bit / -",
    ),
    (
        Dataset::Products,
        "Артикул / id / product_id
        Наименование товара / title / title
        Описание / text / description
        Розничная цена / price / sale_price, original_price
        Старая цена / price / original_price
        Производитель / word / brand
        Категория товара / word / categories
        Вес, кг / decimal / -
        Теги (через запятую) / tags / tags",
    ),
    (
        Dataset::Products,
        "film_id / number / product_id
        title / title / title
        director / name / authors, -
        genres / tags / categories, tags
        release_date / day / published_at
        rating / rated / -
        runtime / count / -
        poster / image / cover_image",
    ),
    (
        Dataset::Products,
        "id / number / product_id
        name / title / title
        price / price / sale_price, original_price",
    ),
    (
        Dataset::Users,
        "Kunden-Nr. / id / user_id
        Anrede / word / -
        Vorname / word / -
        Nachname / word / -
        E-Mail-Adresse / mail / -
        Geburtsdatum / german date / -
        Straße / text / -
        PLZ / digits / -
        Ort / word / city
        Land / word / country
        Newsletter / ja / -
        Passwort / hash / x
        Registriert am / german date / created_at",
    ),
    (
        Dataset::Users,
        "member_id / id / user_id
        full_name / name / name
        gender / word / gender
        age / age / age
        home_city / word / city
        signup_date / day / created_at
        last_login / moment / -
        api_key / hash / x
        lifetime_value / price / -",
    ),
    (
        Dataset::Users,
        "客户编号 / id / user_id
        姓名 / title / name
        性别 / word / gender
        城市 / word / city
        手机号 / digits / -
        登录密码 / hash / x
        注册时间 / moment / created_at
        会员等级 / word / -",
    ),
    (
        Dataset::Users,
        "Id. klienta / id / user_id
        Imię / word / -
        Nazwisko / word / -
        Adres e-mail / mail / -
        Miasto / word / city
        Kraj / word / country
        IBAN / iban / x
        Data rejestracji / day / created_at",
    ),
    (
        Dataset::Users,
        "subscriber_id / number / user_id
        email / mail / -
        status / word / -
        created_at / moment / created_at
        Country/Region / word / -, country
        unsubscribed / bit / -",
    ),
    (
        Dataset::Interactions,
        "Bestellnummer / number / -
        Bestelldatum / german date / timestamp
        Kundennummer / few ids / user_id
        Artikelnummer / few ids / product_ids
        Artikelbezeichnung / title / -
        Menge / small / quantities
        Einzelpreis / comma price / -
        Gesamtbetrag / comma price / revenue
        Lieferort / word / -
        Kreditkartennummer / card / x",
    ),
    (
        Dataset::Interactions,
        "event_time / moment / timestamp
        event_type / events / type
        user_id / few ids / user_id
        session_id / hash / anonymous_id
        product_id / few ids / product_ids
        price / price / -
        category_code / word / -",
    ),
    (
        Dataset::Interactions,
        "Número do pedido / number / -
        Data do pedido / day / timestamp
        Código do cliente / few ids / user_id
        SKU / few ids / product_ids
        Quantidade / small / quantities
        Valor total / comma price / revenue
        Forma de pagamento / word / -
        CPF / digits / -",
    ),
    (
        Dataset::Interactions,
        "userId / few ids / user_id
        bookId / few ids / product_ids
        rating / stars / rating
        timestamp / epoch / timestamp",
    ),
    (
        Dataset::Interactions,
        "注文番号 / number / -
        注文日 / day / timestamp
        会員番号 / few ids / user_id
        商品コード / few ids / product_ids
        数量 / small / quantities
        送料 / count / -",
    ),
];

/// Rows of each table.
const ROWS: u32 = 24;

/// A value of a kind.
fn value(kind: &str, row: u32) -> String {
    let pick = |words: &[&str]| words[(row as usize * 7 + 3) % words.len()].to_owned();
    let day = format!("{:02}", row % 27 + 1);
    match kind {
        "id" => format!("K{}", 1000 + row),
        "few ids" => format!("K{}", 1000 + row / 5 * 3),
        "number" => (700 + row).to_string(),
        "digits" => format!("40{}", 55_000_000 + row * 7919),
        "count" => (row * 13 % 97).to_string(),
        "small" => (row % 4 + 1).to_string(),
        "age" => (19 + row).to_string(),
        "zero" => "0".to_owned(),
        "bit" => (row % 2).to_string(),
        "ja" => pick(&["ja", "nein"]),
        "price" => format!("{}.{:02}", 5 + row * 3, row * 7 % 100),
        "comma price" => format!("{},{:02}", 5 + row * 3, row * 7 % 100),
        "decimal" => format!("{}.{}", row % 9, row % 7 + 1),
        "stars" => format!("{}.5", row % 4),
        "rated" => pick(&["PG-13", "R", "G", "TV-MA"]),
        "word" => pick(&["Alder", "Birch", "Cedar", "Elm", "Fir"]),
        "title" => format!(
            "{} {}",
            pick(&["Oaken", "Brass", "Linen", "Amber"]),
            pick(&["Stool", "Lamp", "Cloak"])
        ),
        "name" => format!(
            "{} {}",
            pick(&["Ada", "Bert", "Cleo", "Dora"]),
            pick(&["Hill", "Marsh", "Brook"])
        ),
        "text" => format!("It is made by hand, number {row} of its kind, and will last"),
        "html" => format!("<p>It is made by hand, number {row} of its kind</p>"),
        "tags" => format!(
            "{}, {}",
            pick(&["Garden", "House", "Gift"]),
            pick(&["Summer", "Gift", "House"])
        ),
        "paths" => pick(&[
            "House > Lamps, House",
            "Garden > Tools, House > Lamps",
            "House",
            "Garden > Tools",
        ]),
        "slug" => format!("oaken-stool-{row}"),
        "url" => format!("https://shop.example/p/{row}"),
        "image" => format!("https://cdn.example/{row}.jpg"),
        "mail" => format!("person{row}@mail.example"),
        "hash" => format!("{:032x}", u128::from(row + 1) * 0x9e37_79b9_7f4a_7c15_f39c_c060),
        "card" => format!("411111111111{}", 1000 + row),
        "iban" => format!("PL6110901014000007121981{}", 1000 + row),
        "day" => format!("2024-03-{day}"),
        "german date" => format!("{day}.03.2024"),
        "moment" => format!("2024-03-{day} 10:{day}:05"),
        "epoch" => (1_700_000_000 + row * 3600).to_string(),
        "events" => pick(&["view", "cart", "purchase"]),
        "empty" => String::new(),
        other => panic!("no kind {other}"),
    }
}

struct Column<'a> {
    name: &'a str,
    kind: &'a str,
    right: Vec<&'a str>,
}

fn columns(table: &str) -> Vec<Column<'_>> {
    let column = |line| {
        let mut parts = str::rsplitn(line, 3, " / ");
        let right = parts.next().unwrap().split(", ").collect();
        let kind = parts.next().unwrap();
        Column {
            name: parts.next().unwrap(),
            kind,
            right,
        }
    };
    table.lines().map(str::trim).map(column).collect()
}

fn suggested(columns: &[Column<'_>], dataset: Option<Dataset>) -> (Frame, Suggested) {
    let quoted = |cells: Vec<String>| {
        cells
            .iter()
            .map(|cell| format!("\"{cell}\""))
            .collect::<Vec<_>>()
            .join(",")
    };
    let mut text = quoted(columns.iter().map(|column| column.name.to_owned()).collect());
    for row in 0..ROWS {
        let cells = columns.iter().map(|column| value(column.kind, row)).collect();
        write!(text, "\n{}", quoted(cells)).unwrap();
    }
    let options = OpenOptions {
        preset: Some(None),
        ..OpenOptions::default()
    };
    let frame = Frame::from_text("table.csv", text, &options).unwrap();
    let suggested = check::suggest(&frame, &Edits::default(), dataset).unwrap();
    (frame, suggested)
}

/// How many columns went to fields, were right to, and should have.
#[derive(Debug, Default)]
struct Figures {
    sent: usize,
    right: usize,
    wanted: usize,
    wrong: Vec<String>,
    missed: Vec<String>,
}

impl Figures {
    fn add(&mut self, columns: &[Column<'_>], mapping: &Mapping) {
        for (at, column) in columns.iter().enumerate() {
            let is_own = |path: &&str| path.contains("custom_attributes.") || path.contains("custom_context.");
            let field = mapping.path(at).filter(|path| !is_own(path));
            let is_wanted = !column.right.contains(&"-") && !column.right.contains(&"x");
            self.wanted += usize::from(is_wanted);
            match field {
                Some(field) if column.right.contains(&field) => {
                    self.sent += 1;
                    self.right += usize::from(is_wanted);
                }
                Some(field) => {
                    self.sent += 1;
                    self.wrong.push(format!("{} → {field}", column.name));
                }
                None if is_wanted => self.missed.push(column.name.to_owned()),
                None => {}
            }
        }
    }

    /// Holds the figures to the least that is good enough, in percent.
    #[track_caller]
    fn hold(&self, recall: usize) {
        let sure = (self.sent - self.wrong.len()) * 100 >= self.sent * 98;
        assert!(sure, "of {} wrong: {:#?}", self.sent, self.wrong);
        let found = self.right * 100 >= self.wanted * recall;
        assert!(found, "{} of {}, without {:#?}", self.right, self.wanted, self.missed);
    }
}

#[test]
fn no_data_set_is_taken_for_another_and_few_are_asked_for() {
    let mut asked = 0;
    for (dataset, table) in TABLES {
        let recognition = suggested(&columns(table), None).1.recognition.unwrap();
        match recognition.decided() {
            None => asked += 1,
            found => assert_eq!(found, Some(*dataset), "{table}\n{recognition:#?}"),
        }
    }
    assert!(asked * 100 <= TABLES.len() * 15, "asked {asked} times");
}

#[test]
fn what_is_decided_is_right_and_half_of_what_is_there() {
    let mut figures = Figures::default();
    for (dataset, table) in TABLES {
        let columns = columns(table);
        figures.add(&columns, &suggested(&columns, Some(*dataset)).1.mapping);
    }
    figures.hold(70);
}

#[test]
fn what_is_accepted_is_right_and_nearly_all_of_what_is_there() {
    let mut figures = Figures::default();
    for (dataset, table) in TABLES {
        let columns = columns(table);
        let (
            frame,
            Suggested {
                mut mapping, samples, ..
            },
        ) = suggested(&columns, Some(*dataset));
        mapping.accept_all(frame.columns(), &samples);
        figures.add(&columns, &mapping);
    }
    figures.hold(90);
}

#[test]
fn secrets_are_left_out_until_somebody_insists() {
    for (dataset, table) in TABLES {
        let columns = columns(table);
        let (
            frame,
            Suggested {
                mut mapping, samples, ..
            },
        ) = suggested(&columns, Some(*dataset));
        mapping.accept_all(frame.columns(), &samples);
        for (at, column) in columns.iter().enumerate() {
            let is_secret = column.right == ["x"];
            assert_eq!(mapping.path(at).is_none(), is_secret, "{}", column.name);
            if is_secret {
                let path = format!("{}.{}", dataset.custom_prefix(), column.name);
                mapping.choose(frame.columns(), at, Some(&path), None).unwrap();
                assert_eq!(mapping.path(at), Some(path.as_str()));
            }
        }
    }
}

/// The first value of a column, as it is sent to a field once everything likely is accepted.
#[track_caller]
fn check(dataset: Dataset, name: &str, values: &[&str], field: &str, expect: &str) {
    let header = match dataset {
        Dataset::Products => "product_id",
        Dataset::Interactions => "event_type",
        Dataset::Users => "user_id",
    };
    let mut text = format!("{header}\t{name}");
    for row in 0..12 {
        write!(text, "\nK{row}\t{}", values[row % values.len()]).unwrap();
    }
    let options = OpenOptions {
        preset: Some(None),
        ..OpenOptions::default()
    };
    let frame = Frame::from_text("table.tsv", text, &options).unwrap();
    let Suggested {
        mut mapping, samples, ..
    } = check::suggest(&frame, &Edits::default(), Some(dataset)).unwrap();
    mapping.accept_all(frame.columns(), &samples);
    let path = mapping.path(1).unwrap_or("left out").to_owned();
    let part = mapping.part_with(1, mapping.targets[1].transform.clone());
    let became = part.and_then(|part| {
        let cell = tatami::domain::cell::Cell::Text(values[0]);
        let rewritten = part.replacement(cell).map(std::borrow::Cow::into_owned);
        let text = rewritten.unwrap_or_else(|| values[0].to_owned());
        tatami::domain::value::to_json(tatami::domain::cell::Cell::Text(&text), part.form)
    });
    let became = became.map(|json| json.to_string()).unwrap_or_default();
    assert_eq!((path.as_str(), became.as_str()), (field, expect), "{name}");
}

#[test]
fn values_are_rewritten_where_they_prove_how() {
    use Dataset::{Interactions, Products};
    check(Products, "Preis", &["1.299,00 €", "12,50 €"], "sale_price", "1299.0");
    check(
        Products,
        "availability",
        &["vorrätig", "ausverkauft"],
        "availability",
        r#""IN_STOCK""#,
    );
    check(Products, "In stock?", &["1", "0"], "availability", r#""IN_STOCK""#);
    check(
        Products,
        "categories",
        &["A > B, A > C", "A > C"],
        "categories",
        r#"[["A","B"],["A","C"]]"#,
    );
    check(
        Products,
        "categories",
        &["A/B,A/C", "A/B"],
        "categories",
        r#"[["A","B"],["A","C"]]"#,
    );
    check(
        Products,
        "categories",
        &["Drama, Crime", "Crime, Comedy", "Comedy", "Drama"],
        "categories",
        r#"[["Drama"],["Crime"]]"#,
    );
    check(
        Products,
        "categories",
        &["A -> B", "C -> D"],
        "categories",
        r#"[["A","B"]]"#,
    );
    check(
        Products,
        "url",
        &["www.shop.example/a", "shop.example/b"],
        "url",
        r#""https://www.shop.example/a""#,
    );
    check(
        Interactions,
        "created",
        &["23.04.2024, 10:05", "5.3.2024, 7:00"],
        "timestamp",
        r#""2024-04-23T10:05:00Z""#,
    );
    check(
        Interactions,
        "watch duration",
        &["1:42:30", "0:05:00"],
        "duration",
        "6150",
    );
}

#[test]
fn doubtful_values_are_left_as_they_are() {
    use Dataset::Products;
    // One comma may stand inside of a name.
    check(
        Products,
        "categories",
        &["Salt, Pepper > Mills", "Pots > Lids"],
        "categories",
        r#"[["Salt, Pepper","Mills"]]"#,
    );
    check(
        Products,
        "Preis",
        &["$1.299", "1 234,56 €"],
        "sale_price",
        r#""$1.299""#,
    );
    check(Products, "rating", &["80 %", "95 %"], "custom_attributes.rating", "80");
    check(Products, "url", &["/p/stool", "/p/lamp"], "url", r#""/p/stool""#);
    check(
        Products,
        "out_of_stock",
        &["0", "1"],
        "custom_attributes.out_of_stock",
        r#""0""#,
    );
    check(
        Products,
        "stock",
        &["0", "5", "12"],
        "custom_attributes.stock",
        r#""0""#,
    );
    check(
        Products,
        "Published",
        &["1", "0"],
        "custom_attributes.Published",
        r#""1""#,
    );
}
