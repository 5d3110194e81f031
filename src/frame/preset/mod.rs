//! Exports of well-known systems, recognised by their columns and rewritten as the API's records: a [`Preset`] reads
//! the table as it stands in the file and writes JSON lines, which are then read like any others. Where a record came
//! from is kept, so that places are still those of the file; what was joined, renamed or left out is said.

mod bulk;
mod document;
mod events;
mod fields;
mod ga4;
mod google;
mod nested;
mod object;
mod outcome;
mod record;
mod rewriter;
mod segment;
mod source;
mod stored;
mod table;
mod xml;

use std::{ops::ControlFlow, sync::Arc};

use super::{
    Edits, Frame, FrameError, Judged, OpenOptions,
    allowance::Allowance,
    build::Extent,
    intake::{Origin, Taken},
    samples,
    spool::Spool,
};
use crate::domain::{cell::Cell, dataset::Dataset, progress::Progress};

use document::{Code, PresetDocument};
pub(crate) use outcome::Converted;
use outcome::Places;
use rewriter::Rewriter;
use table::TableRewriter;

/// An export of a well-known system, as a document in `assets/presets` describes it.
#[derive(Clone, Copy, Debug)]
pub struct Preset(&'static PresetDocument);

impl PartialEq for Preset {
    fn eq(&self, other: &Self) -> bool {
        self.0.name == other.0.name
    }
}

impl Eq for Preset {}

/// The choice to read a file as it stands.
const NONE: &str = "none";

impl Preset {
    /// All presets.
    pub fn all() -> impl Iterator<Item = Self> {
        document::ALL.iter().map(Self)
    }

    /// The preset of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::all().find(|preset| preset.name() == name)
    }

    /// What somebody chose by a name: a preset, or by `none` that there is to be none.
    pub fn choice(name: &str) -> Option<Option<Self>> {
        match Self::named(name) {
            None if name != NONE => None,
            found => Some(found),
        }
    }

    /// The name of what somebody chose.
    pub(crate) fn choice_name(choice: Option<Self>) -> &'static str {
        choice.map_or(NONE, Self::name)
    }

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        &self.0.name
    }

    /// What it is, for people.
    pub fn title(self) -> &'static str {
        &self.0.title
    }

    /// What its records are; `None` when they can be anything.
    pub const fn dataset(self) -> Option<Dataset> {
        self.0.dataset
    }

    /// How it is recognised, and what becomes of it.
    pub fn about(self) -> &'static str {
        &self.0.about
    }

    /// Whether XML can be read as this.
    fn is_feed(self) -> bool {
        matches!(self.0.code, Some(Code::GoogleMerchant))
    }

    fn fits(self, table: &Frame) -> Result<bool, FrameError> {
        let columns = table.columns();
        let mut fits = match self.0.code {
            Some(Code::GoogleMerchant) => return Ok(google::fits(columns)),
            Some(Code::Stored) => stored::fits(columns),
            Some(Code::Bulk) => bulk::fits(table),
            Some(Code::Nested) => nested::fits(table),
            Some(Code::Segment | Code::Ga4) | None => true,
        };
        let has_header = !matches!(table.format(), super::Format::Csv(csv) if !csv.header);
        let is_json = table.format().is_json();
        let mut look = |cells: &[Cell<'_>]| {
            fits &= rewriter::fits(self.0, columns, cells, is_json, has_header);
        };
        if table.is_empty() {
            look(&[]);
        } else {
            table.scan(0..1, &Edits::default(), &mut |_, cells| {
                look(cells);
                ControlFlow::Break(())
            })?;
        }
        Ok(fits)
    }

    fn rewriter(self, table: &Frame) -> Result<Box<dyn Rewrite>, FrameError> {
        let columns = table.columns();
        Ok(match self.0.code {
            Some(Code::GoogleMerchant) => Box::new(google::Google::new(columns)),
            Some(Code::Segment) => Box::new(segment::Segment::new(columns)),
            Some(Code::Ga4) => Box::new(ga4::Ga4::new(columns)),
            Some(Code::Stored) => Box::new(stored::StoredRecords::new(columns)),
            Some(Code::Bulk) => Box::new(bulk::Bulk::new(columns)),
            Some(Code::Nested) => Box::new(nested::Nested::new(table)?),
            None => Box::new(Rewriter::new(self.0, columns, table.format().is_json())),
        })
    }
}

/// What a column is called whose name was given as the file has it, with its type: `Item.sku` for `Item.sku.S`.
pub(super) fn plain_name(preset: Preset, name: &str) -> Option<&str> {
    matches!(preset.0.code, Some(Code::Nested))
        .then(|| nested::without_type(name))
        .flatten()
}

/// Rewrites the rows of a table, one after another.
trait Rewrite {
    /// Whether all rows are to be looked at before the first is rewritten.
    fn needs_survey(&self) -> bool {
        false
    }

