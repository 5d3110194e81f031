//! Fills a record with a row's values.

use super::{
    document::{Notation, PresetDocument, PresetField, PresetForm, PresetOptions},
    events::{takes, truncated},
    object::{key, prose},
    record::RecordWriter,
    source::{ValueSource, number_json, text_json},
};
use crate::domain::{cell::Cell, dataset::Dataset, value};

/// Writes a row's values to the fields that the document names. Returns which of its entries gave the id.
pub(super) fn fill(document: &PresetDocument, source: &ValueSource<'_>, record: &mut RecordWriter) -> Option<usize> {
    let mut gave_id = None;
    let id = document.dataset.and_then(Dataset::id_field);
    for (at, field) in document.fields.iter().enumerate() {
        let text = |name: &str| match name.strip_prefix('@') {
            Some(written) if record.has(written) => record.text(written),
            _ => source.text(name),
        };
        let is_wanted = field.when.holds(&text) && (field.unless.is_empty() || !field.unless.holds(&text));
        if !is_wanted {
            continue;
        }
        let json = made(field, source);
        let is_new_id = gave_id.is_none() && id == Some(field.to.as_str()) && !json.is_empty();
        let first = field.to.split('.').next().unwrap_or_default();
        if let Some(dataset @ Dataset::Interactions) = document.dataset
            && !takes(&record.text("type"), first)
        {
            record.put_in(dataset.custom_prefix(), first, json);
        } else {
            record.put(&field.to, json);
        }
        if is_new_id {
            gave_id = Some(at);
        }
    }
    let options = document.options.as_ref();
    if let Some(options) = options.filter(|options| options.when.holds(&|name| source.text(name))) {
        fill_options(options, source, record);
    }
    gave_id
}

/// A field's value in JSON; empty when there is none.
fn made(field: &PresetField, source: &ValueSource<'_>) -> String {
    let names = || field.from.0.iter().map(String::as_str);
    let is_said = |text: &String| !text.is_empty() && !field.ignore.iter().any(|word| word == text);
    let list = || {
        let mut lists = names().map(|name| source.items(name, &field.between));
        let items = lists.find(|items| !items.is_empty()).unwrap_or_default();
        let bare = |item: String| item.trim_matches(|sign| field.strip.contains(sign)).to_owned();
        items.into_iter().map(bare).collect::<Vec<_>>()
    };
    match field.form {
        PresetForm::List => list_json(&list(), text_json),
        PresetForm::Numbers => list_json(&list(), number_json),
        PresetForm::First => list().first().map(|item| text_json(item)).unwrap_or_default(),
        PresetForm::Paths => {
            let mut lists = names().map(|name| paths_json(&source.items(name, &field.between), &field.level));
            lists.find(|json| !json.is_empty()).unwrap_or_default()
        }
        PresetForm::Slug => {
            let mut texts = names().map(|name| source.text(name)).filter(is_said);
            let first = texts.next().unwrap_or_default();
            let rest = texts.map(|text| key(&text).replace('_', "-"));
            text_json(&std::iter::once(first).chain(rest).collect::<Vec<_>>().join("-"))
        }
        PresetForm::Verbatim => {
            let mut cells = names().map(|name| source.cell(name)).filter(|cell| !cell.is_missing());
            match cells.next() {
                Some(Cell::Json(json)) => json.to_owned(),
                Some(Cell::Text(text)) => text_json(text),
                Some(Cell::Missing) | None => String::new(),
            }
        }
        form => {
            let text = names().map(|name| source.text(name)).find(is_said).unwrap_or_default();
            let text = meant(field, text);
            one_json(form, &text)
        }
    }
}

/// The replacement for a value, or the value itself.
fn meant(field: &PresetField, text: String) -> String {
    if field.values.is_empty() {
        return if text.is_empty() {
            field.otherwise.clone().unwrap_or_default()
        } else {
            text
        };
    }
    let found = field.values.iter().find(|(known, _)| known.eq_ignore_ascii_case(&text));
    match (found, &field.otherwise) {
        (Some((_, value)), _) => value.clone(),
        (None, Some(otherwise)) => otherwise.clone(),
        (None, None) => text,
    }
}

