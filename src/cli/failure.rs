//! Why a command failed.

use std::{io, process::ExitCode};

use super::text;
use crate::{
    api::ApiError,
    domain::{mapping::MappingError, recognition::Guess, rules::LevelError},
    frame::{Excess, FrameError},
    ops::{self, audit::AuditError, environments::EnvironmentError, full_disk, open::OpenError, serve::KeysError},
    settings::{Paths, SettingsError, WriteError},
    upload::LedgerError,
};

/// How a command ended: its exit code, or why it failed.
pub(super) type CommandResult = Result<ExitCode, Failure>;

/// Why a command failed, as a sentence.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("{0}")]
    Said(String),
    #[error(transparent)]
    Open(OpenError),
    #[error(transparent)]
    Frame(#[from] FrameError),
    #[error(transparent)]
    Mapping(#[from] MappingError),
    #[error(transparent)]
    Level(#[from] LevelError),
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error(transparent)]
    Write(#[from] WriteError),
    #[error(transparent)]
    Keys(#[from] KeysError),
    #[error(transparent)]
    Api(#[from] ApiError),
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error(transparent)]
    Environment(#[from] EnvironmentError),
    #[error(transparent)]
    Audit(#[from] AuditError),
    #[error(transparent)]
    Ops(#[from] ops::Error),
    #[error("a record cannot be read: {0}")]
    Record(#[from] serde_json::Error),
    #[error("the output cannot be written: {0}")]
    Output(#[from] io::Error),
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Frame(error) => Self::Frame(error),
            OpenError::Mapping(error) => Self::Mapping(error),
            undecided @ OpenError::Undecided { .. } => Self::Open(undecided),
        }
    }
}

impl Failure {
    /// A failure in one sentence.
    pub(super) fn said(sentence: impl Into<String>) -> Self {
        Self::Said(sentence.into())
    }

    /// Says it on stderr.
    pub(super) fn complain(&self) {
        text::complain(&self.to_string());
        if let Self::Frame(FrameError::TooLarge { excess, .. }) = self {
            text::remark(&format!(
                "  --allow-unpacked {} opens it, if that is meant",
                enough(excess)
            ));
        }
        if let Some(advice) = Paths::find().ok().and_then(|paths| full_disk::advice(self, &paths)) {
            text::remark(&advice);
        }
        if let Self::Open(OpenError::Undecided { question, .. }) = self {
            for guess in &question.guesses {
                text::remark(&choice(guess));
            }
        }
    }

    /// Whether nobody reads the output any more.
    pub(super) fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}

/// A size that is enough, or probably is, as the option takes it.
fn enough(excess: &Excess) -> String {
    const MEGA: u64 = 1_000_000;
    let bytes = match excess {
        Excess::Text { text, is_all: true, .. } => *text,
        Excess::Text {
            text, is_all: false, ..
        } => text.saturating_mul(10),
        Excess::Memory { most, .. } => most.saturating_mul(4),
    };
    if bytes < 1000 * MEGA {
        format!("{}MB", bytes.div_ceil(MEGA))
    } else {
        format!("{}GB", bytes.div_ceil(1000 * MEGA))
    }
}

/// A data set that a file may hold, as the option that says so, with what speaks for it.
fn choice(guess: &Guess) -> String {
    let reasons = if guess.reasons.is_empty() {
        "nothing speaks for it".to_owned()
    } else {
        guess.reasons.join("; ")
    };
    format!("  --dataset {:<14}{reasons}", guess.dataset.name())
}
