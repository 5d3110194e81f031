//! JSON: where the records of a list end, and what a record's columns are.

use memchr::{memchr, memchr_iter, memchr2_iter, memchr3, memmem};
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
    /// What may follow the array: the rest of an API body, or nothing.
    pub(super) body: Option<Body>,
    /// Whether the array's `]` was met.
    pub(super) closed: bool,
}

/// The part of an API body behind its list, which ends with the body's `}`.
#[derive(Debug)]
pub(super) struct Body {
    depth: usize,
    in_text: bool,
    escaped: bool,
    /// Whether text behind the body was met and told about.
    overrun: bool,
}

impl Body {
    /// Where the list ends.
    pub(super) const fn new() -> Self {
        Self {
            depth: 1,
            in_text: false,
            escaped: false,
            overrun: false,
        }
    }

    /// Goes over the next bytes. Returns where text follows the body, the first time it does.
    fn skip(&mut self, bytes: &[u8]) -> Option<usize> {
        for (at, &byte) in bytes.iter().enumerate() {
            match byte {
                _ if self.overrun => return None,
                _ if self.escaped => self.escaped = false,
                b'\\' if self.in_text => self.escaped = true,
                b'"' if self.depth > 0 => self.in_text = !self.in_text,
                _ if self.in_text => {}
                byte if self.depth == 0 && !byte.is_ascii_whitespace() => {
                    self.overrun = true;
                    return Some(at);
                }
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => self.depth -= 1,
                _ => {}
            }
        }
        None
    }
}