    /// Looks at a row.
    fn survey(&mut self, _: &[Cell<'_>]) {}

    /// Takes a row; hands finished records to `out`, each with the row it comes from.
    fn row(&mut self, row: u32, cells: &[Cell<'_>], out: &mut TableRewriter<'_>) -> Result<(), FrameError>;

    /// Hands over what is still held back.
    fn end(&mut self, _: &mut TableRewriter<'_>) -> Result<(), FrameError> {
        Ok(())
    }

    /// What was done beside the obvious, in sentences.
    fn notes(&self) -> Vec<String>;

    /// What became of rows that are no records: `4 image rows joined`.
    fn rest(&self) -> Option<String> {
        None
    }
}

/// What a text is to be rewritten as, if it is an export we know.
///
/// # Errors
/// When the text is not what the options say it is, or is XML that is no feed.
pub(super) fn recognise(text: &Taken, judged: &mut Option<Judged>) -> Result<Option<Preset>, FrameError> {
    let Taken {
        source,
        origin,
        options,
    } = text;
    let head = source.head(HEAD)?;
    if !origin.is_table() && xml::is_xml(&head) {
        return match options.preset {
            None if xml::is_feed(&head) => Ok(Preset::all().find(|preset| preset.is_feed())),
            Some(Some(preset)) if preset.is_feed() && xml::is_feed(&head) => Ok(Some(preset)),
            _ => Err(source.refused(
                "it is XML, and of XML only product feeds (RSS or Atom) can be read; export it as CSV or JSON lines",
            )),
        };
    }
    let wanted = match options.preset {
        Some(None) => return Ok(None),
        Some(Some(preset)) => Some(preset),
        None => None,
    };
    let is_hinted = |preset: &Preset| {
        let mut hints = preset.0.recognise.hints.iter();
        hints.any(|hint| memchr::memmem::find(&head, hint.as_bytes()).is_some())
    };
    let hinted: Vec<Preset> = Preset::all().filter(is_hinted).collect();
    if wanted.is_none() && hinted.is_empty() {
        return Ok(None);
    }
    let text = Taken {
        source: source.again()?,
        origin: Origin::default(),
        options: plain(options),
    };
    let few = Extent {
        bytes: HEAD as u64,
        records: 50,
    };
    let Ok((table, ())) = Frame::of_text(text, Some(few), None, judged, &(), &Progress::default()) else {
        // Whoever reads it next says what is wrong with it.
        return Ok(None);
    };
    match wanted {
        Some(preset) if preset.fits(&table)? => Ok(Some(preset)),
        Some(preset) => Err(source.refused(format!(
            "it has not the columns of what it is to be read as ({}); choose another preset, or none",
            preset.title()
        ))),
        None => {
            for preset in hinted {
                if preset.fits(&table)? {
                    return Ok(Some(preset));
                }
            }
            Ok(None)
        }
    }
}

/// How much of a text is searched for what stands in every export.
const HEAD: usize = 64 << 10;

/// Rewrites a text as what it was recognised as.
pub(super) fn convert(
    preset: Preset,
    text: Taken,
    extent: Option<Extent>,
    judged: &mut Option<Judged>,
    progress: &Progress,
) -> Result<(Taken, Converted), FrameError> {
    let mut spool = match extent {
        // One byte more than is looked at, so that the text is seen to go on.
        Some(_) => Spool::head(samples::HEAD + 1),
        None => Spool::within(&Arc::new(Allowance::of(&text.source, &text.options)))?,
    };
    let source = text.source.again()?;
    let is_xml = !text.origin.is_table() && xml::is_xml(&source.head(HEAD)?);
    let options = plain(&text.options);
    let (origin, converted) = if is_xml {
        let converted = xml::rewrite(preset, &source, &mut spool, progress)?;
        (text.origin, converted)
    } else {
        let table = Taken {
            options: options.clone(),
            ..text
        };
        let (table, ()) = Frame::of_text(table, extent, None, judged, &(), progress)?;
        (Origin::default(), rewrite(preset, table, &mut spool, progress)?)
    };
    source.check()?;
    let taken = Taken {
        source: source.converted(spool)?,
        origin,
        options,
    };
    Ok((taken, converted))
}

fn rewrite(preset: Preset, table: Frame, spool: &mut Spool, progress: &Progress) -> Result<Converted, FrameError> {
    let mut rewriter = preset.rewriter(&table)?;
    let mut out = TableRewriter::new(spool);
    out.fill(&table, rewriter.as_mut(), progress)?;
    let (rows, unreadable) = out.finish();
    Ok(Converted {
        preset,
        read: table.len(),
        records: rows.len() as u64 - unreadable,
        unreadable,
        rest: rewriter.rest(),
        notes: rewriter.notes(),
        places: Places::Rows(Box::new(table), rows),
    })
}

/// The options for the table as it stands in the file.
fn plain(options: &OpenOptions) -> OpenOptions {
    OpenOptions {
        preset: Some(None),
        ..options.clone()
    }
}
