//! One JSON object, written key by key.

use crate::domain::{cell::Cell, json, rules, value};

/// A JSON object being written. Empty values leave no key.
#[derive(Clone, Debug, Default)]
pub(super) struct ObjectWriter(Vec<u8>);

impl ObjectWriter {
    fn key(&mut self, name: &str) {
        self.0.push(if self.0.is_empty() { b'{' } else { b',' });
        json::write_string(name, &mut self.0);
        self.0.push(b':');
    }

    /// Whether nothing has been written.
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn text(&mut self, name: &str, text: &str) {
        let text = text.trim();
        if !text.is_empty() {
            self.key(name);
            json::write_string(text, &mut self.0);
        }
    }

    /// Adds a number with its digits. Text that is no number is added as text, for the checker to report.
    pub(super) fn number(&mut self, name: &str, text: &str) {
        match value::number(text) {
            Some(number) => self.json(name, &number),
            None => self.text(name, text),
        }
    }

    /// Adds JSON; `null` leaves no key.
    pub(super) fn json(&mut self, name: &str, json: &str) {
        if !json.is_empty() && json != "null" {
            self.key(name);
            self.0.extend_from_slice(json.as_bytes());
        }
    }

    pub(super) fn list<'a>(&mut self, name: &str, items: impl IntoIterator<Item = &'a str>) {
        let mut items = items
            .into_iter()
            .map(str::trim)
            .filter(|item| !item.is_empty())
            .peekable();
        if items.peek().is_none() {
            return;
        }
        self.key(name);
        self.0.push(b'[');
        for (nth, item) in items.enumerate() {
            if nth > 0 {
                self.0.push(b',');
            }
            json::write_string(item, &mut self.0);
        }
        self.0.push(b']');
    }

    pub(super) fn paths<'a>(&mut self, name: &str, paths: impl IntoIterator<Item = &'a str>) {
        let levels = |path: &'a str| -> Vec<&'a str> {
            let levels = path.split('>').map(str::trim);
            levels.filter(|level| !level.is_empty()).collect()
        };
        let paths: Vec<Vec<&str>> = paths.into_iter().map(levels).filter(|path| !path.is_empty()).collect();
        if !paths.is_empty() {
            self.json(name, &serde_json::Value::from(paths).to_string());
        }
    }

    /// Adds a cell as it stands in its file.
    pub(super) fn cell(&mut self, name: &str, cell: Cell<'_>) {
        match cell {
            Cell::Missing => {}
            Cell::Text(text) => self.text(name, text),
            Cell::Json(json) => self.json(name, json),
        }
    }

    /// Adds a cell of a JSON file, whatever it holds.
    pub(super) fn verbatim(&mut self, name: &str, cell: Cell<'_>) {
        if let Cell::Json(json) = cell {
            self.key(name);
            self.0.extend_from_slice(json.as_bytes());
        }
    }

    pub(super) fn object(&mut self, name: &str, inner: Self) {
        if !inner.is_empty() {
            self.key(name);
            self.0.extend_from_slice(&inner.finish());
        }
    }

    pub(super) fn finish(mut self) -> Vec<u8> {
        if self.0.is_empty() {
            self.0.push(b'{');
        }
        self.0.push(b'}');
        self.0
    }
}

/// Text without its HTML, and without the line breaks that HTML does not mean.
pub(super) fn prose(text: &str) -> String {
    match rules::without_markup(text) {
        Some(plain) => plain.split_whitespace().collect::<Vec<_>>().join(" "),
        None => text.to_owned(),
    }
}

/// A column's name as a key: `Google Shopping / Gender` becomes `google_shopping_gender`.
pub(super) fn key(name: &str) -> String {
    let mut key = String::with_capacity(name.len());
    for c in name.chars() {
        if c.is_alphanumeric() {
            key.extend(c.to_lowercase());
        } else if !key.ends_with('_') && !key.is_empty() {
            key.push('_');
        }
    }
    key.truncate(key.trim_end_matches('_').len());
    key
}
