//! What the API's published document asks of a record, said in its words, a field at a time; and what only its prose says,
//! as a warning.

use serde_json::{Value, json};
use tatami::{
    check::check as check_table,
    domain::{
        cell::{Cell, OwnedCell},
        dataset::Dataset::{self, Interactions, Products, Users},
        issue::Severity,
        mapping::Mapping,
        message,
        progress::Progress,
        schema::Schema,
        validate::{Exceptions, check_record_by},
    },
    frame::{Edits, Frame, OpenOptions},
};

/// The lines that the API answers for a record.
#[track_caller]
fn check(dataset: Dataset, record: &Value, expect: &[&str]) {
    let violations = check_record_by(&Exceptions::default(), Schema::of(dataset), record);
    let lines: Vec<String> = violations
        .iter()
        .map(|violation| message::render(dataset, 0, violation))
        .collect();
    assert_eq!(lines, expect, "{dataset} {record}");
}

fn with(mut record: Value, field: &str, value: Value) -> Value {
    record[field] = value;
    record
}

/// A product with a field.
fn product(field: &str, value: Value) -> Value {
    with(json!({"product_id": "P"}), field, value)
}

fn user(field: &str, value: Value) -> Value {
    with(json!({"user_id": "U"}), field, value)
}

fn interaction(kind: &str, field: &str, value: Value) -> Value {
    with(json!({"type": kind}), field, value)
}

#[test]
fn the_documents_own_lines() {
    check(
        Products,
        &json!({"product_id": ["P"], "created_at": "yesterday"}),
        &[
            "data.0.product_id is invalid. The attribute expected to be of type 'string', but 'array' is given.",
            "data.0.created_at is invalid. The attribute should match 'date-time' format.",
        ],
    );
    check(
        Users,
        &json!({"user_id": ["U"], "created_at": "yesterday"}),
        &[
            "data.0.user_id is invalid. The attribute expected to be of type 'string', but 'array' is given.",
            "data.0.created_at is invalid. The attribute should match 'date-time' format.",
        ],
    );
    check(
        Interactions,
        &json!({"type": "click", "product_ids": "P", "timestamp": "yesterday"}),
        &[
            "data.0.timestamp is invalid. The attribute should match the 'date-time' format.",
            "data.0.product_ids is invalid. The attribute was expected to be of type ''array', 'null'' but type 'string' was given.",
        ],
    );
}

#[test]
fn dates_are_taken_where_the_document_takes_them() {
    for field in ["created_at", "published_at", "updated_at"] {
        check(Products, &product(field, json!("2023-11-07")), &[]);
        check(Products, &product(field, json!("2023-11-07T05:31:56")), &[]);
        check(
            Products,
            &product(field, json!("2023-02-30")),
            &[&format!(
                "data.0.{field} is invalid. The attribute should match 'date-time' format."
            )],
        );
    }
    check(Users, &user("created_at", json!("2023-11-07")), &[]);
    check(
        Interactions,
        &interaction("click", "timestamp", json!("2023-11-07")),
        &["data.0.timestamp is invalid. The attribute should match the 'date-time' format."],
    );
    check(
        Interactions,
        &interaction("click", "timestamp", json!("2023-11-07T05:31:56")),
        &[],
    );
}

#[test]
fn nulls_are_taken_for_what_may_be_left_out() {
    check(Products, &product("title", Value::Null), &[]);
    check(Products, &product("custom_attributes", json!({"color": null})), &[]);
    check(Products, &product("children", json!([{"id": "c", "title": null}])), &[]);
    check(
        Interactions,
        &interaction("search", "search", json!({"keywords": null})),
        &[],
    );
    check(
        Interactions,
        &interaction("click", "context", json!({"page": null})),
        &[],
    );
    check(
        Products,
        &product("tags", json!(["a", null])),
        &["data.0.tags.1 is invalid. The attribute expected to be of type 'string', but 'null' is given."],
    );
    check(
        Products,
        &json!({"product_id": null}),
        &["data.0.product_id is invalid. The attribute expected to be of type 'string', but 'null' is given."],
    );
    check(
        Products,
        &product("location", json!({"lat": null, "lon": 1})),
        &["data.0.location.lat is invalid. The attribute expected to be of type 'number', but 'null' is given."],
    );
    check(
        Products,
        &product("custom_attributes", json!({"sizes": ["S", null]})),
        &["data.0.custom_attributes.sizes is invalid. The attribute does not match any of the subschemas."],
    );
}

