//! Uploading checked products and interactions to the local server, every row in the ledger, what is replaced kept,
//! against posting ready-made bodies to it one after another, as the official client does. Goal: at least 0.8 × the
//! rate, and memory that does not grow with the file, but for what the check keeps of every row.
//!
//! `cargo bench --bench upload`; sizes: see `common`.

#![expect(clippy::print_stdout, reason = "a bench reports to the terminal")]

#[expect(dead_code, reason = "other benches need more of it")]
mod common;

use std::{
    error::Error,
    io::{BufRead as _, BufReader},
    process::{Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use common::{Outcome, SampleFile, Times, amount, bytes, peak_in, rows, runs};
use tatami::{
    api::{ApiKey, Client, ClientOptions, Endpoint},
    check::{Checked, check},
    domain::{dataset::Dataset, mapping::Mapping, progress::Progress},
    frame::{Edits, Frame, OpenOptions},
    sample::{SampleFormat, Spec},
    server::{Config, Keys, ServeError, serve},
    upload::{
        BatchLimits, Control, Fingerprint, Ledger, Planner, RecordSource as _, Setup, SourceItem, TableRecords,
        UploadJob, UploadPlan, UploadRecipe, WriteOptions, body, run,
    },
};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

/// Request bodies.
type Bodies = Vec<Vec<u8>>;

/// An opened and checked file.
struct Table {
    frame: Arc<Frame>,
    checked: Arc<Checked>,
    mapping: Mapping,
}

#[tokio::main]
async fn main() -> Outcome {
    for (dataset, format) in [
        (Dataset::Products, SampleFormat::Csv),
        (Dataset::Interactions, SampleFormat::JsonLines),
    ] {
        compare(dataset, format).await?;
    }
    Ok(())
}

async fn compare(dataset: Dataset, format: SampleFormat) -> Outcome {
    let spec = Spec {
        dataset,
        rows: rows(100_000),
        bad_percent: 3.0,
        seed: 1,
        format,
    };
    let file = SampleFile::make(&spec)?;
    let frame = Arc::new(Frame::open(file.path(), &OpenOptions::default(), &Progress::default())?);
    let mapping = Mapping::suggest(dataset, frame.columns(), frame.format().is_json());
    let checked = Arc::new(check(&frame, &Edits::default(), &mapping, &Progress::default())?);
    let table = Table {
        frame,
        checked,
        mapping,
    };
    let mut making = Times::default();
    let (bodies, records) = making.measure(|| ready_made(&table))?;

    let (mut plain, mut ours) = (Times::default(), Times::default());
    for _ in 0..runs() {
        plain.push(post(dataset, &bodies).await?);
        ours.push(upload(&table, records).await?);
    }
    let size = bodies.iter().map(|body| body.len() as u64).sum();
    println!(
        "  {dataset}: {records} good records, {} in {} requests; making them alone takes {:.2} s",
        bytes(size),
        bodies.len(),
        making.median()
    );
    #[expect(clippy::cast_precision_loss, reason = "a rate needs no more digits")]
    let rate = |times: &Times| records as f64 / times.median();
    println!(
        "  ready-made bodies {:10.0} records/s (median of {})",
        rate(&plain),
        runs()
    );
    println!(
        "  upload            {:10.0} records/s, {:.2} × (goal 0.80)",
        rate(&ours),
        rate(&ours) / rate(&plain)
    );
    for times in [1, 10] {
        peaks(Spec {
            rows: spec.rows * times,
            ..spec
        })?;
    }
    Ok(())
}

/// The most memory that was resident in a process so far, in bytes, where the system says.
fn peak_of(process: u32) -> Option<u64> {
    peak_in(&format!("/proc/{process}/status"))
}

/// Uploads a file by the program to the program, and says how much memory each of them took.
fn peaks(spec: Spec) -> Outcome {
    let file = SampleFile::make(&spec)?;
    let home = tempfile::tempdir()?;
    let program = || {
        let mut program = Command::new(env!("CARGO_BIN_EXE_tatami"));
        program.env("TATAMI_HOME", home.path()).env_remove("TATAMI_KEY");
        program
    };
    let mut server = program()
        .args(["serve", "--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .spawn()?;
    let mut line = String::new();
    BufReader::new(server.stdout.take().ok_or("no output")?).read_line(&mut line)?;
    let url = line.trim().strip_prefix("Listening on ").unwrap_or_default().to_owned();
    let mut most = [None, None];
    // First into an empty store, then in the place of what is there.
    for peak in &mut most {
        let mut client = program()
            .arg("upload")
            .arg(file.path())
            .args(["--url", &url])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        while client.try_wait()?.is_none() {
            *peak = peak_of(client.id()).or(*peak);
            std::thread::sleep(Duration::from_millis(20));
        }
    }
    println!(
        "  peak memory of a process for {} rows: {} at first, {} in the place of the same; the server {}",
        spec.rows,
        amount(most[0]),
        amount(most[1]),
        amount(peak_of(server.id()))
    );
    server.kill()?;
    server.wait()?;
    Ok(())
}

fn records(table: &Table) -> TableRecords {
    TableRecords::new(Arc::clone(&table.frame), Edits::default(), &table.checked)
}

/// All request bodies, made beforehand, and how many records they hold.
fn ready_made(table: &Table) -> Result<(Bodies, u64), Box<dyn Error>> {
    let mut planner = Planner::new(BatchLimits::recommended(table.mapping.dataset));
    let mut bodies = Vec::new();
    let mut count = 0;
    let mut records = records(table);
    while let Some(item) = records.next() {
        if let SourceItem::Record(record) = item? {
            count += 1;
            bodies.extend(planner.push(record).map(|batch| body(&batch)));
        }
    }
    bodies.extend(planner.finish().map(|batch| body(&batch)));
    Ok((bodies, count))
}

async fn post(dataset: Dataset, bodies: &[Vec<u8>]) -> Result<Duration, Box<dyn Error>> {
    let server = Server::start().await?;
    let mut copies = bodies.to_vec();
    let started = Instant::now();
    for body in copies.drain(..) {
        server.client.upload(dataset, body, false).await?;
    }
    let time = started.elapsed();
    server.stop().await?;
    Ok(time)
}

async fn upload(table: &Table, good: u64) -> Result<Duration, Box<dyn Error>> {
    let server = Server::start().await?;
    let folder = tempfile::tempdir()?;
    let job = UploadJob {
        dataset: table.mapping.dataset,
        rows: u64::from(table.frame.len()),
        dry_run: false,
    };
    let started = Instant::now();
    let plan = UploadPlan {
        path: table.frame.path().to_owned(),
        fingerprint: Fingerprint::of(table.frame.path())?,
        recipe: UploadRecipe::new(
            &OpenOptions::default(),
            table.frame.columns(),
            &table.mapping,
            table.checked.issues.levels(),
            &Edits::default(),
        ),
        dataset: job.dataset,
        rows: job.rows,
        limits: BatchLimits::recommended(job.dataset),
        environment: "local".to_owned(),
        address: String::new(),
        write_options: WriteOptions::recommended(job.dataset),
        reverts: None,
        store: None,
        key: None,
    };
    let account = Ledger::open(folder.path())?.begin(&plan)?;
    let setup = Setup {
        write_options: plan.write_options,
        file: Some(plan.path),
        ..Setup::new(job, account)
    };
    let (progress, control) = (Progress::default(), Control::default());
    let report = run(&server.client, setup, records(table), &progress, &control, &mut |_| {}).await;
    let time = started.elapsed();
    server.stop().await?;
    if report.tally.stored != good {
        return Err(format!("{} of {good} records are stored", report.tally.stored).into());
    }
    Ok(time)
}

/// A server of its own for every run, empty.
struct Server {
    client: Client,
    stop: CancellationToken,
    task: JoinHandle<Result<(), ServeError>>,
}

impl Server {
    async fn start() -> Result<Self, Box<dyn Error>> {
        let keys = Keys::generate()?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let stop = CancellationToken::new();
        let stopped = stop.clone().cancelled_owned();
        let task = tokio::spawn(serve(listener, Config::temporary(keys.clone()), stopped));
        let endpoint = Endpoint::new(&url, ApiKey::new(keys.secret))?;
        let client = Client::new(endpoint, ClientOptions::default())?;
        Ok(Self { client, stop, task })
    }

    async fn stop(self) -> Outcome {
        drop(self.client);
        self.stop.cancel();
        Ok(self.task.await??)
    }
}
