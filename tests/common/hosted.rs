//! What answers like the hosted service: one address for several environments, told apart by the key alone; none of the
//! local server's own endpoints; and a list of users only where that is wanted, as the published document has none.
//! It runs beside the test, so that programs can be run against it.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    time::Duration,
};

use axum::{
    Json, Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderName, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use serde_json::{Value, json};
use tatami::{
    api::{ApiKey, Client, ClientOptions, Counts, Endpoint},
    domain::dataset::Dataset,
    ops::Connection,
    server::{Config, Keys, serve_all},
};
use tokio::{net::TcpListener, runtime::Runtime};

const API_KEY: HeaderName = HeaderName::from_static("x-api-key");
/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_mins(1);

/// The hosted service; it ends when it is dropped.
pub struct Hosted {
    url: String,
    /// The server behind it, which counts and lists everything.
    behind: String,
    shared: Arc<Shared>,
    runtime: Option<Runtime>,
}

/// One request that came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The name of the environment that its key opens; empty for a key of none.
    pub environment: String,
    /// Method, path and query: `GET /v1/users/_ids`.
    pub line: String,
    /// The body, as far as it is text.
    pub body: String,
}

struct Shared {
    behind: String,
    client: reqwest::Client,
    environments: Vec<(String, String)>,
    lists_users: AtomicBool,
    seen: Mutex<Vec<Seen>>,
}

impl Hosted {
    /// Serves environments, each a name and the secret key that opens it.
    pub fn start(environments: &[(&str, &str)]) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("hosted")
            .enable_all()
            .build()
            .unwrap();
        let configs = environments.iter().map(|(name, key)| {
            let keys = Keys {
                secret: (*key).to_owned(),
                publishable: format!("publishable-key-of-{name}"),
            };
            Config {
                name: (*name).to_owned(),
                ..Config::temporary(keys)
            }
        });
        let configs: Vec<Config> = configs.collect();
        let bind = || async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let url = format!("http://{}", listener.local_addr().unwrap());
            (listener, url)
        };
        let (listener, behind) = wait(&runtime, bind());
        runtime.spawn(serve_all(listener, configs, std::future::pending()));
        let shared = Arc::new(Shared {
            behind: behind.clone(),
            client: crate::server::local_server::client(),
            environments: environments
                .iter()
                .map(|(name, key)| ((*name).to_owned(), (*key).to_owned()))
                .collect(),
            lists_users: AtomicBool::new(false),
            seen: Mutex::default(),
        });
        let (listener, url) = wait(&runtime, bind());
        let app = Router::new().fallback(answer).with_state(Arc::clone(&shared));
        runtime.spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self {
            url,
            behind,
            shared,
            runtime: Some(runtime),
        }
    }

    /// The one address of all environments.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A connection through the service.
    pub fn connection(&self, name: &str, key: &str) -> Connection {
        Connection::new(name, &self.url, ApiKey::new(key)).unwrap()
    }

    /// Whether there is a list of users; without one, its address is read as that of the user `_ids`.
    pub fn list_users(&self, is_offered: bool) {
        self.shared.lists_users.store(is_offered, Ordering::Relaxed);
    }

    /// The requests that came, in their order.
    pub fn seen(&self) -> Vec<Seen> {
        lock(&self.shared.seen).clone()
    }

    /// Stores records in the environment that a key opens, past the service.
    pub fn store(&self, key: &str, dataset: Dataset, records: &Value) {
        let (client, body) = (self.past(key), json!({"data": records}).to_string());
        let stored = async move { client.upload(dataset, body.into_bytes(), false).await };
        wait(self.runtime(), stored).unwrap();
    }

    /// What is really stored in the environment that a key opens: the ids of a data set, in order.
    pub fn ids(&self, key: &str, dataset: Dataset) -> Vec<String> {
        let client = self.past(key);
        wait(self.runtime(), async move { client.ids(dataset, None).await }).unwrap()
    }

    /// What is really stored in the environment that a key opens: how much.
    pub fn counts(&self, key: &str) -> Counts {
        let client = self.past(key);
        wait(self.runtime(), async move { client.counts().await })
            .unwrap()
            .unwrap()
    }

    fn past(&self, key: &str) -> Client {
        let endpoint = Endpoint::new(&self.behind, ApiKey::new(key)).unwrap();
        Client::new(endpoint, ClientOptions::default()).unwrap()
    }

    const fn runtime(&self) -> &Runtime {
        self.runtime.as_ref().expect("it is taken when dropped")
    }
}

impl Drop for Hosted {
    fn drop(&mut self) {
        // Waiting for it is not allowed in a test that is itself async.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// The outcome of work on a runtime, also for a test that has one of its own.
fn wait<T: Send + 'static>(runtime: &Runtime, work: impl Future<Output = T> + Send + 'static) -> T {
    let (done, outcome) = mpsc::sync_channel(1);
    runtime.spawn(async move { done.send(work.await) });
    outcome.recv_timeout(PATIENCE).unwrap()
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let key = parts.headers.get(API_KEY).and_then(|key| key.to_str().ok());
    let known = shared.environments.iter().find(|(_, secret)| Some(&**secret) == key);
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
    lock(&shared.seen).push(Seen {
        environment: known.map(|(name, _)| name.clone()).unwrap_or_default(),
        line: format!("{} {target}", parts.method),
        body: String::from_utf8_lossy(&body).into_owned(),
    });
    let path = parts.uri.path();
    if !path.starts_with("/v1/") {
        return (
            StatusCode::NOT_FOUND,
            Json(json!({"message": "There is no such endpoint"})),
        )
            .into_response();
    }
    if known.is_some() && path == "/v1/users/_ids" && !shared.lists_users.load(Ordering::Relaxed) {
        // What the published document answers for a user that is not there.
        return (StatusCode::NOT_FOUND, Json(json!({"message": "not found"}))).into_response();
    }
    let mut forwarded = shared
        .client
        .request(parts.method.clone(), format!("{}{target}", shared.behind))
        .body(body);
    for name in [API_KEY, header::CONTENT_TYPE] {
        if let Some(value) = parts.headers.get(&name) {
            forwarded = forwarded.header(name, value);
        }
    }
    let answer = forwarded.send().await.unwrap();
    let status = answer.status();
    let json = [(header::CONTENT_TYPE, "application/json")];
    (status, json, Body::from(answer.bytes().await.unwrap())).into_response()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
