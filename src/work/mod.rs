//! The background: one thread owns a tokio runtime and turns commands into events. The session never waits for it,
//! and it never looks at the session.

mod command;
mod environments;
mod event;
mod preview;
mod remains;
mod stored;
mod tables;
mod undo;
mod uploads;
mod watch;

use std::{io, sync::Arc, thread, time::Duration};

use tokio::sync::{mpsc, oneshot};

use self::environments::Connections;
use crate::settings::Paths;

pub use command::{CellChange, Command, DocId, EndedUpload, Generation, Remains, Table, UndoOrder};
pub use event::{Compared, Event};
pub use watch::{UploadState, UploadWatch, Waiting};

/// Commands a person can give faster than they are taken are bounded by this; more are refused, never waited for.
const COMMANDS: usize = 256;
/// Events that may wait for the session; workers then wait.
const EVENTS: usize = 1024;
/// How long work may take to end when the app closes.
const LAST_WORK: Duration = Duration::from_secs(5);

/// Wakes whoever shows the events.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// Where workers report to; reporting wakes.
#[derive(Clone)]
pub(crate) struct Reporter {
    events: mpsc::Sender<Event>,
    wake: Wake,
}

impl Reporter {
    /// Reports from an async task.
    pub(crate) async fn report(&self, event: Event) {
        // Nobody listens any more when the app closes.
        self.events.send(event).await.ok();
        (self.wake)();
    }

    /// Reports from a thread that may block.
    pub(crate) fn report_blocking(&self, event: Event) {
        self.events.blocking_send(event).ok();
        (self.wake)();
    }

    /// Wakes without an event, for what is read from a watch.
    pub(crate) fn wake(&self) {
        (self.wake)();
    }
}

/// The session's end of the background.
pub struct Backend {
    commands: Option<mpsc::Sender<Command>>,
    events: mpsc::Receiver<Event>,
    thread: Option<thread::JoinHandle<()>>,
    stop: Option<oneshot::Sender<()>>,
}

impl std::fmt::Debug for Backend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Backend").finish_non_exhaustive()
    }
}

impl Backend {
    /// Starts the background thread, and with it the local server.
    ///
    /// # Errors
    /// When the system gives no thread or no runtime.
    pub fn start(paths: Paths, wake: Wake) -> io::Result<Self> {
        let (commands, inbox) = mpsc::channel(COMMANDS);
        let (outbox, events) = mpsc::channel(EVENTS);
        let (stop, stopped) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("tatami-io")
            .enable_all()
            .build()?;
        let reporter = Reporter { events: outbox, wake };
        let thread = thread::Builder::new().name("tatami-work".to_owned()).spawn(move || {
            runtime.block_on(serve(inbox, paths, reporter, stopped));
            runtime.shutdown_timeout(LAST_WORK);
        })?;
        Ok(Self {
            commands: Some(commands),
            events,
            thread: Some(thread),
            stop: Some(stop),
        })
    }

    /// Hands over a command; `false` when the background is too busy to take it.
    pub fn send(&self, command: Command) -> bool {
        self.commands
            .as_ref()
            .is_some_and(|commands| commands.try_send(command).is_ok())
    }

    /// The next event, if there is one.
    pub fn next_event(&mut self) -> Option<Event> {
        self.events.try_recv().ok()
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        self.commands = None;
        self.events.close();
        if let Some(stop) = self.stop.take() {
            stop.send(()).ok();
        }
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}

async fn serve(
    mut commands: mpsc::Receiver<Command>,
    paths: Paths,
    reporter: Reporter,
    stopped: oneshot::Receiver<()>,
) {
    let connections = Arc::new(Connections::open(paths, &reporter).await);
    let (stop_server, server_stopped) = oneshot::channel::<()>();
    let server = environments::start_local(&connections, &reporter, server_stopped).await;
    uploads::list(&connections, &reporter).await;
    let mut stopped = stopped;
    loop {
        tokio::select! {
            command = commands.recv() => match command {
                Some(command) => perform(command, &connections, &reporter),
                None => break,
            },
            _ = &mut stopped => break,
        }
    }
    stop_server.send(()).ok();
    if let Some(server) = server {
        tokio::time::timeout(LAST_WORK, server).await.ok();
    }
}

/// Starts a piece of work beside the loop: on a thread that may block when it reads or computes, as a task when it
/// waits for the network.
fn perform(command: Command, connections: &Arc<Connections>, reporter: &Reporter) {
    let (connections, reporter) = (Arc::clone(connections), reporter.clone());
    match command {
        command @ (Command::Open { .. }
        | Command::UnpackSamples
        | Command::Check { .. }
        | Command::Recheck { .. }
        | Command::Prove { .. }
        | Command::SaveRecipe(_)
        | Command::ForgetRecipe(_)
        | Command::ExportRecipe(..)
        | Command::ReadRecipe(..)
        | Command::Repair { .. }
        | Command::Sort { .. }
        | Command::SaveCopy { .. }
        | Command::Export { .. }) => {
            tokio::task::spawn_blocking(move || tables::perform(command, &connections, &reporter));
        }
        command @ (Command::SaveEnvironment { .. } | Command::RemoveEnvironment { .. }) => {
            tokio::task::spawn_blocking(move || connections.change(command, &reporter));
        }
        command @ (Command::Report { .. } | Command::ReportPast { .. }) => {
            tokio::task::spawn_blocking(move || remains::perform(command, &connections, &reporter));
        }
        Command::SaveLevels(levels) => {
            tokio::task::spawn_blocking(move || connections.save_levels(levels, &reporter));
        }
        command => {
            tokio::spawn(async move { stored::perform(command, &connections, &reporter).await });
        }
    }
}
