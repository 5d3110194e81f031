//! The API's published document as an oracle, and records made from it: some as it wants them, most nearly so.

use fastrand::Rng;
use jsonschema::Validator;
use serde_json::{Map, Value, json};
use tatami::domain::{dataset::Dataset, schema::Schema, validate::Exceptions};

/// The structure of the published document, as it was published.
const DOCUMENT: &str = include_str!("../../assets/contract/miso-data-apis-1.1.4.json");

fn document() -> Value {
    serde_json::from_str(DOCUMENT).unwrap()
}

/// The schema of a record in the document.
fn record_schema(dataset: Dataset, document: &Value) -> Value {
    match dataset {
        Dataset::Products => json!({"$ref": "#/components/schemas/ProductRecord"}),
        Dataset::Users => json!({"$ref": "#/components/schemas/UserRecord"}),
        Dataset::Interactions => document
            .pointer("/components/schemas/InteractionBulkIn/properties/data/items")
            .unwrap()
            .clone(),
    }
}

/// The published document, run by a validator that has nothing of ours.
pub struct Oracle(Validator);

impl Oracle {
    /// With the named differences added to the document.
    pub fn new(dataset: Dataset, differences: Exceptions) -> Self {
        let mut document = document();
        if differences.nulls {
            let schemas = document["components"]["schemas"].as_object_mut().unwrap();
            schemas.values_mut().for_each(take_nulls);
        }
        if differences.translations {
            let texts = json!({"type": ["object", "null"], "additionalProperties": {"type": ["string", "null"]}});
            document["components"]["schemas"]["ProductRecord"]["patternProperties"] =
                json!({"^i18n_[a-z]{2}(_[A-Za-z]+)?$": texts});
        }
        let mut schema = record_schema(dataset, &document);
        schema["components"] = document["components"].take();
        let times = jsonschema::options()
            .should_validate_formats(true)
            .build(&json!({"format": "date-time"}))
            .unwrap();
        let zoneless = differences.zoneless_times;
        let is_time = move |text: &str| {
            times.is_valid(&Value::from(text)) || (zoneless && times.is_valid(&Value::from(format!("{text}Z"))))
        };
        let options = jsonschema::options()
            .should_validate_formats(true)
            .with_format("date-time", is_time);
        Self(options.build(&schema).unwrap())
    }

    pub fn is_valid(&self, record: &Value) -> bool {
        self.0.is_valid(record)
    }
}

/// Lets properties that may be left out, and values of attributes, be null.
fn take_nulls(schema: &mut Value) {
    let required: Vec<Value> = schema["required"].as_array().cloned().unwrap_or_default();
    let Some(properties) = schema["properties"].as_object_mut() else {
        return;
    };
    for (name, property) in properties {
        if matches!(name.as_str(), "custom_attributes" | "custom_context") {
            let values = property["additionalProperties"]["anyOf"].as_array_mut().unwrap();
            values.push(json!({"type": "null"}));
        }
        if !required.contains(&Value::from(name.as_str())) {
            *property = json!({"anyOf": [property.take(), {"type": "null"}]});
        }
    }
}

/// What is sent for a record of a JSON file: an empty `miso_id` is left out.
pub fn as_sent(dataset: Dataset, record: &Value) -> Value {
    let mut record = record.clone();
    if dataset == Dataset::Interactions && record["miso_id"] == "" {
        record.as_object_mut().unwrap().remove("miso_id");
    }
    record
}

/// Records without end, the same ones for a seed.
pub struct Records {
    dataset: Dataset,
    document: Value,
    rng: Rng,
}

impl Records {
    pub fn new(dataset: Dataset, seed: u64) -> Self {
        Self {
            dataset,
            document: document(),
            rng: Rng::with_seed(seed),
        }
    }
}

impl Iterator for Records {
    type Item = Value;

    fn next(&mut self) -> Option<Value> {
        let schema = record_schema(self.dataset, &self.document);
        let mut maker = Maker {
            document: &self.document,
            rng: &mut self.rng,
        };
        let mut record = maker.fitting(&schema, 0);
        for _ in 0..maker.rng.usize(0..4) {
            maker.mutate(self.dataset, &mut record);
        }
        Some(record)
    }
}

struct Maker<'a> {
    document: &'a Value,
    rng: &'a mut Rng,
}

