//! Exports of well-known systems: recognised, rewritten, checked without an error, uploaded, read back.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test may fail")]

#[expect(dead_code, reason = "some of it is for other tests")]
mod home;

use std::{fs, path::PathBuf};

use home::{Home, at};
use tatami::{
    check::check,
    domain::{cell::OwnedCell, issue::Severity, mapping::Mapping, progress::Progress, recognition::recognise},
    frame::{Edits, Frame, OpenOptions, Preset},
};

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data/presets")
        .join(name)
}

fn open(name: &str) -> Frame {
    Frame::open(&path(name), &OpenOptions::default(), &Progress::default()).unwrap()
}

/// What was said about a file, and its records as they would be sent, each after its line. No record of ours has an
/// error, but those that are named.
fn records(frame: &Frame, errors: u64) -> String {
    let converted = frame.converted().unwrap();
    let mut lines = vec![converted.summary()];
    lines.extend(converted.notes.iter().cloned());
    let mapping = Mapping::suggest(recognise(frame.columns(), &[]).best(), frame.columns(), true);
    assert_eq!(Some(mapping.dataset), converted.preset.dataset());
    let checked = check(frame, &Edits::default(), &mapping, &Progress::default()).unwrap();
    for (row, cells) in (0..).zip(frame.read(0..frame.len(), &Edits::default()).unwrap()) {
        let mut json = Vec::new();
        let cells: Vec<_> = cells.iter().map(OwnedCell::as_cell).collect();
        checked.plan().write(&cells, &mut json);
        lines.push(format!("{}: {}", frame.line(row), String::from_utf8(json).unwrap()));
    }
    for defect in frame.defects() {
        lines.push(format!("{} cannot be read: {}", defect.line, defect.reason));
    }
    let found = checked.issues.rows_with(Severity::Error).len();
    assert_eq!(found, frame.defects().len() as u64 + errors);
    lines.join("\n")
}

