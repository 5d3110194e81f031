//! The grammar of the API's 422 lines, rendered and parsed in this one place (miso-api.md sections 0 and 4).

use super::{
    dataset::Dataset,
    format::StringFormat,
    validate::{Fault, Violation},
};

/// The message for a custom attribute whose type differs from that of stored records.
const INCONSISTENT: &str = "Its data type is not consistent with other records";

/// The API's line for a violation in the record at `index` of the request:
/// `data.0.timestamp is invalid. The attribute should match the 'date-time' format.`
/// The endpoints for products and users word some of them differently than the one for interactions.
pub fn render(dataset: Dataset, index: usize, violation: &Violation) -> String {
    let dot = if violation.path.is_empty() { "" } else { "." };
    line(
        dataset,
        &format!("data.{index}{dot}{}", violation.path),
        &violation.fault,
    )
}

/// The API's line for a fault at a place of the request: `data`, `body`.
pub(crate) fn line(dataset: Dataset, place: &str, fault: &Fault) -> String {
    format!("{place} is invalid. {}", sentence(dataset, fault))
}

/// The `message` above the lines of a 422, which differs by endpoint.
pub const fn summary(dataset: Dataset) -> &'static str {
    match dataset {
        Dataset::Products | Dataset::Users => {
            "None of the records are inserted, because at least one of them contain schema errors. Please see `data` \
             field for details."
        }
        Dataset::Interactions => {
            "None of the records were inserted because at least one of them contained schema errors. Please see the \
             `data` field for details."
        }
    }
}

fn sentence(dataset: Dataset, fault: &Fault) -> String {
    match (fault, dataset) {
        (Fault::Type { expected, given }, Dataset::Interactions) => {
            let expected = quoted(expected.iter());
            format!("The attribute was expected to be of type '{expected}' but type '{given}' was given.")
        }
        (Fault::Type { expected, given }, Dataset::Products | Dataset::Users) => {
            let expected = quoted(expected.iter());
            format!("The attribute expected to be of type {expected}, but '{given}' is given.")
        }
        (Fault::Format(formats), Dataset::Interactions) => {
            format!("The attribute should match the '{}' format.", first(formats))
        }
        (Fault::Format(formats), Dataset::Products | Dataset::Users) => {
            format!("The attribute should match '{}' format.", first(formats))
        }
        (Fault::Required(name), _) => format!("The attribute property '{name}' is required."),
        (Fault::Enum(allowed), _) => {
            format!(
                "The attribute must be one of the following values: {}.",
                quoted(allowed.iter())
            )
        }
        (Fault::MinLength(least), _) => format!("The attribute length should be at least {least} characters."),
        (Fault::MaxLength(most), _) => format!("The attribute length may not be greater than {most} characters."),
        (Fault::Items, _) => "The attribute does not match any of the subschemas.".to_owned(),
        (Fault::Additional, _) => "The attribute must not contain additional properties.".to_owned(),
        // The validator's library prints no full stop here (miso-api.md section 4.4).
        (Fault::Unknown, _) => "The attribute is invalid".to_owned(),
        // The documentation shows no full stop here.
        (Fault::Inconsistent, _) => INCONSISTENT.to_owned(),
    }
}

/// The format that a message names, of those that a text may follow.
fn first(formats: &[StringFormat]) -> &'static str {
    formats.first().map_or("", |format| format.name())
}

fn quoted<T: std::fmt::Display>(names: impl Iterator<Item = T>) -> String {
    names.map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ")
}

/// A 422 line taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerLine {
    /// The record's place in the request, from 0.
    pub index: usize,
    /// Dotted path inside the record; empty for the record itself.
    pub path: String,
    /// The offending value, which newer servers print in parentheses.
    pub value: Option<String>,
    /// The server's message.
    pub message: String,
}

impl ServerLine {
    /// Whether the record is wrong only beside others that are stored: see [`Fault::Inconsistent`].
    pub(crate) fn is_inconsistent(&self) -> bool {
        self.message.starts_with(INCONSISTENT)
    }
}

/// Takes a 422 line apart; `None` when it does not follow the grammar
/// `data.N[.path] [(value)] is invalid. message`. A path may hold spaces, as custom attributes' names do.
pub fn parse(line: &str) -> Option<ServerLine> {
    let (place, message) = line.trim().split_once(" is invalid.")?;
    let place = place.trim().strip_prefix("data.")?;
    let digits = place.bytes().take_while(u8::is_ascii_digit).count();
    let index = place[..digits].parse().ok()?;
    let rest = &place[digits..];
    let (path, value) = match rest.strip_suffix(')').and_then(|rest| rest.split_once(" (")) {
        Some((path, value)) => (path, Some(value.to_owned())),
        None => (rest, None),
    };
    let path = match path.trim_end() {
        "" => "",
        path => path.strip_prefix('.').filter(|path| !path.is_empty())?,
    };
    Some(ServerLine {
        index,
        path: path.to_owned(),
        value,
        message: message.trim().to_owned(),
    })
}

