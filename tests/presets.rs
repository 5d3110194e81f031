//! Exports of well-known systems: recognised, rewritten, checked without an error, uploaded, read back.
#![cfg(unix)]

use std::{fs, path::PathBuf};

use crate::home::{Home, at};
use tatami::{
    check::check,
    domain::{cell::OwnedCell, issue::Severity, mapping::Mapping, progress::Progress, recognition::recognise},
    frame::{Edits, Frame, OpenOptions, Preset},
};

fn path(name: &str) -> PathBuf {
    crate::common::in_repository("tests/data/presets").join(name)
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
    let causes: Vec<_> = checked.issues.causes().map(|(cause, _)| cause).collect();
    assert_eq!(
        found,
        frame.defects().len() as u64 + errors,
        "{causes:?}\n{}",
        lines.join("\n")
    );
    lines.join("\n")
}

#[test]
fn shopifys_variants_become_products_of_one_group() {
    insta::assert_snapshot!(records(&open("shopify.csv"), 0), @r#"
    Shopify product export: 7 rows → 5 products, 1 image row joined, 1 row cannot be read
    Read as: Variant SKU → product_id, Handle → product_group_id, Title → title, Body (HTML) → description, Vendor → brand, Type → type, Google Shopping / Google Product Category → categories, Tags → tags, Variant Price → sale_price, Variant Compare At Price → original_price, Google Shopping / Condition → condition, Variant Image → cover_image and 8 more
    3 of 5 have no Variant SKU; their product_id is made of Handle, Option1 Value, Option2 Value, Option3 Value
    Left out: Variant Inventory Tracker, Variant Inventory Qty, Variant Inventory Policy, Variant Fulfillment Service, Image Position, Image Alt Text, Variant Weight Unit
    The handle is the product group, and all variants have what Shopify writes in the first row only
    The address of a product's page is not in the export, so url stays empty
    2: {"product_id":"KM-S-OAK","product_group_id":"mori-lamp","title":"Mori Lamp","description":"Warm light & cedar. Dimmable","brand":"Kumoya","type":"Lamps","categories":[["Home & Garden","Lighting","Lamps"]],"tags":["light","wood"],"sale_price":89.00,"original_price":99.00,"availability":"IN_STOCK","condition":"NEW","cover_image":"https://cdn.example.com/mori-oak.jpg","custom_attributes":{"images":["https://cdn.example.com/mori-1.jpg","https://cdn.example.com/mori-2.jpg","https://cdn.example.com/mori-3.jpg"],"grams":1200,"cost_per_item":41.50,"published":true,"gift_card":false,"variant_requires_shipping":true,"variant_taxable":true,"barcode":"4006381333931","status":"active"},"size":"Small","color":"Oak"}
    4: {"product_id":"KM-L-OAK","product_group_id":"mori-lamp","title":"Mori Lamp","description":"Warm light & cedar. Dimmable","brand":"Kumoya","type":"Lamps","categories":[["Home & Garden","Lighting","Lamps"]],"tags":["light","wood"],"sale_price":119.00,"availability":"OUT_OF_STOCK","condition":"NEW","cover_image":"https://cdn.example.com/mori-1.jpg","custom_attributes":{"images":["https://cdn.example.com/mori-1.jpg","https://cdn.example.com/mori-2.jpg","https://cdn.example.com/mori-3.jpg"],"grams":1900,"cost_per_item":55,"published":true,"gift_card":false,"variant_requires_shipping":true,"variant_taxable":true,"status":"active"},"size":"Large","color":"Oak"}
    6: {"product_id":"sumi-mat","product_group_id":"sumi-mat","title":"Sumi Mat","description":"A mat","brand":"Kumoya","type":"Mats","sale_price":35.5,"availability":"IN_STOCK","custom_attributes":{"published":true,"gift_card":false,"variant_requires_shipping":true,"variant_taxable":true,"status":"active"}}
    7: {"product_id":"yuki-cup-snow-white","product_group_id":"yuki-cup","title":"Yuki Cup","description":"A cup","brand":"Kumoya","type":"Cups","tags":["gift"],"sale_price":14,"availability":"IN_STOCK","cover_image":"https://cdn.example.com/yuki.jpg","custom_attributes":{"images":["https://cdn.example.com/yuki.jpg"],"published":false,"gift_card":false,"variant_requires_shipping":true,"variant_taxable":true,"status":"draft","google_product_category":"123","option_glaze":"Snow White"}}
    8: {"product_id":"yuki-cup-coal","product_group_id":"yuki-cup","title":"Yuki Cup","description":"A cup","brand":"Kumoya","type":"Cups","tags":["gift"],"sale_price":14,"availability":"IN_STOCK","cover_image":"https://cdn.example.com/yuki.jpg","custom_attributes":{"images":["https://cdn.example.com/yuki.jpg"],"published":false,"gift_card":false,"variant_requires_shipping":true,"variant_taxable":true,"status":"draft","google_product_category":"123","option_glaze":"Coal"}}
    9: {}
    9 cannot be read: 2 cells where the header has 37
    "#);
}

#[test]
fn shopifys_newer_header_is_the_same_export() {
    insta::assert_snapshot!(records(&open("shopify-2025.csv"), 0), @r#"
    Shopify product export: 4 rows → 3 products, 1 image row joined
    Read as: SKU → product_id, URL handle → product_group_id, Title → title, Description → description, Vendor → brand, Type → type, Product category → categories, Tags → tags, Price → sale_price, Compare-at price → original_price, Variant image URL → cover_image, Weight value (grams) → custom_attributes.grams and 6 more
    1 of 3 have no SKU; their product_id is made of URL handle, Option1 value, Option2 value
    Left out: Option1 Linked To, Option2 Linked To, Inventory tracker, Inventory quantity, Continue selling when out of stock, Weight unit for display, Fulfillment service, Image position, Image alt text
    The handle is the product group, and all variants have what Shopify writes in the first row only
    The address of a product's page is not in the export, so url stays empty
    2: {"product_id":"HS-RED","product_group_id":"hoshi-stool","title":"Hoshi Stool","description":"Three legs & a seat","brand":"Kumoya","type":"Stools","categories":[["Furniture","Chairs","Stools"]],"tags":["wood","small"],"sale_price":79.00,"original_price":99.00,"availability":"OUT_OF_STOCK","cover_image":"https://cdn.example.com/hs-1.jpg","custom_attributes":{"images":["https://cdn.example.com/hs-1.jpg","https://cdn.example.com/hs-2.jpg","https://cdn.example.com/hs-3.jpg"],"grams":2100,"cost_per_item":31.5,"published":true,"gift_card":false,"variant_requires_shipping":true,"variant_taxable":true,"barcode":"0401234500017","option_height":"45","status":"Active"},"color":"Red"}
    3: {"product_id":"HS-BLUE","product_group_id":"hoshi-stool","title":"Hoshi Stool","description":"Three legs & a seat","brand":"Kumoya","type":"Stools","categories":[["Furniture","Chairs","Stools"]],"tags":["wood","small"],"sale_price":79.00,"availability":"IN_STOCK","cover_image":"https://cdn.example.com/hs-blue.jpg","custom_attributes":{"images":["https://cdn.example.com/hs-1.jpg","https://cdn.example.com/hs-2.jpg","https://cdn.example.com/hs-3.jpg"],"grams":2100,"published":true,"gift_card":false,"variant_requires_shipping":true,"variant_taxable":true,"option_height":"45","status":"Active"},"color":"Blue"}
    5: {"product_id":"voucher","product_group_id":"voucher","title":"Voucher","brand":"Kumoya","sale_price":50.00,"availability":"IN_STOCK","custom_attributes":{"published":false,"gift_card":true,"status":"Draft"}}
    "#);
}

#[test]
fn woocommerces_variations_take_over_what_their_parent_says() {
    insta::assert_snapshot!(records(&open("woocommerce.csv"), 0), @r#"
    WooCommerce product export: 7 rows → 5 products, 1 grouped product left out, 1 parent became a group
    Read as: SKU → product_id, Parent → product_group_id, Name → title, Description → description, Short description → short_description, Categories → categories, Tags → tags, Regular price → original_price, Sale price → sale_price, In stock? → availability, Images → cover_image, Upsells → related_ids and 5 more
    1 of 5 have no SKU; their product_id is made of ID
    1 row names a parent that is not in the file
    Left out: Tax status, Grouped products, Position, Attribute 1 visible, Meta: _x
    A parent of variations is their product group, and no product of its own
    2: {"product_id":"tea-red","product_group_id":"tea","title":"Teapot - Red","description":"Round","short_description":"Holds a liter","categories":[["Kitchen","Pots"],["Gifts"]],"tags":["tea","pot"],"sale_price":45,"availability":"IN_STOCK","cover_image":"https://shop.example/1.jpg","custom_attributes":{"images":["https://shop.example/1.jpg","https://shop.example/2.jpg"],"stock":4,"published":true,"featured":false,"attribute_pattern":"Dots","type":"variation","visibility_in_catalog":"visible"},"color":"Red"}
    3: {"product_id":"tea-blue","product_group_id":"tea","title":"Teapot - Blue","description":"Round","short_description":"Holds a liter","categories":[["Kitchen","Pots"],["Gifts"]],"tags":["tea","pot"],"sale_price":39.5,"availability":"OUT_OF_STOCK","cover_image":"https://shop.example/blue.jpg","custom_attributes":{"images":["https://shop.example/blue.jpg"],"stock":0,"published":true,"featured":false,"type":"variation","visibility_in_catalog":"visible"},"color":"Blue","original_price":45}
    5: {"product_id":"12","title":"Gift card","categories":[["Gifts"]],"sale_price":20,"availability":"IN_STOCK","custom_attributes":{"published":true,"featured":false,"type":"simple, virtual","visibility_in_catalog":"visible"}}
    7: {"product_id":"kettle","title":"Kettle","categories":[["Kitchen"]],"availability":"PRE_ORDER","custom_attributes":{"published":true,"featured":false,"type":"variable","visibility_in_catalog":"visible"},"related_ids":["tea-red"]}
    8: {"product_id":"lost","product_group_id":"nothing","title":"Lost - One","sale_price":5,"availability":"IN_STOCK","custom_attributes":{"published":true,"featured":false,"type":"variation","visibility_in_catalog":"visible"}}
    "#);
}

#[test]
fn magentos_configurable_products_become_groups() {
    insta::assert_snapshot!(records(&open("magento.csv"), 0), @r#"
    Magento product export: 4 rows → 3 products, 1 parent became a group
    Read as: sku → product_id, name → title, price → original_price, special_price → sale_price, is_in_stock → availability, base_image → cover_image, base_image → custom_attributes.base_image, related_skus → related_ids, qty → custom_attributes.qty, product_type → custom_attributes.product_type, url_key → custom_attributes.url_key, created_at → custom_attributes.created_at
    Left out: store_view_code, product_websites, use_config_min_qty, configurable_variations
    The address of a product's page is not in the export: url_key stays a custom attribute, and url empty
    Dates stay custom attributes, as Magento writes them in the language and zone of whoever exports
    2: {"product_id":"MUG-RED","product_group_id":"MUG","title":"Mug Red","description":"Holds tea","categories":[["Default Category","Kitchen"],["Default Category","Kitchen","Mugs"]],"original_price":14.0000,"sale_price":9.5,"availability":"IN_STOCK","custom_attributes":{"base_image":"/m/u/mug.jpg","qty":5,"product_type":"simple","url_key":"mug-red","created_at":"3/4/24, 9:05 AM","has_options":"0","attribute_set_code":"Default"},"related_ids":["POT"],"color":"Red"}
    4: {"product_id":"MUG-BLUE","product_group_id":"MUG","title":"Mug Blue","description":"Holds tea","categories":[["Default Category","Kitchen"],["Default Category","Kitchen","Mugs"]],"sale_price":14.0000,"availability":"OUT_OF_STOCK","custom_attributes":{"qty":0,"product_type":"simple","url_key":"mug-blue","created_at":"3/4/24, 9:05 AM","attribute_set_code":"Default"},"related_ids":["POT"],"color":"Blue","cover_image":"https://shop.example/mug.jpg"}
    5: {"product_id":"POT","title":"Pot","categories":[["Default Category","Kitchen"]],"sale_price":30,"availability":"IN_STOCK","custom_attributes":{"qty":1,"product_type":"bundle","url_key":"pot","created_at":"3/4/24, 9:05 AM","attribute_set_code":"Default"},"related_ids":["MUG-RED","MUG-BLUE"]}
    "#);
}

#[test]
fn bigcommerces_variants_follow_their_product() {
    insta::assert_snapshot!(records(&open("bigcommerce.csv"), 0), @r#"
    BigCommerce product export: 5 rows → 3 products, 1 rule joined, 1 parent became a group
    Read as: Product Code/SKU → product_id, Product Name → title, Product Description → description, Brand Name → brand, Category → categories, Retail Price → original_price, Sale Price → sale_price, Product Condition → condition, Product Image File - 1 → cover_image, Search Keywords → tags, Cost Price → custom_attributes.cost_price, Retail Price → custom_attributes.retail_price and 4 more
    1 of 3 have no Product Code/SKU; their product_id is made of Product ID
    Left out: Item Type, Product Type, Option Set, Allow Purchases?, Product Availability, Track Inventory, Product Image ID - 1
    A product with SKUs is their product group, and no product of its own
    Addresses of pages are without the shop's own in the export: product_url stays a custom attribute, and url empty
    3: {"product_id":"BSK-BR","product_group_id":"BSK","title":"Basket","description":"Willow","brand":"Kumoya","categories":[["Home","Baskets"],["Gifts"]],"sale_price":25.00,"availability":"IN_STOCK","condition":"NEW","tags":["willow","basket"],"custom_attributes":{"cost_price":9.00,"stock":4,"visible":true,"product_url":"/basket/","barcode":"4006381333931","product_weight":"0.4"},"color":"Brown","size":"M"}
    4: {"product_id":"BSK-WH","product_group_id":"BSK","title":"Basket","description":"Willow","brand":"Kumoya","categories":[["Home","Baskets"],["Gifts"]],"sale_price":27.50,"availability":"OUT_OF_STOCK","condition":"NEW","tags":["willow","basket"],"custom_attributes":{"cost_price":9.00,"stock":0,"visible":true,"product_url":"/basket/","product_weight":"0.4"},"color":"White"}
    6: {"product_id":"78","title":"Broom","description":"A broom","brand":"Kumoya","categories":[["Home"]],"sale_price":10.00,"availability":"PRE_ORDER","condition":"NEW","custom_attributes":{"stock":0,"visible":false,"product_url":"/broom/","product_weight":"1","retail_price":15.00},"original_price":15.00,"cover_image":"https://cdn.example.com/broom.jpg"}
    "#);
    insta::assert_snapshot!(records(&open("bigcommerce-v3.csv"), 0), @r#"
    BigCommerce product export (v3): 5 rows → 3 products, 1 image row joined, 1 parent became a group
    Read as: SKU → product_id, Name → title, Description → description, Retail Price → original_price, Sale Price → sale_price, Product Condition → condition, Variant Image URL → cover_image, Categories → custom_attributes.category_ids, Brand ID → custom_attributes.brand_id, Cost Price → custom_attributes.cost_price, Retail Price → custom_attributes.retail_price, Current Stock → custom_attributes.stock and 3 more
    1 of 3 have no SKU; their product_id is made of ID
    Left out: Item, Type, Inventory Tracking, Low Stock, Channels, Tax Class, Sort Order, Image Sort Order
    A product with variants is their product group, and no product of its own
    Categories and brands are the shop's own numbers in this export, not names
    Addresses of pages are without the shop's own in the export: product_url stays a custom attribute, and url empty
    3: {"product_id":"BSK-BR","product_group_id":"BSK","title":"Basket","description":"Willow","sale_price":25,"availability":"IN_STOCK","condition":"NEW","cover_image":"https://cdn.example.com/basket.jpg","custom_attributes":{"images":["https://cdn.example.com/basket.jpg"],"category_ids":["23","24"],"brand_id":"12","cost_price":9,"stock":4,"visible":true,"featured":false,"product_url":"/basket/"},"color":"Brown","size":"M"}
    4: {"product_id":"BSK-WH","product_group_id":"BSK","title":"Basket","description":"Willow","sale_price":27.5,"availability":"OUT_OF_STOCK","condition":"NEW","cover_image":"https://cdn.example.com/white.jpg","custom_attributes":{"images":["https://cdn.example.com/basket.jpg"],"category_ids":["23","24"],"brand_id":"12","cost_price":9,"stock":0,"visible":true,"featured":false,"product_url":"/basket/"},"color":"White"}
    6: {"product_id":"78","title":"Broom","description":"A broom","sale_price":10,"availability":"IN_STOCK","condition":"NEW","custom_attributes":{"category_ids":["23"],"stock":0,"visible":false,"featured":false,"product_url":"/broom/","retail_price":15},"original_price":15}
    "#);
}

#[test]
fn amazons_third_header_row_names_the_attributes() {
    let options = OpenOptions {
        skip: Some(2),
        ..OpenOptions::default()
    };
    let frame = Frame::open(&path("amazon.txt"), &options, &Progress::default()).unwrap();
    insta::assert_snapshot!(records(&frame, 0), @r#"
    Amazon listing template: 3 rows → 2 products, 1 parent became a group
    Read as: item_sku → product_id, parent_sku → product_group_id, item_name → title, feed_product_type → type, standard_price → original_price, standard_price → sale_price, main_image_url → cover_image, color_name → color, quantity → custom_attributes.quantity, external_product_id → custom_attributes.gtin
    Left out: external_product_id_type, parent_child
    The address of a product's page is not in the template, so url stays empty
    5: {"product_id":"00-CH-12","product_group_id":"CH-BOX","title":"Dark chocolate, 12\" box","type":"candy","sale_price":19.50,"availability":"IN_STOCK","cover_image":"https://img.example/12.jpg","color":"Brown","custom_attributes":{"quantity":3,"gtin":"0889698521550","bullet_point1":"Vegan"}}
    6: {"product_id":"00-CH-24","product_group_id":"CH-BOX","title":"Dark chocolate, 24\" box","type":"candy","sale_price":35,"availability":"OUT_OF_STOCK","cover_image":"https://img.example/24.jpg","color":"Brown","custom_attributes":{"quantity":0,"gtin":"0889698521567","bullet_point1":"No palm oil"}}
    "#);
}

#[test]
fn audiences_become_users_whom_nobody_knows_by_name() {
    insta::assert_snapshot!(records(&open("mailchimp.csv"), 0), @r#"
    Mailchimp audience: 2 rows → 2 users
    Read as: EUID → user_id, OPTIN_TIME → created_at, LAST_CHANGED → updated_at, CC → country, REGION → state, MEMBER_RATING → custom_attributes.member_rating, TAGS → custom_attributes.tags
    Left out: Email Address, First Name, Last Name, OPTIN_IP, LATITUDE, LONGITUDE
    E-mail addresses, names, telephone numbers and addresses of people are left out: the service wants to know nobody by name
    Times are read as UTC, as Mailchimp writes them
    2: {"user_id":"a1b2c3","created_at":"2024-10-23T02:52:08Z","updated_at":"2024-11-01T10:00:00Z","country":"CH","state":"BE","custom_attributes":{"member_rating":4,"tags":["waitlist","buyers"],"shoe_size":"39"}}
    3: {"user_id":"d4e5f6","created_at":"2024-01-23T08:57:35Z","updated_at":"2024-11-01T10:00:00Z","custom_attributes":{"member_rating":2}}
    "#);
    insta::assert_snapshot!(records(&open("klaviyo.csv"), 0), @r#"
    Klaviyo profiles: 1 row → 1 user
    Read as: Klaviyo ID → user_id, Profile Created On → created_at, City → city, Country → country, State / Region → state
    Left out: Email, First Name, Last Name, Phone Number, Zip Code
    E-mail addresses, names, telephone numbers and addresses of people are left out: the service wants to know nobody by name
    2: {"user_id":"01HZX","created_at":"2024-01-05T10:30:00Z","city":"Bern","country":"Switzerland","state":"BE","custom_attributes":{"favourite_tea":"Sencha"}}
    "#);
    insta::assert_snapshot!(records(&open("hubspot.csv"), 0), @r#"
    HubSpot contacts: 1 row → 1 user
    Read as: Record ID → user_id, Create Date → created_at, City → city, Country/Region → country
    Left out: First Name, Last Name, Email, Phone Number, Contact owner
    E-mail addresses, names, telephone numbers and addresses of people are left out: the service wants to know nobody by name
    Times are read as UTC
    2: {"user_id":"151","created_at":"2024-01-05T10:30:00Z","city":"Bern","country":"Switzerland","custom_attributes":{"lifecycle_stage":"Customer","newsletter":"Yes"}}
    "#);
}

#[test]
fn events_of_other_trackers_become_interactions() {
    insta::assert_snapshot!(records(&open("mixpanel.jsonl"), 0), @r#"
    Mixpanel events: 4 rows → 4 interactions
    Read as: event → type, event → custom_action_name
    Of the type custom, as the API has no type for them: 1 $mp_web_page_view
    Left out: properties.$insert_id, properties.mp_processing_time_ms
    Times are read as UTC; projects from before 2023 export them in the project's own zone
    Of the products in an event, ids and quantities are kept
    1: {"type":"product_detail_page_view","anonymous_id":"18d3f2","timestamp":"2020-10-13T17:48:31Z","product_ids":["P-1"],"context":{"page":{"url":"https://shop.example/p/1"},"campaign":{"source":"mail"},"custom_context":{"Price":12.5}}}
    2: {"type":"checkout","timestamp":"2020-10-13T17:49:59Z","product_ids":["P-1","P-2"],"context":{"custom_context":{"coupon":"SPRING"}},"user_id":"u1","quantities":[2,1],"revenue":25}
    3: {"type":"custom","timestamp":"2020-10-13T17:50:00Z","context":{"page":{"url":"https://shop.example/"}},"user_id":"u2","custom_action_name":"$mp_web_page_view"}
    4: {"type":"search","timestamp":"2020-10-13T17:50:01.5Z","context":{"custom_context":{"results":3}},"user_id":"u2","search":{"keywords":"lamp"}}
    "#);
    insta::assert_snapshot!(records(&open("amplitude.jsonl"), 0), @r#"
    Amplitude events: 3 rows → 3 interactions
    Read as: event_type → type, event_type → custom_action_name, device_id → anonymous_id, event_time → timestamp, ip_address → context.truncated_ip, language → context.locale, country → context.region
    Of the type custom, as the API has no type for them: 1 Coupon Entered
    Left out: amplitude_id, session_id, user_properties, $insert_id, city
    Of the products in an event, ids and quantities are kept
    1: {"type":"product_detail_page_view","anonymous_id":"d1","timestamp":"2024-01-05T10:30:00.123Z","product_ids":["P-1"],"context":{"truncated_ip":"192.0.2.0","locale":"German","region":"Switzerland","custom_context":{"price":12.5}}}
    2: {"type":"checkout","anonymous_id":"d1","timestamp":"2024-01-05T10:31:00Z","product_ids":["P-1","P-2"],"user_id":"u1","revenue":25.0}
    3: {"type":"custom","anonymous_id":"d1","timestamp":"2024-01-05T10:32:00Z","context":{"custom_context":{"coupon":"SPRING"}},"user_id":"u1","custom_action_name":"Coupon Entered"}
    "#);
    insta::assert_snapshot!(records(&open("snowplow.tsv"), 0), @r#"
    Snowplow enriched events: 5 rows → 3 interactions, 1 page ping left out, 1 row cannot be read
    Read as: se_action → type, se_action → custom_action_name, domain_userid → anonymous_id, derived_tstamp → timestamp, ti_sku → product_ids, tr_total → revenue, user_ipaddress → context.truncated_ip, page_url → context.page.url, page_title → context.page.title, page_referrer → context.page.referrer, mkt_campaign → context.campaign.name, mkt_source → context.campaign.source and 15 more
    Of the type custom, as the API has no type for them: 1 page_view
    Left out: app_id, platform, etl_tstamp, event_id, txn_id, name_tracker, v_tracker, v_collector, v_etl, user_fingerprint, domain_sessionidx, geo_region and 88 more
    Which product an event is about is in no column that is always the same: se_label, se_property and the contexts stay in context.custom_context
    1: {"type":"custom","custom_action_name":"page_view","anonymous_id":"a1b2c3","timestamp":"2024-03-14T10:22:37.123Z","context":{"truncated_ip":"192.0.2.0","page":{"url":"https://shop.example/p/1","title":"Lamp, \"round\""},"custom_context":{"contexts":"{\"schema\":\"iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-0\",\"data\":[]}"}}}
    2: {"type":"add_to_cart","anonymous_id":"a1b2c3","timestamp":"2024-03-14T10:22:37.123Z","context":{"truncated_ip":"192.0.2.0","page":{"url":"https://shop.example/p/1","title":"Lamp, \"round\""},"custom_context":{"se_category":"shop","se_action":"add-to-basket","se_property":"P-1","se_value":12.5}},"user_id":"u1"}
    4: {"type":"checkout","anonymous_id":"a1b2c3","timestamp":"2024-03-14T10:22:37.123Z","context":{"truncated_ip":"192.0.2.0","page":{"url":"https://shop.example/p/1","title":"Lamp, \"round\""},"custom_context":{"tr_orderid":"o1"}},"user_id":"u1","revenue":25.00}
    5: {}
    5 cannot be read: 129 cells where the header has 131
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
    5: {"type":"category_page_view","anonymous_id":"a1","timestamp":"2024-03-14T10:22:34.000Z","context":{"custom_context":{"product_ids":["P1","P2"],"list_id":"l1"}},"category":["Home","Lamps"]}
    6: {"type":"product_detail_page_view","anonymous_id":"a1","timestamp":"2024-03-14T10:22:35.000Z","context":{"custom_context":{"currency":"EUR","price":12.5}},"user_id":"u1","product_ids":["P1"]}
    7: {"type":"add_to_cart","anonymous_id":"a1","timestamp":"2024-03-14T10:22:36.000Z","context":{"custom_context":{"cart_id":"c1"}},"user_id":"u1","product_ids":["P1"],"quantities":[2]}
    8: {"type":"checkout","anonymous_id":"a1","timestamp":"2024-03-14T10:22:37.000Z","context":{"custom_context":{"order_id":"o1"}},"user_id":"u1","product_ids":["P1","P2"],"quantities":[2,1],"revenue":25.00}
    9: {"type":"rate","timestamp":"2024-03-14T10:22:38.000Z","user_id":"u1","product_ids":["P1"],"rating":4}
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
    insta::assert_snapshot!(of(products, 1), @r#"
    Shopify product export: 4 rows → 4 products
    Read as: Handle → product_id, Handle → product_group_id, Title → title, Variant Price → sale_price
    product_id is made of Handle, Option1 Value
    The handle is the product group, and all variants have what Shopify writes in the first row only
    The address of a product's page is not in the export, so url stays empty
    3: {"product_id":"lamp","product_group_id":"lamp","title":"Lamp","sale_price":"ask","availability":"IN_STOCK"}
    4: {"product_id":"lamp-red","product_group_id":"lamp","title":"Lamp","sale_price":2,"availability":"IN_STOCK","custom_attributes":{"option":"Red"}}
    5: {"product_id":"mat","product_group_id":"mat","sale_price":3,"availability":"IN_STOCK"}
    6: {"product_id":"lamp-blue","product_group_id":"lamp","sale_price":4,"availability":"IN_STOCK","custom_attributes":{"option":"Blue"}}
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
fn an_entity_that_no_feed_defines_is_a_problem_of_its_item() {
    let feed = "<rss><channel><title>&shop;</title>\n\
        <item><id>1</id><title>Salt &amp; Pepper &#38; more</title><link>https://shop.example/?a=1&b=2;c</link></item>\n\
        <item><id>2</id><title>Caf&eacute; table</title></item>\n\
        <item><id>3</id><title>Mat</title><price>&shop.price;</price></item>\n\
        <item><id>4</id><title><![CDATA[Caf&eacute; chair]]></title></item>\n\
        </channel></rss>";
    let frame = Frame::from_text("feed.xml", feed, &OpenOptions::default()).unwrap();
    insta::assert_snapshot!(frame.converted().unwrap().summary(), @"Google Merchant feed: 4 rows → 2 products, 2 rows cannot be read");
    let defects: Vec<String> = frame
        .defects()
        .iter()
        .map(|defect| {
            format!(
                "row {} {}: {}",
                defect.row,
                frame.location(defect.row, None),
                defect.reason
            )
        })
        .collect();
    insta::assert_snapshot!(defects.join(" | "), @"row 1 line 3: The entity &eacute; is not defined; write the character itself, or its number | row 2 line 4: The entity &shop.price; is not defined; write the character itself, or its number");
    let rows = frame.read(0..frame.len(), &Edits::default()).unwrap();
    let titles: Vec<String> = rows.iter().map(|row| row[1].as_cell().shown().into_owned()).collect();
    insta::assert_snapshot!(titles.join(" | "), @"Salt & Pepper & more |  |  | Caf&eacute; chair");
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
    insta::assert_snapshot!(refused("google.tsv", Some(Preset::named("shopify"))), @"google.tsv cannot be opened: it has not the columns of what it is to be read as (Shopify product export); choose another preset, or none");
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
    for name in [
        "shopify.csv",
        "woocommerce.csv",
        "bigcommerce.csv",
        "google.tsv",
        "google.xml",
        "segment.jsonl",
        "ga4.jsonl",
        "mixpanel.jsonl",
        "snowplow.tsv",
    ] {
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
    insta::assert_snapshot!(at(&home, &server, &["upload", "shopify.csv"]).all(), @r"
    shopify.csv: products to local (URL)
      Shopify product export: 7 rows → 5 products, 1 image row joined, 1 row cannot be read
      Read as: Variant SKU → product_id, Handle → product_group_id, Title → title, Body (HTML) → description, Vendor → brand, Type → type, Google Shopping / Google Product Category → categories, Tags → tags, Variant Price → sale_price, Variant Compare At Price → original_price, Google Shopping / Condition → condition, Variant Image → cover_image and 8 more
      3 of 5 have no Variant SKU; their product_id is made of Handle, Option1 Value, Option2 Value, Option3 Value
      Left out: Variant Inventory Tracker, Variant Inventory Qty, Variant Inventory Policy, Variant Fulfillment Service, Image Position, Image Alt Text, Variant Weight Unit
      The handle is the product group, and all variants have what Shopify writes in the first row only
      The address of a product's page is not in the export, so url stays empty
      --preset none reads the file as it stands
      6 rows, 1 left out because of errors; tatami check says which
      5 stored + 0 rejected + 1 not sent = 6 in 1 request
      Read back 5 of 5: all there
      tatami undo 1 takes it back
    [1]
    ");
    insta::assert_snapshot!(at(&home, &server, &["upload", "google.tsv", "ga4.jsonl"]).all(), @r#"
google.tsv: products to local (URL)
  Google Merchant feed: 2 rows → 2 products
  Prices are in EUR, which is kept as custom_attributes.currency
  backorder has become PRE_ORDER, which is nearest to it
  --preset none reads the file as it stands
  written with tabs between cells
  2 rows
  2 stored + 0 rejected + 0 not sent = 2 in 1 request
  Read back 2 of 2: all there
  tatami undo 2 takes it back
ga4.jsonl: interactions to local (URL)
  Google Analytics 4 export: 7 rows → 6 interactions, 1 left out
  Left out, as Analytics notes them of itself: 1 session_start
  Of the type custom, as the API has no type for them: 1 begin_checkout
  Of the items in an event, ids and quantities are kept
  --preset none reads the file as it stands
  6 rows
  6 stored + 0 rejected + 0 not sent = 6 in 1 request
  Not read back: the API does not hand out interactions
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
      "custom_attributes": {
        "images": [
          "https://cdn.example.com/mori-1.jpg",
          "https://cdn.example.com/mori-2.jpg",
          "https://cdn.example.com/mori-3.jpg"
        ],
        "grams": 1900,
        "cost_per_item": 55,
        "published": true,
        "gift_card": false,
        "variant_requires_shipping": true,
        "variant_taxable": true,
        "status": "active"
      },
      "size": "Large",
      "color": "Oak"
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

    warning Title (title): record without a title, where most have one, 3 rows [untitled]
      lines 4, 5, 8
      → fill the title in, or leave the row out; --rule untitled=error leaves such rows out

    1 of 7 rows can be sent; 6 errors, 3 warnings
    [1]
    ");
}