fn one_json(form: PresetForm, text: &str) -> String {
    let is_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match form {
        PresetForm::Id => text_json(text.trim_start_matches('\'')),
        PresetForm::Prose => text_json(&prose(text)),
        PresetForm::Upper => text_json(&text.to_uppercase()),
        PresetForm::Digits if !is_digits => String::new(),
        PresetForm::Positive if text.parse().is_ok_and(|number: f64| number == 0.0) => String::new(),
        PresetForm::Number | PresetForm::Positive => number_json(text),
        PresetForm::Boolean => match value::boolean(text) {
            Some(truth) => truth.to_string(),
            None => text_json(text),
        },
        PresetForm::Seconds => text_json(&moment(text, 1_000_000_000).unwrap_or_else(|| text.to_owned())),
        PresetForm::Milliseconds => text_json(&moment(text, 1_000_000).unwrap_or_else(|| text.to_owned())),
        PresetForm::Utc => text_json(&utc(text).unwrap_or_else(|| text.to_owned())),
        PresetForm::Address => text_json(&truncated(text)),
        PresetForm::Text
        | PresetForm::Digits
        | PresetForm::Slug
        | PresetForm::List
        | PresetForm::Numbers
        | PresetForm::First
        | PresetForm::Paths
        | PresetForm::Verbatim => text_json(text),
    }
}

fn list_json(items: &[String], json: fn(&str) -> String) -> String {
    if items.is_empty() {
        return String::new();
    }
    let items: Vec<String> = items.iter().map(|item| json(item)).collect();
    format!("[{}]", items.join(","))
}

fn paths_json(paths: &[String], level: &str) -> String {
    let paths = paths
        .iter()
        .filter(|path| !path.bytes().all(|byte| byte.is_ascii_digit()));
    let levels = |path: &String| {
        let levels = path.split(level).map(str::trim).filter(|level| !level.is_empty());
        levels.map(str::to_owned).collect::<Vec<_>>()
    };
    let paths: Vec<Vec<String>> = paths.map(levels).filter(|path| !path.is_empty()).collect();
    if paths.is_empty() {
        String::new()
    } else {
        serde_json::Value::from(paths).to_string()
    }
}

/// A number since 1970, of `nanos` each, as a date and time.
fn moment(number: &str, nanos: i128) -> Option<String> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let mut all: i128 = whole.parse::<i64>().ok().map(i128::from)?.checked_mul(nanos)?;
    if !fraction.is_empty() {
        let digits: i128 = fraction.parse::<u32>().ok().map(i128::from)?;
        let size = 10_i128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
        all += nanos.checked_mul(digits)? / size;
    }
    let moment = jiff::Timestamp::from_nanosecond(all).ok()?;
    Some(moment.strftime("%Y-%m-%dT%H:%M:%S%.fZ").to_string())
}

/// `2024-01-05 10:30:00.123000` as `2024-01-05T10:30:00.123Z`.
fn utc(text: &str) -> Option<String> {
    let moment: jiff::civil::DateTime = text.parse().ok()?;
    let has_zone = text.ends_with(['Z', 'z']) || text.get(11..).is_some_and(|time| time.contains(['+', '-']));
    (!has_zone).then(|| moment.strftime("%Y-%m-%dT%H:%M:%S%.fZ").to_string())
}

fn fill_options(options: &PresetOptions, source: &ValueSource<'_>, record: &mut RecordWriter) {
    let columns = options.columns.iter();
    let mut pairs: Vec<(String, String)> = columns
        .map(|(name, value)| (source.text(name), source.text(value)))
        .collect();
    for (column, notation) in &options.written {
        pairs.extend(pairs_in(&source.text(column), *notation));
    }
    for (name, value) in pairs {
        if value.is_empty() || options.ignore.contains(&value) {
            continue;
        }
        let known = options
            .known
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(&name));
        match known {
            Some((_, path)) => record.put(path, text_json(&value)),
            None => record.put(&others(&options.others, &name), text_json(&value)),
        }
    }
}

