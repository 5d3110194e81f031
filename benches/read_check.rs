//! Opening, mapping and checking a file, beside what others take to read it: 1,000,000 products as CSV, 2,000,000
//! interactions as JSON lines, 3 % of them bad. Every measurement has a process of its own, so that its peak of memory
//! is its own.
//!
//! Goals: the CSV in half the time that polars takes to read it as text, the JSON lines in 0.4 of the time that `DuckDB`
//! takes to load them; at most 100 MB + 24 bytes a record of memory; first rows after 100 ms.
//!
//! `cargo bench --bench read_check`; sizes: see `common`. `TATAMI_BENCH_PYTHON` is a Python that has `polars` and
//! `duckdb` (`python3` unless told otherwise); what it has not is left out.

#![expect(clippy::print_stdout, reason = "a bench reports to the terminal")]

mod common;

use std::{
    env,
    error::Error,
    hint::black_box,
    ops::ControlFlow,
    path::Path,
    process::{Command, Stdio},
};

use common::{Outcome, SampleFile, Times, amount, bytes, peak, restart_peak, rows, runs};
use tatami::{
    check,
    domain::{
        dataset::Dataset, issue::Severity, mapping::Mapping, progress::Progress, recognition::recognise, rules::Levels,
        schema::Schema,
    },
    frame::{Edits, Frame, OpenOptions},
    sample::{SampleFormat, Spec},
};

/// Which measurement this process is there for.
const STEP: &str = "TATAMI_BENCH_STEP";

/// What Python is to do; it prints its median time in seconds and its peak in bytes.
const PYTHON: &str = r#"
import resource, statistics, sys, time
what, path, runs = sys.argv[1], sys.argv[2], int(sys.argv[3])
if what == "polars":
    import polars
    if path.endswith(".csv"):
        work = lambda: polars.read_csv(path, infer_schema=False)
    else:
        work = lambda: polars.read_ndjson(path, infer_schema_length=None)
else:
    import duckdb
    def work():
        connection = duckdb.connect()
        connection.execute("set enable_progress_bar = false")
        kind = "csv" if path.endswith(".csv") else "json"
        more = ", all_varchar=true" if kind == "csv" else ", format='newline_delimited'"
        connection.execute(f"create table loaded as select * from read_{kind}(?{more})", [path])
        connection.close()
times = []
for _ in range(runs):
    started = time.perf_counter()
    done = work()
    times.append(time.perf_counter() - started)
    del done
