//! Uploads and an undo whose client and server are killed again and again, with every fault of the local server on. What
//! stands between the two decides from a seed which request is cut off, and pulls a plug in the middle of it.
#![cfg(unix)]

use std::{
    collections::BTreeMap,
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    process::{Child, Stdio},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
};

use crate::home::{Home, Served};
use serde_json::{Value, json};

/// Rows of an upload.
const ROWS: u32 = 20_000;
/// Records in a request.
const BATCH: &str = "50";
/// Every so many rows one is refused.
const BAD_EVERY: u32 = 997;
/// What the server holds of a catalog.
const QUERY: &str = "SELECT id, record FROM products";

/// All that the server can be made to do wrong, each to one request in some hundred. Tasks take time; nobody waits
/// longer than for these.
const FAULTS: [&str; 8] = [
    "--fault",
    "latency=0.005,too-many=0.005,unavailable=0.005,drop-before=0.005,drop-after=0.005,truncate=0.005,not-json=0.005,\
     vague-rejection=0.5,task-fails=0.005",
    "--latency",
    "5",
    "--retry-after",
    "0",
    "--task-delay",
    "5",
];
/// The server does not cut requests off half way; of so many one is.
const CUT_EVERY: u32 = 150;

/// Who dies, and when: before the request arrives, while it does, once it is performed, once it is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moment {
    Before,
    Midway,
    Performed,
    Answered,
}

struct Wire {
    random: fastrand::Rng,
    client: Option<Child>,
    server: Served,
    client_kills: u32,
    server_kills: u32,
}

struct Proxy {
    home: Arc<Home>,
    wire: Arc<Mutex<Wire>>,
}

/// One request, and which plug is pulled.
struct Request {
    head: String,
    body: Vec<u8>,
    is_cut: bool,
    client_dies: Option<Moment>,
    server_dies: Option<Moment>,
}

impl Proxy {
    fn wire(&self) -> MutexGuard<'_, Wire> {
        self.wire.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn listen(self) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let this = Arc::new(self);
        let listen = move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let this = Arc::clone(&this);
                // A connection ends as its request's fate wants.
                thread::Builder::new()
                    .name("connection".to_owned())
                    .spawn(move || this.serve(stream).ok())
                    .unwrap();
            }
        };
        thread::Builder::new().name("between".to_owned()).spawn(listen).unwrap();
        address
    }

    fn serve(&self, mut client: TcpStream) -> io::Result<()> {
        let Some((head, body)) = read_request(&client)? else {
            return Ok(());
        };
        let request = self.decide(head, body);
        self.reap(&request, Moment::Before)?;
        if let Some(refusal) = self.refuse(&request) {
            return client.write_all(&refusal);
        }
        let address = self.wire().server.url.trim_start_matches("http://").to_owned();
        let mut server = TcpStream::connect(address)?;
        let head = request.head.trim_end().to_owned() + "\r\nconnection: close\r\n\r\n";
        server.write_all(head.as_bytes())?;
        let (first, second) = request.body.split_at(request.body.len() / 2);
        server.write_all(first)?;
        self.reap(&request, Moment::Midway)?;
        if request.is_cut {
            return Ok(());
        }
        server.write_all(second)?;
        let mut answer = Vec::new();
        server.read_to_end(&mut answer)?;
        self.reap(&request, Moment::Performed)?;
        client.write_all(&answer)?;
        self.reap(&request, Moment::Answered)
    }

    fn decide(&self, head: String, body: Vec<u8>) -> Request {
        let mut wire = self.wire();
        let moments = [Moment::Before, Moment::Midway, Moment::Performed, Moment::Answered];
        let is_cut = wire.random.u32(0..CUT_EVERY) == 0;
        let client_dies = wire.client_kills > 0 && wire.random.u32(0..100) < 40;
        let server_dies = wire.server_kills > 0 && wire.random.u32(0..100) < 9;
        // Whoever is to die does so later, should its moment not come.
        Request {
            is_cut: is_cut && !client_dies && !server_dies,
            client_dies: client_dies.then(|| moments[wire.random.usize(0..4)]),
            server_dies: server_dies.then(|| moments[wire.random.usize(0..3)]),
            head,
            body,
        }
    }

    /// Pulls the plug, if it is time.
    fn reap(&self, request: &Request, moment: Moment) -> io::Result<()> {
        let mut wire = self.wire();
        if request.client_dies == Some(moment)
            && wire.client_kills > 0
            && let Some(client) = &mut wire.client
            // Nobody dies twice.
            && client.try_wait()?.is_none()
        {
            client.kill()?;
            client.wait()?;
            wire.client_kills -= 1;
            return Err(io::Error::other("the client is dead"));
        }
        if request.server_dies == Some(moment) && wire.server_kills > 0 {
            wire.server_kills -= 1;
            wire.server.process.kill()?;
            wire.server.process.wait()?;
            wire.server = self.home.serve_with(&FAULTS);
            return Err(io::Error::other("the server is dead"));
        }
        Ok(())
    }

    /// What a server says that is stricter than the checker: in its own words, or in words that follow no grammar.
    fn refuse(&self, request: &Request) -> Option<Vec<u8>> {
        let body: Value = serde_json::from_slice(&request.body).ok()?;
        let records = body["data"].as_array()?;
        let is_bad = |place: &usize| records[*place].to_string().contains("refuse me");
        let bad: Vec<usize> = (0..records.len()).filter(is_bad).collect();
        if bad.is_empty() {
            return None;
        }
        let lines: Vec<String> = match self.wire().random.u32(0..4) {
            0 => vec!["Something in there is not nice".to_owned()],
            1 => return Some(answer("422 No", "<b>no</b>")),
            _ => bad
                .iter()
                .map(|place| format!("data.{place}.title is invalid. Be nicer."))
                .collect(),
        };
        let text = json!({"errors": true, "message": "None of the records were inserted", "data": lines});
        Some(answer("422 Unprocessable", &text.to_string()))
    }
}

