//! What calamine does not tell of Excel's workbooks: merged cells, hidden rows and columns, formulas without a result.

use std::collections::HashMap;

use quick_xml::events::{BytesStart, Event};

use super::{
    Stop,
    layout::{CellPosition, SheetLayout},
    xml::{self, Xml, attribute, is_true, open},
};
use crate::frame::intake::archive::Archive;

/// Reads a sheet for everything but its cells' values.
pub(super) fn survey(archive: &mut Archive<'_>, sheet: &str) -> Result<SheetLayout, Stop> {
    let package = Package::read(archive)?;
    let mut survey = SheetSurvey::default();
    survey.layout.is_to_calculate = package.is_to_calculate;
    let path = package.sheets.get(sheet).map(String::as_str).unwrap_or_default();
    let Some(mut xml) = open(archive, path)? else {
        return Err(Stop::Broken(format!("the sheet {sheet} is missing")));
    };
    survey.read(&mut xml)?;
    survey.layout.odd_dimension = survey.has_odd_dimension.then(|| path.to_owned());
    Ok(survey.layout)
}

/// The workbook's list of sheets.
#[derive(Default)]
struct Package {
    /// Where each sheet is, by its name.
    sheets: HashMap<String, String>,
    is_to_calculate: bool,
}

impl Package {
    fn read(archive: &mut Archive<'_>) -> Result<Self, Stop> {
        let mut book = "xl/workbook.xml".to_owned();
        each(archive, "_rels/.rels", &mut |tag| {
            if attribute(tag, "Type").is_some_and(|kind| kind.ends_with("/officeDocument"))
                && let Some(target) = attribute(tag, "Target")
            {
                target.trim_start_matches('/').clone_into(&mut book);
            }
        })?;
        let (folder, file) = book.rsplit_once('/').unwrap_or(("", &book));
        let mut targets = HashMap::new();
        each(archive, &resolved(folder, &format!("_rels/{file}.rels")), &mut |tag| {
            if let (Some(id), Some(target)) = (attribute(tag, "Id"), attribute(tag, "Target")) {
                targets.insert(id, resolved(folder, &target));
            }
        })?;
        let mut package = Self::default();
        each(archive, &book, &mut |tag| match tag.local_name().as_ref() {
            "sheet" => {
                if let (Some(name), Some(id)) = (attribute(tag, "name"), attribute(tag, "id"))
                    && let Some(path) = targets.get(&id)
                {
                    package.sheets.insert(name, path.clone());
                }
            }
            "calcPr" => package.is_to_calculate = attribute(tag, "fullCalcOnLoad").is_some_and(|value| is_true(&value)),
            _ => {}
        })?;
        Ok(package)
    }
}

