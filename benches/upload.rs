//! Uploading checked products to the local server, row states kept, against posting ready-made bodies to it.
//! Goal: at least 0.8 × the rate.
//!
//! `cargo bench --bench upload`; sizes: see `common`.

#![expect(clippy::print_stdout, reason = "a bench reports to the terminal")]

mod common;

use std::{
    collections::VecDeque,
    error::Error,
    ops::ControlFlow,
    sync::Arc,
    time::{Duration, Instant},
};

use common::{Outcome, SampleFile, Times, bytes, peak_text, restart_peak, rows, runs};
use tatami::{
    api::{ApiKey, Client, ClientOptions, Endpoint},
    check::{Checked, check},
    domain::{dataset::Dataset, mapping::Mapping, progress::Progress, rows::RowSet},
    frame::{Edits, Frame, OpenOptions},
    sample::{SampleFormat, Spec},
    server::{Config, Keys, ServeError, serve},
    upload::{Limits, Planner, RetryPolicy, SkipReason, SourceItem, UploadJob, body, run},
};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

/// Request bodies.
type Bodies = Vec<Vec<u8>>;

/// Rows that are read at a time.
const STRETCH: u32 = 1000;

#[tokio::main]
async fn main() -> Outcome {
    let spec = Spec {
        dataset: Dataset::Products,
        rows: rows(100_000),
        bad_percent: 3.0,
        seed: 1,
        format: SampleFormat::Csv,
    };
    let file = SampleFile::make(&spec)?;
    let frame = Arc::new(Frame::open(file.path(), &OpenOptions::default(), &Progress::default())?);
    let mapping = Mapping::suggest(Dataset::Products, frame.columns(), false);
    let checked = Arc::new(check(&frame, &Edits::default(), &mapping, &Progress::default())?);
    let mut making = Times::default();
    let (bodies, records) = making.measure(|| ready_made(&frame, &checked))?;

    let (mut plain, mut ours) = (Times::default(), Times::default());
    restart_peak();
    for _ in 0..runs() {
        plain.push(post(&bodies).await?);
        ours.push(upload(&frame, &checked, records).await?);
    }
    let size = bodies.iter().map(|body| body.len() as u64).sum();
    println!(
        "  {records} good records, {} in {} requests; making them alone takes {:.2} s",
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
    println!("  peak memory of client and server {}", peak_text());
    Ok(())
}

/// All request bodies, made beforehand, and how many records they hold.
fn ready_made(frame: &Arc<Frame>, checked: &Arc<Checked>) -> Result<(Bodies, u64), Box<dyn Error>> {
    let mut planner = Planner::new(Limits::recommended(Dataset::Products));
    let mut bodies = Vec::new();
    let mut records = 0;
    for item in Source::new(frame, checked) {
        if let SourceItem::Record(record) = item? {
            records += 1;
            bodies.extend(planner.push(record).map(|batch| body(&batch)));
        }
    }
    bodies.extend(planner.finish().map(|batch| body(&batch)));
    Ok((bodies, records))
}

async fn post(bodies: &[Vec<u8>]) -> Result<Duration, Box<dyn Error>> {
    let server = Server::start().await?;
    let mut copies = bodies.to_vec();
    let started = Instant::now();
    for body in copies.drain(..) {
        server.client.upload(Dataset::Products, body, false).await?;
    }
    let time = started.elapsed();
    server.stop().await?;
    Ok(time)
}

async fn upload(frame: &Arc<Frame>, checked: &Arc<Checked>, records: u64) -> Result<Duration, Box<dyn Error>> {
    let server = Server::start().await?;
    let job = UploadJob {
        dataset: Dataset::Products,
        rows: u64::from(frame.len()),
        dry_run: false,
    };
    let started = Instant::now();
    let report = run(
        &server.client,
        job,
        Source::new(frame, checked),
        &RetryPolicy::default(),
        Limits::recommended(Dataset::Products),
        &Progress::default(),
        &mut |_| {},
    )
    .await;
    let time = started.elapsed();
    server.stop().await?;
    if report.tally.stored != records {
        return Err(format!("{} of {records} records are stored", report.tally.stored).into());
    }
    Ok(time)
}

/// The rows of a checked table, read in stretches; those with errors are left out.
struct Source {
    frame: Arc<Frame>,
    checked: Arc<Checked>,
    errors: RowSet,
    next: u32,
    ready: VecDeque<SourceItem>,
}

impl Source {
    fn new(frame: &Arc<Frame>, checked: &Arc<Checked>) -> Self {
        Self {
            frame: Arc::clone(frame),
            checked: Arc::clone(checked),
            errors: checked.rows_with_errors(),
            next: 0,
            ready: VecDeque::new(),
        }
    }
}

impl Iterator for Source {
    type Item = Result<SourceItem, String>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ready.is_empty() && self.next < self.frame.len() {
            let rows = self.next..self.frame.len().min(self.next + STRETCH);
            self.next = rows.end;
            let Self {
                frame,
                checked,
                errors,
                ready,
                ..
            } = self;
            let scanned = frame.scan(rows, &Edits::default(), &mut |row, cells| {
                ready.push_back(if errors.contains(row) {
                    SourceItem::Skip {
                        row,
                        reason: SkipReason::HasErrors,
                    }
                } else {
                    let mut json = Vec::new();
                    checked.plan().write(cells, &mut json);
                    SourceItem::Record(tatami::upload::Record { row, json })
                });
                ControlFlow::Continue(())
            });
            if let Err(error) = scanned {
                return Some(Err(error.to_string()));
            }
        }
        self.ready.pop_front().map(Ok)
    }
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
