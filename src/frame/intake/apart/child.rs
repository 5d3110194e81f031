//! The process that converts.

use std::{
    io::{self, Write as _},
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use super::{ConversionOutcome, ConvertRequest, Job, News};
use crate::{
    domain::progress::Progress,
    frame::{
        FrameError, OpenOptions,
        intake::{archive, guard},
        source::Source,
        spool::Spool,
    },
};

/// How often it is told how far it is.
const NEWS: Duration = Duration::from_millis(50);

/// Does what is requested with the file on standard input, for the process that started this one.
pub(crate) fn convert_input(request: &str) -> ExitCode {
    match serde_json::from_str(request) {
        Ok(request) => run(request),
        Err(error) => refuse(&format!("it cannot be converted ({error}); start Tatami again")),
    }
}

fn run(request: ConvertRequest) -> ExitCode {
    bound(request.memory);
    let source = match Source::input() {
        Ok(source) => source,
        Err(error) => return refuse(&error.to_string()),
    };
    let (progress, written) = (Arc::new(Progress::default()), Arc::new(AtomicU64::new(0)));
    let (reading, writing) = (Arc::clone(&progress), Arc::clone(&written));
    let news = move || {
        loop {
            thread::sleep(NEWS);
            let at = News::At {
                done: reading.done(),
                written: writing.load(Ordering::Relaxed),
            };
            if tell(&at).is_err() {
                // Nobody waits for it any more.
                reading.cancel();
            }
        }
    };
    if let Err(error) = thread::Builder::new().name("news".to_owned()).spawn(news) {
        return refuse(&error.to_string());
    }
    match guard::guarded(|| perform(request, &source, written, &progress)) {
        Some(Ok(product)) => match tell(&News::Ended(product)) {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::from(2),
        },
        Some(Err(FrameError::Unsupported { reason, .. })) => refuse(&reason),
        Some(Err(error)) => refuse(&error.to_string()),
        None => refuse(guard::BROKEN),
    }
}

fn perform(
    request: ConvertRequest,
    source: &Source,
    written: Arc<AtomicU64>,
    progress: &Progress,
) -> Result<ConversionOutcome, FrameError> {
    let format = match request.job {
        Job::Names => return archive::names_in(source, progress).map(ConversionOutcome::Names),
        Job::Convert(format) => format,
    };
    let options = OpenOptions {
        sheet: request.sheet,
        member: request.member,
        ..OpenOptions::default()
    };
    let expect = |bytes| {
        tell(&News::Expects(bytes)).ok();
    };
    let mut spool = Spool::output(request.most.unwrap_or(u64::MAX), expect, written);
    let step = format.conversion()(source, &options, &mut spool, progress)?;
    spool.finish()?;
    ConversionOutcome::of(step).ok_or_else(|| source.refused(guard::BROKEN))
}

fn tell(news: &News) -> io::Result<()> {
    let mut line = serde_json::to_vec(news)?;
    line.push(b'\n');
    io::stderr().write_all(&line)
}

fn refuse(reason: &str) -> ExitCode {
    // The other process may have ended, and then needs no reason.
    tell(&News::Refused(reason.to_owned())).ok();
    ExitCode::from(2)
}

/// Bounds the memory of this process, in bytes. Where the system cannot, a conversion ends when there is no more memory,
/// and ends alone.
#[cfg(unix)]
fn bound(memory: Option<u64>) {
    use rustix::process::{Resource, Rlimit, setrlimit};

    let limit = |resource, most| {
        let most = Rlimit {
            current: Some(most),
            maximum: Some(most),
        };
        setrlimit(resource, most).ok();
    };
    // An end for want of memory is expected, and no reason to write all of it to the disk.
    limit(Resource::Core, 0);
    if let Some(memory) = memory {
        // What is written to, as opposed to address space, of which allocators reserve more than they take.
        limit(Resource::Data, memory);
    }
    // When the system runs out of memory all the same, it ends this process, and not the window.
    std::fs::write("/proc/self/oom_score_adj", "1000").ok();
}

#[cfg(not(unix))]
fn bound(_: Option<u64>) {}
