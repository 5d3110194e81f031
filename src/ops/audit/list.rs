//! The changes in the log, each with its end.

use std::collections::HashMap;

use jiff::Timestamp;

use super::{AuditAction, AuditEntry, AuditError, ChangePhase, log};
use crate::settings::Paths;

/// Which changes are wanted.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// Those of an environment, whatever the case of its name.
    pub environment: Option<String>,
    /// Those of a kind.
    pub action: Option<AuditAction>,
    /// Those that began at a moment or later.
    pub since: Option<Timestamp>,
}

impl AuditFilter {
    fn admits(&self, entry: &AuditEntry) -> bool {
        let is_named = |name: &String| name.to_lowercase() == entry.environment.to_lowercase();
        let is_later = |since: &Timestamp| entry.at.parse::<Timestamp>().is_ok_and(|at| at >= *since);
        self.environment.as_ref().is_none_or(is_named)
            && self.action.is_none_or(|action| action == entry.action)
            && self.since.as_ref().is_none_or(is_later)
    }
}

/// A change, as far as the log knows of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedChange {
    /// The entry with which it began.
    pub begun: AuditEntry,
    /// The one with which it ended; none when that was not written: it is under way, or was cut off.
    pub ended: Option<AuditEntry>,
    /// The lines of both, as they stand in the log.
    pub lines: Vec<String>,
}

/// What the log has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditList {
    /// The changes, the oldest first.
    pub changes: Vec<LoggedChange>,
    /// Lines that are no entries.
    pub unreadable: u64,
}

/// The changes in the log; nothing is verified.
///
/// # Errors
/// When it cannot be read.
pub fn list(paths: &Paths, filter: &AuditFilter) -> Result<AuditList, AuditError> {
    let log = log::read(paths).map_err(AuditError::Read)?;
    let mut list = AuditList::default();
    let mut places = HashMap::new();
    // What stands behind the last line's end is being written, or was cut off.
    let whole = log.iter().rposition(|byte| *byte == b'\n').unwrap_or_default();
    let lines = log.get(..whole).unwrap_or_default().split(|byte| *byte == b'\n');
    for line in lines.skip(1) {
        let Ok(entry) = serde_json::from_slice::<AuditEntry>(line) else {
            list.unreadable += 1;
            continue;
        };
        let text = String::from_utf8_lossy(line).into_owned();
        match entry.phase {
            ChangePhase::Begun(_) if filter.admits(&entry) => {
                places.insert(entry.number, list.changes.len());
                list.changes.push(LoggedChange {
                    begun: entry,
                    ended: None,
                    lines: vec![text],
                });
            }
            ChangePhase::Begun(_) => {}
            ChangePhase::Ended { of, .. } => {
                let change = places.get(&of).and_then(|place| list.changes.get_mut(*place));
                if let Some(change) = change {
                    change.ended = Some(entry);
                    change.lines.push(text);
                }
            }
        }
    }
    Ok(list)
}
