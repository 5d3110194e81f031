//! What must hold of a table, whatever bytes it was made of. Every target asserts this, not merely that nothing panics.

use std::ops::ControlFlow;

use tatami::{
    domain::cell::OwnedCell,
    frame::{Edits, Format, Frame, FrameError, OpenOptions},
};

/// Opens bytes as a file, as they stand in it; `None` when they are refused for what they are. Any other failure is a fault of ours.
pub fn open(data: &[u8], options: &OpenOptions) -> Option<Frame> {
    let options = OpenOptions {
        preset: Some(None),
        ..options.clone()
    };
    match Frame::from_text("fuzz", data, &options) {
        Ok(frame) => Some(frame),
        Err(FrameError::Unsupported { reason, .. }) => {
            assert!(!reason.is_empty());
            None
        }
        Err(error) => panic!("{error}"),
    }
}

/// All cells.
pub fn cells(frame: &Frame) -> Vec<Vec<OwnedCell>> {
    frame
        .read(0..frame.len(), &Edits::default())
        .expect("what was opened can be read")
}

/// Rows are in order, each stands at its place in `data`, defects name rows, and a scan meets every row once.
pub fn check_places(frame: &Frame, data: &[u8]) {
    let mut end = 0;
    for row in 0..frame.len() {
        let start = usize::try_from(frame.offset(row)).expect("a place in memory");
        assert!(
            start >= end,
            "row {row} starts at {start}, before the one above ends at {end}"
        );
        let raw = frame.raw(row).expect("what was opened can be read");
        let indent = indent(frame, data, start);
        end = start + indent + raw.len();
        assert_eq!(data.get(start + indent..end), Some(raw.as_slice()), "row {row}");
    }
    assert!(frame.defects().is_sorted_by_key(|defect| defect.row));
    for defect in frame.defects() {
        assert!(defect.row < frame.len());
        assert_eq!(defect.line, frame.line(defect.row));
        assert_eq!(defect.offset, frame.offset(defect.row));
        assert!(!defect.reason.is_empty());
    }
    let mut next = 0;
    frame
        .scan(0..frame.len(), &Edits::default(), &mut |row, cells| {
            assert_eq!((row, cells.len()), (next, frame.columns().len()));
            next += 1;
            ControlFlow::Continue(())
        })
        .expect("what was opened can be read");
    assert_eq!(next, frame.len());
}

/// How much space stands before the JSON of a record at `start`.
fn indent(frame: &Frame, data: &[u8], start: usize) -> usize {
    // In text of two bytes a character, one of them is zero.
    let is_wide = frame.dialect().encoding.name().starts_with("UTF-16");
    let is_space = |byte: &&u8| byte.is_ascii_whitespace() || (is_wide && **byte == 0);
    let space = data[start..].iter().take_while(is_space).count();
    match frame.format().is_json() {
        true if is_wide => space & !1,
        true => space,
        false => 0,
    }
}

/// No byte of `data` from `start` on is in no record, unless it is one that stands between records.
pub fn check_nothing_is_lost(frame: &Frame, data: &[u8], start: usize, is_between: impl Fn(u8) -> bool) {
    let mut at = start;
    for row in 0..=frame.len() {
        let is_end = row == frame.len();
        let next = if is_end {
            data.len()
        } else {
            usize::try_from(frame.offset(row)).expect("a place in memory")
        };
        let between = &data[at..next.max(at)];
        assert!(
            between.iter().all(|byte| is_between(*byte)),
            "lost before row {row}: {between:?}"
        );
        if !is_end {
            at = next + indent(frame, data, next) + frame.raw(row).expect("what was opened can be read").len();
        }
    }
}

/// What was recognised, as options.
pub fn as_options(frame: &Frame) -> OpenOptions {
    let dialect = frame.dialect();
    let mut options = OpenOptions {
        encoding: Some(dialect.encoding),
        ..OpenOptions::default()
    };
    if let Format::Csv(csv) = dialect.format {
        options.delimiter = Some(csv.delimiter);
        options.doubled = csv.doubled;
        options.spaced = Some(csv.spaced);
        options.quote = Some(csv.quote);
        options.line_break = Some(csv.line_break);
        options.header = Some(csv.header);
        options.skip = Some(csv.skip);
    }
    options
}

/// Opened again, in the way that was recognised, the file is the same table.
pub fn check_again(frame: &Frame, data: &[u8]) {
    let again = open(data, &as_options(frame)).expect("it was opened before");
    assert_eq!(again.dialect().format, frame.dialect().format);
    assert_eq!(again.columns(), frame.columns());
    assert_eq!(again.defects(), frame.defects());
    assert_eq!(cells(&again), cells(frame));
}