fn answer(status: &str, text: &str) -> Vec<u8> {
    let length = text.len();
    format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{text}").into_bytes()
}

fn read_request(stream: &TcpStream) -> io::Result<Option<(String, Vec<u8>)>> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut head = String::new();
    let mut length = 0;
    loop {
        let start = head.len();
        if reader.read_line(&mut head)? == 0 {
            return Ok(None);
        }
        let line = head[start..].trim();
        if line.is_empty() {
            break;
        }
        if let Some(("content-length", value)) = line.to_lowercase().split_once(": ") {
            length = value.parse().map_err(io::Error::other)?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Some((head, body)))
}

/// An upload or undo that is to be tortured.
struct Run<'a> {
    /// The number under which the ledger knows it.
    id: &'a str,
    /// How it is begun.
    begin: &'a [&'a str],
    seed: u64,
    client_kills: u32,
    server_kills: u32,
}

/// Goes on until nothing is open any more, however often client and server are killed; returns the ledger's last word.
fn torture(home: &Arc<Home>, run: &Run<'_>) -> Value {
    let Run {
        id,
        begin,
        seed,
        client_kills,
        server_kills,
    } = *run;
    let wire = Wire {
        random: fastrand::Rng::with_seed(seed),
        client: None,
        server: home.serve_with(&FAULTS),
        client_kills,
        server_kills,
    };
    let wire = Arc::new(Mutex::new(wire));
    let proxy = Proxy {
        home: Arc::clone(home),
        wire: Arc::clone(&wire),
    };
    let url = format!("http://{}", proxy.listen());
    let lock = || wire.lock().unwrap_or_else(PoisonError::into_inner);
    let log = home.path("client.log");
    let begin = [begin, &["--url", &url]].concat();
    let go_on = ["upload", "--resume", id, "--url", &url, "--parallel", "4"];
    for life in 0.. {
        assert!(
            life < 3 * (client_kills + server_kills) + 20,
            "no end is in sight: {}",
            home.read("client.log")
        );
        let has_begun = home.run(&["uploads", id]).code == 0;
        let mut command = home.command(if has_begun { &go_on } else { &begin });
        let errors = std::fs::File::options().create(true).append(true).open(&log).unwrap();
        let mut client = command.stdout(Stdio::piped()).stderr(errors).spawn().unwrap();
        let mut output = client.stdout.take().unwrap();
        lock().client = Some(client);
        // Ends when the client does.
        output.read_to_end(&mut Vec::new()).unwrap();
        let ended = lock().client.take().unwrap().wait().unwrap();
        // The server stores everything or refuses some: only then it is done. Killed or giving up, it goes on.
        if matches!(ended.code(), Some(0 | 1)) {
            break;
        }
    }
    let left = {
        let mut wire = lock();
        // The connections keep the wire for as long as the test runs, but nobody needs the server any more.
        wire.server.process.kill().unwrap();
        wire.server.process.wait().unwrap();
        (wire.client_kills, wire.server_kills)
    };
    assert_eq!(
        left,
        (0, 0),
        "the upload ended before all kills: {}",
        home.read("client.log")
    );
    let ledger = home.run(&["uploads", id, "--json"]);
    assert_eq!(ledger.code, 0, "{}", ledger.err);
    serde_json::from_str(&ledger.out).unwrap()
}

fn is_bad(row: u32) -> bool {
    row % BAD_EVERY == 5
}

/// What the ledger must say in the end.
fn check_ledger(ledger: &Value) {
    let bad = (0..ROWS).filter(|row| is_bad(*row)).count() as u64;
    let sums =
        ["rows", "stored", "rejected", "waiting", "sent", "skipped", "unknown"].map(|name| ledger[name].as_u64());
    let rows = u64::from(ROWS);
    let all = [rows, rows - bad, bad, 0, 0, 0, 0].map(Some);
    assert_eq!(sums, all, "{ledger}");
}

