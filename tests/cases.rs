//! Small files with one difficulty each, in `tests/cases`, named after what they show: how each is read, where its columns
//! go, what is said about it, what is offered, and the JSON of its first rows, nothing accepted.
#![cfg(unix)]

use std::{fmt::Write as _, fs, ops::ControlFlow, path::Path};

use tatami::{
    check::{self, check},
    domain::progress::Progress,
    frame::{Edits, Frame, OpenOptions},
};

use crate::home::Home;

/// What the program says, without its colours' and its folder's traces.
fn told(path: &Path) -> String {
    let home = Home::new();
    let name = path.file_name().unwrap().to_string_lossy();
    home.file(&name, fs::read(path).unwrap());
    let mut told = String::new();
    for command in ["check", "columns"] {
        let ended = home.run(&[command, &name]);
        writeln!(told, "$ tatami {command}\n{}[{}]\n", ended.all(), ended.code).unwrap();
    }
    told + &sent(path)
}

/// The JSON of the first rows.
fn sent(path: &Path) -> String {
    const ROWS: u32 = 3;
    let frame = Frame::open(path, &OpenOptions::default(), &Progress::default()).unwrap();
    let suggested = check::suggest(&frame, &Edits::default(), None).unwrap();
    if suggested.question().is_some() {
        return "nothing is sent before the question is answered\n".to_owned();
    }
    let checked = check(&frame, &Edits::default(), &suggested.mapping, &Progress::default()).unwrap();
    let left_out = checked.rows_with_errors();
    let mut sent = String::new();
    let mut show = |row: u32, cells: &[tatami::domain::cell::Cell<'_>]| {
        let mut json = Vec::new();
        checked.plan().write(cells, &mut json);
        let mark = if left_out.contains(row) { "not sent " } else { "" };
        writeln!(sent, "{mark}{}", String::from_utf8(json).unwrap()).unwrap();
        ControlFlow::Continue(())
    };
    frame
        .scan(0..frame.len().min(ROWS), &Edits::default(), &mut show)
        .unwrap();
    sent
}

#[test]
fn small_files_with_one_difficulty_each() {
    let folder = crate::common::in_repository("tests/cases");
    let mut paths: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    assert!(paths.len() > 20, "{paths:?}");
    for path in paths {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        insta::assert_snapshot!(name, told(&path));
    }
}
