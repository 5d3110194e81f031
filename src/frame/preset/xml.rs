//! Product feeds in XML: RSS with items or Atom with entries, read as a stream.

use std::{
    collections::{BTreeMap, VecDeque},
    io::{self, BufReader, Read},
};

use quick_xml::{
    Reader,
    escape::resolve_xml_entity,
    events::{BytesRef, BytesStart, Event},
};

use super::{
    Converted, Places, Preset,
    google::{self, SeenItems},
};
use crate::{
    domain::{number::grouped, progress::Progress},
    frame::{FrameError, build, source::Source, spool::Spool},
};

/// The longest item, as the longest record of other texts.
const LONGEST: u64 = build::LONGEST as u64;

/// Whether a text is XML.
pub(super) fn is_xml(head: &[u8]) -> bool {
    let body = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let opens = |name: &[u8]| {
        body.strip_prefix(name)
            .is_some_and(|rest| !rest.first().is_some_and(u8::is_ascii_alphanumeric))
    };
    [b"<?xml".as_slice(), b"<rss", b"<feed"].into_iter().any(opens) || body.starts_with(b"<!--")
}

/// Whether XML is a feed.
pub(super) fn is_feed(head: &[u8]) -> bool {
    let has = |tag: &[u8]| memchr::memmem::find(head, tag).is_some();
    has(b"<rss") || has(b"<feed") || has(b"<rdf:RDF")
}

/// The item being read.
#[derive(Default)]
struct Item {
    /// Line and byte offset of its beginning.
    place: (u64, u64),
    attributes: Vec<(String, String)>,
    /// The names of the elements that are open in it.
    open: Vec<String>,
    text: String,
    /// An entity in it that is not defined.
    undefined: Option<String>,
}

impl Item {
    fn start(&mut self, name: &str) {
        self.keep_text();
        if self.open.is_empty() {
            self.attributes.push((google::attribute(name), String::new()));
        }
        self.open.push(name.to_owned());
    }

    fn end(&mut self) {
        self.keep_text();
        self.open.pop();
    }

    /// Adds the text that was read to its attribute. The texts of nested elements are joined with colons, as feeds of
    /// delimited text do: `US:5.99 USD`.
    fn keep_text(&mut self) {
        let text = std::mem::take(&mut self.text);
        let text = text.trim();
        if self.open.is_empty() || text.is_empty() {
            return;
        }
        if let Some((name, value)) = self.attributes.last_mut() {
            if !value.is_empty() {
                let is_prose = matches!(name.as_str(), "title" | "description" | "content" | "summary");
                value.push(if is_prose { ' ' } else { ':' });
            }
            value.push_str(text);
        }
    }
}

/// Passes bytes on and keeps the offsets of line breaks, for the line on which an item begins.
struct XmlLines<R> {
    inner: R,
    /// The offsets of line breaks after the last line that was asked for.
    breaks: VecDeque<u64>,
    at: u64,
    /// Where what is being read began: an item, or something between items.
    since: u64,
}

impl<R> XmlLines<R> {
    /// The line at an offset; `line` is the one at the offset that was asked for before.
    fn line_at(&mut self, offset: u64, mut line: u64) -> u64 {
        while self.breaks.front().is_some_and(|at| *at < offset) {
            self.breaks.pop_front();
            line += 1;
        }
        line
    }
}

impl<R> XmlLines<R> {
    /// Whether what is being read is longer than any item: it is in memory as a whole.
    const fn is_too_long(&self) -> bool {
        self.at - self.since > LONGEST
    }
}

impl<R: Read> Read for XmlLines<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.is_too_long() {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let len = self.inner.read(buffer)?;
        let read = buffer.get(..len).unwrap_or_default();
        self.breaks
            .extend(memchr::memchr_iter(b'\n', read).map(|break_at| self.at + break_at as u64));
        self.at += len as u64;
        Ok(len)
    }
}

/// The state while a feed is read.
#[derive(Default)]
struct Feed {
    item: Option<Item>,
    seen: SeenItems,
    /// Line and byte offset of every item.
    places: Vec<(u64, u64)>,
    /// Why items cannot be read, by their rows.
    unreadable: BTreeMap<u32, String>,
}