/// What the server must hold: `(key, record)`.
fn check_stored(home: &Home, query: &str, expect: &BTreeMap<String, Value>) {
    // What was accepted last takes effect with the next request after its time.
    let server = home.serve();
    assert_eq!(home.run(&["ids", "users", "--url", &server.url]).code, 0);
    drop(server);
    let stored = rusqlite::Connection::open(home.path("home/data/local/records.sqlite")).unwrap();
    let mut rows = stored.prepare(query).unwrap();
    let mut rows = rows.query([]).unwrap();
    let mut count = 0;
    while let Some(row) = rows.next().unwrap() {
        let record: Value = serde_json::from_str(&row.get::<_, String>(1).unwrap()).unwrap();
        let key: String = row.get(0).unwrap();
        assert_eq!(expect.get(&key), Some(&record), "{key}");
        count += 1;
    }
    assert_eq!(count, expect.len(), "each once");
}

#[test]
fn a_catalog_survives_any_kill() {
    let home = Arc::new(Home::new());
    // Some ids occur twice: the later row must win.
    let id = |row: u32| format!("p{}", row % (ROWS - 1500));
    let title = |row: u32| {
        if is_bad(row) {
            "refuse me".to_owned()
        } else {
            format!("Thing {row}")
        }
    };
    let mut text = b"product_id,title\n".to_vec();
    let mut expect = BTreeMap::new();
    for row in 0..ROWS {
        writeln!(text, "{},{}", id(row), title(row)).unwrap();
        if !is_bad(row) {
            expect.insert(id(row), json!({"product_id": id(row), "title": title(row)}));
        }
    }
    home.file("catalog.csv", text);
    // Some ids were there before.
    let old = |row: u32| json!({"product_id": id(row * 7), "title": "Old", "description": format!("Before {row}")});
    let before: BTreeMap<String, Value> = (0..ROWS / 10).map(|row| (id(row * 7), old(row))).collect();
    let lines: Vec<String> = before.values().map(Value::to_string).collect();
    home.file("before.jsonl", lines.join("\n"));
    let server = home.serve();
    let ended = home.run(&["upload", "before.jsonl", "--url", &server.url]);
    assert_eq!(ended.code, 0, "{}", ended.all());
    drop(server);

    let upload = Run {
        id: "2",
        begin: &["upload", "catalog.csv", "--batch-records", BATCH, "--parallel", "4"],
        seed: 1,
        client_kills: 60,
        server_kills: 12,
    };
    check_ledger(&torture(&home, &upload));
    expect.extend(
        before
            .iter()
            .filter(|(id, _)| !expect.contains_key(*id))
            .map(|(id, record)| (id.clone(), record.clone()))
            .collect::<Vec<_>>(),
    );
    check_stored(&home, QUERY, &expect);
}

#[test]
fn an_undo_survives_any_kill() {
    let home = Arc::new(Home::new());
    let record = |row: u32, title: &str| json!({"product_id": format!("p{row}"), "title": title});
    let lines = |rows: std::ops::Range<u32>, title: &str| {
        let lines: Vec<String> = rows.map(|row| record(row, title).to_string()).collect();
        lines.join("\n")
    };
    home.file("before.jsonl", lines(0..1000, "Old"));
    home.file("after.jsonl", lines(500..2500, "New"));
    let server = home.serve();
    for file in ["before.jsonl", "after.jsonl"] {
        let ended = home.run(&["upload", file, "--url", &server.url]);
        assert_eq!(ended.code, 0, "{}", ended.all());
    }
    drop(server);
    let undo = Run {
        id: "3",
        begin: &["undo", "2", "--yes"],
        seed: 3,
        client_kills: 20,
        server_kills: 4,
    };
    let ledger = torture(&home, &undo);
    let sums = ["rows", "waiting", "sent", "rejected", "unknown"].map(|name| ledger[name].as_u64());
    assert_eq!(sums, [2000, 0, 0, 0, 0].map(Some), "{ledger}");
    let before = (0..1000).map(|row| (format!("p{row}"), record(row, "Old")));
    check_stored(&home, QUERY, &before.collect());
}

#[test]
fn interactions_survive_any_kill() {
    let home = Arc::new(Home::new());
    let mut text = Vec::new();
    let mut expect = BTreeMap::new();
    for row in 0..ROWS {
        let user = if is_bad(row) {
            "refuse me".to_owned()
        } else {
            format!("u{row}")
        };
        let record =
            json!({"type": "click", "user_id": user, "timestamp": "2024-01-01T00:00:00Z", "product_ids": ["A"]});
        writeln!(text, "{record}").unwrap();
        if !is_bad(row) {
            expect.insert(user, record);
        }
    }
    home.file("clicks.jsonl", text);
    let upload = Run {
        id: "1",
        begin: &["upload", "clicks.jsonl", "--batch-records", BATCH, "--parallel", "4"],
        seed: 2,
        client_kills: 40,
        server_kills: 8,
    };
    check_ledger(&torture(&home, &upload));
    check_stored(&home, "SELECT user_id, record FROM interactions", &expect);
}