#[test]
fn fields_that_the_document_does_not_know_are_refused() {
    for (dataset, record) in [(Products, product("price", json!(1))), (Users, user("price", json!(1)))] {
        check(
            dataset,
            &record,
            &[
                "data.0 is invalid. The attribute must not contain additional properties.",
                "data.0.price is invalid. The attribute is invalid",
            ],
        );
    }
    check(Products, &product("i18n_es", json!({"title": "Lámpara"})), &[]);
    check(
        Products,
        &product("i18n_ES", json!({"title": "Lámpara"})),
        &[
            "data.0 is invalid. The attribute must not contain additional properties.",
            "data.0.i18n_ES is invalid. The attribute is invalid",
        ],
    );
    // Objects inside of records are open, but for those the document closes.
    check(
        Products,
        &product("location", json!({"lat": 1, "lon": 2, "altitude": 3})),
        &[],
    );
    check(
        Interactions,
        &interaction("click", "context", json!({"weather": "fine"})),
        &[],
    );
}

/// Every type has the fields of the document's own list, and no others.
#[test]
fn interactions_have_the_fields_of_their_type() {
    let values = [
        ("duration", json!(1.5)),
        ("product_ids", json!(["P"])),
        ("product_group_ids", json!(["G"])),
        ("quantities", json!([1])),
        ("revenue", json!(9.5)),
        ("rating", json!(4)),
        ("category", json!(["A"])),
        ("search", json!({})),
        ("question_id", json!("q")),
        ("result_type", json!("r")),
        ("value", json!("v")),
        ("custom_action_name", json!("a")),
    ];
    let products = ["product_ids", "product_group_ids"];
    let own = |kind: &str| -> Vec<&str> {
        let more: &[&str] = match kind {
            "product_detail_page_view" | "read" | "watch" | "listen" | "promo_page_view" => &["duration"],
            "search" => return vec!["search"],
            "add_to_cart" => &["quantities"],
            "checkout" => &["revenue", "quantities"],
            "rate" => &["rating"],
            "feedback" => return vec!["question_id", "result_type", "value"],
            "home_page_view" => return vec!["duration"],
            "category_page_view" => return vec!["duration", "category"],
            "custom" => &["custom_action_name"],
            _ => &[],
        };
        products.iter().chain(more).copied().collect()
    };
    for kind in &Schema::of(Interactions).interaction_types {
        for (field, value) in &values {
            let mut record = interaction(&kind.name, field, value.clone());
            if kind.name == "custom" {
                record["custom_action_name"] = json!("a");
            }
            let is_own = own(&kind.name).contains(field);
            let line = format!("data.0.{field} is invalid. The attribute is invalid");
            let lines = [
                "data.0 is invalid. The attribute must not contain additional properties.",
                line.as_str(),
            ];
            check(Interactions, &record, if is_own { &[] } else { &lines });
            // Not even empty.
            record[*field] = Value::Null;
            if !is_own {
                check(Interactions, &record, &lines);
            }
        }
    }
    check(
        Interactions,
        &json!({"type": "custom"}),
        &["data.0 is invalid. The attribute property 'custom_action_name' is required."],
    );
    // What is of no type is held to what all types have.
    check(
        Interactions,
        &json!({"revenue": "x", "colour": 1}),
        &[
            "data.0 is invalid. The attribute property 'type' is required.",
            "data.0.revenue is invalid. The attribute was expected to be of type ''number', 'null'' but type 'string' was given.",
            "data.0 is invalid. The attribute must not contain additional properties.",
            "data.0.colour is invalid. The attribute is invalid",
        ],
    );
}

