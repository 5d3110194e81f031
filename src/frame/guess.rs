//! How delimited text is written, judged by samples of the whole file.

use memchr::{memchr, memchr_iter, memmem, memrchr2};

use super::{
    Csv, LineBreak, OpenOptions,
    begin::{self, Begin, BeginningKind, cells, top},
    csv::{self, CsvSplitter},
    furniture::{self, Furniture, LineKind},
    refusal::NotATable,
    samples::FileSample,
};

/// The usual delimiters, those that are rare in prose first: of equally good ones the first is taken.
const COMMON: [u8; 6] = [b'\t', 0x1f, 0x01, b'|', b';', b','];

/// Delimiters of few files, which often occur within cells: in times, between list elements.
const RARE: [u8; 4] = [b'^', b'~', b'#', b':'];

/// Of the common ones, the best is taken when this share of the records, in percent, has equally many cells.
const CONVINCING: usize = 80;

/// The recognised form of delimited text.
#[derive(Debug)]
pub(super) struct DialectGuess {
    pub(super) csv: Csv,
    pub(super) begin: Begin,
    /// Lines below the header or at the end that are not rows.
    pub(super) furniture: Vec<Furniture>,
}

/// Finds out what `options` leave open. `bom` is how many bytes the text's byte order mark takes.
pub(super) fn guess(samples: &[FileSample], bom: usize, options: &OpenOptions) -> Result<DialectGuess, NotATable> {
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
                doubled: options.doubled,
                spaced: false,
                quote,
                line_break,
                header: options.header.unwrap_or(true),
                skip: options.skip.unwrap_or(0),
            };
            let (csv, fit) = match delimiter {
                Some(delimiter) => (csv(delimiter), Fit::of(&parts, csv(delimiter))),
                None => best_delimiter(&parts, csv, options.skip.is_none()),
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
    let Some((mut csv, mut fit)) = best else {
        return Err(NotATable::NoRecords);
    };
    check_bytes(csv)?;
    csv.spaced = options.spaced == Some(true);
    if options.spaced.is_none()
        && let Some(spaced) = fit.spaced(&parts, csv)
    {
        (csv, fit) = spaced;
    }
    let (mut begin, mut found) = match options.skip {
        Some(lines) => begin::skipped(head, csv, lines)?,
        None => begin::after_titles(head, csv, fit.columns, hint.is_some()),
    };
    csv.skip = u32::try_from(begin.line - 1).unwrap_or(u32::MAX);
    let mut furniture = Vec::new();
    if !options.every_line {
        if options.header != Some(false) {
            furniture = begin::take_below_header(head, csv, &mut found);
        }
        for below in &mut furniture {
            below.at += bom as u64;
        }
        let is_ruled = furniture.iter().any(|there| there.what == LineKind::Rule);
        let may_be = options.spaced.is_none() && csv.delimiter != b' ';
        csv.spaced |= may_be && is_ruled && begin::is_padded(head, csv, &found);
        if let Some(last) = samples.last().filter(|last| last.is_last) {
            let end = furniture::at_end(last, csv, fit.columns, begin.at + bom, &furniture);
            furniture.extend(end);
        }
    }
    if options.header.is_none() {
        csv.header = begin::has_header(head, csv, &found);
    }
    begin.at += bom;
    Ok(DialectGuess { csv, begin, furniture })
}

/// The whole lines of a text's beginning that dialects are tried on; every one of them goes over it.
fn begin_of(head: &[u8]) -> &[u8] {
    const MOST: usize = 256 << 10;
    let last = head.get(..MOST).and_then(|begin| memrchr2(b'\n', b'\r', begin));
    last.and_then(|last| head.get(..=last)).unwrap_or(head)
}

