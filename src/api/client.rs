//! The client: one async function an endpoint.

use std::{collections::BTreeMap, time::Duration};

use reqwest::{Method, Url, header};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Value, value::RawValue};

use super::{
    ApiError, ConnectionKind, Endpoint,
    endpoint::{record_segment, segment},
    wire::{self, Envelope},
};
use crate::domain::dataset::Dataset;

const MESSAGE_CHARS: usize = 300;
/// The longest answer that is read: ten million ids fit.
const MOST_BYTES: usize = 512 << 20;
/// Ids in one delete request: the official client sends at most so many (miso-api.md section 1.7).
pub(crate) const IDS_A_REQUEST: usize = 1000;
/// The most bytes that are allocated before they have come, whatever the answer announces.
const MOST_BYTES_AT_ONCE: usize = 64 << 20;

/// How long a client waits.
#[derive(Clone, Copy, Debug)]
pub struct ClientOptions {
    /// How long a connection may take.
    pub(crate) connect_timeout: Duration,
    /// How long the server may be silent while an answer is awaited or read.
    pub(crate) read_timeout: Duration,
    /// How long a whole request may take, its body included.
    pub(crate) request_timeout: Duration,
    /// How often a delete's task is asked for before its outcome is left open.
    pub(crate) status_tries: u32,
    /// The pause between these questions.
    pub(crate) status_pause: Duration,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_mins(1),
            request_timeout: Duration::from_mins(2),
            status_tries: 10,
            status_pause: Duration::from_millis(200),
        }
    }
}

/// The server took the records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Accepted {
    /// The task with the outcome, for [`Client::status`].
    pub task_id: Option<String>,
}

/// What became of a delete.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeleteOutcome {
    /// How many records were deleted; `None` when the server does not say.
    pub deleted: Option<u64>,
    /// How many of the ids were not there; `None` when the server does not say.
    pub not_found: Option<u64>,
}

/// The state of a task.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskStatus {
    /// Whether it is still to be done.
    pub pending: bool,
    /// Whether it went wrong.
    pub errors: bool,
    /// The status it ended with.
    pub code: Option<u16>,
    /// What the server says is wrong.
    pub lines: Vec<String>,
    /// Of a delete: what became of it.
    pub outcome: DeleteOutcome,
}

/// A connection to one environment. Cloning is cheap and shares the connections.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    pub(super) endpoint: Endpoint,
    options: ClientOptions,
}

pub(super) struct Answer {
    status: u16,
    retry_after: Option<Duration>,
    body: Vec<u8>,
}

impl Answer {
    pub(super) const fn is_not_found(&self) -> bool {
        self.status == 404
    }

    /// Whether it says that a data set is not there: that one answer names its status, as the document has it.
    pub(super) fn is_no_dataset(&self) -> bool {
        let names_status = || {
            let body = serde_json::from_slice::<Value>(&self.body);
            body.is_ok_and(|body| body.get("status_code").is_some())
        };
        self.is_not_found() && names_status()
    }
}

