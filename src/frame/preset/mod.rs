//! Exports of well-known systems, recognised by their columns and rewritten as the API's records: a [`Preset`] reads
//! the table as it stands in the file and writes JSON lines, which are then read like any others. Where a record came
//! from is kept, so that places are still those of the file; what was joined, renamed or left out is said.

mod bulk;
mod events;
mod ga4;
mod google;
mod nested;
mod object;
mod outcome;
mod segment;
mod shopify;
mod stored;
mod table;
mod xml;

use super::{
    Frame, FrameError, OpenOptions,
    build::Extent,
    intake::{Origin, Taken},
    samples,
    spool::Spool,
};
use crate::domain::{cell::Cell, dataset::Dataset, progress::Progress};

pub use outcome::Converted;
use outcome::Places;
use table::Table;

/// An export of a well-known system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Preset {
    /// Shopify's product export.
    Shopify,
    /// A product feed for Google Merchant Center: delimited text or XML.
    GoogleMerchant,
    /// Segment's calls as JSON lines.
    Segment,
    /// Google Analytics 4 as `BigQuery` exports it.
    Ga4,
    /// Products as the service gives them back.
    Stored,
    /// Elasticsearch's bulk format.
    Bulk,
    /// JSON whose records are wrapped.
    Nested,
}

impl Preset {
    /// All presets.
    pub const ALL: [Self; 7] = [
        Self::Shopify,
        Self::GoogleMerchant,
        Self::Segment,
        Self::Ga4,
        Self::Stored,
        Self::Bulk,
        Self::Nested,
    ];

    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Shopify => "shopify",
            Self::GoogleMerchant => "google-merchant",
            Self::Segment => "segment",
            Self::Ga4 => "ga4",
            Self::Stored => "stored",
            Self::Bulk => "elastic-bulk",
            Self::Nested => "nested",
        }
    }

    /// What it is, for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Shopify => "Shopify product export",
            Self::GoogleMerchant => "Google Merchant feed",
            Self::Segment => "Segment events",
            Self::Ga4 => "Google Analytics 4 export",
            Self::Stored => "Products read back",
            Self::Bulk => "Elasticsearch bulk file",
            Self::Nested => "Nested JSON",
        }
    }

    /// What its records are; `None` when they can be anything.
    pub const fn dataset(self) -> Option<Dataset> {
        match self {
            Self::Shopify | Self::GoogleMerchant | Self::Stored => Some(Dataset::Products),
            Self::Segment | Self::Ga4 => Some(Dataset::Interactions),
            Self::Bulk | Self::Nested => None,
        }
    }

    /// How it is recognised, and what becomes of it.
    pub const fn about(self) -> &'static str {
        match self {
            Self::Shopify => shopify::ABOUT,
            Self::GoogleMerchant => google::ABOUT,
            Self::Segment => segment::ABOUT,
            Self::Ga4 => ga4::ABOUT,
            Self::Stored => stored::ABOUT,
            Self::Bulk => bulk::ABOUT,
            Self::Nested => nested::ABOUT,
        }
    }

    /// The preset of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|preset| preset.name() == name)
    }

    fn fits(self, table: &Frame) -> bool {
        let columns = table.columns();
        let is_json = table.format().is_json();
        match self {
            Self::Shopify => !is_json && shopify::fits(columns),
            Self::GoogleMerchant => google::fits(columns),
            Self::Segment => is_json && segment::fits(columns),
            Self::Ga4 => is_json && ga4::fits(columns),
            Self::Stored => is_json && stored::fits(columns),
            Self::Bulk => is_json && bulk::fits(table),
            Self::Nested => is_json && nested::fits(table),
        }
    }

    fn rewriter(self, table: &Frame) -> Result<Box<dyn Rewrite>, FrameError> {
        let columns = table.columns();
        let rewriter: Box<dyn Rewrite> = match self {
            Self::Shopify => Box::new(shopify::Shopify::new(columns)),
            Self::GoogleMerchant => Box::new(google::Google::new(columns)),
            Self::Segment => Box::new(segment::Segment::new(columns)),
            Self::Ga4 => Box::new(ga4::Ga4::new(columns)),
            Self::Stored => Box::new(stored::Stored::new(columns)),
            Self::Bulk => Box::new(bulk::Bulk::new(columns)),
            Self::Nested => Box::new(nested::Nested::new(table)?),
        };
        Ok(rewriter)
    }
}

