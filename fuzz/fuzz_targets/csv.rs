//! Delimited text as it is told to be read: nothing is lost, and well-formed text reads as the `csv` crate reads it.
#![no_main]

use tatami::frame::{LineBreak, OpenOptions};
use tatami_fuzz::{cells, check_nothing_is_lost, check_places, open};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((&choice, text)) = data.split_first() else {
        return;
    };
    let delimiter = b",;\t|^~:#"[usize::from(choice & 7)];
    let quote = [Some(b'"'), Some(b'\''), None][usize::from(choice >> 3 & 3).min(2)];
    let line_break = if choice & 32 == 0 { LineBreak::Lf } else { LineBreak::Cr };
    let options = OpenOptions {
        delimiter: Some(delimiter),
        quote: Some(quote),
        line_break: Some(line_break),
        header: Some(false),
        skip: Some(0),
        encoding: Some(encoding_rs::UTF_8.into()),
        ..OpenOptions::default()
    };
    let Some(frame) = open(text, &options) else {
        return;
    };
    check_places(&frame, text);
    let start = if text.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    check_nothing_is_lost(&frame, text, start, |byte| byte == b'\n' || byte == b'\r');

    // The crate ends records at lone carriage returns, too.
    let is_plain = line_break == LineBreak::Cr || !has_lone_return(text);
    if !frame.defects().is_empty() || !is_plain {
        return;
    }
    let mut builder = csv::ReaderBuilder::new();
    builder.delimiter(delimiter).has_headers(false).flexible(true);
    match quote {
        Some(quote) => builder.quote(quote),
        None => builder.quoting(false),
    };
    let theirs: Vec<Vec<String>> = builder
        .from_reader(text)
        .records()
        .map(|record| record.expect("is UTF-8").iter().map(str::to_owned).collect())
        .collect();
    let ours: Vec<Vec<String>> = cells(&frame)
        .iter()
        .map(|row| row.iter().map(|cell| cell.as_cell().shown().into_owned()).collect())
        .collect();
    assert_eq!(ours, theirs);
});

fn has_lone_return(text: &[u8]) -> bool {
    let returns = text.iter().enumerate().filter(|(_, byte)| **byte == b'\r');
    returns.into_iter().any(|(at, _)| text.get(at + 1) != Some(&b'\n'))
}