impl Maker<'_> {
    fn one_of<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.rng.usize(0..choices.len())].clone()
    }

    /// A value that a schema of the document takes.
    fn fitting(&mut self, schema: &Value, depth: usize) -> Value {
        if let Some(name) = schema["$ref"].as_str() {
            let schema = self.document.pointer(&name[1..]).unwrap();
            return self.fitting(schema, depth);
        }
        if let Some(choices) = schema["anyOf"].as_array().or_else(|| schema["allOf"].as_array()) {
            let choice = self.one_of(choices);
            return self.fitting(&choice, depth);
        }
        if let Some(names) = schema["enum"].as_array() {
            return self.one_of(names);
        }
        match schema["type"].as_str().unwrap() {
            "boolean" => Value::from(self.rng.bool()),
            "integer" => self.one_of(&[json!(0), json!(33), json!(-4), json!(41.0)]),
            "number" => self.one_of(&[json!(0), json!(12.5), json!(-1), json!(3.0), json!(40), json!(1e12)]),
            "string" => self.text(schema),
            "array" => {
                let count = self.rng.usize(0..4);
                (0..count).map(|_| self.fitting(&schema["items"], depth + 1)).collect()
            }
            _ => self.object(schema, depth),
        }
    }

    fn object(&mut self, schema: &Value, depth: usize) -> Value {
        let mut object = Map::new();
        let required: Vec<Value> = schema["required"].as_array().cloned().unwrap_or_default();
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            if required.contains(&Value::from(name.as_str())) || self.rng.u8(0..100) < 25 {
                object.insert(name.clone(), self.fitting(property, depth + 1));
            }
        }
        if schema["properties"].is_null() && depth < 6 {
            for _ in 0..self.rng.usize(0..3) {
                let name = self.one_of(&["color", "size", "Top Speed", "a.b", "größe", "null"]);
                let value = match &schema["additionalProperties"] {
                    Value::Object(_) => self.fitting(&schema["additionalProperties"].clone(), depth + 1),
                    _ => self.anything(0),
                };
                object.insert(name.to_owned(), value);
            }
        }
        object.into()
    }

    fn text(&mut self, schema: &Value) -> Value {
        let text = match schema["format"].as_str() {
            Some("date-time") => self
                .one_of(&[
                    "2023-11-07T05:31:56Z",
                    "2024-02-29t23:59:59.5+05:30",
                    "2016-12-31T23:59:60Z",
                ])
                .to_owned(),
            Some("date") => self.one_of(&["2023-11-07", "2000-02-29"]).to_owned(),
            Some("uri") => self
                .one_of(&["https://example.com/a?b=c#d", "http://a.b:8080/%20", "urn:isbn:1"])
                .to_owned(),
            Some("uuid") => self
                .one_of(&[
                    "123e4567-e89b-12d3-a456-426614174000",
                    "123E4567-E89B-12D3-A456-42661417400F",
                ])
                .to_owned(),
            Some("ipv4") => "84.20.17.0".to_owned(),
            _ => {
                let plain = self.one_of(&["a", "P1", "Lamp, red", "日本語", "x\"\\y\n", "en", "12", "true", "[1]"]);
                let most = schema["maxLength"].as_u64();
                match most.filter(|_| self.rng.u8(0..100) < 10) {
                    // As long as may be, in characters of one and of three bytes.
                    Some(most) => self.one_of(&["x", "本"]).repeat(usize::try_from(most).unwrap()),
                    None => plain.to_owned(),
                }
            }
        };
        text.into()
    }

    /// Any JSON at all, mostly small.
    fn anything(&mut self, depth: usize) -> Value {
        let kinds = if depth < 3 { 14 } else { 10 };
        match self.rng.usize(0..kinds) {
            0 => Value::Null,
            1 => Value::from(self.rng.bool()),
            2 => self.one_of(&[json!(0), json!(7), json!(-3), json!(2.0)]),
            3 => self.one_of(&[json!(1.5), json!(-0.25), json!(1e300)]),
            4 => Value::from(""),
            5 => self.one_of(&[
                json!("2023-11-07"),
                json!("2023-11-07T05:31:56"),
                json!("2023-11-07T05:31:60Z"),
                json!("2023-02-29T00:00:00Z"),
                json!("2023-11-07 05:31:56"),
                json!("2023-11-07T05:31:56+0200"),
            ]),
            6 => self.one_of(&[
                json!("www.example.com"),
                json!("https://example.com/a b"),
                json!("shop.example:80/a"),
                json!("84.20.17"),
                json!("084.1.1.1"),
            ]),
            7 => self.one_of(&[
                json!("in stock"),
                json!("IN_STOCK"),
                json!("custom"),
                json!("search"),
                json!("checkout"),
                json!("x"),
            ]),
            8 => {
                let length = self.one_of(&[1, 2, 511, 512, 513, 1024, 1025]);
                Value::from(self.one_of(&["x", "é"]).repeat(length))
            }
            9 => self.one_of(&[
                json!(["a", 1]),
                json!([1, 2.5]),
                json!([true]),
                json!([["a"]]),
                json!([null]),
                json!(["a", null]),
                json!([{"a": 1}, {"b": [1]}]),
            ]),
            10 | 11 => (0..self.rng.usize(0..3)).map(|_| self.anything(depth + 1)).collect(),
            _ => {
                let names = ["lat", "lon", "id", "title", "url", "keywords", "filters", "page", "x"];
                let count = self.rng.usize(0..3);
                (0..count)
                    .map(|_| (self.one_of(&names).to_owned(), self.anything(depth + 1)))
                    .collect::<Map<_, _>>()
                    .into()
            }
        }
    }

    /// Changes something somewhere.
    fn mutate(&mut self, dataset: Dataset, record: &mut Value) {
        if self.rng.usize(0..200) == 0 {
            *record = self.anything(0);
            return;
        }
        let Some(object) = record.as_object_mut() else { return };
        match self.rng.usize(0..10) {
            0 => {
                let names: Vec<String> = object.keys().cloned().collect();
                if !names.is_empty() {
                    object.shift_remove(&self.one_of(&names));
                }
            }
            1 => {
                let name = self.one_of(&["made_up", "price", "i18n_es", "i18n_zh_Hant", "i18n_E", "i18n_es_1"]);
                let value = match self.rng.usize(0..3) {
                    0 => json!({"title": "Lámpara"}),
                    1 => Value::from("x"),
                    _ => self.anything(1),
                };
                object.insert(name.to_owned(), value);
            }
            2 => {
                // A field of any kind of record.
                let fields: Vec<String> = Schema::of(dataset)
                    .record
                    .properties
                    .iter()
                    .map(|(name, _)| name.clone())
                    .collect();
                let value = self.anything(0);
                object.insert(self.one_of(&fields), value);
            }
            3 => {
                let kind = self.fitting(&record_schema(dataset, self.document), 0);
                // A field of another record, often of another type of interaction, as it should be there.
                if let Some((name, value)) = kind.as_object().and_then(|kind| kind.iter().next_back()) {
                    object.insert(name.clone(), value.clone());
                }
            }
            _ => {
                let value = self.anything(0);
                self.replace_somewhere(record, value);
            }
        }
    }

    fn replace_somewhere(&mut self, value: &mut Value, new: Value) {
        let inner: Vec<&mut Value> = match value {
            Value::Object(object) => object.values_mut().collect(),
            Value::Array(items) => items.iter_mut().collect(),
            _ => Vec::new(),
        };
        let stays = inner.is_empty() || self.rng.u8(0..100) < 25;
        let count = inner.len();
        match inner.into_iter().nth(self.rng.usize(0..count.max(1))) {
            Some(inner) if !stays => self.replace_somewhere(inner, new),
            Some(inner) => *inner = new,
            None => *value = new,
        }
    }
}

