//! Conversions by libraries that a damaged file can make allocate without bounds or abort. They run in a process of
//! their own, so that ours survives: `tatami convert FORMAT` reads the file from standard input, writes its text to
//! standard output, and its progress and the reason of a refusal to standard error.
//!
//! Where no program was named, as in tests of the library, and for input that is no file, they run in this process.

use std::{
    io::{self, BufRead as _, BufReader, Read, Write as _},
    path::PathBuf,
    process::{Child, ChildStderr, Command, ExitCode, Stdio},
    sync::{Mutex, MutexGuard, OnceLock, PoisonError},
    thread,
    time::Duration,
};

use super::{Conversion, OriginStep, arrow, guard, parquet};
use crate::{
    domain::progress::Progress,
    frame::{FrameError, OpenOptions, source::Source, spool::Spool},
};

/// The program that converts.
static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
/// How often the process reports its progress.
const NEWS: Duration = Duration::from_millis(50);
/// How much of its text is taken at a time, in bytes.
const BLOCK: usize = 256 << 10;
/// What the line with the reason of a refusal begins with.
const REFUSED: &str = "refused: ";

/// The formats that are converted in a process of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Foreign {
    Parquet,
    Arrow,
    ArrowStream,
}

impl Foreign {
    const ALL: [Self; 3] = [Self::Parquet, Self::Arrow, Self::ArrowStream];

    const fn name(self) -> &'static str {
        match self {
            Self::Parquet => "parquet",
            Self::Arrow => "arrow",
            Self::ArrowStream => "arrow-stream",
        }
    }

    fn conversion(self) -> Conversion {
        match self {
            Self::Parquet => parquet::convert,
            Self::Arrow => arrow::file,
            Self::ArrowStream => arrow::stream,
        }
    }

    const fn step(self) -> OriginStep {
        match self {
            Self::Parquet => OriginStep::Records("Parquet"),
            Self::Arrow => OriginStep::Records("Arrow"),
            Self::ArrowStream => OriginStep::Records("Arrow stream"),
        }
    }
}

/// Names the program that converts, which must call [`convert_input`] for `tatami convert`: the running one.
pub fn convert_with(program: PathBuf) {
    PROGRAM.set(program).ok();
}

/// Writes the text of the file on standard input to standard output, for the process that started this one.
pub(crate) fn convert_input(format: &str) -> ExitCode {
    // The other process may have ended, and then needs no report.
    let tell = |line: String| writeln!(io::stderr(), "{line}").ok();
    let refuse = |reason: &str| {
        tell(format!("{REFUSED}{}", reason.replace('\n', " ")));
        ExitCode::from(2)
    };
    let Some(format) = Foreign::ALL.into_iter().find(|foreign| foreign.name() == format) else {
        return refuse("there is no such format");
    };
    let source = match Source::input() {
        Ok(source) => source,
        Err(error) => return refuse(&error.to_string()),
    };
    let progress = std::sync::Arc::new(Progress::default());
    let told = std::sync::Arc::clone(&progress);
    let news = move || {
        loop {
            thread::sleep(NEWS);
            tell(told.done().to_string());
        }
    };
    if let Err(error) = thread::Builder::new().name("news".to_owned()).spawn(news) {
        return refuse(&error.to_string());
    }
    let mut spool = Spool::output();
    let converted = guard::guarded(|| {
        format.conversion()(&source, &OpenOptions::default(), &mut spool, &progress)?;
        spool.finish()
    });
    match converted {
        Some(Ok(_)) => ExitCode::SUCCESS,
        Some(Err(FrameError::Unsupported { reason, .. })) => refuse(&reason),
        Some(Err(error)) => refuse(&error.to_string()),
        None => ExitCode::from(2),
    }
}

pub(super) fn parquet(
    source: &Source,
    options: &OpenOptions,
    spool: &mut Spool,
    progress: &Progress,
) -> Result<OriginStep, FrameError> {
    convert(Foreign::Parquet, source, options, spool, progress)
}

