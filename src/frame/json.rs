//! JSON: where the records of a list end, and what a record's columns are.

use memchr::{memchr, memchr_iter, memchr2_iter, memchr3};
use sonic_rs::JsonValueTrait as _;

use super::index::Found;

/// An element longer than this is taken for one that was never closed.
const MAX_ELEMENT: usize = 64 << 20;

/// Lists and objects within each other; `serde_json` reads no more than 127.
const MAX_DEPTH: usize = 100;

/// Finds one record a line, block by block.
#[derive(Debug)]
pub(super) struct LineSplitter {
    /// The file line the next byte stands on, from 1.
    pub(super) line: u64,
}

impl LineSplitter {
    /// Finds the complete lines in `buffer`. Returns how many bytes they took.
    pub(super) fn split(&mut self, buffer: &[u8], last: bool, found: &mut Vec<Found>) -> usize {
        let mut start = 0;
        let ends = memchr_iter(b'\n', buffer)
            .map(|at| at + 1)
            .chain(last.then_some(buffer.len()));
        for end in ends {
            if !buffer[start..end].trim_ascii().is_empty() {
                found.push(Found {
                    start,
                    end,
                    line: self.line,
                    broken: None,
                });
            }
            self.line += 1;
            start = end;
        }
        start
    }
}

/// Finds the elements of an array, block by block, from behind its `[`.
#[derive(Debug)]
pub(super) struct ArraySplitter {
    /// The file line the next byte stands on, from 1.
    pub(super) line: u64,
    /// Whether something may follow the array: the rest of an API body.
    pub(super) in_body: bool,
    /// Whether the array's `]` was met.
    pub(super) closed: bool,
}

impl ArraySplitter {
    /// Finds the complete elements in `buffer`. Returns how many bytes they took.
    pub(super) fn split(&mut self, buffer: &[u8], last: bool, found: &mut Vec<Found>) -> usize {
        let mut at = 0;
        while let Some(&byte) = buffer.get(at) {
            match byte {
                b'\n' => self.line += 1,
                b' ' | b'\t' | b'\r' => {}
                _ if self.closed && self.in_body => return buffer.len(),
                _ if self.closed => {
                    if !last {
                        return at;
                    }
                    let reason = "Text follows the end of the list".to_owned();
                    found.push(Found {
                        start: at,
                        end: buffer.len(),
                        line: self.line,
                        broken: Some(reason),
                    });
                    return buffer.len();
                }
                b',' => {}
                b']' => self.closed = true,
                _ => {
                    let patient = !last && buffer.len() - at < MAX_ELEMENT;
                    let (end, broken) = match element_end(buffer, at) {
                        Element::At(end) => (end, None),
                        Element::Beyond if patient => return at,
                        Element::Beyond => match next_like(buffer, at, at) {
                            Some(next) => (next, Some("Not valid JSON: the record is not closed")),
                            None => (
                                buffer.len(),
                                Some("The file ends within this record; it may be cut off"),
                            ),
                        },
                        Element::Broken { near, reason } => match next_like(buffer, at, near) {
                            None if patient => return at,
                            next => (next.unwrap_or(buffer.len()), Some(reason)),
                        },
                    };
                    let broken = broken.map(str::to_owned);
                    found.push(Found {
                        start: at,
                        end,
                        line: self.line,
                        broken,
                    });
                    self.line += memchr_iter(b'\n', &buffer[at..end]).count() as u64;
                    at = end;
                    continue;
                }
            }
            at += 1;
        }
        if last && !self.closed && found.last().is_none_or(|found| found.broken.is_none()) {
            let reason = "The list is not closed with ]; the file may be cut off".to_owned();
            found.push(Found {
                start: buffer.len(),
                end: buffer.len(),
                line: self.line,
                broken: Some(reason),
            });
        }
        at
    }
}

enum Element {
    At(usize),
    Beyond,
    /// It goes wrong after `near`.
    Broken {
        near: usize,
        reason: &'static str,
    },
}

fn element_end(buffer: &[u8], start: usize) -> Element {
    let mut depth = 0_usize;
    // Which of the open brackets are braces, the innermost lowest; deeper ones than 128 go unchecked.
    let mut braces = 0_u128;
    let mut at = start;
    while let Some(&byte) = buffer.get(at) {
        match byte {
            b'"' => match string_end(buffer, at) {
                Element::At(end) => {
                    at = end;
                    continue;
                }
                other => return other,
            },
            b'{' | b'[' => {
                depth += 1;
                braces = braces << 1 | u128::from(byte == b'{');
            }
            b'}' | b']' if depth == 0 => return Element::At(if at > start { at } else { at + 1 }),
            b'}' | b']' if depth <= 128 && (braces & 1 == 1) != (byte == b'}') => {
                return Element::Broken {
                    near: start,
                    reason: "Not valid JSON: the record is not closed",
                };
            }
            b'}' | b']' if depth == 1 => return Element::At(at + 1),
            b'}' | b']' => {
                depth -= 1;
                braces >>= 1;
            }
            b',' if depth == 0 => return Element::At(at),
            _ => {}
        }
        at += 1;
    }
    Element::Beyond
}