impl Client {
    /// Prepares connections; nothing is sent yet.
    pub fn new(endpoint: Endpoint, options: ClientOptions) -> Result<Self, ApiError> {
        let key = header::HeaderValue::from_str(endpoint.key().reveal());
        let mut key = key.map_err(|_| ApiError::Address {
            reason: "the key holds characters no key has".to_owned(),
        })?;
        key.set_sensitive(true);
        let mut headers = header::HeaderMap::new();
        if !endpoint.key().is_empty() {
            headers.insert("x-api-key", key);
        }
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("tatami/", env!("CARGO_PKG_VERSION")))
            .default_headers(headers)
            .connect_timeout(options.connect_timeout)
            .read_timeout(options.read_timeout)
            .timeout(options.request_timeout)
            // A redirect would hand the key to another host, and turn a POST into a GET.
            .redirect(reqwest::redirect::Policy::none());
        if endpoint.is_loopback() {
            builder = builder.no_proxy();
        }
        if !endpoint.is_https() {
            // Loading the system's certificates takes time and fails where there are none.
            builder = builder.tls_certs_only([]);
        }
        // Fails when the process has a provider already, which is as good.
        rustls::crypto::ring::default_provider().install_default().ok();
        let http = builder.build().map_err(ApiError::from_client)?;
        Ok(Self {
            http,
            endpoint,
            options,
        })
    }

    /// The address and key that this client uses.
    pub const fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Uploads a body `{"data":[…]}`. With `dry_run` the server only checks it.
    pub async fn upload(&self, dataset: Dataset, body: Vec<u8>, dry_run: bool) -> Result<Accepted, ApiError> {
        let mut url = self.endpoint.v1(dataset.name())?;
        if dry_run {
            url.set_query(Some("dry_run=1"));
        }
        let answer = self.send(Method::POST, url, Some(body)).await?;
        let envelope = self.success::<Value>(&answer)?;
        Ok(Accepted {
            task_id: task_id(envelope.data.as_ref()),
        })
    }

    /// The ids of all records; `record_type` restricts products to those of a type. A data set that was never
    /// filled has none; [`ApiError::NoList`] from a server without such a list.
    pub async fn ids(&self, dataset: Dataset, record_type: Option<&str>) -> Result<Vec<String>, ApiError> {
        match self.list(dataset, record_type).await? {
            Some(answer) => Ok(self.data::<wire::Ids>(&answer)?.ids),
            None => Ok(Vec::new()),
        }
    }

    /// The JSON text of a stored record, or `None` when there is none of that id.
    pub async fn get(&self, dataset: Dataset, id: &str) -> Result<Option<String>, ApiError> {
        let answer = self.ask_for(dataset, id).await?;
        match self.data::<&RawValue>(&answer) {
            Ok(record) if wire::is_of(record.get(), dataset, id) => Ok(Some(record.get().to_owned())),
            Ok(_) => Err(ApiError::Protocol {
                reason: format!("{id} was asked for, and another record answered"),
            }),
            Err(ApiError::NotFound) => Ok(None),
            // The server finds the address too long.
            Err(ApiError::Server { status: 414 | 431, .. }) => Err(ApiError::Unaddressable { id: id.to_owned() }),
            Err(error) => Err(error),
        }
    }

    /// Whether the server knows single records: it answers for this one, or says in the API's words that it is not there
    /// (miso-api.md section 1.1). Any other 404 may be what it says of every address.
    pub(crate) async fn answers_for(&self, dataset: Dataset, id: &str) -> Result<bool, ApiError> {
        let answer = self.ask_for(dataset, id).await?;
        let said = serde_json::from_slice::<Envelope<IgnoredAny>>(&answer.body);
        let denies = said.is_ok_and(|said| said.message().to_lowercase().contains("not found"));
        Ok(!answer.is_not_found() || denies)
    }

    async fn ask_for(&self, dataset: Dataset, id: &str) -> Result<Answer, ApiError> {
        let url = self.endpoint.v1(&format!("{dataset}/{}", record_segment(id)?))?;
        self.send(Method::GET, url, None).await
    }

    /// Deletes products or users by id, and waits a little for the server to say what became of it; of interactions,
    /// those of the users named. At most 1,000 ids.
    pub async fn delete(&self, dataset: Dataset, ids: &[String]) -> Result<DeleteOutcome, ApiError> {
        if dataset == Dataset::Interactions {
            return self.delete_interactions_of(ids).await;
        }
        let data = self.send_delete(dataset, ids).await?;
        let outcome = delete_outcome(data.as_ref());
        match (outcome.deleted, task_id(data.as_ref())) {
            (None, Some(task)) => self.await_delete(dataset, &task).await,
            (Some(_), _) | (None, None) => Ok(outcome),
        }
    }

    /// Asks for products or users to be deleted, at most [`IDS_A_REQUEST`], without waiting for the task.
    pub(crate) async fn order_delete(&self, dataset: Dataset, ids: &[String]) -> Result<Accepted, ApiError> {
        let data = self.send_delete(dataset, ids).await?;
        Ok(Accepted {
            task_id: task_id(data.as_ref()),
        })
    }

    async fn send_delete(&self, dataset: Dataset, ids: &[String]) -> Result<Option<Value>, ApiError> {
        let name = dataset.id_field().map(|field| format!("{field}s"));
        let body = to_body(&wire::DeleteBody {
            data: BTreeMap::from([(name.unwrap_or_default(), ids)]),
        })?;
        let url = self.endpoint.v1(&format!("{dataset}/_delete"))?;
        let answer = self.send(Method::POST, url, Some(body)).await?;
        Ok(self.success::<Value>(&answer)?.data)
    }

    async fn delete_interactions_of(&self, user_ids: &[String]) -> Result<DeleteOutcome, ApiError> {
        let body = to_body(&wire::UserIds { user_ids })?;
        let answer = self
            .send(Method::DELETE, self.endpoint.v1("interactions")?, Some(body))
            .await?;
        let data = self.success::<Value>(&answer)?.data;
        Ok(delete_outcome(data.as_ref()))
    }

    /// The state of a task; [`ApiError::NotFound`] for one that the server does not know, or not yet.
    pub async fn status(&self, dataset: Dataset, task: &str) -> Result<TaskStatus, ApiError> {
        let url = self.endpoint.v1(&format!("{dataset}/_status/{}", segment(task)?))?;
        let answer = self.send(Method::GET, url, None).await?;
        let envelope = match self.success::<Value>(&answer) {
            Err(ApiError::Rejected { lines, .. }) => {
                // The body holds the task's own status, which may be a failure in an answer of 200.
                let envelope = serde_json::from_slice::<Envelope<IgnoredAny>>(&answer.body).ok();
                return Ok(TaskStatus {
                    errors: true,
                    code: envelope.and_then(|envelope| envelope.code).or(Some(answer.status)),
                    lines,
                    ..TaskStatus::default()
                });
            }
            other => other?,
        };
        let data = envelope.data.as_ref();
        let said = envelope.message().to_lowercase();
        Ok(TaskStatus {
            // No public text shows a pending task; these words are ours (miso-api.md section 1.5).
            pending: ["pending", "queued", "running", "started"]
                .iter()
                .any(|&word| said.contains(word)),
            errors: false,
            code: envelope.code,
            lines: Vec::new(),
            outcome: delete_outcome(data),
        })
    }

    async fn await_delete(&self, dataset: Dataset, task: &str) -> Result<DeleteOutcome, ApiError> {
        for attempt in 0..self.options.status_tries {
            if attempt > 0 {
                tokio::time::sleep(self.options.status_pause).await;
            }
            match self.status(dataset, task).await {
                Ok(status) if status.errors => {
                    let message = "The delete failed".to_owned();
                    return Err(ApiError::Rejected {
                        message,
                        lines: status.lines,
                    });
                }
                Ok(status) if status.pending => {}
                Ok(status) => return Ok(status.outcome),
                Err(error) if error == ApiError::NotFound || error.retryable() => {}
                // The delete itself was accepted; that its outcome cannot be read does not undo it.
                Err(_) => break,
            }
        }
        Ok(DeleteOutcome::default())
    }

    pub(super) async fn send(&self, method: Method, url: Url, body: Option<Vec<u8>>) -> Result<Answer, ApiError> {
        let mut request = self
            .http
            .request(method, url)
            .header(header::ACCEPT, "application/json");
        if let Some(body) = body {
            request = request.header(header::CONTENT_TYPE, "application/json").body(body);
        }
        let response = request.send().await.map_err(ApiError::from_client)?;
        let status = response.status().as_u16();
        let retry_after = response
            .headers()
            .get(header::RETRY_AFTER)
            .and_then(|value| value.to_str().ok());
        let retry_after = retry_after.and_then(|text| parse_retry_after(text, jiff::Timestamp::now()));
        let body = read_body(response).await?;
        Ok(Answer {
            status,
            retry_after,
            body,
        })
    }

    /// The `data` of a successful answer.
    pub(super) fn data<'a, T: Deserialize<'a>>(&self, answer: &'a Answer) -> Result<T, ApiError> {
        let missing = || ApiError::Protocol {
            reason: "it has no data".to_owned(),
        };
        self.success::<T>(answer)?.data.ok_or_else(missing)
    }

    /// A successful answer, or what it says is wrong.
    fn success<'a, T: Deserialize<'a>>(&self, answer: &'a Answer) -> Result<Envelope<T>, ApiError> {
        if !(200..300).contains(&answer.status) {
            return Err(self.failure(answer));
        }
        // First for a rejection, whose data is of another type than the one asked for.
        match serde_json::from_slice::<Envelope<&RawValue>>(&answer.body) {
            Ok(envelope) if envelope.has_errors() => return Err(self.failure(answer)),
            Ok(_) => {}
            Err(_) => {
                return Err(ApiError::Protocol {
                    reason: self.not_json(answer),
                });
            }
        }
        serde_json::from_slice(&answer.body).map_err(|error| ApiError::Protocol {
            reason: error.to_string(),
        })
    }

    fn failure(&self, answer: &Answer) -> ApiError {
        let envelope = serde_json::from_slice::<Envelope<Value>>(&answer.body).ok();
        let message = match &envelope {
            Some(envelope) => envelope.message(),
            None => String::from_utf8_lossy(&answer.body).into_owned(),
        };
        let message = shorten(&self.endpoint.key().scrub(&message));
        match answer.status {
            // The published document answers 400 with these words where others answer 408.
            400 if message.to_lowercase().contains("timeout") => ApiError::Connection {
                kind: ConnectionKind::Timeout,
                detail: message,
            },
            401 => ApiError::Unauthorized,
            403 => ApiError::Forbidden,
            404 if answer.body.is_empty() || envelope.as_ref().is_some_and(|said| said.message.is_some()) => {
                ApiError::NotFound
            }
            // The address is not there, which says nothing of a record.
            404 if envelope.is_some() => ApiError::Protocol {
                reason: "status 404 without a message".to_owned(),
            },
            404 => ApiError::Protocol {
                reason: self.not_json(answer),
            },
            413 => ApiError::TooLarge,
            200..=299 | 422 => {
                let lines = envelope
                    .map(|envelope| wire::lines(&envelope, envelope.data.as_ref()))
                    .unwrap_or_default();
                let lines = lines.iter().map(|line| self.endpoint.key().scrub(line)).collect();
                ApiError::Rejected { message, lines }
            }
            429 => ApiError::TooMany {
                retry_after: answer.retry_after,
            },
            300..=399 => ApiError::Protocol {
                reason: format!("status {} sends elsewhere", answer.status),
            },
            status => ApiError::Server {
                status,
                message,
                retry_after: answer.retry_after,
            },
        }
    }

    fn not_json(&self, answer: &Answer) -> String {
        let start = shorten(&self.endpoint.key().scrub(&String::from_utf8_lossy(&answer.body)));
        format!("status {}, not JSON: {start}", answer.status)
    }
}