pub(super) fn arrow(
    source: &Source,
    options: &OpenOptions,
    spool: &mut Spool,
    progress: &Progress,
) -> Result<OriginStep, FrameError> {
    convert(Foreign::Arrow, source, options, spool, progress)
}

pub(super) fn arrow_stream(
    source: &Source,
    options: &OpenOptions,
    spool: &mut Spool,
    progress: &Progress,
) -> Result<OriginStep, FrameError> {
    convert(Foreign::ArrowStream, source, options, spool, progress)
}

fn convert(
    format: Foreign,
    source: &Source,
    options: &OpenOptions,
    spool: &mut Spool,
    progress: &Progress,
) -> Result<OriginStep, FrameError> {
    match start(format, source)? {
        Some(child) => take(format, child, source, spool, progress),
        None => format.conversion()(source, options, spool, progress),
    }
}

/// Starts the process that converts a source; `None` where it cannot be started.
fn start(format: Foreign, source: &Source) -> Result<Option<Child>, FrameError> {
    let (Some(program), Some(file)) = (PROGRAM.get(), source.file()?) else {
        return Ok(None);
    };
    let child = Command::new(program)
        .args(["convert", format.name()])
        .stdin(file)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    // It fails when the program was replaced while it ran; then the conversion runs here.
    Ok(child.ok())
}

/// Takes the process's text until it ends, or until the spool is full.
fn take(
    format: Foreign,
    mut child: Child,
    source: &Source,
    spool: &mut Spool,
    progress: &Progress,
) -> Result<OriginStep, FrameError> {
    let (Some(text), Some(news)) = (child.stdout.take(), child.stderr.take()) else {
        return Err(source.refused("it cannot be converted; open it again"));
    };
    let child = Mutex::new(child);
    let (copied, reason) = thread::scope(|scope| {
        let listener = scope.spawn(|| listen(news, progress, &child));
        let copied = copy(text, source, spool);
        if copied.is_err() || spool.is_full() {
            stop(&child);
        }
        (copied, listener.join().ok().flatten())
    });
    let mut child = child.into_inner().unwrap_or_else(PoisonError::into_inner);
    let is_done = child.wait().is_ok_and(|status| status.success());
    copied?;
    if progress.is_cancelled() {
        return Err(FrameError::Cancelled);
    }
    if is_done || spool.is_full() {
        return Ok(format.step());
    }
    source.check()?;
    Err(source.refused(reason.unwrap_or_else(|| guard::BROKEN.to_owned())))
}

fn copy(mut text: impl Read, source: &Source, spool: &mut Spool) -> Result<(), FrameError> {
    let mut block = vec![0; BLOCK];
    while !spool.is_full() {
        match text.read(&mut block) {
            Ok(0) => break,
            Ok(len) => spool.write(block.get(..len).unwrap_or_default())?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(source.refused(format!("it cannot be converted ({error}); open it again"))),
        }
    }
    Ok(())
}

/// Counts its progress, stops it on cancellation, and returns the reason of a refusal.
fn listen(news: ChildStderr, progress: &Progress, child: &Mutex<Child>) -> Option<String> {
    let (mut done, mut reason) = (0, None);
    for line in BufReader::new(news).lines().map_while(Result::ok) {
        if progress.is_cancelled() {
            stop(child);
        }
        if let Ok(now) = line.parse::<u64>() {
            progress.add(now.saturating_sub(done));
            done = done.max(now);
        } else if let Some(why) = line.strip_prefix(REFUSED) {
            reason = Some(why.to_owned());
        }
    }
    reason
}

fn stop(child: &Mutex<Child>) {
    let mut child: MutexGuard<'_, Child> = child.lock().unwrap_or_else(PoisonError::into_inner);
    // It may have ended already.
    child.kill().ok();
}
