//! Records with 10,000 and 100,000 columns: how long the program takes to check a file, to say where its columns go and
//! to write it out again, and how long the window takes to map it. Goal: 1 s and 5 s each; ten times the columns take
//! about ten times as long.
//!
//! `cargo bench --bench wide`; `TATAMI_BENCH_RUNS`: see `common`.

#![expect(clippy::print_stdout, reason = "a bench reports to the terminal")]

#[expect(dead_code, reason = "other benches need more of it")]
mod common;

use std::{
    error::Error,
    fs::{self, File},
    io::{BufWriter, Write},
    path::Path,
    process::{Command, Stdio},
};

use common::{Outcome, Times, bytes, runs};
use tatami::{
    check::suggest,
    domain::progress::Progress,
    frame::{Edits, Frame, OpenOptions},
};

/// How the columns stand in the file.
#[derive(Clone, Copy)]
enum Shape {
    /// CSV of 200 rows.
    Csv,
    /// JSON lines: 20 records that have all keys.
    Keys,
    /// JSON lines: records of 50 keys that no other has.
    OwnKeys,
    /// JSON lines: 20 records with objects of 10 keys each among the custom attributes.
    Nested,
}

impl Shape {
    const ALL: [Self; 4] = [Self::Csv, Self::Keys, Self::OwnKeys, Self::Nested];

    const fn name(self) -> &'static str {
        match self {
            Self::Csv => "wide.csv",
            Self::Keys => "keys.jsonl",
            Self::OwnKeys => "own-keys.jsonl",
            Self::Nested => "nested.jsonl",
        }
    }

    fn write(self, columns: usize, path: &Path) -> std::io::Result<()> {
        let mut out = BufWriter::new(File::create(path)?);
        match self {
            Self::Csv => {
                write!(out, "product_id")?;
                (1..columns).try_for_each(|at| write!(out, ",own {at}"))?;
                for row in 0..200 {
                    write!(out, "\nA{row}")?;
                    (1..columns).try_for_each(|at| write!(out, ",{}", at * row % 97))?;
                }
            }
            Self::Keys => {
                for row in 0..20 {
                    write!(out, "{{\"product_id\":\"A{row}\"")?;
                    (1..columns).try_for_each(|at| write!(out, ",\"key_{at}\":{}", at * row % 97))?;
                    writeln!(out, "}}")?;
                }
            }
            Self::OwnKeys => {
                for row in 0..columns / 50 {
                    write!(out, "{{\"product_id\":\"A{row}\"")?;
                    (0..50).try_for_each(|at| write!(out, ",\"key_{}\":{at}", row * 50 + at))?;
                    writeln!(out, "}}")?;
                }
            }
            Self::Nested => {
                for row in 0..20 {
                    write!(
                        out,
                        "{{\"product_id\":\"A{row}\",\"custom_attributes\":{{\"first\":{{}}"
                    )?;
                    for object in 0..columns / 10 {
                        write!(out, ",\"object {object}\":{{\"first\":{object}")?;
                        (1..10).try_for_each(|at| write!(out, ",\"own {at}\":{}", at * row % 97))?;
                        write!(out, "}}")?;
                    }
                    writeln!(out, "}}}}")?;
                }
            }
        }
        out.flush()
    }
}

fn main() -> Outcome {
    for columns in [10_000, 100_000] {
        for shape in Shape::ALL {
            measure(shape, columns)?;
        }
    }
    Ok(())
}

fn measure(shape: Shape, columns: usize) -> Outcome {
    let home = tempfile::tempdir()?;
    let path = home.path().join(shape.name());
    shape.write(columns, &path)?;
    let size = fs::metadata(&path)?.len();
    println!("{columns} columns in {}, {}", shape.name(), bytes(size));
    for arguments in [
        &["check"][..],
        &["check", "--format", "json"],
        &["columns"],
        &["export", "--force", "--out", "copy"],
    ] {
        let mut times = Times::default();
        for _ in 0..runs() {
            times.measure(|| run(home.path(), shape.name(), arguments))?;
        }
        println!("  {:24} {:7.3} s", arguments.join(" "), times.median());
    }
    let progress = Progress::default();
    let frame = Frame::open(&path, &OpenOptions::default(), &progress)?;
    let mut times = Times::default();
    for _ in 0..runs() {
        times.measure(|| {
            let suggested = suggest(&frame, &Edits::default(), None)?;
            let offers = suggested.mapping.offers(frame.columns(), &suggested.samples);
            drop(offers);
            Ok::<_, Box<dyn Error>>(())
        })?;
    }
    println!("  {:24} {:7.3} s", "mapping and suggestions", times.median());
    Ok(())
}

fn run(home: &Path, file: &str, arguments: &[&str]) -> Outcome {
    let mut program = Command::new(env!("CARGO_BIN_EXE_tatami"));
    program.env("TATAMI_HOME", home).current_dir(home);
    program.args(arguments).arg(file);
    if arguments.first() != Some(&"export") {
        program.args(["--dataset", "products"]);
    }
    let status = program.stdout(Stdio::null()).stderr(Stdio::null()).status()?;
    // 1: there are problems.
    match status.code() {
        Some(0 | 1) => Ok(()),
        _ => Err(format!("{arguments:?} of {file} ended with {status}").into()),
    }
}