/// What a column is called whose name was given as the file has it, with its type: `Item.sku` for `Item.sku.S`.
pub(super) fn plain_name(preset: Preset, name: &str) -> Option<&str> {
    (preset == Preset::Nested).then(|| nested::without_type(name)).flatten()
}

/// Rewrites the rows of a table, one after another.
trait Rewrite {
    /// Takes a row; hands finished records to `out`, each with the row it comes from.
    fn row(&mut self, row: u32, cells: &[Cell<'_>], out: &mut Table<'_>) -> Result<(), FrameError>;

    /// Hands over what is still held back.
    fn end(&mut self, _: &mut Table<'_>) -> Result<(), FrameError> {
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
pub(super) fn recognise(text: &Taken) -> Result<Option<Preset>, FrameError> {
    let Taken {
        source,
        origin,
        options,
    } = text;
    let head = source.head(HEAD)?;
    if !origin.is_table() && xml::is_xml(&head) {
        return match options.preset {
            None | Some(Some(Preset::GoogleMerchant)) if xml::is_feed(&head) => Ok(Some(Preset::GoogleMerchant)),
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
    if wanted.is_none() && !is_hinted(&head) {
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
    let Ok((table, ())) = Frame::of_text(text, Some(few), None, &(), &Progress::default()) else {
        // Whoever reads it next says what is wrong with it.
        return Ok(None);
    };
    match wanted {
        Some(preset) if preset.fits(&table) => Ok(Some(preset)),
        Some(preset) => Err(source.refused(format!(
            "it has not the columns of what it is to be read as ({}); choose another preset, or none",
            preset.title()
        ))),
        None => Ok(Preset::ALL.into_iter().find(|preset| preset.fits(&table))),
    }
}

/// How much of a text is searched for [`HINTS`].
const HEAD: usize = 64 << 10;

/// What stands somewhere in the head of every export we know; looking for it costs next to nothing.
const HINTS: [&[u8]; 8] = [
    b"Handle",
    b"image_link",
    b"image link",
    b"anonymousId",
    b"userId",
    b"event_params",
    b"product_group_id_or_product_id",
    b"category_path_",
];

/// The same, in JSON.
const JSON_HINTS: [&[u8]; 12] = [
    b"\"_source\"",
    b"\"_id\"",
    b"\"_index\"",
    b"\"Item\"",
    b"\"$",
    b"\"S\"",
    b"\"N\"",
    b"\"attributes\"",
    b"\"doc",
    b"\"fields\"",
    b"\"node\"",
    b"roperties\"",
];

/// Whether the head of a text may be that of an export we know.
fn is_hinted(head: &[u8]) -> bool {
    let has = |hint: &&[u8]| memchr::memmem::find(head, hint).is_some();
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let is_json = matches!(text.first(), Some(b'{' | b'['));
    HINTS.iter().any(has) || (is_json && JSON_HINTS.iter().any(has))
}

/// Rewrites a text as what it was recognised as.
pub(super) fn convert(
    preset: Preset,
    text: Taken,
    extent: Option<Extent>,
    progress: &Progress,
) -> Result<(Taken, Converted), FrameError> {
    let mut spool = match extent {
        // One byte more than is looked at, so that the text is seen to go on.
        Some(_) => Spool::head(samples::HEAD + 1),
        None => Spool::create(&text.options.spool.clone().unwrap_or_else(std::env::temp_dir), 0)?,
    };
    let source = text.source.again()?;
    let is_xml = !text.origin.is_table() && xml::is_xml(&source.head(HEAD)?);
    let options = plain(&text.options);
    let (origin, converted) = if is_xml {
        let converted = xml::rewrite(&source, &mut spool, progress)?;
        (text.origin, converted)
    } else {
        let table = Taken {
            options: options.clone(),
            ..text
        };
        let (table, ()) = Frame::of_text(table, extent, None, &(), progress)?;
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
    let mut out = Table::new(spool);
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
