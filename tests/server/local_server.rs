//! A server of this process on a port of its own, and a client for it.

use std::path::Path;

use reqwest::{Client, Method, Response, StatusCode};
use serde_json::{Value, json};
use tatami::server::{Config, DEFAULT_MAX_BODY, Keys, serve};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

/// A client of its own; its library wants to be told who encrypts.
pub fn client() -> Client {
    rustls::crypto::ring::default_provider().install_default().ok();
    Client::new()
}

/// A running server.
pub struct LocalServer {
    pub url: String,
    pub keys: Keys,
    pub client: Client,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl LocalServer {
    /// A server that keeps nothing.
    pub async fn start() -> Self {
        Self::start_with(None, DEFAULT_MAX_BODY).await
    }

    /// A server over a directory, or over none.
    pub async fn start_with(data_dir: Option<&Path>, max_body: usize) -> Self {
        let keys = match data_dir {
            Some(dir) => Keys::load_or_create(dir).unwrap(),
            None => Keys::generate().unwrap(),
        };
        Self::start_config(Config {
            data_dir: data_dir.map(Path::to_owned),
            max_body,
            ..Config::temporary(keys)
        })
        .await
    }

    /// A server over one environment.
    pub async fn start_config(config: Config) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let keys = config.keys.clone();
        let stop = CancellationToken::new();
        let stopped = stop.clone().cancelled_owned();
        let task = tokio::spawn(async move { serve(listener, config, stopped).await.unwrap() });
        Self {
            url,
            keys,
            client: client(),
            stop,
            task,
        }
    }

    /// Stops, and waits until everything is closed.
    pub async fn stop(self) {
        drop(self.client);
        self.stop.cancel();
        self.task.await.unwrap();
    }
}

impl LocalServer {
    /// Sends a request with the secret key.
    pub async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> (StatusCode, Value) {
        let mut request = self.client.request(method, format!("{}{path}", self.url));
        request = request.header("X-API-KEY", &self.keys.secret);
        if let Some(body) = body {
            request = request.json(body);
        }
        read(request.send().await.unwrap()).await
    }

    pub async fn get(&self, path: &str) -> (StatusCode, Value) {
        self.send(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> (StatusCode, Value) {
        self.send(Method::POST, path, Some(body)).await
    }

    /// Uploads records, which must be taken.
    pub async fn store(&self, dataset: &str, records: &Value) {
        let (status, answer) = self.post(&format!("/v1/{dataset}"), &json!({"data": records})).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
    }

    /// The lines of a 422.
    pub async fn refused(&self, dataset: &str, records: &Value) -> Vec<String> {
        let (status, answer) = self.post(&format!("/v1/{dataset}"), &json!({"data": records})).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{answer}");
        assert_eq!(answer["errors"], true);
        let summary = match dataset {
            "interactions" => {
                "None of the records were inserted because at least one of them contained schema errors. Please see the \
                 `data` field for details."
            }
            _ => {
                "None of the records are inserted, because at least one of them contain schema errors. Please see `data` \
                 field for details."
            }
        };
        assert_eq!(answer["message"], summary);
        serde_json::from_value(answer["data"].clone()).unwrap()
    }

    pub async fn counts(&self) -> Value {
        self.get("/_tatami/counts").await.1["data"].clone()
    }
}

/// The status and the JSON body of an answer.
pub async fn read(response: Response) -> (StatusCode, Value) {
    let status = response.status();
    let text = response.text().await.unwrap();
    let body = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{status} with a body that is not JSON: {text}"));
    (status, body)
}