impl ArraySplitter {
    /// Finds the complete elements in `buffer`. Returns how many bytes they took.
    pub(super) fn split(&mut self, buffer: &[u8], last: bool, found: &mut Vec<Found>) -> usize {
        let mut at = 0;
        while let Some(&byte) = buffer.get(at) {
            if self.closed
                && let Some(body) = &mut self.body
            {
                let overrun = body.skip(&buffer[at..]).map(|step| at + step);
                self.line += memchr_iter(b'\n', &buffer[at..overrun.unwrap_or(buffer.len())]).count() as u64;
                if let Some(overrun) = overrun {
                    found.push(Found {
                        start: overrun,
                        end: buffer.len(),
                        line: self.line,
                        broken: Some("Text follows the end of the list".to_owned()),
                    });
                }
                at = buffer.len();
                break;
            }
            match byte {
                b'\n' => self.line += 1,
                b' ' | b'\t' | b'\r' => {}
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
        let missing = match &self.body {
            _ if !self.closed => Some("The list is not closed with ]; the file may be cut off"),
            Some(body) if body.depth > 0 => {
                Some("The file ends early: the object around the list is not closed with }; it may be cut off")
            }
            _ => None,
        };
        if let Some(reason) = missing.filter(|_| last)
            && found.last().is_none_or(|found| found.broken.is_none())
        {
            let reason = reason.to_owned();
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

/// The containers whose members the schema names one by one, with those names; `None` where any name may stand.
const CONTAINERS: [(&str, Option<&[&str]>); 6] = [
    ("custom_attributes", None),
    (
        "context",
        Some(&[
            "campaign",
            "truncated_ip",
            "locale",
            "region",
            "user_agent",
            "page",
            "custom_context",
        ]),
    ),
    ("context.page", Some(&["url", "referrer", "title"])),
    (
        "context.campaign",
        Some(&["name", "source", "medium", "term", "content"]),
    ),
    ("context.custom_context", None),
    ("search", Some(&["keywords", "filters"])),
];

/// Where a path is in [`CONTAINERS`]; translations come after them.
fn container(path: &str) -> Option<usize> {
    match CONTAINERS.iter().position(|(name, _)| *name == path) {
        None if path.starts_with("i18n_") && !path.contains('.') => Some(CONTAINERS.len()),
        place => place,
    }
}

/// Whether the object in a container is spread over columns of its own. One that is empty, or has a name the schema
/// does not, stays whole: its columns would not lead back to it.
fn spreads(place: usize, object: &str) -> bool {
    let known = CONTAINERS.get(place).and_then(|(_, known)| *known);
    let mut names = sonic_rs::to_object_iter(object).peekable();
    names.peek().is_some()
        && names.all(|entry| {
            entry.is_ok_and(|(name, _)| match known {
                Some(known) => known.contains(&name.as_ref()),
                // What follows a free object is one key, dots included; a translation's fields have none.
                None => place < CONTAINERS.len() || !name.contains('.'),
            })
        })
}

/// Hands every column of a record to `visit`: its dotted path and the value's JSON text, which lies within `record`.
/// Fails when the record is not a valid JSON object. `path` is scratch.
pub(super) fn walk(record: &str, path: &mut String, visit: &mut dyn FnMut(&str, &str)) -> Result<(), Unwalkable> {
    if nests_deeply(record.as_bytes()) {
        return Err(Unwalkable::NotAnObject);
    }
    path.clear();
    walk_object(record, path, visit)
}

/// Why a record has no columns.
#[derive(Debug)]
pub(super) enum Unwalkable {
    /// It is no JSON object.
    NotAnObject,
    /// A container is there twice; the path.
    Repeated(String),
}

fn walk_object(object: &str, path: &mut String, visit: &mut dyn FnMut(&str, &str)) -> Result<(), Unwalkable> {
    let broken = || Unwalkable::NotAnObject;
    let prefix = path.len();
    let mut rest = object.trim_ascii_start().strip_prefix('{').ok_or_else(broken)?;
    // Of two containers with a name the columns would mix; which are met, and the translations among them.
    let (mut met, mut translations) = (0_u32, Vec::new());
    for entry in sonic_rs::to_object_iter(object) {
        let (key, value) = entry.map_err(|_| broken())?;
        let raw = value.as_raw_str();
        let end = (raw.as_ptr() as usize + raw.len())
            .checked_sub(object.as_ptr() as usize)
            .ok_or_else(broken)?;
        rest = object.get(end..).ok_or_else(broken)?;
        if prefix > 0 {
            path.push('.');
        }
        path.push_str(&key);
        let place = container(path);
        let is_repeated = match place {
            None => false,
            Some(place) if place < CONTAINERS.len() => {
                let before = met;
                met |= 1 << place;
                before == met
            }
            Some(_) if translations.contains(path) => true,
            Some(_) => {
                translations.push(path.clone());
                false
            }
        };
        if is_repeated {
            return Err(Unwalkable::Repeated(path.clone()));
        }
        match place {
            Some(place) if value.is_object() && spreads(place, raw) => walk_object(raw, path, visit)?,
            _ => visit(path, raw),
        }
        path.truncate(prefix);
    }
    // The iterator stops at the closing brace; nothing may follow.
    if rest.trim_ascii() == "}" {
        Ok(())
    } else {
        Err(broken())
    }
}

/// Whether a record that [`walk`] took may still be refused by `serde_json`, and so by a server: it reads half a
/// surrogate pair (`"\ud800"`) and numbers beyond all bounds (`1e400`) more strictly. Says yes too often, never too rarely.
fn is_doubtful(record: &[u8]) -> bool {
    let digits = |bytes: &[u8]| bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let exponent = |at: usize| {
        let before = at.checked_sub(1).and_then(|at| record.get(at));
        let after = record.get(at + 1..).unwrap_or_default();
        let after = after.strip_prefix(b"+").unwrap_or(after);
        before.is_some_and(u8::is_ascii_digit) && digits(after) >= 3
    };
    // Without such an exponent only hundreds of digits in a row are too many; they meet every such sample.
    let long_number = || {
        let mut samples = record
            .chunks(64)
            .map(|chunk| chunk.first().is_some_and(u8::is_ascii_digit));
        let mut row = 0;
        samples.any(|is_digit| {
            row = if is_digit { row + 1 } else { 0 };
            row == 3
        })
    };
    memmem::find(record, b"\\u").is_some()
        || memchr2_iter(b'e', b'E', record).any(exponent)
        || (record.len() > 192 && long_number())
}

/// Why a record that [`walk`] took cannot be read by others, for people.
pub(super) fn refusal(record: &[u8]) -> Option<String> {
    let refused = is_doubtful(record) && serde_json::from_slice::<serde_json::Value>(record).is_err();
    refused.then(|| reason(record))
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
    let error = match serde_json::from_slice::<serde::de::IgnoredAny>(record) {
        Err(error) => error,
        Ok(_) if !record.starts_with(b"{") => {
            return "Not a JSON object: a record is written as {\"field\": value, …}".to_owned();
        }
        // Numbers and escapes are looked at only where they are kept.
        Ok(_) => match serde_json::from_slice::<serde_json::Value>(record) {
            Err(error) => error,
            Ok(_) => return "Not valid JSON".to_owned(),
        },
    };
    let text = error.to_string();
    let what = text.split(" at line ").next().unwrap_or_default();
    format!("Not valid JSON: {what} (byte {} of the record)", error.column())
}
