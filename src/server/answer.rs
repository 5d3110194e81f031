//! Everything the server answers, as JSON.

use std::time::Duration;

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::store::StoreError;

/// The sentence over the lines of a 422 (miso-api.md 1.6).
pub(super) const REJECTED: &str = "None of the records were inserted because at least one of them contained schema errors. \
                        Please see the `data` field for details.";

/// Why a request is not answered with 200.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// 401: the request has no key.
    #[error("There is no API key in the request; send it as the query parameter api_key or the header X-API-KEY")]
    NoKey,
    /// 401: nobody has this key.
    #[error("The API key is not valid for this server")]
    WrongKey,
    /// 403: the key is the publishable one.
    #[error("The publishable API key may only upload interactions; use the secret API key")]
    Forbidden,
    /// 400: the body or the query cannot be read.
    #[error("{0}")]
    Unreadable(String),
    /// 404: there is no such record or task.
    #[error("not found")]
    NotFound,
    /// 404: there is no such endpoint.
    #[error("There is no such endpoint")]
    NoEndpoint,
    /// 405: the endpoint does not take this method.
    #[error("The endpoint does not take this method")]
    Method,
    /// 400: the environment only shows sample data (miso-api.md 1.6: the message has this word).
    #[error("{0} is a playground environment, which takes no uploads and no deletions; use another environment")]
    Playground(String),
    /// 408: the client paused for too long while it sent the body.
    #[error("The request body did not arrive: nothing came for {} seconds", .0.as_secs())]
    Stalled(Duration),
    /// 429: there were more requests than the environment lets in; try again after this many seconds.
    #[error("Too many requests; try again in {0} s")]
    TooMany(u64),
    /// 413: the body is larger than this many bytes.
    #[error("The request body is larger than {0} bytes; send fewer records in a request")]
    TooLarge(usize),
    /// 422: the API's lines, one for every violation.
    #[error("{REJECTED}")]
    Rejected(Vec<String>),
    /// 500: the store failed; 507 when it is full, 503 when another program holds it.
    #[error("The server could not read or store the records: {0}")]
    Store(#[from] StoreError),
    /// 500: the thread that did the work is gone.
    #[error("The server could not finish the request; send it again")]
    Lost,
}

impl Failure {
    pub(super) const fn status(&self) -> StatusCode {
        match self {
            Self::NoKey | Self::WrongKey => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::Unreadable(_) | Self::Playground(_) => StatusCode::BAD_REQUEST,
            Self::NotFound | Self::NoEndpoint => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Rejected(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Stalled(_) => StatusCode::REQUEST_TIMEOUT,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Store(StoreError::Full) => StatusCode::INSUFFICIENT_STORAGE,
            Self::Store(StoreError::Busy) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Store(_) | Self::Lost => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let (status, message) = (self.status(), self.to_string());
        let retry_after = match self {
            Self::TooMany(seconds) => Some(seconds),
            _ => None,
        };
        let body = match self {
            Self::Rejected(lines) => json!({"errors": true, "message": message, "data": lines}),
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
pub fn message(text: &str) -> Response {
    answer(StatusCode::OK, json!({"message": text}).to_string())
}

/// `{"message": …, "data": …}`
pub fn data(text: &str, data: &Value) -> Response {
    raw_data(text, &data.to_string())
}

/// `{"message": …, "data": …}` with data that is JSON text already, answered as it stands.
pub fn raw_data(text: &str, json: &str) -> Response {
    let message = Value::from(text);
    answer(StatusCode::OK, format!(r#"{{"message":{message},"data":{json}}}"#))
}

/// A whole body that is JSON text already.
pub fn raw(json: impl Into<Body>) -> Response {
    answer(StatusCode::OK, json)
}

fn answer(status: StatusCode, json: impl Into<Body>) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], json.into()).into_response()
}