print(statistics.median(times), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
"#;

/// A measurement: its time in seconds and its peak of memory in bytes.
type Measured = (f64, u64);

fn main() -> Outcome {
    let arguments: Vec<String> = env::args().collect();
    if let (Ok(step), [_, path, ..]) = (env::var(STEP), arguments.as_slice()) {
        let time = measure(&step, Path::new(path))?;
        println!("{time} {}", peak().unwrap_or_default());
        return Ok(());
    }
    let rows = rows(1_000_000);
    for (dataset, rows, format) in [
        (Dataset::Products, rows, SampleFormat::Csv),
        (Dataset::Interactions, rows * 2, SampleFormat::JsonLines),
    ] {
        report(&Spec {
            dataset,
            rows,
            bad_percent: 3.0,
            seed: 1,
            format,
        })?;
    }
    Ok(())
}

fn report(spec: &Spec) -> Outcome {
    let file = SampleFile::make(spec)?;
    let (peer, goal) = match spec.format {
        SampleFormat::Csv => ("polars", 0.5),
        SampleFormat::JsonLines => ("duckdb", 0.4),
    };
    let others = [("polars", "polars reads it"), ("duckdb", "DuckDB loads it")];
    let others = others.map(|(name, does)| (name, does, in_python(name, file.path())));
    let measured = others.iter().find(|(name, ..)| *name == peer);
    let base = measured.and_then(|(.., measured)| measured.clone().ok());
    println!("  {:44} {:>9} {:>10} {:>12}", "", "median", "ratio", "peak");
    let line = |does: &str, (time, peak): Measured| {
        let ratio = base.map_or_else(|| "?".to_owned(), |(base, _)| format!("{:.2}", time / base));
        println!("  {does:44} {time:7.3} s {ratio:>10} {:>12}", amount(Some(peak)));
    };
    for (_, does, measured) in &others {
        match measured {
            Ok(measured) => line(does, *measured),
            Err(reason) => println!("  {does:44} failed: {reason}"),
        }
    }
    for (step, does) in [
        ("head", "Tatami shows its first rows"),
        ("open", "Tatami finds its records"),
        ("read", "Tatami reads, maps and checks it"),
        ("again", "Tatami checks it again, mapped otherwise"),
        ("jsonschema", "a JSON Schema validator, record by record"),
    ] {
        line(does, in_process(step, file.path())?);
    }
    println!(
        "  goals: {goal} of {peer} to read, map and check; a peak of {}\n",
        bytes(100_000_000 + 24 * spec.rows)
    );
    Ok(())
}

fn in_process(step: &str, path: &Path) -> Result<Measured, Box<dyn Error>> {
    let output = Command::new(env::current_exe()?)
        .arg(path)
        .env(STEP, step)
        .stderr(Stdio::inherit())
        .output()?;
    measured(&output.stdout).ok_or_else(|| format!("{step} failed").into())
}

/// Fails when there is no such Python, it has no such package, or that cannot read the file: why.
fn in_python(name: &str, path: &Path) -> Result<Measured, String> {
    let python = env::var("TATAMI_BENCH_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let output = Command::new(python)
        .args(["-c", PYTHON, name])
        .arg(path)
        .arg(runs().to_string())
        .output();
    match output {
        Ok(output) => measured(&output.stdout).ok_or_else(|| {
            let said = String::from_utf8_lossy(&output.stderr);
            said.lines()
                .rfind(|line| !line.is_empty())
                .unwrap_or("it said nothing")
                .to_owned()
        }),
        Err(error) => Err(error.to_string()),
    }
}

fn measured(output: &[u8]) -> Option<Measured> {
    let (time, peak) = std::str::from_utf8(output).ok()?.trim().split_once(' ')?;
    Some((time.parse().ok()?, peak.parse().ok()?))
}

/// One of the measurements; the median time in seconds.
fn measure(step: &str, path: &Path) -> Result<f64, Box<dyn Error>> {
    let mut times = Times::default();
    let (options, progress, edits) = (OpenOptions::default(), Progress::default(), Edits::default());
    let suggest = |frame: &Frame| {
        let is_json = frame.format().is_json();
        Mapping::suggest(recognise(frame.columns(), &[]).best(), frame.columns(), is_json)
    };
    let runs = if step == "jsonschema" { 1 } else { runs() };
    let whole = match step {
        "again" | "jsonschema" => Some(Frame::open(path, &options, &progress)?),
        _ => None,
    };
    restart_peak();
    for _ in 0..runs {
        match (step, &whole) {
            ("head", _) => {
                let head = times.measure(|| Frame::open_head(path, &options).map(|head| (suggest(&head), head)))?;
                black_box(head.1.len());
            }
            ("open", _) => {
                black_box(times.measure(|| Frame::open(path, &options, &progress))?.len());
            }
            ("read", _) => {
                let checked = times.measure(|| {
                    let head = Frame::open_head(path, &options)?;
                    let mapping = suggest(&head);
                    check::read(
                        path,
                        &options,
                        head.columns(),
                        &mapping,
                        &Levels::default(),
                        &progress,
                        &|_| {},
                    )
                })?;
                let checked = checked.1.ok_or("the file has other columns than its first rows")?;
                black_box(checked.issues.rows_with(Severity::Error).len());
            }
            ("again", Some(frame)) => {
                let mapping = suggest(frame);
                let checked = times.measure(|| check::check(frame, &edits, &mapping, &progress))?;
                black_box(checked.issues.rows_with(Severity::Error).len());
            }
            ("jsonschema", Some(frame)) => {
                let mapping = suggest(frame);
                let document = serde_json::from_str(Schema::document(mapping.dataset))?;
                let validator = jsonschema::options().should_validate_formats(true).build(&document)?;
                let plan = mapping.plan(&[]);
                let mut record = Vec::new();
                let mut bad = 0;
                times.measure(|| {
                    frame.scan(0..frame.len(), &edits, &mut |_, cells| {
                        record.clear();
                        plan.write(cells, &mut record);
                        let value = serde_json::from_slice(&record).unwrap_or_default();
                        bad += u32::from(!validator.is_valid(&value));
                        ControlFlow::Continue(())
                    })
                })?;
                black_box(bad);
            }
            _ => return Err(format!("there is no step {step}").into()),
        }
    }
    Ok(times.median())
}