fn string_end(buffer: &[u8], open: usize) -> Element {
    let mut at = open + 1;
    while let Some(step) = buffer.get(at..).and_then(|rest| memchr3(b'"', b'\\', b'\n', rest)) {
        at += step;
        match buffer[at] {
            b'"' => return Element::At(at + 1),
            b'\n' => {
                return Element::Broken {
                    near: at,
                    reason: "Not valid JSON: a text is not closed on its line",
                };
            }
            _ => at += 2,
        }
    }
    Element::Beyond
}

/// Where the next line after `near` starts an object that is indented like the line of the broken element at `start`.
fn next_like(buffer: &[u8], start: usize, near: usize) -> Option<usize> {
    let indent = buffer[..start]
        .iter()
        .rev()
        .take_while(|byte| matches!(byte, b' ' | b'\t'))
        .count();
    let mut at = near;
    loop {
        at += memchr(b'\n', &buffer[at..])? + 1;
        let here = buffer[at..]
            .iter()
            .take_while(|byte| matches!(byte, b' ' | b'\t'))
            .count();
        match buffer.get(at + here)? {
            b'{' if here == indent => return Some(at),
            b']' if here < indent || indent == 0 => return Some(at),
            _ => {}
        }
    }
}

/// An element without the space, comma or bracket that follows it.
pub(super) fn trim(record: &[u8]) -> &[u8] {
    let record = record.trim_ascii_end();
    record.strip_suffix(b",").unwrap_or(record).trim_ascii()
}

/// Whether an object under this path is spread over columns of its own: the containers whose members the schema
/// names one by one.
fn spreads(path: &str) -> bool {
    matches!(
        path,
        "custom_attributes" | "context" | "context.page" | "context.campaign" | "context.custom_context" | "search"
    ) || (path.starts_with("i18n_") && !path.contains('.'))
}

/// Hands every column of a record to `visit`: its dotted path and the value's JSON text, which lies within `record`.
/// Fails when the record is not a valid JSON object. `path` is scratch.
pub(super) fn walk(record: &str, path: &mut String, visit: &mut dyn FnMut(&str, &str)) -> Result<(), NotAnObject> {
    if nests_deeply(record.as_bytes()) {
        return Err(NotAnObject);
    }
    path.clear();
    walk_object(record, path, visit)
}

/// A record that is no JSON object.
#[derive(Debug)]
pub(super) struct NotAnObject;

fn walk_object(object: &str, path: &mut String, visit: &mut dyn FnMut(&str, &str)) -> Result<(), NotAnObject> {
    let prefix = path.len();
    let mut rest = object.trim_ascii_start().strip_prefix('{').ok_or(NotAnObject)?;
    for entry in sonic_rs::to_object_iter(object) {
        let (key, value) = entry.map_err(|_| NotAnObject)?;
        let raw = value.as_raw_str();
        let end = (raw.as_ptr() as usize + raw.len())
            .checked_sub(object.as_ptr() as usize)
            .ok_or(NotAnObject)?;
        rest = object.get(end..).ok_or(NotAnObject)?;
        if prefix > 0 {
            path.push('.');
        }
        path.push_str(&key);
        if value.is_object() && spreads(path) {
            walk_object(raw, path, visit)?;
        } else {
            visit(path, raw);
        }
        path.truncate(prefix);
    }
    // The iterator stops at the closing brace; nothing may follow.
    if rest.trim_ascii() == "}" {
        Ok(())
    } else {
        Err(NotAnObject)
    }
}

/// Whether brackets nest deeper than [`MAX_DEPTH`]: parsers recurse, and a deep enough record would end the process.
fn nests_deeply(record: &[u8]) -> bool {
    // Almost every record has too few brackets to nest deeply.
    if memchr2_iter(b'{', b'[', record).take(MAX_DEPTH + 1).count() <= MAX_DEPTH {
        return false;
    }
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(&byte) = record.get(at) {
        match byte {
            b'"' => match string_end(record, at) {
                Element::At(end) => {
                    at = end;
                    continue;
                }
                _ => return false,
            },
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_DEPTH {
            return true;
        }
        at += 1;
    }
    false
}

/// What is wrong with a record that [`walk`] refused, for people.
pub(super) fn reason(record: &[u8]) -> String {
    if nests_deeply(record) {
        return format!("Nested more than {MAX_DEPTH} deep");
    }
    match serde_json::from_slice::<serde::de::IgnoredAny>(record) {
        Ok(_) if record.starts_with(b"{") => "Not valid JSON".to_owned(),
        Ok(_) => "Not a JSON object: a record is written as {\"field\": value, …}".to_owned(),
        Err(error) => {
            let text = error.to_string();
            let what = text.split(" at line ").next().unwrap_or_default();
            format!("Not valid JSON: {what} (byte {} of the record)", error.column())
        }
    }
}
