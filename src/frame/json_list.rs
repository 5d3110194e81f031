//! JSON: where the records of a list end, and what is wrong with a broken one.

use memchr::{memchr, memchr_iter, memchr2_iter, memchr3};

use super::index::FoundRecord;
use crate::domain::{
    cell::Cell,
    json::{self, MAX_DEPTH, skip_space},
};

/// An element longer than this is taken for one that was never closed.
const MAX_ELEMENT: usize = 64 << 20;

/// Finds one record a line, block by block.
#[derive(Debug)]
pub(super) struct LineSplitter {
    /// The file line the next byte stands on, from 1.
    pub(super) line: u64,
}

impl LineSplitter {
    /// Finds the complete lines in `buffer`. Returns how many bytes they took.
    pub(super) fn split(&mut self, buffer: &[u8], last: bool, found: &mut Vec<FoundRecord>) -> usize {
        let mut start = 0;
        let ends = memchr_iter(b'\n', buffer)
            .map(|at| at + 1)
            .chain(last.then_some(buffer.len()));
        for end in ends {
            if !buffer[start..end].trim_ascii().is_empty() {
                found.push(FoundRecord {
                    start,
                    end,
                    line: self.line,
                    lines: 1,
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
    /// What stands around the elements.
    pub(super) around: Around,
    /// Whether the array's `]` was met.
    pub(super) closed: bool,
}

/// What stands around the elements of a list.
#[derive(Debug)]
pub(super) enum Around {
    /// The elements stand one after another, without brackets.
    Nothing,
    /// An array, and nothing else.
    Array,
    /// An array within an object.
    Body(Body),
}

/// The part of an object behind its list, which ends with the object's `}`.
#[derive(Debug)]
pub(super) struct Body {
    depth: usize,
    in_text: bool,
    escaped: bool,
    /// Whether text behind the body was met and told about.
    overrun: bool,
}

impl Body {
    /// Where the list ends, `depth` objects deep.
    pub(super) const fn new(depth: usize) -> Self {
        Self {
            depth,
            in_text: false,
            escaped: false,
            overrun: false,
        }
    }

    /// Skips the next bytes. Returns where text follows the body, the first time it does.
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
    pub(super) fn split(&mut self, buffer: &[u8], last: bool, found: &mut Vec<FoundRecord>) -> usize {
        let mut at = 0;
        while let Some(&byte) = buffer.get(at) {
            if self.closed
                && let Around::Body(body) = &mut self.around
            {
                let overrun = body.skip(&buffer[at..]).map(|step| at + step);
                self.line += memchr_iter(b'\n', &buffer[at..overrun.unwrap_or(buffer.len())]).count() as u64;
                if let Some(overrun) = overrun {
                    found.push(FoundRecord {
                        start: overrun,
                        end: buffer.len(),
                        line: self.line,
                        lines: 1,
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
                    found.push(FoundRecord {
                        start: at,
                        end: buffer.len(),
                        line: self.line,
                        lines: 1,
                        broken: Some(reason),
                    });
                    return buffer.len();
                }
                b',' => {}
                b']' if !matches!(self.around, Around::Nothing) => self.closed = true,
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
                    found.push(FoundRecord {
                        start: at,
                        end,
                        line: self.line,
                        lines: 1,
                        broken,
                    });
                    self.line += memchr_iter(b'\n', &buffer[at..end]).count() as u64;
                    at = end;
                    continue;
                }
            }
            at += 1;
        }
        let missing = match &self.around {
            Around::Nothing => None,
            _ if !self.closed => Some("The list is not closed with ]; the file may be cut off"),
            Around::Body(body) if body.depth > 0 => {
                Some("The file ends early: the object around the list is not closed with }; it may be cut off")
            }
            _ => None,
        };
        if let Some(reason) = missing.filter(|_| last)
            && found.last().is_none_or(|found| found.broken.is_none())
        {
            let reason = reason.to_owned();
            found.push(FoundRecord {
                start: buffer.len(),
                end: buffer.len(),
                line: self.line,
                lines: 1,
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

/// Whether the value at `start` may go on behind the end of `text`.
pub(super) fn goes_beyond(text: &[u8], start: usize) -> bool {
    matches!(element_end(text, start), Element::Beyond)
}

/// Adds the items of a list of values; `None` when the record is no such list.
pub(super) fn items<'r>(record: &'r str, cells: &mut Vec<Cell<'r>>) -> Option<()> {
    let json = record.as_bytes();
    let open = skip_space(json, 0);
    let mut at = skip_space(json, open + 1);
    match (json.get(open)?, json.get(at)?) {
        (b'[', b']') => return Some(()),
        (b'[', _) => {}
        _ => return None,
    }
    loop {
        let end = json::value(json, at, 1)?;
        cells.push(Cell::Json(record.get(at..end)?));
        at = skip_space(json, end);
        match json.get(at)? {
            b',' => at = skip_space(json, at + 1),
            b']' => return Some(()),
            _ => return None,
        }
    }
}

/// What is wrong with a record that is no list of values, for people.
pub(super) fn row_reason(record: &[u8]) -> String {
    if record.starts_with(b"[") {
        reason(record)
    } else {
        "Not a list of values, as the other records are".to_owned()
    }
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

/// An element without the space and the commas that follow it.
pub(super) fn trim(record: &[u8]) -> &[u8] {
    let mut record = record.trim_ascii();
    while let Some(before) = record.strip_suffix(b",") {
        record = before.trim_ascii_end();
    }
    record
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

/// What is wrong with a record that the walker refused, for people.
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
