//! How faults look on the wire.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use axum::{
    body::{Body, Bytes, HttpBody},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use http_body::Frame;
use serde_json::json;

use crate::{
    domain::{dataset::Dataset, message},
    server::body,
};

/// Marks an answer that is never given: the connection is closed instead.
#[derive(Clone, Copy, Debug)]
pub(in crate::server) struct Cut;

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection was cut on demand")
    }
}

impl std::error::Error for Cut {}

/// Closes the connection without an answer.
pub(super) fn cut() -> Response {
    let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
    response.extensions_mut().insert(Cut);
    response
}

/// A failure of the server or of something before it, which answers with a page.
pub(super) fn unavailable(which: u64) -> Response {
    match which {
        0 => said(
            StatusCode::INTERNAL_SERVER_ERROR,
            "Something went wrong. Please contact miso product team.",
        ),
        1 => page(StatusCode::BAD_GATEWAY),
        2 => said(StatusCode::SERVICE_UNAVAILABLE, "The service is not available"),
        _ => page(StatusCode::GATEWAY_TIMEOUT),
    }
}

/// The refusal that a publishable key can get when the request looks like a robot's.
pub(super) fn bot_blocked() -> Response {
    said(
        StatusCode::FORBIDDEN,
        "Request is denied due to bot blocking. Please only access this API from a real browser or use Secret API Key \
         instead.",
    )
}

/// An HTML page, as proxies answer.
pub(super) fn page(status: StatusCode) -> Response {
    let name = status.canonical_reason().unwrap_or("Answer");
    let html = format!("<html>\r\n<head><title>{status}</title></head>\r\n<body><h1>{name}</h1></body>\r\n</html>\r\n");
    (status, [(header::CONTENT_TYPE, "text/html")], html).into_response()
}

/// A 422 whose message names no record.
pub(super) fn vague(which: u64) -> Response {
    let data = match which {
        0 => json!([
            "Something about these records is not right",
            "Please contact your solutions engineer"
        ]),
        1 => json!("At least one record is not valid"),
        _ => json!([{"code": "E_SCHEMA", "detail": "records do not match"}]),
    };
    let body = json!({"errors": true, "message": message::summary(Dataset::Interactions), "data": data}).to_string();
    let json = [(header::CONTENT_TYPE, "application/json")];
    (StatusCode::UNPROCESSABLE_ENTITY, json, body).into_response()
}

/// The first bytes of an answer; then the connection breaks, short of the announced length.
pub(super) async fn truncate(answer: Response, kept: impl FnOnce(usize) -> usize) -> Response {
    let (mut parts, whole) = answer.into_parts();
    let Ok(whole) = body::read_within(whole, usize::MAX, None).await else {
        return cut();
    };
    let kept = kept(whole.len());
    parts
        .headers
        .insert(header::CONTENT_LENGTH, HeaderValue::from(whole.len()));
    let start = Bytes::from(whole).slice(..kept);
    Response::from_parts(parts, Body::new(BreaksOff::Start(start)))
}

fn said(status: StatusCode, text: &str) -> Response {
    let body = json!({"message": text}).to_string();
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

/// A body that breaks off after its start.
enum BreaksOff {
    Start(Bytes),
    /// The bytes sent so far reach the wire before the connection breaks.
    Flushing,
    Broken,
}

impl HttpBody for BreaksOff {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        match std::mem::replace(&mut *self, Self::Broken) {
            Self::Start(start) => {
                *self = Self::Flushing;
                Poll::Ready(Some(Ok(Frame::data(start))))
            }
            Self::Flushing => {
                context.waker().wake_by_ref();
                Poll::Pending
            }
            Self::Broken => Poll::Ready(Some(Err(Cut))),
        }
    }
}
