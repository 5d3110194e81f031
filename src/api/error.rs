//! What can go wrong between here and the server, in words that say what to do.

use std::{error::Error as _, io, time::Duration};

use crate::domain::dataset::Dataset;

/// Why a request failed. No text of it holds the key or the query of an address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApiError {
    /// The text is no address.
    #[error("The address of the server cannot be used: {reason}")]
    Address {
        /// What makes it unusable, to follow a colon.
        reason: String,
    },
    /// An id that no URL can carry.
    #[error(
        "A record with the id \"{}\" cannot be asked for, because no address can contain that id",
        start_of(id)
    )]
    Unaddressable {
        /// The record's id, of any length.
        id: String,
    },
    /// The server refuses the records: a 422, or a 200 that says `errors`. Nothing of the request was stored.
    #[error("The server rejected the records{}", first_line(lines, message))]
    Rejected {
        /// What the server says about the whole.
        message: String,
        /// One line a problem; empty when the answer named none.
        lines: Vec<String>,
    },
    /// 401: the key is unknown.
    #[error("The server does not know this key; check that it is whole and belongs to this environment")]
    Unauthorized,
    /// 403: the key does not allow this.
    #[error("This key may not do that; use the secret key of the environment rather than the publishable one")]
    Forbidden,
    /// 404: there is no such record or task.
    #[error("The server has nothing at this address; check the environment's address")]
    NotFound,
    /// 404 of a list of ids, and not because the data set is empty.
    #[error(
        "This server has no list of {dataset}, so that nobody can know which are stored; should it have one, check the \
         environment's address"
    )]
    NoList {
        /// The data set.
        dataset: Dataset,
    },
    /// 413: the request is larger than the server takes.
    #[error("The request is larger than the server takes; send fewer records at once")]
    TooLarge,
    /// 429: too many requests.
    #[error("The server asks to slow down; try again in a while")]
    TooMany {
        /// How long the server asks to wait.
        retry_after: Option<Duration>,
    },
    /// Any other status that is not a success.
    #[error("The server answered with status {status}{}", after_colon(message))]
    Server {
        /// The HTTP status.
        status: u16,
        /// What the server says, shortened; may be empty.
        message: String,
        /// How long the server asks to wait.
        retry_after: Option<Duration>,
    },
    /// No answer came.
    #[error("{} ({detail})", kind.sentence())]
    Connection {
        /// Where it failed, which decides whether the request may have arrived.
        kind: ConnectionKind,
        /// The whole chain of causes.
        detail: String,
    },
    /// An answer that is not the API's.
    #[error("The server's answer is not one of the ingestion API ({reason}); check the environment's address")]
    Protocol {
        /// What differs from the API, to follow a colon.
        reason: String,
    },
    /// A task did not end while the client waited.
    #[error("The server took records, but has not finished with them (task {task}); ask again later")]
    Unfinished {
        /// The task's id, for [`super::Client::status`].
        task: String,
    },
    /// A function that only the local server has.
    #[error("This server cannot {what}; only the local server can")]
    Unsupported {
        /// What was asked for: `list interactions`.
        what: &'static str,
    },
}

/// How a connection failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionKind {
    /// The server is not running, or a firewall is between.
    Refused,
    /// DNS does not know the host.
    Dns,
    /// The certificate or the encryption is not acceptable.
    Tls,
    /// Nothing came in time; the request may have arrived.
    Timeout,
    /// The connection broke; the request may have arrived.
    Broken,
}

impl ConnectionKind {
    const fn sentence(self) -> &'static str {
        match self {
            Self::Refused => "The server cannot be reached; check that it runs and that its address is right",
            Self::Dns => "The server's name is not known; check its address and the network",
            Self::Tls => "No safe connection to the server is possible; check its address and certificate",
            Self::Timeout => "The server did not answer in time; try again, or send fewer records at once",
            Self::Broken => "The connection broke before the server answered; try again",
        }
    }
}

impl ApiError {
    /// Whether the same request may succeed a little later.
    pub const fn retryable(&self) -> bool {
        match self {
            Self::TooMany { .. } => true,
            Self::Server { status, .. } => matches!(*status, 408 | 425 | 500..=599) && *status != 501,
            Self::Connection { kind, .. } => !matches!(kind, ConnectionKind::Tls),
            _ => false,
        }
    }

