//! Everything the server answers, as JSON.

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::{rejected::RejectionBody, store::StoreError};
use crate::domain::{dataset::Dataset, message};

/// Why a request is not answered with 200.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RequestFailure {
    /// 401: the request has no key, or one of no environment.
    #[error("invalid api key.")]
    InvalidKey,
    /// 403: the key is the publishable one.
    #[error("The publishable API key may only upload interactions; use the secret API key")]
    Forbidden,
    /// 400: the body or the query cannot be read.
    #[error("{0}")]
    Unreadable(String),
    /// 404: there is no such record or task.
    #[error("not found")]
    NotFound,
    /// 404: the data set has no records; only of a list of ids.
    #[error("not found")]
    NoDataset,
    /// 404: there is no such endpoint.
    #[error("There is no such endpoint")]
    NoEndpoint,
    /// 405: the endpoint does not take this method.
    #[error("The endpoint does not take this method")]
    Method,
    /// 400: the environment only shows sample data (miso-api.md 1.6: the message has this word).
    #[error("{0} is a playground environment, which takes no uploads and no deletions; use another environment")]
    Playground(String),
    /// 400: the client paused for too long while it sent the body.
    #[error("Request timeout.")]
    Stalled,
    /// 429: there were more requests than the environment lets in; try again after this many seconds.
    #[error("Too many requests; try again in {0} s")]
    TooMany(u64),
    /// 413: the body is larger than this many bytes.
    #[error("The request body is larger than {0} bytes; send fewer records in a request")]
    TooLarge(usize),
    /// 413: there are more records than this.
    #[error("The request has more than {0} records; send fewer records in a request")]
    TooManyRecords(usize),
    /// 413: there are more ids than this.
    #[error("The request has more than {0} ids; send fewer ids in a request")]
    TooManyIds(usize),
    /// 413: the records have more custom attributes than this, all names together.
    #[error("The records have more than {0} custom attributes; send fewer records in a request, or records with fewer")]
    TooManyAttributes(usize),
    /// 413: what is asked for takes more than this many bytes.
    #[error("The answer would be larger than {0} bytes; ask for fewer records in a request")]
    TooMuchFound(usize),
    /// 413: checking the records takes too long.
    #[error("Checking the records takes too long; send fewer records in a request")]
    TooSlow,
    /// 503: other requests have taken the memory there is for them.
    #[error("Other requests are under way that are too large; try again later")]
    Crowded,
    /// 422: the API's line on the body.
    #[error("{}", message::summary(*.0))]
    Rejected(Dataset, String),
    /// 422: the API's lines, one for every violation.
    #[error("records were refused")]
    RecordsRejected(RejectionBody),
    /// 422: the body or the query has another form than the endpoint takes.
    #[error("{0}")]
    Malformed(Malformed),
    /// 500: the store failed; 507 when it is full, 503 when another program holds it.
    #[error("{}", failed(.0))]
    Store(#[from] StoreError),
    /// 500: the thread that did the work is gone.
    #[error("{FAILED}")]
    Lost,
}

/// What is wrong with the form of a request, and where: `HTTPValidationError` in the published document.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Malformed {
    /// The path to it: `body`, `user_ids`, `3`.
    pub place: Vec<String>,
    /// What is wrong there: `field required`.
    pub message: &'static str,
    /// The kind of the error: `value_error.missing`.
    pub kind: &'static str,
}

impl Malformed {
    fn body(&self) -> Value {
        let step = |step: &String| {
            step.parse::<u64>()
                .map_or_else(|_| Value::from(step.as_str()), Value::from)
        };
        let place: Vec<Value> = self.place.iter().map(step).collect();
        json!({"detail": [{"loc": place, "msg": self.message, "type": self.kind}]})
    }
}

/// The published document's words for whatever goes wrong inside of the server.
const FAILED: &str = "Something went wrong. Please contact miso product team.";

fn failed(error: &StoreError) -> String {
    match error {
        StoreError::Full | StoreError::Busy => format!("The server could not store the records: {error}"),
        _ => FAILED.to_owned(),
    }
}

impl RequestFailure {
    pub(super) const fn status(&self) -> StatusCode {
        match self {
            Self::InvalidKey => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::Unreadable(_) | Self::Playground(_) | Self::Stalled => StatusCode::BAD_REQUEST,
            Self::NotFound | Self::NoDataset | Self::NoEndpoint => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooLarge(_)
            | Self::TooManyRecords(_)
            | Self::TooManyIds(_)
            | Self::TooManyAttributes(_)
            | Self::TooMuchFound(_)
            | Self::TooSlow => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Rejected(..) | Self::RecordsRejected(_) | Self::Malformed(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Store(StoreError::Full) => StatusCode::INSUFFICIENT_STORAGE,
            Self::Store(StoreError::Busy) | Self::Crowded => StatusCode::SERVICE_UNAVAILABLE,
            Self::Store(_) | Self::Lost => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl IntoResponse for RequestFailure {
    fn into_response(self) -> Response {
        let (status, message) = (self.status(), self.to_string());
        let retry_after = match self {
            Self::TooMany(seconds) => Some(seconds),
            _ => None,
        };
        let body = match self {
            Self::RecordsRejected(body) => return answer(status, body),
            Self::Rejected(_, line) => json!({"errors": true, "message": message, "data": [line]}),
            Self::Malformed(malformed) => malformed.body(),
            Self::NoDataset => json!({"status_code": 404, "message": message}),
            // The published document has the colon in the name.
            Self::Stalled => json!({"message:": message}),
            // Only this server adds the cause, for whoever runs it; the published document has the message alone.
            Self::Store(error) if status == StatusCode::INTERNAL_SERVER_ERROR => {
                json!({"message": message, "cause": error.to_string()})
            }
            _ => json!({"message": message}),
        };
        let mut response = answer(status, body.to_string());
        if let Some(seconds) = retry_after {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// `{"message": …}`
pub(crate) fn said(text: &str) -> Response {
    answer(StatusCode::OK, json!({"message": text}).to_string())
}

/// `{"message": …, "data": …}`
pub(crate) fn data(text: &str, data: &Value) -> Response {
    raw_data(text, &data.to_string())
}

/// `{"message": …, "data": …}` with data that is JSON text already, answered as it stands.
pub(crate) fn raw_data(text: &str, json: &str) -> Response {
    let message = Value::from(text);
    answer(StatusCode::OK, format!(r#"{{"message":{message},"data":{json}}}"#))
}

/// A body that is JSON text already, answered as it stands.
pub(crate) fn raw(json: impl Into<Body>) -> Response {
    answer(StatusCode::OK, json)
}

fn answer(status: StatusCode, json: impl Into<Body>) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], json.into()).into_response()
}