#[test]
fn lengths_and_forms_are_the_documents() {
    let (fits, long) = ("é".repeat(512), "é".repeat(513));
    for (dataset, id) in [(Products, "product_id"), (Users, "user_id")] {
        check(dataset, &json!({id: fits}), &[]);
        check(
            dataset,
            &json!({id: long}),
            &[&format!(
                "data.0.{id} is invalid. The attribute length may not be greater than 512 characters."
            )],
        );
        check(
            dataset,
            &json!({id: ""}),
            &[&format!(
                "data.0.{id} is invalid. The attribute length should be at least 1 characters."
            )],
        );
    }
    check(
        Interactions,
        &json!({"type": "click", "user_id": "", "anonymous_id": "a".repeat(1024)}),
        &[],
    );
    check(
        Interactions,
        &json!({"type": "click", "user_id": long, "anonymous_id": "a".repeat(1025), "product_ids": ["", long]}),
        &[
            "data.0.user_id is invalid. The attribute length may not be greater than 512 characters.",
            "data.0.anonymous_id is invalid. The attribute length may not be greater than 1024 characters.",
            "data.0.product_ids.1 is invalid. The attribute length may not be greater than 512 characters.",
        ],
    );
    check(
        Interactions,
        &interaction("feedback", "question_id", json!(long)),
        &["data.0.question_id is invalid. The attribute length may not be greater than 512 characters."],
    );
    let url = |length: usize| format!("https://e.x/{}", "a".repeat(length - 12));
    for field in ["url", "cover_image"] {
        check(Products, &product(field, json!(url(65_536))), &[]);
        check(
            Products,
            &product(field, json!(url(65_537))),
            &[&format!(
                "data.0.{field} is invalid. The attribute length may not be greater than 65536 characters."
            )],
        );
        check(
            Products,
            &product(field, json!("www.example.com")),
            &[&format!(
                "data.0.{field} is invalid. The attribute should match 'uri' format."
            )],
        );
    }
    check(
        Users,
        &user("profile_image", json!("")),
        &["data.0.profile_image is invalid. The attribute length should be at least 1 characters."],
    );
    check(Products, &product("parent_id", json!("")), &[]);
    check(
        Products,
        &product("language", json!("e")),
        &["data.0.language is invalid. The attribute length should be at least 2 characters."],
    );
    check(
        Interactions,
        &interaction("click", "miso_id", json!("")),
        &["data.0.miso_id is invalid. The attribute should match the 'uuid' format."],
    );
    check(
        Interactions,
        &interaction("click", "context", json!({"truncated_ip": "84.20.17", "page": {}})),
        &[
            "data.0.context.truncated_ip is invalid. The attribute should match the 'ipv4' format.",
            "data.0.context.page is invalid. The attribute property 'url' is required.",
        ],
    );
    check(Users, &user("age", json!(33.0)), &[]);
    check(
        Users,
        &user("age", json!(33.5)),
        &["data.0.age is invalid. The attribute expected to be of type 'integer', 'null', but 'number' is given."],
    );
}

#[test]
fn shapes_of_values_are_the_documents() {
    let items = |path: &str| format!("data.0.{path} is invalid. The attribute does not match any of the subschemas.");
    for value in [
        json!(true),
        json!(1),
        json!("a"),
        json!([]),
        json!([1, 2.5]),
        json!(["a"]),
        json!([{"a": 1}]),
    ] {
        check(Products, &product("custom_attributes", json!({"x": value})), &[]);
        check(Users, &user("custom_attributes", json!({"x": value})), &[]);
        check(
            Interactions,
            &interaction("click", "context", json!({"custom_context": {"x": value}})),
            &[],
        );
    }
    for value in [
        json!([true]),
        json!(["a", 1]),
        json!([["a"]]),
        json!([null]),
        json!([{"a": 1}, "a"]),
    ] {
        check(
            Products,
            &product("custom_attributes", json!({"x": value})),
            &[&items("custom_attributes.x")],
        );
        check(
            Users,
            &user("custom_attributes", json!({"x": value})),
            &[&items("custom_attributes.x")],
        );
    }
    // An object is a product's only, a list of objects with anything inside too.
    check(
        Products,
        &product("custom_attributes", json!({"x": {"a": "b", "c": 1}})),
        &[],
    );
    check(
        Products,
        &product("custom_attributes", json!({"x": [{"a": {"b": [1]}}]})),
        &[],
    );
    check(
        Products,
        &product("custom_attributes", json!({"x": {"a": ["b"]}})),
        &[
            "data.0.custom_attributes.x.a is invalid. The attribute expected to be of type 'string', 'number', 'boolean', but 'array' is given.",
        ],
    );
    check(
        Users,
        &user("custom_attributes", json!({"x": {"a": "b"}})),
        &[
            "data.0.custom_attributes.x is invalid. The attribute expected to be of type 'boolean', 'number', 'string', 'array', 'null', but 'object' is given.",
        ],
    );
    check(
        Users,
        &user("custom_attributes", json!({"x": [{"a": ["b"]}]})),
        &[&items("custom_attributes.x")],
    );
    check(Interactions, &interaction("checkout", "quantities", json!(2)), &[]);
    check(
        Interactions,
        &interaction("checkout", "quantities", json!([0.5, -1])),
        &[],
    );
    check(Products, &product("location", json!([{"lat": 1, "lon": 2}])), &[]);
    check(
        Products,
        &product("location", json!({"lat": 1})),
        &["data.0.location is invalid. The attribute property 'lon' is required."],
    );
    check(
        Products,
        &product("children", json!([{"title": "One"}])),
        &["data.0.children.0 is invalid. The attribute property 'id' is required."],
    );
    check(
        Interactions,
        &interaction("search", "search", json!({"filters": {"brand": "Miso"}})),
        &[
            "data.0.search.filters.brand is invalid. The attribute was expected to be of type ''array'' but type 'string' was given.",
        ],
    );
}