/// Hands every element of a part to `visit`; a missing part has none.
fn each(archive: &mut Archive<'_>, name: &str, visit: &mut dyn FnMut(&BytesStart<'_>)) -> Result<(), Stop> {
    let Some(mut xml) = open(archive, name)? else {
        return Ok(());
    };
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match xml.read_event_into(&mut buffer)? {
            Event::Start(tag) => visit(&tag),
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

/// The path of a part that is named relative to `folder`.
fn resolved(folder: &str, target: &str) -> String {
    match (target.strip_prefix('/'), folder) {
        (Some(absolute), _) => absolute.to_owned(),
        (None, "") => target.to_owned(),
        (None, folder) => format!("{folder}/{target}"),
    }
}

/// The element of a cell that is being read.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Within {
    #[default]
    Other,
    Formula,
    Value,
    Text,
}

#[derive(Default)]
struct XlsxCell {
    at: CellPosition,
    /// Whether its result is a text, which may be empty.
    is_text: bool,
    formula: Option<String>,
    has_value: bool,
    is_zero: bool,
    within: Within,
}

impl XlsxCell {
    fn text(&mut self, text: &str) {
        match self.within {
            Within::Formula => self.formula.get_or_insert_default().push_str(text),
            Within::Value => {
                self.is_zero = !self.has_value && text == "0";
                self.has_value = true;
            }
            Within::Text => self.has_value = true,
            Within::Other => {}
        }
    }

    /// The formula as it would be typed, when it has no result.
    fn unsolved(&self) -> Option<String> {
        let formula = self.formula.as_deref()?;
        let is_empty_text = self.is_text || formula == "\"\"";
        // A formula that is shared by several cells stands in the first only.
        let shown = if formula.is_empty() {
            "[formula of the cells above]"
        } else {
            formula
        };
        (!self.has_value && !is_empty_text).then(|| format!("={shown}"))
    }
}

#[derive(Default)]
struct SheetSurvey {
    layout: SheetLayout,
    /// The position of a cell that does not name its own: behind the one before.
    next: CellPosition,
    is_hidden: bool,
    /// Whether its declared size cannot be read.
    has_odd_dimension: bool,
    /// Whether the current row has a cell that is not empty.
    has_content: bool,
    cell: Option<XlsxCell>,
}

impl SheetSurvey {
    fn read(&mut self, xml: &mut Xml<'_, '_>) -> Result<(), Stop> {
        let mut buffer = Vec::new();
        let mut is_closed = false;
        loop {
            buffer.clear();
            match xml.read_event_into(&mut buffer)? {
                Event::Start(tag) => self.start(&tag),
                Event::End(tag) => {
                    is_closed = tag.local_name().as_ref() == "worksheet";
                    self.end(tag.local_name().as_ref());
                }
                Event::Text(text) => self.text(&text.xml10_content()),
                Event::CData(text) => self.text(&text.xml10_content()),
                Event::GeneralRef(entity) => self.text(&xml::resolved(&entity)?),
                Event::Eof if is_closed => return Ok(()),
                Event::Eof => return Err(Stop::Broken("a sheet ends within an element".to_owned())),
                _ => {}
            }
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(cell) = &mut self.cell {
            cell.text(text);
        }
    }

    fn start(&mut self, tag: &BytesStart<'_>) {
        match tag.local_name().as_ref() {
            "c" => self.cell = Some(self.cell_of(tag)),
            "f" => self.go_into(Within::Formula),
            "v" => self.go_into(Within::Value),
            "t" => self.go_into(Within::Text),
            "row" => {
                let number = attribute(tag, "r").and_then(|row| row.parse::<u32>().ok()?.checked_sub(1));
                self.next = (number.unwrap_or(self.next.0), 0);
                self.is_hidden = attribute(tag, "hidden").is_some_and(|value| is_true(&value));
                self.has_content = false;
            }
            "col" if attribute(tag, "hidden").is_some_and(|value| is_true(&value)) => {
                let number = |name| attribute(tag, name).and_then(|text| text.parse::<u32>().ok()?.checked_sub(1));
                if let (Some(first), Some(last)) = (number("min"), number("max")) {
                    self.layout.hide_columns(first, last);
                }
            }
            "dimension" => {
                let area = attribute(tag, "ref");
                let is_odd = |area: String| {
                    area.split(':')
                        .any(|name| name.contains('$') || position(name).is_none())
                };
                self.has_odd_dimension = area.is_none_or(is_odd);
            }
            "mergeCell" => {
                let area = attribute(tag, "ref").unwrap_or_default();
                if let Some((from, to)) = area.split_once(':')
                    && let (Some(from), Some(to)) = (position(from), position(to))
                {
                    self.layout.merge(from, to);
                }
            }
            _ => {}
        }
    }

    fn go_into(&mut self, within: Within) {
        if let Some(cell) = &mut self.cell {
            cell.within = within;
            if within == Within::Formula {
                cell.formula.get_or_insert_default();
            }
        }
    }

    fn cell_of(&self, tag: &BytesStart<'_>) -> XlsxCell {
        let mut cell = XlsxCell {
            at: self.next,
            ..XlsxCell::default()
        };
        for attribute in tag.attributes().with_checks(false).flatten() {
            match attribute.key.as_ref() {
                "r" => cell.at = position(&attribute.value).unwrap_or(cell.at),
                "t" => cell.is_text = &*attribute.value == "str",
                _ => {}
            }
        }
        cell
    }

    fn end(&mut self, name: &str) {
        match name {
            "c" => {
                if let Some(cell) = self.cell.take() {
                    self.take(&cell);
                }
            }
            "f" | "v" | "t" => self.go_into(Within::Other),
            "row" => {
                if self.is_hidden && self.has_content {
                    self.layout.hidden_rows.push(self.next.0);
                }
                self.next = (self.next.0.saturating_add(1), 0);
            }
            _ => {}
        }
    }

    fn take(&mut self, cell: &XlsxCell) {
        self.next.1 = cell.at.1.saturating_add(1);
        let unsolved = cell.unsolved();
        if cell.has_value || unsolved.is_some() {
            self.layout.cell(cell.at);
            self.has_content = true;
        }
        if let Some(unsolved) = unsolved {
            self.layout.unsolved.push((cell.at, unsolved));
        } else if cell.formula.is_some() {
            self.layout.solved += 1;
            self.layout.zeros += u64::from(cell.is_zero);
        }
    }
}

/// The row and column, from 0, of a cell that is named as in formulas: `B12`.
fn position(name: &str) -> Option<CellPosition> {
    let (letters, digits) = name.split_at(name.find(|c: char| c.is_ascii_digit())?);
    let mut column = 0_u32;
    for letter in letters.trim_matches('$').bytes() {
        let value = letter
            .is_ascii_alphabetic()
            .then(|| u32::from(letter.to_ascii_uppercase() - b'A') + 1)?;
        column = column.checked_mul(26)?.checked_add(value)?;
    }
    Some((digits.parse::<u32>().ok()?.checked_sub(1)?, column.checked_sub(1)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_found_by_their_names() {
        for (name, expect) in [
            ("A1", Some((0, 0))),
            ("$AB$12", Some((11, 27))),
            ("xfd1048576", Some((1_048_575, 16_383))),
            ("A", None),
            ("1", None),
            ("A0", None),
            ("É1", None),
            ("ZZZZZZZZZ1", None),
        ] {
            assert_eq!(position(name), expect, "{name}");
        }
    }
}
