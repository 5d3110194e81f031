//! The upload driver against a server that answers from a script.

use std::{
    collections::VecDeque,
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc},
    thread,
    time::{Duration, Instant},
};

use crate::common::plan::NO_PAUSES;
use proptest::prelude::*;
use serde_json::{Value, json};
use tatami::{
    api::{ApiError, ApiKey, Client, ClientOptions, ConnectionKind, Endpoint},
    domain::{dataset::Dataset, progress::Progress},
    frame::FrameError,
    upload::{
        Account, BatchLimits, Control, Report, RetryPolicy, RowState, Setup, SkipReason, SourceError, SourceItem,
        Stopped, UploadJob, UploadRecord, UploadUpdate, run,
    },
};

const KEY: &str = "039c501ac8dfcac91c6f05601cee876e1cc07e17";

/// One scripted answer.
#[derive(Clone, Debug)]
enum Step {
    /// Judge the records: the bad ones are named by line, without them all are stored.
    Judge,
    /// Judge, but in words that follow no grammar.
    JudgeVaguely,
    /// Judge, but name the first bad one only.
    JudgeFirst,
    /// Judge, but name a record as well that was not sent.
    JudgeWrongly,
    /// 422 with a body that is no JSON, if there is a bad one.
    JudgeInGarbage,
    /// 429
    Busy { retry_after: Option<u32> },
    /// Any status, with a message that holds the key.
    Status(u16),
    /// 400 with a message that names no record, if there is a bad one.
    JudgeUnreadable,
    /// 400, whatever is sent.
    Playground,
    /// The records are stored, but the connection ends without an answer.
    StoreAndDrop,
    /// The connection ends without an answer, and nothing is stored.
    Drop,
    /// A page instead of the API.
    Html,
}

#[derive(Default)]
struct Script {
    /// Answers in order; after them everything is judged.
    steps: VecDeque<Step>,
    /// How everything after them is judged.
    then: Option<Step>,
    /// Rows in the order they were stored, every time they were.
    stored: Vec<u32>,
    /// The largest body taken.
    max_bytes: Option<usize>,
    /// The request lines.
    requests: Vec<String>,
    /// When they came.
    times: Vec<Instant>,
    /// The keys sent.
    keys: Vec<String>,
}

/// A server with a script, on a port of its own. It ends with the test's process.
struct Server {
    address: SocketAddr,
    script: Arc<Mutex<Script>>,
}

