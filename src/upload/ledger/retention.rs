//! How long it is kept what uploads replaced.

use std::{fmt, num::NonZeroU32, str::FromStr};

use jiff::{SignedDuration, Timestamp};

use super::Upload;

/// How long what an upload replaced is kept after its end; `None`: always.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention(pub Option<NonZeroU32>);

/// The usual, in days.
const USUAL: NonZeroU32 = NonZeroU32::new(30).expect("it is not zero");

/// The word for no end.
const ALWAYS: &str = "always";

impl Default for Retention {
    fn default() -> Self {
        Self(Some(USUAL))
    }
}

impl Retention {
    /// Until when the snapshot of an upload that ended is kept.
    pub(super) fn until(self, upload: &Upload) -> Option<Timestamp> {
        let end = upload.ended.as_ref().unwrap_or(&upload.started);
        let kept = SignedDuration::from_hours(24 * i64::from(self.0?.get()));
        // What says no time, or one that is too far away, is kept.
        end.parse::<Timestamp>().ok()?.checked_add(kept).ok()
    }
}

impl fmt::Display for Retention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(days) => days.fmt(f),
            None => f.write_str(ALWAYS),
        }
    }
}

/// It is no number of days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("give a number of days from 1, or always")]
pub struct RetentionError;

impl FromStr for Retention {
    type Err = RetentionError;

    fn from_str(text: &str) -> Result<Self, RetentionError> {
        if text == ALWAYS {
            return Ok(Self(None));
        }
        text.parse().map(|days| Self(Some(days))).map_err(|_| RetentionError)
    }
}
