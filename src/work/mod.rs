//! The background: one thread owns a tokio runtime and turns commands into events. The session never waits for it,
//! and it never looks at the session.

#![deny(clippy::wildcard_enum_match_arm)]

mod environments;
mod failure;
#[cfg(test)]
mod failure_test;
mod keep;
mod settings;
mod stored;
mod tables;
mod task;
mod undo;
mod uploads;

use std::{io, sync::Arc, thread, time::Duration};

use tokio::{
    sync::{mpsc, oneshot},
    task::{AbortHandle, JoinHandle},
};
use tokio_util::sync::CancellationToken;

use self::{
    environments::Connections,
    keep::SharedKeeper,
    task::{FailureEvent, WorkResult, advised, apart, blocking, supervise},
};
use crate::{
    message::{Command, Event, KeepEvent, UploadCommand},
    ops::handover::Reception,
    settings::Paths,
};

/// Commands a person can give faster than they are taken are bounded by this; more are refused, never waited for.
const COMMANDS: usize = 256;
/// Events that may wait for the session; workers then wait.
const EVENTS: usize = 1024;
/// How long work may take to end when the app closes.
const LAST_WORK: Duration = Duration::from_secs(5);
/// The message for a command that is not taken.
const BUSY: &str = "Too much is going on at once; wait a moment and try again";

/// Wakes whoever shows the events.
pub(crate) type Wake = Arc<dyn Fn() + Send + Sync>;

/// Where workers report to; reporting wakes.
#[derive(Clone)]
pub(crate) struct Reporter {
    events: mpsc::Sender<Event>,
    wake: Wake,
}

impl Reporter {
    /// Reports from an async task.
    pub(crate) async fn report(&self, event: Event) {
        // The session may be gone when the app closes.
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
    /// Where files of later starts are received.
    receiving: Option<AbortHandle>,
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
        Self::start_with(paths, None, wake)
    }

    /// The same, taking the files of later starts of the program.
    ///
    /// # Errors
    /// When the system gives no thread or no runtime.
    pub(crate) fn start_with(paths: Paths, reception: Option<Reception>, wake: Wake) -> io::Result<Self> {
        let (commands, inbox) = mpsc::channel(COMMANDS);
        let (outbox, events) = mpsc::channel(EVENTS);
        let (stop, stopped) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("tatami-io")
            .enable_all()
            .build()?;
        let reporter = Reporter { events: outbox, wake };
        let receiving = reception.map(|reception| runtime.spawn(receive(reception, reporter.clone())).abort_handle());
        let thread = thread::Builder::new().name("tatami-work".to_owned()).spawn(move || {
            runtime.block_on(serve(inbox, paths, reporter, stopped));
            runtime.shutdown_timeout(LAST_WORK);
        })?;
        Ok(Self {
            commands: Some(commands),
            events,
            thread: Some(thread),
            stop: Some(stop),
            receiving,
        })
    }

    /// Hands over a command.
    ///
    /// # Errors
    /// When the background is too busy to take it, or is gone: the event that says so, for the session.
    pub fn send(&self, command: Command) -> Result<(), Box<Event>> {
        let failure = failure::of(&command);
        let sent = self
            .commands
            .as_ref()
            .is_some_and(|commands| commands.try_send(command).is_ok());
        if sent {
            Ok(())
        } else {
            Err(Box::new(failure(BUSY.into())))
        }
    }

    /// Takes no files of later starts any more: they open their own windows.
    pub(crate) fn stop_receiving(&mut self) {
        if let Some(receiving) = self.receiving.take() {
            receiving.abort();
        }
    }

