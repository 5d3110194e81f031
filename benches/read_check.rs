//! Opening, mapping and checking a file, beside what others take to read it: 1,000,000 products as CSV, 2,000,000
//! interactions as JSON lines, 3 % of them bad. Every measurement has a process of its own, so that its peak of memory
//! is its own. Then whole processes, from their start to their end, by turns: `tatami check`, and a Python that does
//! nothing but read the file.
//!
//! Goals: the CSV in half the time that polars takes to read it as text, the JSON lines in 0.4 of the time that `DuckDB`
//! takes to load them, of whole processes 0.8 and 0.55; at most 100 MB + 24 bytes a record of memory; first rows after
//! 100 ms.
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
    thread,
    time::{Duration, Instant},
};

use common::{Outcome, SampleFile, Times, amount, bytes, peak, peak_in, restart_peak, rows, runs};
use tatami::{
    check,
    domain::{
        dataset::Dataset, issue::Severity, mapping::Mapping, progress::Progress, recognition::recognise, schema::Schema,
    },
    frame::{DataSource, Edits, Frame, OpenOptions},
    ops::open::{OpenRequest, open},
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
    let (peer, goal, whole_goal) = match spec.format {
        SampleFormat::Csv => ("polars", 0.5, 0.8),
        SampleFormat::JsonLines => ("duckdb", 0.4, 0.55),
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
    let [ours, theirs] = processes(peer, file.path());
    let base = theirs.as_ref().ok().map(|(time, _)| *time);
    for (does, measured) in [
        (format!("a Python process that reads it with {peer}"), theirs),
        ("the process tatami check".to_owned(), ours),
    ] {
        match measured {
            Ok((time, peak)) => {
                let ratio = base.map_or_else(|| "?".to_owned(), |base| format!("{:.2}", time / base));
                println!("  {does:44} {time:7.3} s {ratio:>10} {:>12}", amount(Some(peak)));
            }
            Err(reason) => println!("  {does:44} failed: {reason}"),
        }
    }
    println!(
        "  goals: {goal} of {peer} to read, map and check, {whole_goal} as a process; a peak of {}\n",
        bytes(100_000_000 + 24 * spec.rows)
    );
    Ok(())
}

/// `tatami check` and a Python that reads the file, by turns; each from its start to its end.
fn processes(peer: &str, path: &Path) -> [Result<Measured, String>; 2] {
    let check = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tatami"));
        command.arg("check").arg(path);
        command
    };
    let read = || {
        let mut command = python(peer, path, 1);
        command.stderr(Stdio::null());
        command
    };
    let mut times = [(); 2].map(|()| Ok((Times::default(), 0)));
    for _ in 0..runs() {
        // 1 says that the file has errors, which it has.
        for (measured, (command, good)) in times.iter_mut().zip([(check(), 1), (read(), 0)]) {
            if let Ok((times, peak)) = measured {
                match whole(command, good) {
                    Ok((time, most)) => {
                        times.push(time);
                        *peak = most.max(*peak);
                    }
                    Err(reason) => *measured = Err(reason),
                }
            }
        }
    }
    times.map(|measured| measured.map(|(times, peak)| (times.median(), peak)))
}

/// How long a process takes, and its peak of memory. Fails when it ends with another code than the `good` one.
fn whole(mut command: Command, good: i32) -> Result<(Duration, u64), String> {
    const LOOK_EVERY: Duration = Duration::from_millis(5);
    let started = Instant::now();
    let mut child = command
        .stdout(Stdio::null())
        .spawn()
        .map_err(|error| error.to_string())?;
    let status = format!("/proc/{}/status", child.id());
    thread::scope(|scope| {
        // Nobody says it afterwards.
        let looking = scope.spawn(|| {
            let mut most = 0;
            while let Some(peak) = peak_in(&status) {
                most = peak.max(most);
                thread::sleep(LOOK_EVERY);
            }
            most
        });
        let ended = child.wait().map_err(|error| error.to_string())?;
        let time = started.elapsed();
        let peak = looking.join().unwrap_or_default();
        if ended.code() == Some(good) {
            Ok((time, peak))
        } else {
            Err(ended.to_string())
        }
    })
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
    match python(name, path, runs()).output() {
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

fn python(name: &str, path: &Path, runs: u64) -> Command {
    let python = env::var("TATAMI_BENCH_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let mut command = Command::new(python);
    command.args(["-c", PYTHON, name]).arg(path).arg(runs.to_string());
    command
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
                let (source, request) = (DataSource::at(path, &options, &progress)?, OpenRequest::default());
                let opened = times.measure(|| open(&source, &request, &progress, &|_| {}))?;
                black_box(opened.checked.issues.rows_with(Severity::Error).len());
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