/// The warnings of a JSON record, and whether it is sent.
#[track_caller]
fn warned(dataset: Dataset, record: &Value, expect: &[&str]) {
    let frame = Frame::from_text("r.jsonl", format!("{record}\n"), &OpenOptions::default()).unwrap();
    let mapping = Mapping::suggest(dataset, frame.columns(), true);
    let checked = check_table(&frame, &Edits::default(), &mapping, &Progress::default()).unwrap();
    assert_eq!(checked.issues.count(Severity::Error), 0, "{record}");
    let row = frame.read(0..1, &Edits::default()).unwrap();
    let cells: Vec<Cell<'_>> = row[0].iter().map(OwnedCell::as_cell).collect();
    let problems = checked.explain(0, &cells, None, &|_| String::new(), 0);
    let names: Vec<_> = problems.iter().map(|problem| problem.cause.rule.name()).collect();
    assert_eq!(names, expect, "{record}");
}

#[test]
fn what_only_prose_says_is_a_warning() {
    warned(Products, &json!({"product_id": "a,b"}), &["id-form"]);
    warned(Products, &json!({"product_id": "_a"}), &["id-form"]);
    warned(Users, &json!({"user_id": "_a"}), &["id-form"]);
    warned(Users, &json!({"user_id": "a,b"}), &[]);
    warned(Users, &json!({"user_id": "a\nb"}), &["id-controls"]);
    warned(
        Products,
        &json!({"product_id": "A\t1", "parent_id": "A\u{1}"}),
        &["id-controls"; 2],
    );
    warned(Products, &product("rating", json!(40)), &["range"]);
    warned(Products, &product("language", json!("english")), &["language"]);
    warned(Products, &product("language", json!("en")), &[]);
    warned(
        Products,
        &product("location", json!({"lat": 1, "lon": 2, "altitude": 3})),
        &[],
    );
    warned(
        Products,
        &product("created_at", json!("2023-11-07T05:31:56")),
        &["zoneless-time"],
    );
    let event = |more: Value| {
        let mut event = json!({"type": "checkout", "user_id": "u", "timestamp": "2024-05-01T10:00:00Z"});
        event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        event
    };
    warned(Interactions, &event(json!({})), &[]);
    warned(
        Interactions,
        &json!({"type": "click", "user_id": "u"}),
        &["no-timestamp"],
    );
    warned(
        Interactions,
        &json!({"type": "click", "timestamp": "2024-05-01T10:00:00Z"}),
        &["nobody"],
    );
    warned(
        Interactions,
        &event(json!({"product_ids": ["P", "Q"], "quantities": [1]})),
        &["quantities"],
    );
    warned(
        Interactions,
        &event(json!({"product_ids": ["P"], "quantities": [0]})),
        &["range"],
    );
    warned(Interactions, &event(json!({"miso_id": ""})), &["empty-miso-id"]);
    warned(
        Interactions,
        &event(json!({"timestamp": "2024-05-01T10:00:00"})),
        &["zoneless-time"],
    );
}

/// An empty `miso_id` is left out of what is sent.
#[test]
fn an_empty_miso_id_is_not_sent() {
    let text = "{\"type\":\"click\",\"user_id\":\"u\",\"miso_id\":\"\"}\n";
    let frame = Frame::from_text("r.jsonl", text, &OpenOptions::default()).unwrap();
    let mapping = Mapping::suggest(Interactions, frame.columns(), true);
    let checked = check_table(&frame, &Edits::default(), &mapping, &Progress::default()).unwrap();
    let row = frame.read(0..1, &Edits::default()).unwrap();
    let cells: Vec<Cell<'_>> = row[0].iter().map(OwnedCell::as_cell).collect();
    let mut json = Vec::new();
    checked.plan().write(&cells, &mut json);
    assert_eq!(String::from_utf8(json).unwrap(), r#"{"type":"click","user_id":"u"}"#);
}
