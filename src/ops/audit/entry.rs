//! What stands in the audit log: a line of JSON each.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::digest;
use crate::domain::key::KeyFingerprint;

/// What is done to an environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AuditAction {
    /// Records are sent.
    Upload,
    /// An upload is taken back.
    Undo,
    /// Records are deleted by id.
    Delete,
    /// A data set is emptied.
    Wipe,
    /// An environment is set up.
    AddEnvironment,
    /// Its name in other letters, kind or address becomes another.
    ChangeEnvironment,
    /// It is forgotten, with its key.
    RemoveEnvironment,
    /// A key is taken for its own.
    AddKey,
    /// Key and records may cross a network unencrypted to it.
    AllowHttp,
}

impl AuditAction {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Upload,
        Self::Undo,
        Self::Delete,
        Self::Wipe,
        Self::AddEnvironment,
        Self::ChangeEnvironment,
        Self::RemoveEnvironment,
        Self::AddKey,
        Self::AllowHttp,
    ];

    /// As it is written and asked for.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Upload => "upload",
            Self::Undo => "undo",
            Self::Delete => "delete",
            Self::Wipe => "wipe",
            Self::AddEnvironment => "add-environment",
            Self::ChangeEnvironment => "change-environment",
            Self::RemoveEnvironment => "remove-environment",
            Self::AddKey => "add-key",
            Self::AllowHttp => "allow-http",
        }
    }
}

/// There is no such action.
#[derive(Debug, thiserror::Error)]
#[error("the actions are {}", AuditAction::ALL.map(AuditAction::name).join(", "))]
pub struct UnknownAction;

impl FromStr for AuditAction {
    type Err = UnknownAction;

    fn from_str(name: &str) -> Result<Self, UnknownAction> {
        let found = Self::ALL.into_iter().find(|action| action.name() == name);
        found.ok_or(UnknownAction)
    }
}

/// A place in the log: an entry's number and the hash of its line, which stands for all lines before it too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogHead {
    /// The entry's number; 0 for the first line, before there are entries.
    pub number: u64,
    /// SHA-256 of its line, in hexadecimal digits.
    pub hash: String,
}

impl fmt::Display for LogHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.number, self.hash)
    }
}

/// A text is no place in a log.
#[derive(Debug, thiserror::Error)]
#[error("write it as tatami audit --verify does: an entry's number, a colon, and 64 hexadecimal digits")]
pub struct NoLogHead;

impl FromStr for LogHead {
    type Err = NoLogHead;

    fn from_str(text: &str) -> Result<Self, NoLogHead> {
        let (number, hash) = text.split_once(':').ok_or(NoLogHead)?;
        if hash.len() != 64 || !hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(NoLogHead);
        }
        Ok(Self {
            number: number.parse().map_err(|_| NoLogHead)?,
            hash: hash.to_ascii_lowercase(),
        })
    }
}

/// How a change ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChangeResult {
    /// It reached its end.
    Done,
    /// Somebody stopped it.
    Stopped,
    /// It ended early.
    Failed,
}

/// What a change is about. No ids and no values: the log may be handed to others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeScope {
    /// The data set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dataset: Option<String>,
    /// How many rows or ids, where that is known before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// The upload's number on this machine, where it goes on; one that begins has none yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upload: Option<i64>,
    /// The upload that is taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undoes: Option<i64>,
    /// The environment's kind, where it is set up or changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
}

/// What a change came to; a number that nobody knows is missing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeCounts {
    /// Rows that the server confirmed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stored: Option<u64>,
    /// Rows that it refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rejected: Option<u64>,
    /// Rows that did not leave this machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_sent: Option<u64>,
    /// Rows that were sent and never confirmed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unconfirmed: Option<u64>,
    /// Records that are gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deleted: Option<u64>,
    /// Ids under which nothing was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_found: Option<u64>,
    /// Records that are left after a wipe.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left: Option<u64>,
}

/// Which half of a change an entry is: one is written before anything is done, the other when it has ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "phase", rename_all = "lowercase")]
pub enum ChangePhase {
    /// It is about to be made.
    Begun(ChangeScope),
    /// It has ended.
    Ended {
        /// The number of the entry with which it began.
        of: u64,
        /// How.
        result: ChangeResult,
        /// The upload's number on this machine.
        #[serde(skip_serializing_if = "Option::is_none")]
        upload: Option<i64>,
        /// What it came to.
        #[serde(flatten)]
        counts: ChangeCounts,
    },
}

/// What was amiss with the log when an entry was added.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogDefect {
    /// So many bytes of an entry that was not written to its end were cut off, as a crash leaves them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unfinished_bytes: Option<u64>,
    /// The log had been as far as this entry, which was not there any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing: Option<LogHead>,
    /// The head was of this entry, with more entries behind it than a crash leaves there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left_behind: Option<LogHead>,
    /// How far the log had been was not known any more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub without_head: bool,
}

/// An entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Its number, from 1.
    pub number: u64,
    /// When, in RFC 3339.
    pub at: String,
    /// Who, as the system's variable says.
    pub user: String,
    /// The environment's name.
    pub environment: String,
    /// Its address.
    pub address: String,
    /// What the key is known by that is used or taken: a salted hash, as with every upload.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<KeyFingerprint>,
    /// What is done.
    pub action: AuditAction,
    /// Which half of it this is.
    #[serde(flatten)]
    pub phase: ChangePhase,
    /// What was amiss with the log by then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub defect: Option<LogDefect>,
    /// The hash of the line before, which chains them.
    pub previous: String,
}

/// The first line, which tells one log from others.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct LogStart {
    /// The version of its form.
    pub(super) tatami_audit: u32,
    /// Random, so that no other log goes on from it.
    pub(super) log: String,
}

/// The head after a line.
pub(super) fn head_of(number: u64, line: &[u8]) -> LogHead {
    LogHead {
        number,
        hash: digest(line),
    }
}