    /// Whether nothing listens there.
    pub(crate) const fn is_refused(&self) -> bool {
        matches!(
            self,
            Self::Connection {
                kind: ConnectionKind::Refused,
                ..
            }
        )
    }

    /// How long the server asks to wait before the next try.
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::TooMany { retry_after } | Self::Server { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// Whether the server may have done what was asked, although it did not confirm it.
    pub(crate) const fn may_have_arrived(&self) -> bool {
        match self {
            // 503 says that the request was not handled.
            Self::Server { status, .. } => matches!(*status, 408 | 500..=599) && *status != 503 && *status != 501,
            Self::Connection { kind, .. } => matches!(kind, ConnectionKind::Timeout | ConnectionKind::Broken),
            Self::Protocol { .. } => true,
            _ => false,
        }
    }

    /// What the HTTP client says, with its address (and with it any query) taken out.
    pub(super) fn from_client(error: reqwest::Error) -> Self {
        let error = error.without_url();
        let mut detail = error.to_string();
        let mut io_kind = None;
        let mut source = error.source();
        while let Some(cause) = source {
            let text = cause.to_string();
            if !detail.contains(&text) {
                detail.push_str(": ");
                detail.push_str(&text);
            }
            if let Some(cause) = cause.downcast_ref::<io::Error>() {
                io_kind = Some(cause.kind());
            }
            source = cause.source();
        }
        let kind = classify(&error, io_kind, &detail);
        Self::Connection { kind, detail }
    }
}

fn classify(error: &reqwest::Error, io_kind: Option<io::ErrorKind>, detail: &str) -> ConnectionKind {
    let lower = detail.to_lowercase();
    if ["certificate", "tls", "handshake", "invalidcontenttype"]
        .iter()
        .any(|word| lower.contains(word))
    {
        return ConnectionKind::Tls;
    }
    if error.is_dns() || lower.contains("dns error") {
        return ConnectionKind::Dns;
    }
    if error.is_connect() || io_kind == Some(io::ErrorKind::ConnectionRefused) {
        return ConnectionKind::Refused;
    }
    if error.is_timeout() || io_kind == Some(io::ErrorKind::TimedOut) {
        return ConnectionKind::Timeout;
    }
    ConnectionKind::Broken
}

fn first_line(lines: &[String], message: &str) -> String {
    match lines {
        [] => after_colon(message),
        [line] => format!(": {line}"),
        [line, rest @ ..] => format!(": {line} (and {} more)", rest.len()),
    }
}

/// The first characters of an id, which may be of any length.
fn start_of(id: &str) -> String {
    let start: String = id.chars().take(80).collect();
    if start.len() < id.len() {
        format!("{start}…")
    } else {
        start
    }
}

fn after_colon(message: &str) -> String {
    if message.is_empty() {
        String::new()
    } else {
        format!(": {message}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_may_pass_is_tried_again() {
        let server = |status| ApiError::Server {
            status,
            message: String::new(),
            retry_after: None,
        };
        let connection = |kind| ApiError::Connection {
            kind,
            detail: String::new(),
        };
        let again = [
            ApiError::TooMany { retry_after: None },
            server(500),
            server(503),
            server(408),
            connection(ConnectionKind::Broken),
            connection(ConnectionKind::Timeout),
            connection(ConnectionKind::Refused),
        ];
        let finally = [
            ApiError::Unauthorized,
            ApiError::Forbidden,
            ApiError::NotFound,
            server(400),
            server(501),
            connection(ConnectionKind::Tls),
        ];
        assert!(again.iter().all(ApiError::retryable));
        assert!(!finally.iter().any(ApiError::retryable));
    }

    #[test]
    fn a_rejection_tells_its_first_problem() {
        let rejected = |lines: &[&str]| {
            let lines = lines.iter().map(|&line| line.to_owned()).collect();
            ApiError::Rejected {
                message: "None were inserted".to_owned(),
                lines,
            }
            .to_string()
        };
        assert_eq!(rejected(&[]), "The server rejected the records: None were inserted");
        assert_eq!(
            rejected(&["a", "b", "c"]),
            "The server rejected the records: a (and 2 more)"
        );
    }
}