impl Server {
    fn start(steps: impl IntoIterator<Item = Step>, then: Step) -> Self {
        let script = Script {
            steps: steps.into_iter().collect(),
            then: Some(then),
            ..Script::default()
        };
        let script = Arc::new(Mutex::new(script));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::clone(&script);
        let serve = move || {
            for stream in listener.incoming().map_while(Result::ok) {
                answer(stream, &shared).ok();
            }
        };
        thread::Builder::new()
            .name("scripted-server".to_owned())
            .spawn(serve)
            .unwrap();
        Self { address, script }
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn client(&self) -> Client {
        client(self.address)
    }
}

fn client(address: SocketAddr) -> Client {
    let endpoint = Endpoint::new(&format!("http://{address}/v1/"), ApiKey::new(KEY)).unwrap();
    Client::new(endpoint, ClientOptions::default()).unwrap()
}

/// Answers one request and closes the connection.
fn answer(mut stream: TcpStream, script: &Mutex<Script>) -> io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut request = String::new();
    reader.read_line(&mut request)?;
    let (mut length, mut key) = (0, String::new());
    loop {
        let mut header = String::new();
        reader.read_line(&mut header)?;
        let Some((name, value)) = header.trim().split_once(": ") else {
            break;
        };
        match name.to_lowercase().as_str() {
            "content-length" => length = value.parse().map_err(io::Error::other)?,
            "x-api-key" => value.clone_into(&mut key),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let mut script = script.lock().unwrap_or_else(PoisonError::into_inner);
    if request.starts_with("GET") {
        // How a task stands: this server finishes them at once.
        let text = json!({"took": 1, "errors": false, "data": [], "code": 200}).to_string();
        let length = text.len();
        return write!(
            stream,
            "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{text}"
        );
    }
    script.requests.push(request.trim().to_owned());
    script.times.push(Instant::now());
    script.keys.push(key);
    if let Some((head, text)) = script.respond(&body) {
        let length = text.len();
        write!(
            stream,
            "HTTP/1.1 {head}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{text}"
        )?;
    }
    Ok(())
}

impl Script {
    /// Status with further headers, and body; `None`: no answer at all.
    fn respond(&mut self, body: &[u8]) -> Option<(String, String)> {
        if self.max_bytes.is_some_and(|max| body.len() > max) {
            return Some(("413 Too Large".to_owned(), json!({"message": "too large"}).to_string()));
        }
        let records: Vec<Value> = serde_json::from_slice::<Value>(body).unwrap()["data"]
            .as_array()
            .unwrap()
            .clone();
        let rows = records
            .iter()
            .map(|record| u32::try_from(record["row"].as_u64().unwrap()).unwrap());
        let bad: Vec<usize> = (0..records.len())
            .filter(|&index| records[index]["bad"] == json!(true))
            .collect();
        let line = |index: usize| format!("data.{index}.title is invalid. The attribute should be better.");
        let lines = |lines: Vec<String>| {
            let body = json!({"errors": true, "message": "None of the records were inserted", "data": lines});
            Some(("422 Unprocessable".to_owned(), body.to_string()))
        };
        let step = self
            .steps
            .pop_front()
            .or_else(|| self.then.clone())
            .unwrap_or(Step::Judge);
        match step {
            Step::Judge if !bad.is_empty() => lines(bad.into_iter().map(line).collect()),
            Step::JudgeVaguely if !bad.is_empty() => lines(vec!["Something in there is not nice".to_owned()]),
            Step::JudgeFirst if !bad.is_empty() => lines(vec![line(bad[0]), "… and more".to_owned()]),
            Step::JudgeWrongly if !bad.is_empty() => lines(vec![line(0), line(records.len() + 3)]),
            Step::JudgeInGarbage if !bad.is_empty() => Some(("422 No".to_owned(), "<b>no</b>".to_owned())),
            Step::JudgeUnreadable if !bad.is_empty() => Some((
                "400 Bad Request".to_owned(),
                json!({"message": "The body cannot be parsed"}).to_string(),
            )),
            Step::Playground => Some((
                "400 Bad Request".to_owned(),
                json!({"message": "Not in the Playground"}).to_string(),
            )),
            Step::Judge
            | Step::JudgeVaguely
            | Step::JudgeFirst
            | Step::JudgeWrongly
            | Step::JudgeInGarbage
            | Step::JudgeUnreadable => {
                self.stored.extend(rows);
                Some((
                    "200 OK".to_owned(),
                    json!({"message": "success", "data": {"task_id": "t"}}).to_string(),
                ))
            }
            Step::Busy { retry_after } => {
                let header = retry_after.map_or_else(String::new, |seconds| format!("\r\nretry-after: {seconds}"));
                Some((format!("429 Busy{header}"), "{}".to_owned()))
            }
            Step::Status(status) => Some((format!("{status} X"), json!({ "message": KEY }).to_string())),
            Step::StoreAndDrop => {
                self.stored.extend(rows);
                None
            }
            Step::Drop => None,
            Step::Html => Some(("200 OK".to_owned(), "<html>Welcome</html>".to_owned())),
        }
    }
}

/// Rows of which those that are `bad` will be rejected, and those that are `skipped` are not sent.
fn source(rows: u32, bad: &[u32], skipped: &[u32]) -> Vec<Result<SourceItem, SourceError>> {
    let item = |row: u32| {
        if skipped.contains(&row) {
            return Ok(SourceItem::Skip {
                row,
                reason: SkipReason::HasErrors,
            });
        }
        let json = json!({"row": row, "bad": bad.contains(&row)}).to_string().into_bytes();
        Ok(SourceItem::Record(UploadRecord {
            row,
            json,
            ..UploadRecord::default()
        }))
    };
    (0..rows).map(item).collect()
}

fn setup(rows: u32, policy: RetryPolicy, batch: usize) -> Setup {
    let job = UploadJob {
        dataset: Dataset::Products,
        rows: u64::from(rows),
        dry_run: false,
    };
    Setup {
        policy,
        limits: BatchLimits {
            records: batch,
            bytes: 1 << 20,
        },
        ..Setup::new(job, Account::unwritten(u64::from(rows)))
    }
}

/// Uploads and checks what must hold whatever happens.
fn upload(
    client: &Client,
    items: Vec<Result<SourceItem, SourceError>>,
    policy: RetryPolicy,
    batch: usize,
) -> (Report, Vec<UploadUpdate>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let rows = u32::try_from(items.len()).unwrap();
    let mut events = Vec::new();
    let progress = Progress::default();
    let mut note = |event| events.push(event);
    let control = Control::default();
    let setup = setup(rows, policy, batch);
    let report = runtime.block_on(run(client, setup, items.into_iter(), &progress, &control, &mut note));
    for event in &events {
        if let UploadUpdate::Progress { tally, .. } = event {
            assert_eq!(tally.sum(), u64::from(rows), "{tally:?}");
        }
    }
    let tally = report.tally;
    assert_eq!(
        (tally.all, tally.sum(), tally.sent),
        (u64::from(rows), u64::from(rows), 0),
        "{tally:?}"
    );
    assert_eq!(tally.rejected, report.rejected.len() as u64);
    let waiting = (0..rows)
        .filter(|&row| report.states.state(row) == RowState::Waiting)
        .count();
    assert_eq!(tally.waiting, waiting as u64);
    assert_eq!(progress.done(), tally.all - tally.waiting);
    (report, events)
}

fn rejected(report: &Report) -> Vec<u32> {
    let mut rows: Vec<u32> = report.rejected.iter().map(|(row, _)| *row).collect();
    rows.sort_unstable();
    rows
}

/// The rows that were stored, every time they were.
fn stored(server: &Server) -> Vec<u32> {
    let mut rows = server.script().stored.clone();
    rows.sort_unstable();
    rows
}

fn without(rows: u32, out: &[u32]) -> Vec<u32> {
    (0..rows).filter(|row| !out.contains(row)).collect()
}

#[test]
fn culprits_are_taken_out_and_the_rest_is_stored() {
    let ways = [
        Step::Judge,
        Step::JudgeVaguely,
        Step::JudgeFirst,
        Step::JudgeWrongly,
        Step::JudgeInGarbage,
        Step::JudgeUnreadable,
    ];
    for way in ways {
        let server = Server::start([], way.clone());
        let bad = [0, 3, 4, 21];
        let (report, _) = upload(&server.client(), source(25, &bad, &[7, 8]), NO_PAUSES, 10);
        assert_eq!(rejected(&report), bad, "{way:?}");
        assert!(report.stopped.is_none(), "{:?}", report.stopped);
        assert_eq!(report.tally.to_string(), "19 stored + 4 rejected + 2 not sent = 25");
        assert_eq!(stored(&server), without(25, &[0, 3, 4, 7, 8, 21]), "{way:?}");
    }
}

#[test]
fn a_rejected_row_keeps_the_servers_words() {
    let server = Server::start([], Step::Judge);
    let (report, events) = upload(&server.client(), source(5, &[2], &[]), NO_PAUSES, 10);
    let lines = vec!["data.2.title is invalid. The attribute should be better.".to_owned()];
    assert_eq!(report.rejected, [(2, lines.clone())]);
    assert!(events.contains(&UploadUpdate::Rejected { row: 2, lines }));
}

#[test]
fn the_key_travels_in_the_header_only() {
    let server = Server::start([], Step::Judge);
    upload(&server.client(), source(5, &[], &[]), NO_PAUSES, 10);
    let script = server.script();
    assert_eq!(script.requests, ["POST /v1/products HTTP/1.1"]);
    assert_eq!(script.keys, [KEY]);
}

#[test]
fn trouble_that_passes_is_waited_out() {
    let trouble = [
        Step::Busy { retry_after: Some(1) },
        Step::Status(503),
        Step::Drop,
        Step::Busy { retry_after: None },
    ];
    let server = Server::start(trouble, Step::Judge);
    let (report, events) = upload(&server.client(), source(12, &[5], &[]), NO_PAUSES, 10);
    assert_eq!(report.tally.to_string(), "11 stored + 1 rejected + 0 not sent = 12");
    assert_eq!(stored(&server), without(12, &[5]));
    let pauses: Vec<Duration> = events
        .iter()
        .filter_map(|event| match event {
            UploadUpdate::Waiting { pause, of: 5, .. } => Some(*pause),
            _ => None,
        })
        .collect();
    let asked = Duration::from_secs(1);
    assert_eq!(pauses, [asked, Duration::ZERO, Duration::ZERO, Duration::ZERO]);
    let times = &server.script().times;
    assert!(times[1] - times[0] >= asked, "what the server asks for is spent");
}

#[test]
fn trouble_that_stays_ends_the_upload_honestly() {
    // What the server did, what the rows of that batch then are, and how many tries it took.
    let cases = [
        (
            Step::Busy { retry_after: None },
            "0 stored + 0 rejected + 12 not sent = 12",
            5,
        ),
        (Step::Status(503), "0 stored + 0 rejected + 12 not sent = 12", 5),
        (
            Step::Status(500),
            "0 stored + 0 rejected + 2 not sent + 10 not confirmed = 12",
            5,
        ),
        (
            Step::StoreAndDrop,
            "0 stored + 0 rejected + 2 not sent + 10 not confirmed = 12",
            5,
        ),
        (Step::Status(401), "0 stored + 0 rejected + 12 not sent = 12", 1),
        (Step::Status(403), "0 stored + 0 rejected + 12 not sent = 12", 1),
        // Halved until a second record that stands alone is refused as well.
        (Step::Status(400), "0 stored + 1 rejected + 11 not sent = 12", 5),
        (Step::Playground, "0 stored + 0 rejected + 12 not sent = 12", 1),
        (
            Step::Status(307),
            "0 stored + 0 rejected + 2 not sent + 10 not confirmed = 12",
            1,
        ),
        (
            Step::Html,
            "0 stored + 0 rejected + 2 not sent + 10 not confirmed = 12",
            1,
        ),
    ];
    for (step, tally, tries) in cases {
        let server = Server::start([], step.clone());
        let (report, _) = upload(&server.client(), source(12, &[], &[]), NO_PAUSES, 10);
        assert_eq!(report.tally.to_string(), tally, "{step:?}");
        assert_eq!(server.script().requests.len(), tries, "{step:?}");
        let Some(Stopped::Api(error)) = report.stopped else {
            panic!("{step:?} did not stop")
        };
        assert!(!format!("{error} {error:?}").contains("039c"), "{error}");
    }
}

#[test]
fn a_server_that_is_not_there_is_named() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let (report, _) = upload(&client(address), source(3, &[], &[]), NO_PAUSES, 10);
    assert_eq!(report.tally.waiting, 3);
    let Some(Stopped::Api(ApiError::Connection { kind, detail })) = report.stopped else {
        panic!("{:?}", report.stopped);
    };
    assert_eq!(kind, ConnectionKind::Refused);
    assert!(detail.contains("refused"), "{detail}");
}

#[test]
fn encryption_where_there_is_none_is_final() {
    let server = Server::start([], Step::Judge);
    let endpoint = Endpoint::new(&format!("https://{}", server.address), ApiKey::new(KEY)).unwrap();
    let Ok(client) = Client::new(endpoint, ClientOptions::default()) else {
        // A system without certificates cannot even begin; that is as final.
        return;
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let error = runtime.block_on(client.ids(Dataset::Products, None)).unwrap_err();
    assert!(!error.to_string().contains("039c"));
}

#[test]
fn requests_that_are_too_large_are_halved() {
    let server = Server::start([], Step::Judge);
    server.script().max_bytes = Some(100);
    let mut items = source(9, &[4], &[]);
    let large = json!({"row": 3, "text": "x".repeat(200)}).to_string().into_bytes();
    items[3] = Ok(SourceItem::Record(UploadRecord {
        row: 3,
        json: large,
        ..UploadRecord::default()
    }));
    let (report, _) = upload(&server.client(), items, NO_PAUSES, 10);
    assert_eq!(rejected(&report), [3, 4]);
    assert_eq!(stored(&server), without(9, &[3, 4]));
}

#[test]
fn a_file_that_ends_in_trouble_keeps_what_was_stored() {
    let server = Server::start([], Step::Judge);
    let mut items = source(20, &[], &[]);
    let path = "books.csv".into();
    items[15] = Err(FrameError::Changed { path }.into());
    let (report, _) = upload(&server.client(), items, NO_PAUSES, 10);
    assert_eq!(report.tally.to_string(), "15 stored + 0 rejected + 5 not sent = 20");
    assert!(matches!(report.stopped, Some(Stopped::Source(error)) if error.to_string().contains("changed")));
}

#[test]
fn a_cancel_between_requests_leaves_the_rest_unsent() {
    let server = Server::start([], Step::Judge);
    let client = server.client();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let progress = Progress::default();
    let mut stop_soon = |event| {
        if matches!(event, UploadUpdate::Progress { tally, .. } if tally.stored >= 20) {
            progress.cancel();
        }
    };
    let policy = NO_PAUSES;
    let items = source(500, &[], &[]).into_iter();
    let control = Control::default();
    let setup = setup(500, policy, 10);
    let report = runtime.block_on(run(&client, setup, items, &progress, &control, &mut stop_soon));
    // What was under way is still answered.
    assert!(report.tally.waiting > 300, "{}", report.tally);
    assert_eq!(report.tally.stored + report.tally.waiting, 500);
    assert_eq!(server.script().stored.len() as u64, report.tally.stored);
    assert!(
        matches!(report.stopped, Some(Stopped::Cancelled)),
        "{:?}",
        report.stopped
    );
}

#[test]
fn a_running_upload_is_steered() {
    let server = Server::start(
        [Step::Busy {
            retry_after: Some(3000),
        }],
        Step::Judge,
    );
    let client = server.client();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let (progress, control) = (Progress::default(), Control::default());
    let mut steer = |event| match event {
        // Nobody waits most of an hour here: these pauses are real.
        UploadUpdate::Waiting { pause, .. } => {
            assert_eq!(pause, Duration::from_mins(50));
            control.hurry();
        }
        UploadUpdate::Progress { tally, .. } if tally.stored >= 20 => control.stop(),
        _ => {}
    };
    let setup = setup(500, RetryPolicy::default(), 10);
    let items = source(500, &[], &[]).into_iter();
    let report = runtime.block_on(run(&client, setup, items, &progress, &control, &mut steer));
    assert!(
        matches!(report.stopped, Some(Stopped::Cancelled)),
        "{:?}",
        report.stopped
    );
    // What was under way was answered.
    assert_eq!(
        (report.tally.unknown, report.tally.stored + report.tally.waiting),
        (0, 500)
    );
    assert!(
        report.tally.stored >= 20 && report.tally.waiting > 300,
        "{}",
        report.tally
    );
}

/// Somebody on another thread, as in the window, while the upload waits most of an hour.
#[test]
fn whoever_waits_is_woken() {
    let ways: [fn(&Progress, &Control); 3] = [
        |progress, _| progress.cancel(),
        |_, control| control.stop(),
        |_, control| {
            control.pause();
            control.go_on();
            control.hurry();
        },
    ];
    for (way, is_stopped) in ways.into_iter().zip([true, true, false]) {
        let busy = Step::Busy {
            retry_after: Some(3000),
        };
        let server = Server::start([busy], Step::Judge);
        let client = server.client();
        let (progress, control) = (Progress::default(), Control::default());
        let (tell, told) = mpsc::sync_channel(1);
        let report = thread::scope(|scope| {
            let (progress, control) = (&progress, &control);
            scope.spawn(move || {
                told.recv().unwrap();
                way(progress, control);
            });
            let mut wait = |event| {
                if matches!(event, UploadUpdate::Waiting { .. }) {
                    tell.send(()).unwrap();
                }
            };
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            let setup = setup(5, RetryPolicy::default(), 10);
            let items = source(5, &[], &[]).into_iter();
            runtime.block_on(run(&client, setup, items, progress, control, &mut wait))
        });
        let stored = if is_stopped { 0 } else { 5 };
        assert_eq!(
            (report.tally.stored, report.tally.stored + report.tally.waiting),
            (stored, 5)
        );
        assert_eq!(report.stopped.is_some_and(|stopped| stopped.is_wanted()), is_stopped);
    }
}

fn any_step() -> impl Strategy<Value = Step> {
    let steps = vec![
        Step::Judge,
        Step::Judge,
        Step::Judge,
        Step::JudgeVaguely,
        Step::JudgeFirst,
        Step::JudgeWrongly,
        Step::JudgeInGarbage,
        Step::Busy { retry_after: None },
        Step::Drop,
        Step::StoreAndDrop,
        Step::Html,
    ];
    let statuses = [400, 401, 403, 404, 413, 500, 503].map(Step::Status);
    prop::sample::select([steps, statuses.to_vec()].concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever a server answers: the counts add up, only bad rows are rejected (or those a server calls too large),
    /// what is called stored is stored, and what is called unsent is not.
    #[test]
    fn counts_add_up_whatever_happens(
        steps in prop::collection::vec(any_step(), 0..12),
        bad in prop::collection::vec(0_u32..30, 0..6),
        skipped in prop::collection::vec(0_u32..30, 0..6),
        batch in 1_usize..12,
    ) {
        // A lone record that a server calls too large, or cannot read, is refused although it is good.
        let too_large = steps.iter().any(|step| matches!(step, Step::Status(400 | 413)));
        let server = Server::start(steps, Step::Judge);
        let (report, _) = upload(&server.client(), source(30, &bad, &skipped), NO_PAUSES, batch);
        let script = server.script();
        for row in 0..30 {
            let stored = script.stored.contains(&row);
            match report.states.state(row) {
                RowState::Stored => prop_assert!(stored),
                RowState::Waiting | RowState::Skipped(_) => prop_assert!(!stored, "row {} was stored", row),
                RowState::Rejected => prop_assert!(too_large || bad.contains(&row), "row {} is innocent", row),
                RowState::Sent => prop_assert!(false, "row {} is still under way", row),
                RowState::Unknown => prop_assert!(report.stopped.is_some()),
            }
        }
        if report.stopped.is_none() {
            prop_assert_eq!(report.tally.not_sent(), report.tally.skipped());
        }
    }
}
