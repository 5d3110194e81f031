//! Which answer belongs to which request.

use crate::domain::ids::DocumentId;

/// Counts the requests of a session, so that answers to older ones can be told and dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Generation(pub u64);

/// The head of everything that is asked for a document; its answers carry the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// The document.
    pub document: DocumentId,
    /// Which of its requests.
    pub generation: Generation,
}
