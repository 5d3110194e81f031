//! How delimited text is written, judged by samples of the whole file.

use memchr::{memchr, memchr_iter, memrchr2};

use super::{
    Csv, LineBreak, OpenOptions,
    csv::{self, CsvSplitter},
    index::Found,
    reader::Spans,
    samples::Sample,
};

/// What stands between cells in most files; the rarer in prose, the earlier: the first of equally good ones is taken.
const COMMON: [u8; 6] = [b'\t', 0x1f, 0x01, b'|', b';', b','];

/// What does in few files, and within cells in many: times, list elements.
const RARE: [u8; 4] = [b'^', b'~', b'#', b':'];

/// Of the common ones, the best is taken when this share of the records, in percent, has equally many cells.
const CONVINCING: usize = 80;

/// Lines before the header are looked for among so many records, and the header is compared with as many.
const TOP: usize = 60;

/// Where the header, or the first record, begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Begin {
    /// Byte offset in the text.
    pub(super) at: usize,
    /// File line, from 1.
    pub(super) line: u64,
}

/// Finds out what `options` leave open. `bom` is how many bytes the text's byte order mark takes. Fails with the reason
/// for people.
pub(super) fn guess(samples: &[Sample], bom: usize, options: &OpenOptions) -> Result<(Csv, Begin), String> {
    let mut parts: Vec<&[u8]> = samples
        .iter()
        .map(|sample| match sample.lines() {
            first if sample.is_first => first.get(bom..).unwrap_or_default(),
            lines => lines,
        })
        .collect();
    let head = parts.first().copied().unwrap_or_default();
    if let Some(first) = parts.first_mut() {
        *first = begin_of(head);
    }
    let hint = hinted(head);
    let delimiter = options.delimiter.or(hint);
    let quotes = quotes(&parts, options);
    let mut best: Option<(Csv, Fit)> = None;
    for line_break in options
        .line_break
        .map_or_else(|| line_breaks(&parts), |given| vec![given])
    {
        let mut best_quoted: Option<(Csv, Fit)> = None;
        for &quote in &quotes {
            let csv = |delimiter| Csv {
                delimiter,
                quote,
                line_break,
                header: options.header.unwrap_or(true),
                skip: options.skip.unwrap_or(0),
            };
            let (csv, fit) = match delimiter {
                Some(delimiter) => (csv(delimiter), Fit::of(&parts, csv(delimiter))),
                None => best_delimiter(&parts, csv),
            };
            if best_quoted
                .as_ref()
                .is_none_or(|(_, usual)| fit.is_better_quoted(quote, usual))
            {
                best_quoted = Some((csv, fit));
            }
        }
        if let Some((csv, fit)) = best_quoted
            && best
                .as_ref()
                .is_none_or(|(_, usual)| fit.columns > 1 && fit.share_is(usual).is_gt())
        {
            best = Some((csv, fit));
        }
    }
    let Some((mut csv, fit)) = best else {
        return Err("it holds no records".to_owned());
    };
    check_bytes(csv)?;
    let (mut begin, found) = match options.skip {
        Some(lines) => skipped(head, csv, lines)?,
        None => after_titles(head, csv, &fit, hint.is_some()),
    };
    csv.skip = u32::try_from(begin.line - 1).unwrap_or(u32::MAX);
    if options.header.is_none() {
        csv.header = has_header(head, csv, &found);
    }
    begin.at += bom;
    Ok((csv, begin))
}

/// The whole lines of a text's beginning that dialects are tried on; every one of them goes over it.
fn begin_of(head: &[u8]) -> &[u8] {
    const MOST: usize = 256 << 10;
    let last = head.get(..MOST).and_then(|begin| memrchr2(b'\n', b'\r', begin));
    last.and_then(|last| head.get(..=last)).unwrap_or(head)
}

