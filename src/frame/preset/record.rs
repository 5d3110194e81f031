//! A record being assembled.

use crate::domain::json;

/// Values by their paths, to be written as nested objects. The first value of a path stays.
#[derive(Debug, Default)]
pub(super) struct RecordWriter(Vec<(String, Member)>);

#[derive(Debug)]
enum Member {
    Json(String),
    Object(RecordWriter),
}

impl RecordWriter {
    /// Adds a value in JSON at a dotted path; an empty one leaves no key.
    pub(super) fn put(&mut self, path: &str, json: String) {
        match path.split_once('.') {
            None => self.put_own(path, json),
            Some((first, rest)) => {
                if let Some(object) = self.object(first) {
                    object.put(rest, json);
                }
            }
        }
    }

    /// Adds a value in JSON under a name, dots or not, to the object at a path.
    pub(super) fn put_in(&mut self, path: &str, name: &str, json: String) {
        match path.split_once('.') {
            None => {
                if let Some(object) = self.object(path) {
                    object.put_own(name, json);
                }
            }
            Some((first, rest)) => {
                if let Some(object) = self.object(first) {
                    object.put_in(rest, name, json);
                }
            }
        }
    }

    fn put_own(&mut self, name: &str, json: String) {
        if !json.is_empty() && !self.0.iter().any(|(known, _)| known == name) {
            self.0.push((name.to_owned(), Member::Json(json)));
        }
    }

    /// The object under a name; `None` when something else is.
    fn object(&mut self, name: &str) -> Option<&mut Self> {
        let at = self
            .0
            .iter()
            .position(|(known, _)| known == name)
            .unwrap_or(self.0.len());
        if at == self.0.len() {
            self.0.push((name.to_owned(), Member::Object(Self::default())));
        }
        match self.0.get_mut(at) {
            Some((_, Member::Object(object))) => Some(object),
            _ => None,
        }
    }

    /// The text that stands under a name.
    pub(super) fn text(&self, name: &str) -> String {
        let found = self.0.iter().find(|(known, _)| known == name);
        match found {
            Some((_, Member::Json(json))) => serde_json::from_str(json).unwrap_or_else(|_| json.clone()),
            _ => String::new(),
        }
    }

    /// Whether there is a value under a name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| known == name)
    }

    fn is_empty(&self) -> bool {
        self.0.iter().all(|(_, member)| match member {
            Member::Json(_) => false,
            Member::Object(object) => object.is_empty(),
        })
    }

    /// Its JSON, without objects that nothing was put into.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.push(b'{');
        let mut is_first = true;
        for (name, member) in &self.0 {
            if matches!(member, Member::Object(object) if object.is_empty()) {
                continue;
            }
            if !is_first {
                out.push(b',');
            }
            is_first = false;
            json::write_string(name, out);
            out.push(b':');
            match member {
                Member::Json(json) => out.extend_from_slice(json.as_bytes()),
                Member::Object(object) => object.write(out),
            }
        }
        out.push(b'}');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_objects() {
        let mut record = RecordWriter::default();
        record.put("a", "1".to_owned());
        record.put("a", "2".to_owned());
        record.put("b.c.d", "\"x\"".to_owned());
        record.put("b.e", String::new());
        record.put("a.b", "3".to_owned());
        record.put("empty.of.all", String::new());
        record.put_in("b.c", "f.g", "[]".to_owned());
        record.put_in("b", "c", "4".to_owned());
        let mut json = Vec::new();
        record.write(&mut json);
        assert_eq!(
            String::from_utf8(json).unwrap(),
            r#"{"a":1,"b":{"c":{"d":"x","f.g":[]}}}"#
        );
        assert_eq!((record.text("a").as_str(), record.text("b").as_str()), ("1", ""));
    }
}