/// Refuses characters that would make records unreadable.
fn check_bytes(csv: Csv) -> Result<(), NotATable> {
    let is_plain = |byte: u8| byte.is_ascii() && byte != b'\n' && byte != b'\r';
    if !is_plain(csv.delimiter) || csv.quote.is_some_and(|quote| !is_plain(quote)) {
        return Err(NotATable::OddCharacter);
    }
    if csv.quote == Some(csv.delimiter) {
        return Err(NotATable::SameCharacter);
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

/// The possible line breaks, the likeliest first.
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

/// The possible quotes, the likeliest first.
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

/// `from_start`: whether the table may begin below other lines.
fn best_delimiter(parts: &[&[u8]], csv: impl Fn(u8) -> Csv, from_start: bool) -> (Csv, Fit) {
    let head = parts.first().copied().unwrap_or_default();
    let fits = |delimiters: &[u8]| {
        let occurs = |delimiter: &&u8| parts.iter().any(|part| memchr(**delimiter, part).is_some());
        let mut best: Option<(Csv, Fit)> = None;
        for delimiter in delimiters.iter().filter(occurs) {
            let csv = csv(*delimiter);
            let fit = Fit::of(parts, csv);
            let is_table = fit.columns > 1 && (!from_start || begin::begins_a_table(head, csv, fit.columns));
            if is_table && best.as_ref().is_none_or(|(_, best)| fit.is_better_delimiter(best)) {
                best = Some((csv, fit));
            }
        }
        best
    };
    if let Some(doubled) = doubled_delimiter(parts, &csv) {
        return doubled;
    }
    let common = fits(&COMMON);
    let is_convincing = common
        .as_ref()
        .is_some_and(|(_, fit)| fit.matching * 100 >= fit.records * CONVINCING);
    let rare = fits(&RARE).filter(|(csv, fit)| !is_convincing && begins_with_words(parts, *csv, fit));
    let best = match (common, rare) {
        (Some(common), Some(rare)) if !rare.1.is_better_delimiter(&common.1) => Some(common),
        (common, rare) => rare.or(common),
    };
    best.unwrap_or_else(|| one_column(parts, &csv))
}

/// One column does not show its delimiter: any that occurs in none of its values will do.
fn one_column(parts: &[&[u8]], csv: &impl Fn(u8) -> Csv) -> (Csv, Fit) {
    let fits = [b',', b';', b'\t', b'|', 0x1f].map(|delimiter| {
        let csv = csv(delimiter);
        (csv, Fit::of(parts, csv))
    });
    let [usual, others @ ..] = fits;
    let is_one = |fit: &Fit| fit.columns < 2 && fit.matching == fit.records;
    if is_one(&usual.1) {
        return usual;
    }
    others.into_iter().find(|(_, fit)| is_one(fit)).unwrap_or(usual)
}

/// A byte that always stands there twice, with nothing between the two: `1::Toy Story::Comedy`.
fn doubled_delimiter(parts: &[&[u8]], csv: &impl Fn(u8) -> Csv) -> Option<(Csv, Fit)> {
    let head = parts.first().copied().unwrap_or_default();
    let first_line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let occurs = |byte: &u8| memmem::find(first_line, &[*byte; 2]).is_some();
    let doubled = [b'|', b';', b':', b',', b'\t', b'~', b'^', b'#']
        .into_iter()
        .filter(occurs);
    let fits = doubled.map(|byte| {
        let doubled = Csv {
            doubled: true,
            ..csv(byte)
        };
        (doubled, Fit::of(parts, doubled))
    });
    let first = |csv: Csv, columns: usize| {
        let first = top(head, csv, 1).first().map(|first| cells(head, csv, first));
        first.is_some_and(|cells| {
            cells.len() == columns && cells.iter().all(|cell| !cell.contains(char::from(csv.delimiter)))
        })
    };
    let mut fits =
        fits.filter(|(csv, fit)| fit.columns > 1 && fit.matching * 100 >= fit.records * 95 && first(*csv, fit.columns));
    fits.next()
}

/// Whether the first record has as many cells as most, each a plain word: `https://…` and `12:30` are no two cells.
fn begins_with_words(parts: &[&[u8]], csv: Csv, fit: &Fit) -> bool {
    let head = parts.first().copied().unwrap_or_default();
    let header = top(head, csv, 1).first().map(|first| cells(head, csv, first));
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"_-. ".contains(&byte) || !byte.is_ascii();
    let is_word = |cell: &String| BeginningKind::of(cell) == BeginningKind::Text && cell.bytes().all(is_letter);
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
            CsvSplitter::new(csv, 1).split(part, true, &mut found);
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
            // No quotes at all is better only when the usual quote opens again and again, and never closes.
            return usual.quoted == 0 && usual.open >= 3;
        }
        let share = self.share_is(usual);
        let is_used = self.quoted > 1 && self.open == 0 && usual.quoted == 0;
        // Lists within the cells may have the usual one: `'{"home","light"}'`.
        let is_in_all = self.open == 0 && self.quoted >= self.records && self.quoted > usual.quoted;
        (is_used && (share.is_gt() || self.quoted >= self.records)) || (is_in_all && share.is_ge())
    }

    /// The same dialect with spaces beside the delimiters, where cells begin with a space and a quote: no program writes
    /// such cells otherwise.
    fn spaced(&self, parts: &[&[u8]], csv: Csv) -> Option<(Csv, Self)> {
        let quote = csv.quote.filter(|_| csv.delimiter != b' ')?;
        let (begins, opens) = ([csv.delimiter, b' '], [b' ', quote]);
        let of_part = |part: &&[u8]| {
            let mut found = Vec::new();
            if memmem::find(part, &opens).is_some() && memmem::find(part, &begins).is_some() {
                CsvSplitter::new(csv, 1).split(part, true, &mut found);
            }
            let records = found.iter().filter_map(|found| part.get(found.start..found.end));
            records
                .map(|record| csv::spaced_quotes(record, csv, quote))
                .sum::<usize>()
        };
        let many: usize = parts.iter().map(of_part).sum();
        if many == 0 {
            return None;
        }
        let csv = Csv { spaced: true, ..csv };
        let fit = Self::of(parts, csv);
        let share = fit.share_is(self);
        (fit.open <= self.open && (share.is_gt() || (many > 1 && share.is_eq()))).then_some((csv, fit))
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
        let (mut before, mut after) = (
            record.get(..at).unwrap_or_default(),
            record.get(at + 1..).unwrap_or_default(),
        );
        if csv.spaced {
            (before, after) = csv::without_spaces(before, after);
        }
        // An empty cell's two quotes are each beside a delimiter and a quote.
        opened += usize::from(is_end(before.last()));
        closed += usize::from(is_end(after.first()));
    }
    (opened, closed)
}