/// What would make records unreadable.
fn check_bytes(csv: Csv) -> Result<(), String> {
    let is_plain = |byte: u8| byte.is_ascii() && byte != b'\n' && byte != b'\r';
    if !is_plain(csv.delimiter) || csv.quote.is_some_and(|quote| !is_plain(quote)) {
        return Err("what stands between or around cells must be one plain character; choose another".to_owned());
    }
    if csv.quote == Some(csv.delimiter) {
        return Err("the same character cannot stand between and around cells; choose another".to_owned());
    }
    Ok(())
}

/// Excel's hint: a first line `sep=;`.
fn hinted(head: &[u8]) -> Option<u8> {
    match head {
        [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', byte, b'\r' | b'\n', ..] => Some(*byte),
        _ => None,
    }
}

/// What may end the lines, the likeliest first.
fn line_breaks(parts: &[&[u8]]) -> Vec<LineBreak> {
    let (mut feeds, mut both, mut returns) = (0_usize, 0_usize, 0_usize);
    for part in parts {
        feeds += memchr_iter(b'\n', part).count();
        for at in memchr_iter(b'\r', part) {
            match part.get(at + 1) {
                Some(b'\n') => both += 1,
                Some(_) => returns += 1,
                // What follows is not in the sample, or the file ends.
                None => {}
            }
        }
    }
    let usual = if both * 2 > feeds {
        LineBreak::CrLf
    } else {
        LineBreak::Lf
    };
    let ends_with_return = parts.first().is_some_and(|part| part.ends_with(b"\r"));
    match (feeds, returns) {
        (0, 1..) => vec![LineBreak::Cr],
        (0, 0) if ends_with_return => vec![LineBreak::Cr],
        (_, 0) => vec![usual],
        _ => vec![usual, LineBreak::Cr],
    }
}

/// What may stand around cells, the likeliest first.
fn quotes(parts: &[&[u8]], options: &OpenOptions) -> Vec<Option<u8>> {
    if let Some(quote) = options.quote {
        return vec![quote];
    }
    let has = |byte| parts.iter().any(|part| memchr(byte, part).is_some());
    let mut quotes = vec![Some(b'"')];
    if has(b'\'') {
        quotes.push(Some(b'\''));
    }
    if has(b'"') {
        quotes.push(None);
    }
    quotes
}

fn best_delimiter(parts: &[&[u8]], csv: impl Fn(u8) -> Csv) -> (Csv, Fit) {
    let fits = |delimiters: &[u8]| {
        let occurs = |delimiter: &&u8| parts.iter().any(|part| memchr(**delimiter, part).is_some());
        let mut best: Option<(Csv, Fit)> = None;
        for delimiter in delimiters.iter().filter(occurs) {
            let fit = Fit::of(parts, csv(*delimiter));
            if fit.columns > 1 && best.as_ref().is_none_or(|(_, best)| fit.is_better_delimiter(best)) {
                best = Some((csv(*delimiter), fit));
            }
        }
        best
    };
    let common = fits(&COMMON);
    let is_convincing = common
        .as_ref()
        .is_some_and(|(_, fit)| fit.matching * 100 >= fit.records * CONVINCING);
    let rare = fits(&RARE).filter(|(csv, fit)| !is_convincing && names_columns(parts, *csv, fit));
    let best = match (common, rare) {
        (Some(common), Some(rare)) if !rare.1.is_better_delimiter(&common.1) => Some(common),
        (common, rare) => rare.or(common),
    };
    // One column says nothing about what would stand between two.
    best.unwrap_or_else(|| {
        let csv = csv(b',');
        (csv, Fit::of(parts, csv))
    })
}

/// Whether the first record has as many cells as most, each a plain word: `https://…` and `12:30` are no two cells.
fn names_columns(parts: &[&[u8]], csv: Csv, fit: &Fit) -> bool {
    let head = parts.first().copied().unwrap_or_default();
    let header = top(head, csv, 1).first().map(|first| cells(head, csv, first));
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"_-. ".contains(&byte) || !byte.is_ascii();
    let is_word = |cell: &String| Kind::of(cell) == Kind::Text && cell.bytes().all(is_letter);
    header.is_some_and(|cells| cells.len() == fit.columns && cells.iter().all(is_word))
}

/// How well a dialect explains the samples.
#[derive(Debug)]
struct Fit {
    /// How many cells most records have.
    columns: usize,
    records: usize,
    /// Records with so many cells.
    matching: usize,
    /// Cells that a quote opens and one closes.
    quoted: usize,
    /// Cells that a quote opens and none closes where the cell ends.
    open: usize,
}

impl Fit {
    fn of(parts: &[&[u8]], csv: Csv) -> Self {
        let mut counts: Vec<usize> = Vec::new();
        let (mut quoted, mut open, mut broken) = (0, 0, 0);
        for part in parts {
            let mut found = Vec::new();
            CsvSplitter { csv, line: 1 }.split(part, true, &mut found);
            for found in &found {
                let record = csv::trim(part.get(found.start..found.end).unwrap_or_default(), csv);
                let (opened, closed) = quote_ends(record, csv);
                quoted += opened.min(closed);
                open += opened.saturating_sub(closed);
                if found.broken.is_some() {
                    broken += 1;
                } else {
                    counts.push(csv::count_cells(record, csv));
                }
            }
        }
        let records = counts.len() + broken;
        let (columns, matching) = most_frequent(counts);
        Self {
            columns,
            records,
            matching,
            quoted,
            open,
        }
    }

    fn share_is(&self, other: &Self) -> std::cmp::Ordering {
        // Compared by cross-multiplication; both counts are of at most some megabytes' records.
        (self.matching * other.records).cmp(&(other.matching * self.records))
    }

    fn is_better_delimiter(&self, other: &Self) -> bool {
        let share = self.share_is(other);
        share.is_gt() || (share.is_eq() && self.columns > other.columns)
    }

    /// Whether this quote is so much better than the usual one that it is taken instead.
    fn is_better_quoted(&self, quote: Option<u8>, usual: &Self) -> bool {
        if quote.is_none() {
            // Only where the usual one is opened time and again, and never closed.
            return usual.quoted == 0 && usual.open >= 3;
        }
        let is_used = self.quoted > 1 && self.open == 0 && usual.quoted == 0;
        is_used && (self.share_is(usual).is_gt() || self.quoted >= self.records)
    }
}

/// The most frequent number and how often it occurs; of equally frequent ones the larger.
fn most_frequent(mut counts: Vec<usize>) -> (usize, usize) {
    counts.sort_unstable();
    let runs = counts.chunk_by(|one, other| one == other);
    runs.map(|run| (run.first().copied().unwrap_or_default(), run.len()))
        .max_by_key(|&(cells, times)| (times, cells))
        .unwrap_or((1, 0))
}

/// How many cells of a record a quote opens, and how many one closes.
fn quote_ends(record: &[u8], csv: Csv) -> (usize, usize) {
    let Some(quote) = csv.quote else {
        return (0, 0);
    };
    let (mut opened, mut closed) = (0, 0);
    for at in memchr_iter(quote, record) {
        let is_end = |beside: Option<&u8>| beside.is_none_or(|byte| *byte == csv.delimiter);
        let before = at.checked_sub(1).and_then(|at| record.get(at));
        // An empty cell's two quotes are each beside a delimiter and a quote.
        opened += usize::from(is_end(before));
        closed += usize::from(is_end(record.get(at + 1)));
    }
    (opened, closed)
}

fn top(head: &[u8], csv: Csv, line: u64) -> Vec<Found> {
    let mut found = Vec::new();
    CsvSplitter { csv, line }.split(head, true, &mut found);
    found.truncate(TOP);
    found
}

/// Goes over as many lines as someone said.
fn skipped(head: &[u8], csv: Csv, lines: u32) -> Result<(Begin, Vec<Found>), String> {
    let mut at = 0;
    for line in 0..lines {
        at = csv.line_end(head, at, false).ok_or_else(|| {
            let there = u64::from(line) + 1;
            format!("it has no more than {there} lines at its beginning; skip fewer")
        })?;
    }
    let mut found = top(head.get(at..).unwrap_or_default(), csv, u64::from(lines) + 1);
    for found in &mut found {
        found.start += at;
        found.end += at;
    }
    let begin = found.first().map_or(
        Begin {
            at,
            line: u64::from(lines) + 1,
        },
        |first| Begin {
            at: first.start,
            line: first.line,
        },
    );
    Ok((begin, found))
}

/// Goes over title lines: lines with next to nothing in them, before one that looks like a header.
fn after_titles(head: &[u8], csv: Csv, fit: &Fit, is_hinted: bool) -> (Begin, Vec<Found>) {
    let mut found = top(head, csv, 1);
    if is_hinted && !found.is_empty() {
        found.remove(0);
    }
    let is_title = |found: &Found| {
        let cells = cells(head, csv, found);
        let filled = cells.iter().filter(|cell| !cell.trim().is_empty()).count();
        filled * 3 <= fit.columns || (filled <= 1 && cells.len() < fit.columns)
    };
    let titles = found.iter().take_while(|found| is_title(found)).count();
    let is_header = |found: &Found| {
        let cells = cells(head, csv, found);
        let is_name = |cell: &String| !cell.trim().is_empty() && Kind::of(cell) == Kind::Text;
        cells.len() == fit.columns && cells.iter().all(is_name)
    };
    let has_records = found.len() > titles + 1;
    if fit.columns > 1 && has_records && found.get(titles).is_some_and(is_header) {
        found.drain(..titles);
    }
    let first = found.first().map_or(
        Begin {
            at: head.len(),
            line: 1,
        },
        |first| Begin {
            at: first.start,
            line: first.line,
        },
    );
    (first, found)
}

fn cells(head: &[u8], csv: Csv, found: &Found) -> Vec<String> {
    let record = csv::trim(head.get(found.start..found.end).unwrap_or_default(), csv);
    let record = String::from_utf8_lossy(record);
    let mut spans = Spans::default();
    csv::split_cells(&record, csv, &mut spans);
    spans.texts(&record).map(str::to_owned).collect()
}

/// What a cell seems to be, as far as it tells names from values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Empty,
    Number,
    Date,
    Address,
    Text,
}