    /// The next event, if there is one.
    pub(crate) fn next_event(&mut self) -> Option<Event> {
        self.events.try_recv().ok()
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        self.stop_receiving();
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
    let environments = Arc::new(Connections::open(paths, &reporter).await);
    let worker = Worker {
        environments: Arc::clone(&environments),
        keeper: SharedKeeper::default(),
        reporter: reporter.clone(),
        closing: CancellationToken::new(),
    };
    worker.find_kept();
    let server = environments::start_local(&environments, &reporter).await;
    worker.perform(Command::Upload(UploadCommand::List));
    worker.perform(Command::Upload(UploadCommand::Check));
    let mut stopped = stopped;
    let mut last = None;
    loop {
        let command = tokio::select! {
            command = commands.recv() => command,
            _ = &mut stopped => None,
        };
        let Some(command) = command else { break };
        last = worker.perform(command).or(last);
    }
    // What was open when the window closed is kept, whatever else was wanted then.
    while let Ok(command) = commands.try_recv() {
        if is_last_will(&command) {
            last = worker.perform(command).or(last);
        }
    }
    if let Some(last) = last {
        tokio::time::timeout(LAST_WORK, last).await.ok();
    }
    if let Some((stop, server)) = server {
        stop.cancel();
        tokio::time::timeout(LAST_WORK, server).await.ok();
    }
    worker.closing.cancel();
}

/// Reports the files of later starts of the program.
async fn receive(reception: Reception, reporter: Reporter) {
    while let Some(files) = reception.next().await {
        reporter.report(Event::HandedOver(files)).await;
    }
}

/// What all work shares.
#[derive(Clone)]
struct Worker {
    environments: Arc<Connections>,
    keeper: SharedKeeper,
    reporter: Reporter,
    /// Cancelled when the app closes, so that no work keeps its thread busy.
    closing: CancellationToken,
}

impl Worker {
    /// Starts work beside the loop; what must end before the program does is answered.
    fn perform(&self, command: Command) -> Option<JoinHandle<()>> {
        let failure = failure::of(&command);
        let is_last_will = is_last_will(&command);
        let Self {
            environments,
            keeper,
            reporter,
            closing,
        } = self.clone();
        let task = match command {
            Command::Table(request, command) => {
                let work = blocking(move || tables::perform(request, command, &environments, &reporter));
                self.spawn(failure, work, None)
            }
            Command::Upload(command) => {
                let list = changes_ledger(&command).then_some(Command::Upload(UploadCommand::List));
                let work = async move { uploads::perform(command, &environments, &reporter).await };
                self.spawn(failure, apart(work, closing), list)
            }
            Command::Stored(environment, command) => {
                let work = async move { stored::perform(environment, command, &environments, &reporter).await };
                self.spawn(failure, apart(work, closing), None)
            }
            Command::Settings(command) => {
                let work = blocking(move || settings::perform(command, &environments, &reporter));
                self.spawn(failure, work, None)
            }
            Command::Keep(command) => {
                let work = blocking(move || keep::perform(command, &keeper, &reporter));
                self.spawn(failure, work, None)
            }
        };
        is_last_will.then_some(task)
    }

    /// Looks what was open when the program ended last.
    fn find_kept(&self) {
        let Self {
            environments,
            keeper,
            reporter,
            ..
        } = self.clone();
        let work = blocking(move || keep::begin(environments.paths(), &keeper, &reporter));
        self.spawn(Box::new(|error| Event::Keep(KeepEvent::Failed(error))), work, None);
    }

    /// Runs work that ends as its failure when it fails or panics; what comes `then` comes either way.
    fn spawn(
        &self,
        failure: FailureEvent,
        work: impl Future<Output = WorkResult> + Send + 'static,
        then: Option<Command>,
    ) -> JoinHandle<()> {
        let worker = self.clone();
        let paths = self.environments.paths().clone();
        let work = async move { work.await.map_err(|error| advised(error, &paths)) };
        tokio::spawn(async move {
            supervise(&worker.reporter, failure, work).await;
            if let Some(command) = then {
                worker.perform(command);
            }
        })
    }
}

/// Whether the command must be performed although the program ends.
const fn is_last_will(command: &Command) -> bool {
    match command {
        Command::Keep(_) => true,
        Command::Table(..) | Command::Upload(_) | Command::Stored(..) | Command::Settings(_) => false,
    }
}

/// Whether the command changes the list of uploads.
const fn changes_ledger(command: &UploadCommand) -> bool {
    match command {
        UploadCommand::Start { .. }
        | UploadCommand::Resume { .. }
        | UploadCommand::Undo { .. }
        | UploadCommand::DiscardSnapshot(_)
        | UploadCommand::SetAside(_)
        | UploadCommand::Repair => true,
        UploadCommand::Preview { .. }
        | UploadCommand::Compare { .. }
        | UploadCommand::PreviewUndo { .. }
        | UploadCommand::Report { .. }
        | UploadCommand::ReportPast { .. }
        | UploadCommand::Check
        | UploadCommand::List => false,
    }
}
