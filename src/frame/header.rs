//! The names in a header row.

use super::{
    Csv,
    columns::Columns,
    csv::{self},
    index::FoundRecord,
    reader::Spans,
};
use crate::domain::number::grouped;

/// How many columns a note names.
const MOST: usize = 3;

/// The columns that a header, whose bytes are `record`, names, and notes for people on what could not be taken as it stands.
pub(super) fn columns(header: &FoundRecord, record: &[u8], csv: Csv) -> (Columns, Vec<String>) {
    let mut notes = Vec::new();
    if let Some(reason) = &header.broken {
        notes.push(format!("The header may be read wrongly: {reason}"));
    }
    let text = readable(record);
    if text.len() != record.len() {
        notes.push(format!(
            "The header on line {} has bytes that are no text; they are shown as \\x and their number",
            grouped(header.line)
        ));
    }
    let mut spans = Spans::default();
    csv::split_cells(&text, csv, &mut spans);
    let given: Vec<&str> = spans.texts(&text).map(str::trim).collect();
    let columns = Columns::from_headers(given.iter().map(|name| (*name).to_owned()));
    let changed = |is_one: &dyn Fn(&str) -> bool| -> Vec<&str> {
        let pairs = given.iter().zip(columns.names());
        let changed = pairs.filter(|(given, name)| *given != name && is_one(given));
        changed.map(|(_, name)| name.as_str()).collect()
    };
    notes.extend(note(&changed(&str::is_empty), "has no name", "have no name"));
    notes.extend(note(
        &changed(&|given| !given.is_empty()),
        "has a name that another one has",
        "have names that others have",
    ));
    (columns, notes)
}

/// The text, with bytes that are none written out.
fn readable(record: &[u8]) -> String {
    let mut text = String::with_capacity(record.len());
    for chunk in record.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|byte| format!("\\x{byte:02X}")));
    }
    text
}

fn note(names: &[&str], has: &str, have: &str) -> Option<String> {
    let listed = names.get(..MOST).unwrap_or(names).join(", ");
    match names.len() {
        0 => None,
        1 => Some(format!("One column {has}; it is called {listed}")),
        count if count <= MOST => Some(format!("{count} columns {have}; they are called {listed}")),
        count => Some(format!(
            "{} columns {have}; they are called {listed} and so on",
            grouped(count as u64)
        )),
    }
}
