//! Everything the server answers, as JSON.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::store::StoreError;

/// The sentence over the lines of a 422 (miso-api.md 1.6).
const REJECTED: &str = "None of the records were inserted because at least one of them contained schema errors. \
                        Please see the `data` field for details.";

/// Why a request is not answered with 200.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// 401: the request has no key.
    #[error("There is no API key in the request; send it as the query parameter api_key or the header X-API-KEY")]
    NoKey,
    /// 401: nobody has this key.
    #[error("The API key is not valid for this environment")]
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
    /// 413: the body is larger than this many bytes.
    #[error("The request body is larger than {0} bytes; send fewer records in a request")]
    TooLarge(usize),
    /// 422: the API's lines, one for every violation.
    #[error("{REJECTED}")]
    Rejected(Vec<String>),
    /// 500: the store failed.
    #[error("The server could not read or store the records: {0}")]
    Store(#[from] StoreError),
    /// 500: the thread that did the work is gone.
    #[error("The server could not finish the request; send it again")]
    Lost,
}

impl Failure {
    const fn status(&self) -> StatusCode {
        match self {
            Self::NoKey | Self::WrongKey => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::Unreadable(_) => StatusCode::BAD_REQUEST,
            Self::NotFound | Self::NoEndpoint => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Rejected(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Store(_) | Self::Lost => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let (status, message) = (self.status(), self.to_string());
        let body = match self {
            Self::Rejected(lines) => json!({"errors": true, "message": message, "data": lines}),
            _ => json!({"message": message}),
        };
        answer(status, body.to_string())
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
pub fn raw(json: String) -> Response {
    answer(StatusCode::OK, json)
}

fn answer(status: StatusCode, json: String) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], json).into_response()
}
