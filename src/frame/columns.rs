//! The columns' names.

use std::collections::HashMap;

/// Names in order, each once.
#[derive(Clone, Debug, Default)]
pub(super) struct Columns {
    names: Vec<String>,
    by_name: HashMap<Box<str>, u32>,
}

impl Columns {
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    pub(super) fn find(&self, name: &str) -> Option<u32> {
        self.by_name.get(name).copied()
    }

    /// Adds a name that is not there yet.
    pub(super) fn add(&mut self, name: &str) {
        if let Ok(column) = u32::try_from(self.names.len())
            && !self.by_name.contains_key(name)
        {
            self.by_name.insert(name.into(), column);
            self.names.push(name.to_owned());
        }
    }

    /// Forgets all but the first `len` names.
    pub(super) fn truncate(&mut self, len: usize) {
        for name in self.names.drain(len.min(self.names.len())..) {
            self.by_name.remove(name.as_str());
        }
    }

    /// Names for so many columns that have none.
    pub(super) fn numbered(count: usize) -> Self {
        Self::from_headers(std::iter::repeat_n(String::new(), count))
    }

    /// The names of a header row; a repeated or empty one gets a name of its own, for a column must be found by name.
    pub(super) fn from_headers(headers: impl Iterator<Item = String>) -> Self {
        let mut columns = Self::default();
        // The next number of a name, so that as many of the same name are not all counted for each.
        let mut copies: HashMap<String, usize> = HashMap::new();
        for (at, header) in headers.enumerate() {
            let plain = match header.trim() {
                "" => format!("column {}", at + 1),
                trimmed => trimmed.to_owned(),
            };
            let mut name = plain.clone();
            while columns.by_name.contains_key(name.as_str()) {
                let copy = copies.entry(plain.clone()).or_insert(2);
                name = format!("{plain} ({copy})");
                *copy += 1;
            }
            columns.add(&name);
        }
        columns
    }
}
