//! Tasks of the server: what becomes of the records that it took and did not answer for at once.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::RetryPolicy;
use crate::{
    api::{ApiError, Client, TaskStatus},
    domain::dataset::Dataset,
};

/// How long a task of the server may take before it is left open.
const TASK_PATIENCE: Duration = Duration::from_mins(10);
/// The pause before the first question about a task is repeated; it doubles with every further one.
const TASK_PAUSE: Duration = Duration::from_millis(25);
/// The longest pause between such questions.
const LONGEST_TASK_PAUSE: Duration = Duration::from_secs(5);
/// How often a task the server does not know is asked for.
const UNKNOWN_TASK_TRIES: u32 = 3;

/// What became of a task of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TaskOutcome {
    /// It is done: the records are stored.
    Done,
    /// It failed because of the records: nothing of the request is stored.
    Refused {
        /// What the server says.
        lines: Vec<String>,
    },
    /// It failed because of the server: nothing of the request is stored, and sending it again may help.
    Failed(ApiError),
    /// The server knows no such task; then its answer to the request stands.
    NoSuchTask,
    /// Not known yet.
    Open(ApiError),
}

/// Asks what became of a task until the server knows.
pub(super) async fn ask(client: &Client, dataset: Dataset, task: &str, policy: &RetryPolicy) -> TaskOutcome {
    let started = Instant::now();
    let (mut failures, mut unknown, mut pause) = (0, 0, TASK_PAUSE);
    loop {
        match client.status(dataset, task).await {
            Ok(status) if status.errors => return failed(status),
            Ok(status) if !status.pending => return TaskOutcome::Done,
            Ok(_) => failures = 0,
            Err(ApiError::NotFound) => {
                unknown += 1;
                if unknown >= UNKNOWN_TASK_TRIES {
                    return TaskOutcome::NoSuchTask;
                }
            }
            Err(error) => {
                failures += 1;
                match policy.pause_after(failures, &error, fastrand::f64()) {
                    Some(longer) => pause = pause.max(longer),
                    None => return TaskOutcome::Open(error),
                }
            }
        }
        if started.elapsed() > TASK_PATIENCE {
            return TaskOutcome::Open(ApiError::Unfinished { task: task.to_owned() });
        }
        sleep(pause).await;
        pause = (pause * 2).min(LONGEST_TASK_PAUSE);
    }
}

/// Why a task failed: because of its records, unless the server says that it was its own fault.
fn failed(status: TaskStatus) -> TaskOutcome {
    match status.code {
        Some(code @ (408 | 429 | 500..=599)) => TaskOutcome::Failed(ApiError::Server {
            status: code,
            message: "the task failed, and nothing of it is stored".to_owned(),
            retry_after: None,
        }),
        _ => TaskOutcome::Refused { lines: status.lines },
    }
}