/// The line for an item of the other kind of 422 answers: `{"loc": ["body", "data", 0, "url"], "msg": "…"}`
/// (`HTTPValidationError` of the published document) becomes `data.0.url is invalid. …`.
pub(crate) fn of_detail(item: &serde_json::Value) -> Option<String> {
    let step = |step: &serde_json::Value| step.as_str().map_or_else(|| step.to_string(), str::to_owned);
    let mut place: Vec<String> = item.get("loc")?.as_array()?.iter().map(step).collect();
    if place.len() > 1 && matches!(place.first().map(String::as_str), Some("body" | "path" | "query")) {
        place.remove(0);
    }
    // When a union of models is validated, the model's name follows the record's index.
    if place
        .get(2)
        .is_some_and(|name| name.starts_with(|first: char| first.is_ascii_uppercase()))
    {
        place.remove(2);
    }
    let message = item.get("msg")?.as_str()?;
    Some(format!("{} is invalid. {message}", place.join(".")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(dataset: Dataset, path: &str, fault: Fault, expect: &str) {
        let violation = Violation {
            path: path.to_owned(),
            fault,
        };
        assert_eq!(render(dataset, 0, &violation), expect);
    }

    #[test]
    fn renders_the_lines_of_the_guide_and_of_the_document() {
        use Dataset::{Interactions, Products, Users};
        let date = || Fault::Format(vec![StringFormat::DateTime, StringFormat::Date]);
        check(
            Interactions,
            "product_ids",
            Fault::Type {
                expected: vec!["array", "null"],
                given: "string",
            },
            "data.0.product_ids is invalid. The attribute was expected to be of type ''array', 'null'' but type 'string' was given.",
        );
        check(
            Interactions,
            "timestamp",
            Fault::Format(vec![StringFormat::DateTime]),
            "data.0.timestamp is invalid. The attribute should match the 'date-time' format.",
        );
        for (dataset, id) in [(Products, "product_id"), (Users, "user_id")] {
            check(
                dataset,
                id,
                Fault::Type {
                    expected: vec!["string"],
                    given: "array",
                },
                &format!(
                    "data.0.{id} is invalid. The attribute expected to be of type 'string', but 'array' is given."
                ),
            );
            check(
                dataset,
                "created_at",
                date(),
                "data.0.created_at is invalid. The attribute should match 'date-time' format.",
            );
        }
        check(
            Products,
            "custom_attributes.designer",
            Fault::Inconsistent,
            "data.0.custom_attributes.designer is invalid. Its data type is not consistent with other records",
        );
        check(
            Products,
            "",
            Fault::Required("product_id".to_owned()),
            "data.0 is invalid. The attribute property 'product_id' is required.",
        );
        check(
            Users,
            "",
            Fault::Additional,
            "data.0 is invalid. The attribute must not contain additional properties.",
        );
        check(
            Users,
            "price",
            Fault::Unknown,
            "data.0.price is invalid. The attribute is invalid",
        );
    }

    #[test]
    fn the_other_family_of_refusals_names_its_place() {
        for (json, expect) in [
            (
                r#"{"loc":["body","data",3,"timestamp"],"msg":"invalid datetime format","type":"value_error.datetime"}"#,
                Some((3, "timestamp")),
            ),
            (
                r#"{"loc":["body","data",0,"Search","search","keywords"],"msg":"str type expected","type":"type_error.str"}"#,
                Some((0, "search.keywords")),
            ),
            (
                r#"{"loc":["body","data",12],"msg":"value is not a valid dict","type":"x"}"#,
                Some((12, "")),
            ),
            (
                r#"{"loc":["body","user_ids"],"msg":"field required","type":"value_error.missing"}"#,
                None,
            ),
        ] {
            let line = of_detail(&serde_json::from_str(json).unwrap()).unwrap();
            let parsed = parse(&line);
            let place = parsed.as_ref().map(|line| (line.index, line.path.as_str()));
            assert_eq!(place, expect, "{line}");
        }
        assert_eq!(of_detail(&serde_json::json!("nonsense")), None);
        let user_ids = serde_json::json!({"loc": ["body", "user_ids"], "msg": "field required"});
        assert_eq!(
            of_detail(&user_ids).as_deref(),
            Some("user_ids is invalid. field required")
        );
    }

    /// All lines that public text shows (miso-api.md section 4.1), and the forms the SDK's parser expects.
    #[test]
    fn parses_every_line_seen() {
        let cases = [
            (
                "data.0.product_ids is invalid. The attribute was expected to be of type ''array', 'null'' but type 'string' was given.",
                (0, "product_ids", None),
            ),
            (
                "data.12.custom_attributes.designer is invalid. Its data type is not consistent with other records",
                (12, "custom_attributes.designer", None),
            ),
            (
                "data.0.user_id is invalid. The attribute was expected to be a `string`",
                (0, "user_id", None),
            ),
            (
                "data.3 is invalid. The attribute property 'product_id' is required.",
                (3, "", None),
            ),
            (
                " data.7.url (htp:/x) is invalid.  The attribute should match the 'uri' format.",
                (7, "url", Some("htp:/x")),
            ),
            (
                "data.1.custom_attributes.Top Speed is invalid. x",
                (1, "custom_attributes.Top Speed", None),
            ),
        ];
        for (line, (index, path, value)) in cases {
            let parsed = parse(line).unwrap_or_else(|| panic!("{line}"));
            assert_eq!(
                (parsed.index, parsed.path.as_str(), parsed.value.as_deref()),
                (index, path, value),
                "{line}"
            );
        }
        let inconsistent = cases.map(|(line, _)| parse(line).is_some_and(|line| line.is_inconsistent()));
        assert_eq!(inconsistent, [false, true, false, false, false, false]);
        for line in [
            "",
            "nonsense",
            "data. is invalid. x",
            "data.x is invalid. y",
            "data.5title is invalid. z",
        ] {
            assert_eq!(parse(line), None, "{line}");
        }
    }
}