impl Kind {
    fn of(cell: &str) -> Self {
        let cell = cell.trim();
        let is_made_of = |marks: &str| {
            cell.bytes().any(|byte| byte.is_ascii_digit())
                && cell
                    .bytes()
                    .all(|byte| byte.is_ascii_digit() || marks.as_bytes().contains(&byte))
        };
        if cell.is_empty() {
            Self::Empty
        } else if is_made_of("+-.,") || cell.parse::<f64>().is_ok_and(f64::is_finite) {
            Self::Number
        } else if is_made_of("-/.:TZ+ ") {
            Self::Date
        } else if cell.contains("://") || (cell.contains('@') && cell.contains('.')) {
            Self::Address
        } else {
            Self::Text
        }
    }
}

fn is_year(name: &str) -> bool {
    name.trim().parse().is_ok_and(|year: u32| (1900..2100).contains(&year))
}

/// Whether the first record names the columns: it does unless it looks in every column as the others do, and in one of
/// them as names do not.
fn has_header(head: &[u8], csv: Csv, found: &[Found]) -> bool {
    if found.first().is_none_or(|first| first.broken.is_some()) {
        return true;
    }
    let mut rows = found
        .iter()
        .filter(|found| found.broken.is_none())
        .map(|found| cells(head, csv, found));
    let Some(first) = rows.next() else {
        return true;
    };
    let rows: Vec<Vec<String>> = rows.collect();
    let mut like_values = 0;
    for (column, name) in first.iter().enumerate() {
        let mut kinds = rows
            .iter()
            .filter_map(|row| row.get(column))
            .map(|cell| Kind::of(cell))
            .filter(|kind| *kind != Kind::Empty);
        let Some(kind) = kinds.next().filter(|kind| *kind != Kind::Text) else {
            continue;
        };
        if !kinds.all(|other| other == kind) {
            continue;
        }
        match Kind::of(name) {
            Kind::Empty => {}
            // As a name, a year is no number.
            Kind::Number if is_year(name) => {}
            own if own == kind => like_values += 1,
            _ => return true,
        }
    }
    like_values == 0
}
