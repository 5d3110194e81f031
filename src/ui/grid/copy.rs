//! Rectangles of cells as tab-separated text, the way spreadsheets put it on the clipboard.

use std::ops::Range;

use super::source::GridSource;

/// How many rows are fetched at a time.
const CHUNK: u64 = 1_000;

/// The cells of a rectangle: tabs between columns, a line break after each row but the last. Cells that hold a tab, a
/// line break or a quote are quoted. They are copied as they stand in the file.
pub fn tsv(source: &mut dyn GridSource, rows: Range<u64>, columns: Range<usize>, headers: bool) -> String {
    let rows = rows.start..rows.end.min(source.row_count());
    let columns = columns.start..columns.end.min(source.columns().len());
    let mut out = String::new();
    if headers {
        let titles = source.columns().get(columns.clone()).unwrap_or_default();
        push_row(&mut out, titles.iter().map(|column| column.title.as_str()));
    }
    let mut from = rows.start;
    while from < rows.end {
        let to = rows.end.min(from + CHUNK);
        source.prefetch(from..to, columns.clone());
        for row in from..to {
            let cells = columns.clone().map(|column| source.cell(row, column).written());
            let cells: Vec<_> = cells.map(Option::unwrap_or_default).collect();
            push_row(&mut out, cells.iter().map(AsRef::as_ref));
        }
        from = to;
    }
    if out.ends_with('\n') {
        out.pop();
    }
    out
}

fn push_row<'a>(out: &mut String, cells: impl Iterator<Item = &'a str>) {
    for (place, cell) in cells.enumerate() {
        if place > 0 {
            out.push('\t');
        }
        if cell.contains(['\t', '\n', '\r', '"']) {
            out.push('"');
            out.push_str(&cell.replace('"', "\"\""));
            out.push('"');
        } else {
            out.push_str(cell);
        }
    }
    out.push('\n');
}

/// The rows and cells of tab-separated text; the inverse of [`tsv`], lenient as spreadsheets are.
pub(crate) fn parse_tsv(text: &str) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    let mut row = Vec::new();
    let mut cell = String::new();
    let mut quoted = false;
    let mut rest = text.chars().peekable();
    while let Some(next) = rest.next() {
        match next {
            '"' if quoted && rest.peek() == Some(&'"') => {
                rest.next();
                cell.push('"');
            }
            '"' if quoted => quoted = false,
            '"' if cell.is_empty() => quoted = true,
            '\t' if !quoted => row.push(std::mem::take(&mut cell)),
            '\r' if !quoted && rest.peek() == Some(&'\n') => {}
            '\n' | '\r' if !quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            other => cell.push(other),
        }
    }
    if !cell.is_empty() || !row.is_empty() {
        row.push(cell);
        rows.push(row);
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_what_needs_it_and_reads_it_back() {
        let rows = [["plain", "a\tb"], ["say \"hi\"", "two\nlines"], ["", "3.5"]];
        let mut text = String::new();
        for row in rows {
            push_row(&mut text, row.into_iter());
        }
        assert_eq!(text, "plain\t\"a\tb\"\n\"say \"\"hi\"\"\"\t\"two\nlines\"\n\t3.5\n");
        assert_eq!(
            parse_tsv(&text),
            rows.map(|row| row.map(str::to_owned).to_vec()).to_vec()
        );
    }

    #[test]
    fn reads_what_other_programs_write() {
        assert_eq!(parse_tsv("a\tb\r\nc\t"), [vec!["a", "b"], vec!["c", ""]]);
        assert_eq!(parse_tsv("one"), [vec!["one"]]);
        assert_eq!(parse_tsv("5\" disk"), [vec!["5\" disk"]]);
        assert!(parse_tsv("").is_empty());
    }
}