impl Feed {
    /// Handles the start of an element in an item. Atom writes the link as an attribute.
    fn start(&mut self, tag: &BytesStart<'_>) {
        let Some(item) = &mut self.item else { return };
        item.start(tag.name().as_ref());
        let href = tag.attributes().flatten().find(|found| found.key.as_ref() == "href");
        if let Some(href) = href {
            item.text = href.value.replace("&amp;", "&");
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(item) = &mut self.item {
            item.text.push_str(text);
        }
    }

    fn entity(&mut self, entity: &BytesRef<'_>) {
        match (entity.resolve_char_ref(), resolve_xml_entity(entity)) {
            (Ok(Some(c)), _) => self.text(c.encode_utf8(&mut [0; 4])),
            (_, Some(plain)) => self.text(plain),
            _ => {
                let name: &str = entity;
                self.text(&format!("&{name};"));
                // What is no name follows a single ampersand, as in addresses.
                if is_name(name)
                    && let Some(item) = &mut self.item
                {
                    item.undefined.get_or_insert_with(|| name.to_owned());
                }
            }
        }
    }

    /// Handles the end of an element, and writes an item that ends.
    fn end(&mut self, name: &str, spool: &mut Spool) -> Result<(), FrameError> {
        let is_over = self.item.as_ref().is_some_and(|item| item.open.is_empty());
        if !(is_over && is_item(name)) {
            if let Some(item) = &mut self.item {
                item.end();
            }
            return Ok(());
        }
        if let Some(item) = self.item.take() {
            let row = u32::try_from(self.places.len()).unwrap_or(u32::MAX);
            self.places.push(item.place);
            if let Some(name) = item.undefined {
                let reason = format!("The entity &{name}; is not defined; write the character itself, or its number");
                self.unreadable.insert(row, reason);
                // No JSON, so that it stays a row with a problem.
                return spool.write(b"?\n");
            }
            let mut json = google::product(&item.attributes, &mut self.seen).finish();
            json.push(b'\n');
            spool.write(&json)?;
        }
        Ok(())
    }
}

fn is_name(text: &str) -> bool {
    let is_letter = |letter: char| letter.is_alphabetic() || letter == '_';
    text.starts_with(is_letter)
        && text
            .chars()
            .all(|letter| is_letter(letter) || letter.is_numeric() || matches!(letter, '.' | '-'))
}

fn is_item(name: &str) -> bool {
    matches!(name, "item" | "entry")
}

/// Rewrites a feed to a spool. Progress counts bytes.
pub(super) fn rewrite(
    preset: Preset,
    source: &Source,
    spool: &mut Spool,
    progress: &Progress,
) -> Result<Converted, FrameError> {
    progress.restart(source.size());
    let lines = XmlLines {
        inner: source.reader(progress),
        breaks: VecDeque::new(),
        at: 0,
        since: 0,
    };
    let mut reader = Reader::from_reader(BufReader::with_capacity(256 << 10, lines));
    reader.config_mut().expand_empty_elements = true;
    // Feeds written by hand hold single ampersands.
    reader.config_mut().allow_dangling_amp = true;
    let mut feed = Feed::default();
    let mut buffer = Vec::new();
    let mut line = 1;
    // How many elements are open; the reader itself does not mind a file that ends before they are closed.
    let mut depth = 0_usize;
    while !spool.is_full() {
        buffer.clear();
        let offset = reader.buffer_position();
        reader.get_mut().get_mut().since = feed.item.as_ref().map_or(offset, |item| item.place.1);
        let event = reader.read_event_into(&mut buffer).map(Event::into_owned);
        match event {
            Ok(Event::Start(_)) => depth += 1,
            Ok(Event::End(_)) => depth = depth.saturating_sub(1),
            _ => {}
        }
        match event {
            Ok(Event::Start(tag)) if feed.item.is_none() => {
                if is_item(tag.name().as_ref()) {
                    line = reader.get_mut().get_mut().line_at(offset, line);
                    feed.item = Some(Item {
                        place: (line, offset),
                        ..Item::default()
                    });
                }
            }
            Ok(Event::Start(tag)) => feed.start(&tag),
            Ok(Event::End(tag)) => feed.end(tag.name().as_ref(), spool)?,
            Ok(Event::Text(text)) => feed.text(&text),
            Ok(Event::CData(text)) => feed.text(&text),
            Ok(Event::GeneralRef(entity)) => feed.entity(&entity),
            Ok(Event::Eof) if feed.item.is_some() => {
                return Err(refused(source, "the file ends in the middle of an item"));
            }
            Ok(Event::Eof) if depth > 0 => {
                return Err(refused(source, "the file ends before its last element is closed"));
            }
            Ok(Event::Eof) => break,
            Ok(_) => {}
            Err(_) if progress.is_cancelled() => return Err(FrameError::Cancelled),
            Err(_) if reader.get_ref().get_ref().is_too_long() => {
                let lines = reader.get_mut().get_mut();
                let line = lines.line_at(lines.since, line);
                return Err(source.refused(format!(
                    "what begins on line {} is longer than 64 MB; see whether the item or its text ever ends",
                    grouped(line)
                )));
            }
            Err(error) => {
                source.check()?;
                return Err(refused(source, &format!("at byte {offset}: {error}")));
            }
        }
    }
    let (items, unreadable) = (feed.places.len() as u64, feed.unreadable.len() as u64);
    Ok(Converted {
        preset,
        read: u32::try_from(items).unwrap_or(u32::MAX),
        records: items - unreadable,
        unreadable,
        rest: None,
        notes: feed.seen.notes(),
        places: Places::Items(feed.places, feed.unreadable),
    })
}

fn refused(source: &Source, why: &str) -> FrameError {
    source.refused(format!(
        "it begins as an XML feed, but is cut off or damaged ({why}); get the whole file"
    ))
}