/// The whole body of an answer, up to a limit: a server that never ends must not fill the memory.
async fn read_body(mut response: reqwest::Response) -> Result<Vec<u8>, ApiError> {
    // Room for all of it at once saves copying a list of a million ids while it grows; a false length is bounded.
    let announced = usize::try_from(response.content_length().unwrap_or(0)).unwrap_or(usize::MAX);
    let mut body = Vec::with_capacity(announced.min(MOST_BYTES_AT_ONCE));
    while let Some(chunk) = response.chunk().await.map_err(ApiError::from_client)? {
        if body.len() + chunk.len() > MOST_BYTES {
            return Err(ApiError::Protocol {
                reason: format!("it is longer than {} MiB", MOST_BYTES >> 20),
            });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

pub(super) fn to_body(body: &impl serde::Serialize) -> Result<Vec<u8>, ApiError> {
    serde_json::to_vec(body).map_err(|error| ApiError::Protocol {
        reason: error.to_string(),
    })
}

/// The task that an answer names, in an object or in a list of one.
fn task_id(data: Option<&Value>) -> Option<String> {
    let object = match data? {
        Value::Array(list) => list.first()?,
        object => object,
    };
    object.get("task_id")?.as_str().map(str::to_owned)
}

/// Reads what became of a delete where the server says it: `{"deleted":{"count":1},"not_found":{"count":0}}`
/// (miso-api.md section 1.4), or plain numbers.
fn delete_outcome(data: Option<&Value>) -> DeleteOutcome {
    let count = |name: &str| {
        let value = data?.get(name)?;
        value.as_u64().or_else(|| value.get("count")?.as_u64())
    };
    DeleteOutcome {
        deleted: count("deleted").or_else(|| count("count")),
        not_found: count("not_found"),
    }
}

/// The first characters of a server's message, on one line.
fn shorten(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() <= MESSAGE_CHARS {
        return text;
    }
    text.chars().take(MESSAGE_CHARS).chain(['…']).collect()
}

/// `Retry-After` is a number of seconds or a date (RFC 9110, section 10.2.3).
fn parse_retry_after(text: &str, now: jiff::Timestamp) -> Option<Duration> {
    if let Ok(seconds) = text.trim().parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::DateTimeParser::new()
        .parse_timestamp(text.trim())
        .ok()?;
    Some(Duration::try_from(date.duration_since(now)).unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_retry_after() -> Result<(), jiff::Error> {
        let now: jiff::Timestamp = "2015-10-21T07:27:00Z".parse()?;
        assert_eq!(parse_retry_after("7", now), Some(Duration::from_secs(7)));
        assert_eq!(
            parse_retry_after("Wed, 21 Oct 2015 07:28:00 GMT", now),
            Some(Duration::from_mins(1))
        );
        assert_eq!(
            parse_retry_after("Wed, 21 Oct 2015 07:20:00 GMT", now),
            Some(Duration::ZERO)
        );
        assert_eq!(parse_retry_after("soon", now), None);
        Ok(())
    }

    #[test]
    fn reads_old_and_new_deletes() {
        let outcome = |text: &str| delete_outcome(serde_json::from_str(text).ok().as_ref());
        let both = DeleteOutcome {
            deleted: Some(1),
            not_found: Some(2),
        };
        assert_eq!(
            outcome(r#"{"not_found":{"count":2,"list":[]},"deleted":{"count":1}}"#),
            both
        );
        assert_eq!(outcome(r#"{"deleted":1,"not_found":2}"#), both);
        assert_eq!(outcome(r#"{"task_id":"x"}"#), DeleteOutcome::default());
        assert_eq!(outcome("[]"), DeleteOutcome::default());
    }
}