/// The columns of a flat file that has every field: leaves, and some of a person's own.
pub fn flat_columns(dataset: Dataset) -> Vec<String> {
    let fields = Schema::of(dataset).fields();
    let is_leaf = |path: &str| !fields.iter().any(|(other, _)| other.starts_with(&format!("{path}.")));
    let leaves = fields
        .iter()
        .filter(|(path, node)| is_leaf(path) && !node.is_open())
        .map(|(path, _)| path.clone());
    let own: &[&str] = match dataset {
        Dataset::Products => &[
            "custom_attributes.color",
            "custom_attributes.sizes",
            "i18n_es.title",
            "location.altitude",
        ],
        Dataset::Users => &["custom_attributes.color", "custom_attributes.sizes"],
        Dataset::Interactions => &["context.custom_context.note", "search.filters.brand", "context.weather"],
    };
    leaves.chain(own.iter().map(|&path| path.to_owned())).collect()
}

/// Rows of texts for these columns, most of them nearly right.
pub fn flat_rows(dataset: Dataset, columns: &[String], seed: u64, count: usize) -> Vec<Vec<String>> {
    const TEXTS: [&str; 34] = [
        "a",
        "1",
        "12.5",
        "-3",
        " 7 ",
        "12,50",
        "1e400",
        "true",
        "no",
        "2023-11-07",
        "2023-11-07T05:31:56Z",
        "2023-11-07T05:31:56",
        "2023-02-29",
        "https://example.com/a",
        "www.example.com",
        "https://example.com/a b",
        "IN_STOCK",
        "in stock",
        "NEW",
        "en",
        "e",
        "a|b",
        "a;b,c",
        "1|2",
        "1|x",
        "A > B | C",
        "[1]",
        "[\"a\"]",
        "[\"a\",1]",
        "[true]",
        "{\"a\":1}",
        "{broken",
        "84.20.17.0",
        "123e4567-e89b-12d3-a456-426614174000",
    ];
    let mut rng = Rng::with_seed(seed);
    let kinds = &Schema::of(dataset).interaction_types;
    let mut rows = Vec::new();
    for _ in 0..count {
        let kind = (!kinds.is_empty()).then(|| &kinds[rng.usize(0..kinds.len())]);
        let mut row = Vec::new();
        for column in columns {
            let field = column.split('.').next().unwrap();
            let is_usual = kind.is_none_or(|kind| kind.allows(field)) || rng.u8(0..100) < 2;
            let text = match column.as_str() {
                "product_id" | "user_id" if rng.u8(0..100) < 90 => {
                    rng.choice(["P1", "a,b", "_x", "日本"]).unwrap().to_owned()
                }
                "type" if kind.is_some() && rng.u8(0..100) < 97 => kind.unwrap().name.clone(),
                "title" | "name" if rng.u8(0..100) < 5 => "é".repeat(600),
                "product_ids" if is_usual && rng.u8(0..100) < 10 => format!("P1|{}", "x".repeat(rng.usize(510..514))),
                _ if is_usual && rng.u8(0..100) < 12 => rng.choice(TEXTS).unwrap().to_owned(),
                _ => String::new(),
            };
            row.push(text);
        }
        rows.push(row);
    }
    rows
}
