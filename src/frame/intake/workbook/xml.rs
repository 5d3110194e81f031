//! The XML parts of workbooks.

use std::{borrow::Cow, io::BufReader};

use quick_xml::{
    XmlVersion,
    escape::resolve_xml_entity,
    events::{BytesRef, BytesStart},
};
use zip::{read::ZipFile, result::ZipError};

use super::Stop;
use crate::frame::intake::archive::Archive;

type ZipPart<'a, 'r> = ZipFile<'a, BufReader<crate::frame::source::SourceReader<'r>>>;

/// A part that is being read.
pub(super) type Xml<'a, 'r> = quick_xml::Reader<BufReader<ZipPart<'a, 'r>>>;

/// Opens a part, however the case of its name is written; `None` when there is none of that name.
pub(super) fn open<'a, 'r>(archive: &'a mut Archive<'r>, name: &str) -> Result<Option<Xml<'a, 'r>>, Stop> {
    let same = |known: Result<Cow<'_, str>, ZipError>| {
        known.is_ok_and(|known| known.replace('\\', "/").eq_ignore_ascii_case(name))
    };
    let index = archive.index_for_name(name);
    let Some(index) = index.or_else(|| archive.file_names().position(same)) else {
        return Ok(None);
    };
    let mut xml = quick_xml::Reader::from_reader(BufReader::new(archive.by_index(index)?));
    let config = xml.config_mut();
    config.expand_empty_elements = true;
    config.check_end_names = false;
    Ok(Some(xml))
}

/// The value of an element's attribute, by its name without a prefix.
pub(super) fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut attributes = tag.attributes();
    let mut all = attributes.with_checks(false).flatten();
    let found = all.find(|attribute| attribute.key.local_name().as_ref() == name)?;
    let value = found.normalized_value(XmlVersion::Implicit1_0).ok()?;
    Some(value.into_owned())
}

/// Whether an attribute's value is true: `1` or `true`.
pub(super) fn is_true(value: &str) -> bool {
    matches!(value, "1" | "true")
}

/// The text that an entity stands for. These files define none of their own.
///
/// # Errors
/// When it is none of XML's own: the text that it was meant for cannot be known.
pub(super) fn resolved(entity: &BytesRef<'_>) -> Result<String, Stop> {
    match (entity.resolve_char_ref(), resolve_xml_entity(entity)) {
        (Ok(Some(c)), _) => Ok(c.into()),
        (_, Some(plain)) => Ok(plain.to_owned()),
        _ => {
            let name: &str = entity;
            Err(Stop::Broken(format!("the entity &{name}; is not defined")))
        }
    }
}