#[test]
fn shopifys_variants_become_products_of_one_group() {
    insta::assert_snapshot!(records(&open("shopify.csv"), 0), @r#"
    Shopify product export: 7 rows → 5 products, 1 image row joined, 1 row cannot be read
    The id is the Variant SKU; 3 variants without one have the handle with the values of the options
    The handle is the product group, and all variants have what Shopify writes in the first row only
    The address of a product's page is not in the export, so url stays empty
    2: {"product_id":"KM-S-OAK","product_group_id":"mori-lamp","title":"Mori Lamp","description":"Warm light & cedar. Dimmable","brand":"Kumoya","type":"Lamps","categories":[["Home & Garden","Lighting","Lamps"]],"tags":["light","wood"],"sale_price":89.00,"original_price":99.00,"availability":"IN_STOCK","condition":"NEW","cover_image":"https://cdn.example.com/mori-oak.jpg","size":"Small","color":"Oak","custom_attributes":{"images":["https://cdn.example.com/mori-1.jpg","https://cdn.example.com/mori-2.jpg","https://cdn.example.com/mori-3.jpg"],"grams":1200,"cost_per_item":41.50,"published":true,"variant_requires_shipping":true,"variant_taxable":true,"variant_barcode":"4006381333931","gift_card":false,"status":"active"}}
    4: {"product_id":"KM-L-OAK","product_group_id":"mori-lamp","title":"Mori Lamp","description":"Warm light & cedar. Dimmable","brand":"Kumoya","type":"Lamps","categories":[["Home & Garden","Lighting","Lamps"]],"tags":["light","wood"],"sale_price":119.00,"availability":"OUT_OF_STOCK","condition":"NEW","cover_image":"https://cdn.example.com/mori-1.jpg","size":"Large","color":"Oak","custom_attributes":{"images":["https://cdn.example.com/mori-1.jpg","https://cdn.example.com/mori-2.jpg","https://cdn.example.com/mori-3.jpg"],"grams":1900,"cost_per_item":55,"published":true,"variant_requires_shipping":true,"variant_taxable":true,"gift_card":false,"status":"active"}}
    6: {"product_id":"sumi-mat","product_group_id":"sumi-mat","title":"Sumi Mat","description":"A mat","brand":"Kumoya","type":"Mats","sale_price":35.5,"availability":"IN_STOCK","custom_attributes":{"published":true,"variant_requires_shipping":true,"variant_taxable":true,"gift_card":false,"status":"active"}}
    7: {"product_id":"yuki-cup-snow-white","product_group_id":"yuki-cup","title":"Yuki Cup","description":"A cup","brand":"Kumoya","type":"Cups","tags":["gift"],"sale_price":14,"availability":"IN_STOCK","cover_image":"https://cdn.example.com/yuki.jpg","custom_attributes":{"images":["https://cdn.example.com/yuki.jpg"],"published":false,"variant_requires_shipping":true,"variant_taxable":true,"gift_card":false,"status":"draft","option_glaze":"Snow White","google_product_category":"123"}}
    8: {"product_id":"yuki-cup-coal","product_group_id":"yuki-cup","title":"Yuki Cup","description":"A cup","brand":"Kumoya","type":"Cups","tags":["gift"],"sale_price":14,"availability":"IN_STOCK","cover_image":"https://cdn.example.com/yuki.jpg","custom_attributes":{"images":["https://cdn.example.com/yuki.jpg"],"published":false,"variant_requires_shipping":true,"variant_taxable":true,"gift_card":false,"status":"draft","option_glaze":"Coal","google_product_category":"123"}}
    9: {}
    9 cannot be read: 2 cells where the header has 37
    "#);
}

#[test]
fn googles_feeds_become_products() {
    insta::assert_snapshot!(records(&open("google.tsv"), 0), @r#"
    Google Merchant feed: 2 rows → 2 products
    Prices are in EUR, which is kept as custom_attributes.currency
    backorder has become PRE_ORDER, which is nearest to it
    2: {"product_id":"LAMP-1","product_group_id":"LAMP","title":"Mori Lamp","description":"Warm light","url":"https://shop.example/lamp","cover_image":"https://cdn.example/lamp.jpg","original_price":89.00,"sale_price":79.50,"availability":"IN_STOCK","condition":"NEW","categories":[["Lamps","Table lamps"],["Home & Garden","Lighting"]],"brand":"Kumoya","color":"Oak","custom_attributes":{"currency":"EUR","additional_images":["https://cdn.example/a.jpg","https://cdn.example/b,2.jpg"],"adult":false,"gtin":"4006381333931"}}
    3: {"product_id":"MAT-1","title":"Sumi Mat","description":"A mat","url":"https://shop.example/mat","cover_image":"https://cdn.example/mat.jpg","sale_price":35.50,"availability":"PRE_ORDER","brand":"Kumoya","custom_attributes":{"currency":"EUR","google_product_category":"594"}}
    "#);
    insta::assert_snapshot!(records(&open("google.xml"), 1), @r#"
    Google Merchant feed: 2 rows → 2 products
    Prices are in EUR, which is kept as custom_attributes.currency
    5: {"product_id":"LAMP-1","title":"Mori Lamp & Shade","description":"Warm light & cedar & more","url":"https://shop.example/lamp?a=1&b=2","cover_image":"https://cdn.example/lamp.jpg","sale_price":89.00,"availability":"OUT_OF_STOCK","condition":"REFURBISHED","categories":[["Lamps","Table lamps"],["New"]],"custom_attributes":{"currency":"EUR","additional_images":["https://cdn.example/a.jpg","https://cdn.example/b.jpg"],"shipping":"DE:4.90 EUR"}}
    21: {"product_id":"MAT-1","title":"Mat","availability":"soon"}
    "#);
}

#[test]
fn segments_calls_become_interactions() {
    insta::assert_snapshot!(records(&open("segment.jsonl"), 0), @r#"
    Segment events: 11 rows → 9 interactions, 1 left out, 1 row cannot be read
    Left out, as nothing happens in them: 1 identify
    Of the type custom, as the API has no type for them: 1 Coupon Entered, 1 page_view
    Of the products in an event, ids and quantities are kept
    2: {"type":"home_page_view","anonymous_id":"a1","timestamp":"2024-03-14T10:22:31.000Z","context":{"campaign":{"name":"spring","source":"mail"},"truncated_ip":"84.20.17.0","locale":"en-US","user_agent":"Mozilla/5.0","page":{"url":"https://shop.example/","title":"Kumoya"}}}
    3: {"type":"custom","anonymous_id":"a1","timestamp":"2024-03-14T10:22:32.000Z","context":{"page":{"url":"https://shop.example/lamp"}},"custom_action_name":"page_view"}
    4: {"type":"search","anonymous_id":"a1","timestamp":"2024-03-14T10:22:33.000Z","search":{"keywords":"lamp"}}
    5: {"type":"category_page_view","anonymous_id":"a1","timestamp":"2024-03-14T10:22:34.000Z","context":{"custom_context":{"list_id":"l1"}},"product_ids":["P1","P2"],"category":["Home","Lamps"]}
    6: {"type":"product_detail_page_view","anonymous_id":"a1","timestamp":"2024-03-14T10:22:35.000Z","context":{"custom_context":{"currency":"EUR","price":12.5}},"product_ids":["P1"],"user_id":"u1"}
    7: {"type":"add_to_cart","anonymous_id":"a1","timestamp":"2024-03-14T10:22:36.000Z","context":{"custom_context":{"cart_id":"c1"}},"product_ids":["P1"],"user_id":"u1","quantities":[2]}
    8: {"type":"checkout","anonymous_id":"a1","timestamp":"2024-03-14T10:22:37.000Z","context":{"custom_context":{"order_id":"o1"}},"product_ids":["P1","P2"],"user_id":"u1","quantities":[2,1],"revenue":25.00}
    9: {"type":"rate","timestamp":"2024-03-14T10:22:38.000Z","product_ids":["P1"],"user_id":"u1","rating":4}
    10: {"type":"custom","anonymous_id":"a1","timestamp":"2024-03-14T10:22:39.000Z","context":{"custom_context":{"coupon":"SPRING"}},"custom_action_name":"Coupon Entered"}
    11: {}
    11 cannot be read: Not valid JSON: expected ident (byte 2 of the record)
    "#);
}

#[test]
fn analytics_events_become_interactions() {
    insta::assert_snapshot!(records(&open("ga4.jsonl"), 0), @r#"
    Google Analytics 4 export: 7 rows → 6 interactions, 1 left out
    Left out, as Analytics notes them of itself: 1 session_start
    Of the type custom, as the API has no type for them: 1 begin_checkout
    Of the items in an event, ids and quantities are kept
    2: {"type":"home_page_view","anonymous_id":"1.2","timestamp":"2024-03-14T10:22:31.123456Z","context":{"locale":"en-us","region":"Germany","page":{"url":"https://shop.example/"},"custom_context":{"ga_session_id":1710411751}}}
    3: {"type":"product_detail_page_view","anonymous_id":"1.2","timestamp":"2024-03-14T10:22:32Z","context":{"custom_context":{"currency":"EUR","value":12.5}},"product_ids":["P1"]}
    4: {"type":"add_to_cart","anonymous_id":"1.2","timestamp":"2024-03-14T10:22:33Z","product_ids":["P1"],"user_id":"u1","quantities":[2]}
    5: {"type":"checkout","anonymous_id":"1.2","timestamp":"2024-03-14T10:22:34Z","context":{"custom_context":{"transaction_id":"T1"}},"product_ids":["P1","P2"],"user_id":"u1","quantities":[2,1],"revenue":25.0}
    6: {"type":"search","anonymous_id":"1.2","timestamp":"2024-03-14T10:22:35Z","search":{"keywords":"lamp"}}
    7: {"type":"custom","anonymous_id":"1.2","timestamp":"2024-03-14T10:22:36Z","product_ids":["P1"],"custom_action_name":"begin_checkout"}
    "#);
}

#[test]
fn products_that_were_read_back_lose_what_the_service_adds() {
    let text = concat!(
        r#"{"product_id":"A","title":null,"sale_price":12.50,"categories":[["X","Y"]],"product_group_id_or_product_id":"A","#,
        r#""category_path_0":["X"],"category_path_1":["X > Y"],"custom_attributes":{"a.b":[],"season":"summer"}}"#,
        "\n",
        r#"{"product_id":"B","tags":[],"product_group_id_or_product_id":"B"}"#,
    );
    let frame = Frame::from_text("stored.jsonl", text, &OpenOptions::default()).unwrap();
    insta::assert_snapshot!(records(&frame, 0), @r#"
    Products read back: 2 rows → 2 products
    Left out, as the service adds them itself: product_group_id_or_product_id, category_path_0, category_path_1
    1: {"product_id":"A","title":null,"sale_price":12.50,"categories":[["X","Y"]],"custom_attributes":{"a.b":[],"season":"summer"}}
    2: {"product_id":"B","tags":[]}
    "#);
}

/// What is not as its system writes it stays as it is, for the checker to see.
#[test]
fn odd_exports_are_no_obstacle() {
    let of = |text: &str, errors| {
        let frame = Frame::from_text("odd", text, &OpenOptions::default()).unwrap();
        records(&frame, errors)
    };
    let calls = r#"{"type":"track","event":"Product Added","anonymousId":null,"messageId":"m1","properties":"x","context":[],"timestamp":7}
{"messageId":"m2","anonymousId":"a1"}
{"type":"track","anonymousId":"a1","properties":{"products":[1,{"sku":""},{"sku":"P1","quantity":-1}],"revenue":"a lot"},"event":"Order Completed"}
"#;
    insta::assert_snapshot!(of(calls, 2), @r#"
    Segment events: 3 rows → 2 interactions, 1 left out
    Left out, as nothing happens in them: 1 without a type
    Of the products in an event, ids and quantities are kept
    1: {"type":"add_to_cart","timestamp":"7","context":{"custom_context":{"properties":"x"}}}
    3: {"type":"checkout","anonymous_id":"a1","product_ids":["P1"],"quantities":[-1],"revenue":"a lot"}
    "#);
    let events = r#"{"event_timestamp":1710411757000000,"event_name":"page_view","event_params":{"page_location":"https://shop.example/lamp"},"user_pseudo_id":"1.2","items":null}
{"event_timestamp":"soon","event_name":"view_item","event_params":"x","user_pseudo_id":1.5,"items":{"item_id":"P1"}}
"#;
    insta::assert_snapshot!(of(events, 1), @r#"
    Google Analytics 4 export: 2 rows → 2 interactions
    Of the type custom, as the API has no type for them: 1 page_view
    Of the items in an event, ids and quantities are kept
    1: {"type":"custom","custom_action_name":"page_view","anonymous_id":"1.2","timestamp":"2024-03-14T10:22:37Z","context":{"page":{"url":"https://shop.example/lamp"}}}
    2: {"type":"product_detail_page_view","anonymous_id":"1.5","timestamp":"soon"}
    "#);
    let products =
        "Handle,Title,Option1 Value,Variant Price\n,,,\nlamp,Lamp,,ask\nlamp,,Red,2\nmat,,,3\nlamp,,Blue,4\n";
    insta::assert_snapshot!(of(products, 2), @r#"
    Shopify product export: 5 rows → 5 products
    No variant has a SKU, so the id is the handle with the values of the options
    The handle is the product group, and all variants have what Shopify writes in the first row only
    The address of a product's page is not in the export, so url stays empty
    2: {"availability":"IN_STOCK"}
    3: {"availability":"IN_STOCK","product_id":"lamp","product_group_id":"lamp","title":"Lamp","sale_price":"ask"}
    4: {"availability":"IN_STOCK","product_id":"lamp-red","product_group_id":"lamp","title":"Lamp","sale_price":2,"custom_attributes":{"option":"Red"}}
    5: {"availability":"IN_STOCK","product_id":"mat","product_group_id":"mat","sale_price":3}
    6: {"availability":"IN_STOCK","product_id":"lamp-blue","product_group_id":"lamp","sale_price":4,"custom_attributes":{"option":"Blue"}}
    "#);
    let feed =
        "<rss><channel><item><id>1</id><title>A & B <b>bold</b></title><unknown a='1'/></item><item/></channel></rss>";
    insta::assert_snapshot!(of(feed, 1), @r#"
    Google Merchant feed: 2 rows → 2 products
    1: {"product_id":"1","title":"A & B bold"}
    1: {}
    "#);
}

#[test]
fn presets_are_chosen_and_refused_with_a_reason() {
    let as_it_stands = OpenOptions {
        preset: Some(None),
        ..OpenOptions::default()
    };
    let plain = Frame::open(&path("shopify.csv"), &as_it_stands, &Progress::default()).unwrap();
    assert!(plain.converted().is_none());
    assert_eq!((plain.len(), plain.columns()[0].as_str()), (7, "Handle"));
    let refused = |name: &str, preset| {
        let options = OpenOptions {
            preset,
            ..OpenOptions::default()
        };
        let error = Frame::open(&path(name), &options, &Progress::default())
            .unwrap_err()
            .to_string();
        error.rsplit('/').next().unwrap().to_owned()
    };
    insta::assert_snapshot!(refused("google.tsv", Some(Some(Preset::Shopify))), @"google.tsv cannot be opened: it has not the columns of what it is to be read as (Shopify product export); choose another preset, or none");
    insta::assert_snapshot!(refused("google.xml", Some(None)), @"google.xml cannot be opened: it is XML, and of XML only product feeds (RSS or Atom) can be read; export it as CSV or JSON lines");
    let page = "<?xml version=\"1.0\"?><html><body/></html>";
    insta::assert_snapshot!(Frame::from_text("page.xml", page, &OpenOptions::default()).unwrap_err(), @"page.xml cannot be opened: it is XML, and of XML only product feeds (RSS or Atom) can be read; export it as CSV or JSON lines");
    let whole = fs::read_to_string(path("google.xml")).unwrap();
    let half = &whole[..whole.find("<g:price>").unwrap()];
    insta::assert_snapshot!(Frame::from_text("half.xml", half, &OpenOptions::default()).unwrap_err(), @"half.xml cannot be opened: it begins as an XML feed, but is cut off or damaged (the file ends in the middle of an item); get the whole file");
    let between = &whole[..whole.find("</item>").unwrap() + "</item>".len()];
    insta::assert_snapshot!(Frame::from_text("one.xml", between, &OpenOptions::default()).unwrap_err(), @"one.xml cannot be opened: it begins as an XML feed, but is cut off or damaged (the file ends before its last element is closed); get the whole file");
    // What is no export is left as it is: a name or two of theirs is not enough.
    for text in [
        "id,title,price\n1,Lamp,2\n",
        "Handle,Title\nlamp,Lamp\n",
        "<feedback,title\n1,Lamp\n",
        "id,title,image_link\n1,Lamp,https://a/b.jpg\n",
        "{\"type\":\"click\",\"anonymous_id\":\"a\",\"note\":\"anonymousId\"}\n",
    ] {
        let frame = Frame::from_text("other", text, &OpenOptions::default()).unwrap();
        assert!(frame.converted().is_none(), "{text}");
    }
}

/// The first rows that are shown while a file is read are those that it has.
#[test]
fn the_head_of_an_export_is_the_beginning_of_the_whole() {
    for name in ["shopify.csv", "google.tsv", "google.xml", "segment.jsonl", "ga4.jsonl"] {
        let head = Frame::open_head(&path(name), &OpenOptions::default()).unwrap();
        let whole = open(name);
        assert_eq!(head.columns(), whole.columns(), "{name}");
        assert_eq!(
            head.read(0..head.len(), &Edits::default()).unwrap(),
            whole.read(0..whole.len(), &Edits::default()).unwrap()
        );
    }
}

#[test]
fn exports_are_checked_uploaded_and_read_back() {
    let home = Home::new();
    let server = home.serve();
    for name in ["shopify.csv", "google.tsv", "ga4.jsonl"] {
        fs::copy(path(name), home.path(name)).unwrap();
    }
    insta::assert_snapshot!(home.run(&["check", "google.tsv", "ga4.jsonl"]).all(), @r"
    google.tsv: 2 rows, products, recognised from the columns
      Google Merchant feed: 2 rows → 2 products
      Prices are in EUR, which is kept as custom_attributes.currency
      backorder has become PRE_ORDER, which is nearest to it
      --preset none reads the file as it stands
      written with tabs between cells
      18 columns have their fields' names

    All 2 rows can be sent; no problems

    ga4.jsonl: 6 rows, interactions, recognised from the columns
      Google Analytics 4 export: 7 rows → 6 interactions, 1 left out
      Left out, as Analytics notes them of itself: 1 session_start
      Of the type custom, as the API has no type for them: 1 begin_checkout
      Of the items in an event, ids and quantities are kept
      --preset none reads the file as it stands
      16 columns have their fields' names

    All 6 rows can be sent; no problems

    2 files: All 8 rows can be sent; no problems
    [0]
    ");
    insta::assert_snapshot!(at(&home, &server, &["upload", "shopify.csv"]).all(), @r#"
shopify.csv: products to local (URL)
  Shopify product export: 7 rows → 5 products, 1 image row joined, 1 row cannot be read
  The id is the Variant SKU; 3 variants without one have the handle with the values of the options
  The handle is the product group, and all variants have what Shopify writes in the first row only
  The address of a product's page is not in the export, so url stays empty
  --preset none reads the file as it stands
  6 rows, 1 left out because of errors; tatami check says which
  5 stored + 0 rejected + 1 not sent = 6 in 1 request
  tatami undo 1 takes it back
[1]
"#);
    insta::assert_snapshot!(at(&home, &server, &["upload", "google.tsv", "ga4.jsonl"]).all(), @r#"
google.tsv: products to local (URL)
  Google Merchant feed: 2 rows → 2 products
  Prices are in EUR, which is kept as custom_attributes.currency
  backorder has become PRE_ORDER, which is nearest to it
  --preset none reads the file as it stands
  written with tabs between cells
  2 rows
  2 stored + 0 rejected + 0 not sent = 2 in 1 request
  tatami undo 2 takes it back
ga4.jsonl: interactions to local (URL)
  Google Analytics 4 export: 7 rows → 6 interactions, 1 left out
  Left out, as Analytics notes them of itself: 1 session_start
  Of the type custom, as the API has no type for them: 1 begin_checkout
  Of the items in an event, ids and quantities are kept
  --preset none reads the file as it stands
  6 rows
  6 stored + 0 rejected + 0 not sent = 6 in 1 request
[0]
"#);
    insta::assert_snapshot!(at(&home, &server, &["ids", "products"]).all(), @r"
    KM-L-OAK
    KM-S-OAK
    LAMP-1
    MAT-1
    sumi-mat
    yuki-cup-coal
    yuki-cup-snow-white
    [0]
    ");
    insta::assert_snapshot!(at(&home, &server, &["get", "products", "KM-L-OAK"]).all(), @r#"
    {
      "product_id": "KM-L-OAK",
      "product_group_id": "mori-lamp",
      "title": "Mori Lamp",
      "description": "Warm light & cedar. Dimmable",
      "brand": "Kumoya",
      "type": "Lamps",
      "categories": [["Home & Garden", "Lighting", "Lamps"]],
      "tags": ["light", "wood"],
      "sale_price": 119.00,
      "availability": "OUT_OF_STOCK",
      "condition": "NEW",
      "cover_image": "https://cdn.example.com/mori-1.jpg",
      "size": "Large",
      "color": "Oak",
      "custom_attributes": {
        "images": [
          "https://cdn.example.com/mori-1.jpg",
          "https://cdn.example.com/mori-2.jpg",
          "https://cdn.example.com/mori-3.jpg"
        ],
        "grams": 1900,
        "cost_per_item": 55,
        "published": true,
        "variant_requires_shipping": true,
        "variant_taxable": true,
        "gift_card": false,
        "status": "active"
      }
    }
    [0]
    "#);
    // A copy is one of the file, not of what it is read as.
    assert_eq!(home.run(&["export", "shopify.csv", "--out", "copy.csv"]).code, 0);
    assert_eq!(home.read("copy.csv"), fs::read_to_string(path("shopify.csv")).unwrap());
    insta::assert_snapshot!(home.run(&["check", "shopify.csv", "--preset", "none"]).all(), @r"
    shopify.csv: 7 rows, products, recognised from the columns
      Title                                    → title (similar name)
      Body (HTML)                              → description (common name for it)
      Vendor                                   → brand (common name for it)
      Type                                     → type (similar name)
      Tags                                     → tags (similar name)
      Variant SKU                              → product_id (common name for it)
      Variant Price                            → sale_price (common name for it)
      Variant Compare At Price                 → original_price (common name for it)
      Image Src                                → cover_image (common name for it)
      Google Shopping / Google Product Category → categories (common name for it)
      Google Shopping / Condition              → condition (common name for it)
      26 columns go to custom_attributes: Handle, Published, Option1 Name, Option1 Value, Option2 Name, Option2 Value, Option3 Name, Opti…

    error record cannot be read, 1 row [unreadable]
      line 9: 2 cells where the header has 37 (byte 1534)
      → correct the line in the file

    error Variant SKU (product_id): required field is missing, 4 rows [required]
      lines 5 to 8
      → fill in the value, or choose the column that holds it

    error Google Shopping / Condition (condition): names written differently, 1 row [enum]
      line 2: new
      → write the name exactly so: NEW, USED, REFURBISHED; or for the whole column: --transform 'Google Shopping / Condition=values:new=NEW'

    1 of 7 rows can be sent; 6 errors, 0 warnings
    [1]
    ");
}
