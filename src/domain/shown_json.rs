//! JSON values as people read them.

use serde_json::value::RawValue;

use super::cell::Cell;

/// What stands between the items of a list, and between the parts of an item that is a list itself.
const LEVELS: [&str; 2] = [", ", " > "];

/// A list as its items, `["a","b"]` → `a, b`, unless they could not be told apart; a text without its quotes.
pub(super) fn shown(json: &str) -> String {
    items(json, &LEVELS).unwrap_or_else(|| unquoted(json))
}

fn items(json: &str, levels: &[&str]) -> Option<String> {
    if !json.starts_with('[') {
        let text = unquoted(json);
        let is_plain = !text.is_empty() && !text.contains([',', '>', '{']);
        return (is_plain && levels.len() < LEVELS.len()).then_some(text);
    }
    let (between, inner) = levels.split_first()?;
    let parts: Vec<&RawValue> = serde_json::from_str(json).ok()?;
    let texts: Option<Vec<String>> = parts.iter().map(|part| items(part.get(), inner)).collect();
    texts.filter(|texts| !texts.is_empty()).map(|texts| texts.join(between))
}

fn unquoted(json: &str) -> String {
    Cell::Json(json).shown().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_shown_as_their_items_unless_that_is_ambiguous() {
        assert_eq!(shown(r#"["red","dark \"blue\""]"#), "red, dark \"blue\"");
        assert_eq!(shown("[1.50,2]"), "1.50, 2");
        assert_eq!(shown(r#"[["Home","Lamps"],["Sale"]]"#), "Home > Lamps, Sale");
        assert_eq!(shown(r#""text""#), "text");
        for json in [r#"["a, b","c"]"#, "[]", r#"[""]"#, r#"[{"a":1}]"#, "[[[1]]]", "12.50"] {
            assert_eq!(shown(json), json);
        }
    }
}
