//! Keys that their servers do not know.

use super::Session;
use crate::{
    domain::dataset::Dataset,
    message::{Request, StoredEvent, UploadEvent, WorkError},
    upload::Report,
};

/// What an answer says of the key that it was asked with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum KeyVerdict {
    Accepted,
    Rejected,
    /// It says nothing of it.
    Open,
}

impl KeyVerdict {
    fn of<T>(answer: &Result<T, WorkError>) -> Self {
        match answer {
            Ok(_) => Self::Accepted,
            Err(error) if error.is_key_rejected() => Self::Rejected,
            Err(_) => Self::Open,
        }
    }

    /// Of several answers.
    fn of_all(verdicts: impl IntoIterator<Item = Self>) -> Self {
        verdicts.into_iter().fold(Self::Open, |all, one| match (all, one) {
            (Self::Rejected, _) | (_, Self::Rejected) => Self::Rejected,
            (Self::Accepted, _) | (_, Self::Accepted) => Self::Accepted,
            (Self::Open, Self::Open) => Self::Open,
        })
    }

    fn of_stored(event: &StoredEvent) -> Self {
        match event {
            StoredEvent::Listed(_, answer) => Self::of(answer),
            StoredEvent::Got { record, .. } => Self::of(record),
            StoredEvent::Interactions { page, .. } => Self::of(page),
            StoredEvent::Deleted(_, answer) => Self::of(answer),
            StoredEvent::Wiped(answers) => Self::of_all(answers.iter().map(|(_, answer)| Self::of(answer))),
            // That it cannot be told may be known without asking.
            StoredEvent::Counted(answers) => Self::of_all(answers.iter().map(|(_, answer)| match answer {
                Ok(None) => Self::Open,
                answer => Self::of(answer),
            })),
            StoredEvent::ListedSent { .. } | StoredEvent::Rehearsing(_) => Self::Open,
        }
    }

    fn of_report(report: &Report) -> Self {
        let stopped = report.stopped.as_ref();
        if stopped.is_some_and(crate::upload::Stopped::is_key_rejected) {
            Self::Rejected
        } else if report.requests > 0 {
            Self::Accepted
        } else {
            Self::Open
        }
    }
}

impl Session {
    /// Why nothing can be asked of the chosen environment, where its key was rejected since it was entered.
    pub fn key_refusal(&self) -> Option<String> {
        let environment = &self.environment;
        self.rejected_keys
            .contains(environment)
            .then(|| format!("{environment}'s key was rejected (401): enter it again in Edit this environment…"))
    }

    /// An environment has another key or address, or is gone: what is known of the key before says nothing.
    pub(super) fn forget_rejection(&mut self, environment: &str) {
        self.rejected_keys.remove(environment);
    }

    /// Takes in what the records of an environment say of its key.
    pub(super) fn note_stored_answer(&mut self, environment: &str, event: &StoredEvent) {
        self.note_verdict(environment.to_owned(), KeyVerdict::of_stored(event));
    }

    /// Takes in what an upload or an undo says of the key.
    pub(super) fn note_upload_answer(&mut self, event: &UploadEvent) {
        let compared = |request: &Request| {
            let comparison = self.find(request.document)?.comparison()?;
            Some(comparison.environment.clone())
        };
        let ran = |request: &Request| Some(self.find(request.document)?.upload.as_ref()?.environment.clone());
        let undone = || Some(self.undo.as_ref()?.environment.clone());
        let (environment, verdict) = match event {
            UploadEvent::Previewed(request, answer) => (compared(request), KeyVerdict::of(answer)),
            UploadEvent::Compared { request, outcome, .. } => (compared(request), KeyVerdict::of(outcome)),
            UploadEvent::Ended(request, ended) => (ran(request), KeyVerdict::of_report(&ended.report)),
            UploadEvent::Failed(request, error) => (ran(request), KeyVerdict::of::<()>(&Err(error.clone()))),
            UploadEvent::UndoPreviewed(_, answer) => (undone(), KeyVerdict::of(answer)),
            UploadEvent::Undone(Ok(report)) => (undone(), KeyVerdict::of_report(report)),
            UploadEvent::Undone(Err(error)) => (undone(), KeyVerdict::of::<()>(&Err(error.clone()))),
            UploadEvent::Listed(_) | UploadEvent::Examined(_) | UploadEvent::Repaired(_) => return,
        };
        if let Some(environment) = environment {
            self.note_verdict(environment, verdict);
        }
    }

    fn note_verdict(&mut self, environment: String, verdict: KeyVerdict) {
        match verdict {
            KeyVerdict::Accepted => {
                self.rejected_keys.remove(&environment);
            }
            KeyVerdict::Rejected => {
                self.rejected_keys.insert(environment);
            }
            KeyVerdict::Open => {}
        }
    }

    /// Whether the number of records of a data set is being asked for.
    pub(crate) fn is_counting(&self, dataset: Dataset) -> bool {
        matches!(self.stored.set(dataset).count, super::Remote::Pending(_))
    }
}
