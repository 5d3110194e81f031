//! Writes a record, as a CSV row or as a JSON line: the same calls for both.

use super::SampleFormat;

/// The lines being written. Calls come in the order of the columns; nested objects are only seen in JSON, where the
/// CSV columns have dotted names.
#[derive(Debug)]
pub(super) struct RecordLine {
    json: bool,
    bytes: Vec<u8>,
    /// Whether the next cell or key is the first of its row or object.
    first: bool,
    /// Whether a JSON record was begun.
    begun: bool,
}

impl RecordLine {
    pub(super) const fn new(format: SampleFormat) -> Self {
        Self {
            json: matches!(format, SampleFormat::JsonLines),
            bytes: Vec::new(),
            first: true,
            begun: false,
        }
    }

    /// What was written so far.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn clear(&mut self) {
        self.bytes.clear();
    }

    /// Whether JSON is written, where values have types.
    pub(super) const fn is_json(&self) -> bool {
        self.json
    }

    /// The header row of a CSV file.
    pub(super) fn header(&mut self, columns: &[&str]) {
        for column in columns {
            self.text(column, column);
        }
        self.end();
    }

    /// Writes a text.
    pub(super) fn text(&mut self, key: &str, value: &str) {
        self.key(key);
        if self.json {
            self.json_text(value);
        } else {
            self.cell(value);
        }
    }

    /// Writes a number or a boolean, `value` as it stands.
    pub(super) fn bare(&mut self, key: &str, value: &str) {
        self.key(key);
        if self.json {
            self.bytes.extend_from_slice(value.as_bytes());
        } else {
            self.cell(value);
        }
    }

    /// Writes a list of texts: `a|b` in CSV.
    pub(super) fn texts<'a>(&mut self, key: &str, values: impl IntoIterator<Item = &'a str>) {
        self.key(key);
        if self.json {
            self.bytes.push(b'[');
        }
        for (at, value) in values.into_iter().enumerate() {
            if at > 0 {
                self.bytes.push(if self.json { b',' } else { b'|' });
            }
            if self.json {
                self.json_text(value);
            } else {
                // The shop's words hold no separators and no quotes.
                self.bytes.extend_from_slice(value.as_bytes());
            }
        }
        if self.json {
            self.bytes.push(b']');
        }
    }

    /// Writes a list of whole numbers: `1|2` in CSV.
    pub(super) fn numbers(&mut self, key: &str, values: &[i64]) {
        let joined = values.iter().map(i64::to_string).collect::<Vec<_>>();
        if self.json {
            self.bare(key, &format!("[{}]", joined.join(",")));
        } else {
            self.bare(key, &joined.join("|"));
        }
    }

    /// Writes a list with one hierarchical category path: `A > B` in CSV.
    pub(super) fn category_path(&mut self, key: &str, path: [&str; 2]) {
        if self.json {
            self.key(key);
            self.bytes.extend_from_slice(b"[[");
            self.json_text(path[0]);
            self.bytes.push(b',');
            self.json_text(path[1]);
            self.bytes.extend_from_slice(b"]]");
        } else {
            self.text(key, &format!("{} > {}", path[0], path[1]));
        }
    }

    /// Leaves a value out: an empty cell in CSV, nothing in JSON.
    pub(super) fn missing(&mut self, key: &str) {
        if !self.json {
            self.key(key);
        }
    }

    pub(super) fn open(&mut self, key: &str) {
        if self.json {
            self.key(key);
            self.bytes.push(b'{');
            self.first = true;
        }
    }

    pub(super) fn close(&mut self) {
        if self.json {
            self.bytes.push(b'}');
            self.first = false;
        }
    }

    pub(super) fn end(&mut self) {
        if self.json {
            if !self.begun {
                self.bytes.push(b'{');
            }
            self.bytes.push(b'}');
        }
        self.bytes.push(b'\n');
        self.first = true;
        self.begun = false;
    }

    fn key(&mut self, key: &str) {
        if self.json && !self.begun {
            self.bytes.push(b'{');
            self.begun = true;
        }
        if !self.first {
            self.bytes.push(b',');
        }
        self.first = false;
        if self.json {
            // CSV and JSON share their calls; the last part of a dotted column is the key inside its object.
            let key = key.rsplit_once('.').map_or(key, |(_, last)| last);
            self.json_text(key);
            self.bytes.push(b':');
        }
    }

    fn cell(&mut self, value: &str) {
        if value.bytes().any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r')) {
            self.bytes.push(b'"');
            for (at, part) in value.split('"').enumerate() {
                if at > 0 {
                    self.bytes.extend_from_slice(b"\"\"");
                }
                self.bytes.extend_from_slice(part.as_bytes());
            }
            self.bytes.push(b'"');
        } else {
            self.bytes.extend_from_slice(value.as_bytes());
        }
    }

    fn json_text(&mut self, value: &str) {
        self.bytes.push(b'"');
        for byte in value.bytes() {
            match byte {
                b'"' => self.bytes.extend_from_slice(b"\\\""),
                b'\\' => self.bytes.extend_from_slice(b"\\\\"),
                b'\n' => self.bytes.extend_from_slice(b"\\n"),
                _ => self.bytes.push(byte),
            }
        }
        self.bytes.push(b'"');
    }
}
