//! The grammar of the API's 422 lines, rendered and parsed in this one place (miso-api.md section 4).

use super::validate::{Fault, Violation};

/// The API's line for a violation in the record at `index` of the request:
/// `data.0.timestamp is invalid. The attribute should match the 'date-time' format.`
pub fn render(index: usize, violation: &Violation) -> String {
    let dot = if violation.path.is_empty() { "" } else { "." };
    format!(
        "data.{index}{dot}{} is invalid. {}",
        violation.path,
        sentence(&violation.fault)
    )
}

fn sentence(fault: &Fault) -> String {
    match fault {
        Fault::Type { expected, given } => {
            let expected = quoted(expected.iter());
            format!("The attribute was expected to be of type '{expected}' but type '{given}' was given.")
        }
        Fault::Format(format) => format!("The attribute should match the '{format}' format."),
        Fault::Required(name) => format!("The attribute property '{name}' is required."),
        Fault::Enum(allowed) => {
            format!(
                "The attribute must be one of the following values: {}.",
                quoted(allowed.iter())
            )
        }
        // Without "to", as the validator's library prints it (miso-api.md section 4.4).
        Fault::Minimum(least) => format!("The attribute value must be greater than or equal {least}."),
        Fault::Maximum(most) => format!("The attribute value must be less than or equal {most}."),
        Fault::MinLength(least) => format!("The attribute length should be at least {least} characters."),
        // Without a full stop, as the documentation shows it.
        Fault::Inconsistent => "Its data type is not consistent with other records".to_owned(),
    }
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
    /// What the server says is wrong.
    pub message: String,
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

#[cfg(test)]
mod tests {
    use super::*;

    fn line(path: &str, fault: Fault) -> String {
        render(
            0,
            &Violation {
                path: path.to_owned(),
                fault,
            },
        )
    }

    #[test]
    fn renders_the_guides_own_lines() {
        assert_eq!(
            line(
                "product_ids",
                Fault::Type {
                    expected: vec!["array", "null"],
                    given: "string"
                }
            ),
            "data.0.product_ids is invalid. The attribute was expected to be of type ''array', 'null'' but type 'string' was given."
        );
        assert_eq!(
            line("timestamp", Fault::Format("date-time")),
            "data.0.timestamp is invalid. The attribute should match the 'date-time' format."
        );
        assert_eq!(
            line("custom_attributes.designer", Fault::Inconsistent),
            "data.0.custom_attributes.designer is invalid. Its data type is not consistent with other records"
        );
        assert_eq!(
            line("", Fault::Required("product_id".to_owned())),
            "data.0 is invalid. The attribute property 'product_id' is required."
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