/// The path for an option of another name.
fn others(start: &str, name: &str) -> String {
    let name = key(name);
    if name.is_empty() {
        // `custom_attributes.option`
        start.trim_end_matches('_').to_owned()
    } else {
        format!("{start}{name}")
    }
}

fn pairs_in(text: &str, notation: Notation) -> Vec<(String, String)> {
    let pair = |part: &str| {
        let (name, value) = part.split_once('=')?;
        // `[S]` tells how the option is shown, `[#f00]` its color.
        let name = name.rsplit(']').next().unwrap_or(name).trim();
        let value = value.split('[').next().unwrap_or(value).trim();
        Some((name.to_owned(), value.to_owned()))
    };
    match notation {
        Notation::Assignments => text.split(',').filter_map(pair).collect(),
        Notation::Fields => {
            let mut pairs = Vec::new();
            let mut name = String::new();
            for (what, value) in text.split('|').filter_map(pair) {
                match what.as_str() {
                    "Name" => name = value,
                    "Value" => pairs.push((std::mem::take(&mut name), value)),
                    _ => {}
                }
            }
            pairs
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_made_what_the_form_says() {
        for (form, text, expect) in [
            (PresetForm::Text, " a ", r#""a""#),
            (PresetForm::Id, "'00123", r#""00123""#),
            (PresetForm::Number, "12.50", "12.50"),
            (PresetForm::Number, "ask", r#""ask""#),
            (PresetForm::Positive, "0.00", ""),
            (PresetForm::Digits, "123", r#""123""#),
            (PresetForm::Digits, "A > B", ""),
            (PresetForm::Boolean, "TRUE", "true"),
            (PresetForm::Boolean, "maybe", r#""maybe""#),
            (PresetForm::Seconds, "1602611311", r#""2020-10-13T17:48:31Z""#),
            (PresetForm::Seconds, "1602611311.25", r#""2020-10-13T17:48:31.25Z""#),
            (
                PresetForm::Milliseconds,
                "1602611311874",
                r#""2020-10-13T17:48:31.874Z""#,
            ),
            (PresetForm::Seconds, "soon", r#""soon""#),
            (
                PresetForm::Utc,
                "2024-01-05 10:30:00.123000",
                r#""2024-01-05T10:30:00.123Z""#,
            ),
            (
                PresetForm::Utc,
                "2024-01-05T10:30:00+02:00",
                r#""2024-01-05T10:30:00+02:00""#,
            ),
            (PresetForm::Address, "192.0.2.7", r#""192.0.2.0""#),
            (PresetForm::Upper, "new", r#""NEW""#),
            (PresetForm::Text, "", ""),
        ] {
            assert_eq!(one_json(form, text), expect, "{text} as {form:?}");
        }
    }

    #[test]
    fn options_are_read_as_their_systems_write_them() {
        let pairs = |text, notation| {
            let pairs = pairs_in(text, notation).into_iter();
            pairs
                .map(|(name, value)| format!("{name}: {value}"))
                .collect::<Vec<_>>()
                .join("; ")
        };
        assert_eq!(
            pairs("[S]Color=Red,[RT]Size=M", Notation::Assignments),
            "Color: Red; Size: M"
        );
        assert_eq!(
            pairs("has_options=1,color=Red", Notation::Assignments),
            "has_options: 1; color: Red"
        );
        assert_eq!(
            pairs(
                "Type=Swatch|Name=Color|Value=Red[#f00]|Type=Rectangle|Name=Size|Value=M",
                Notation::Fields
            ),
            "Color: Red; Size: M"
        );
        assert_eq!(pairs("none", Notation::Fields), "");
    }
}
