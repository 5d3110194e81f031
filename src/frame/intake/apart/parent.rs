//! The process that has a file converted.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Mutex, MutexGuard, OnceLock, PoisonError},
    thread,
};

use super::{ConversionOutcome, ConvertRequest, Foreign, Job, News};
use crate::{
    domain::progress::Progress,
    frame::{
        FrameError, OpenOptions,
        allowance::Allowance,
        intake::{OriginStep, archive, guard},
        source::Source,
        spool::{Finished, Spool},
    },
};

/// The program that converts.
static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
/// How much of its text is taken at a time, in bytes.
const BLOCK: usize = 256 << 10;
/// So many reports without any progress, twenty of them a second, end it. They are counted instead of the time, which
/// goes on while the machine sleeps.
const PATIENCE: u32 = 5 * 60 * 20;
/// How the standard library begins its last words when memory is wanting.
const NO_MEMORY: &str = "memory allocation of ";

/// Names the program that converts, which must call [`super::convert_input`] for `tatami convert`: the running one.
pub fn convert_with(program: PathBuf) {
    PROGRAM.set(program).ok();
}

/// Has a source converted.
pub(in crate::frame::intake) fn convert(
    format: Foreign,
    source: &Source,
    options: &OpenOptions,
    spool: &mut Spool,
    allowance: &Allowance,
    progress: &Progress,
) -> Result<OriginStep, FrameError> {
    let Some(program) = PROGRAM.get() else {
        return format.conversion()(source, options, spool, progress);
    };
    let request = ConvertRequest {
        job: Job::Convert(format),
        sheet: options.sheet.clone(),
        member: options.member.clone(),
        most: spool.wanted(),
        memory: allowance.memory(),
    };
    let product = Converting {
        source,
        allowance,
        progress,
    }
    .run(program, &request, spool)?;
    product.step().ok_or_else(|| source.refused(guard::BROKEN))
}

/// The names in an archive.
pub(in crate::frame::intake) fn names(
    source: &Source,
    allowance: &Allowance,
    progress: &Progress,
) -> Result<Vec<String>, FrameError> {
    let Some(program) = PROGRAM.get() else {
        return archive::names_in(source, progress);
    };
    let request = ConvertRequest {
        job: Job::Names,
        sheet: None,
        member: None,
        most: None,
        memory: allowance.memory(),
    };
    let conversion = Converting {
        source,
        allowance,
        progress,
    };
    // It has no text.
    match conversion.run(program, &request, &mut Spool::head(0))? {
        ConversionOutcome::Names(names) => Ok(names),
        ConversionOutcome::Member { .. } | ConversionOutcome::Sheet(_) | ConversionOutcome::Records(_) => {
            Err(source.refused(guard::BROKEN))
        }
    }
}

/// What is converted, and within what.
struct Converting<'a> {
    source: &'a Source,
    allowance: &'a Allowance,
    progress: &'a Progress,
}

/// What was heard of the process until its end.
#[derive(Default)]
struct Heard {
    product: Option<ConversionOutcome>,
    refusal: Option<String>,
    lacks_memory: bool,
    /// It makes no progress any more, and was ended.
    is_stuck: bool,
    /// It was ended, as its text would be too large.
    excess: Option<FrameError>,
}

impl Converting<'_> {
    /// Starts the process, and takes its text until it ends.
    fn run(
        &self,
        program: &PathBuf,
        request: &ConvertRequest,
        spool: &mut Spool,
    ) -> Result<ConversionOutcome, FrameError> {
        let file = self.file()?;
        let request = serde_json::to_string(request).map_err(|error| self.failed(&error.into()))?;
        let child = Command::new(program)
            .args(["convert", &request])
            .stdin(file)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let mut child = child.map_err(|error| self.failed(&error))?;
        let (Some(text), Some(news)) = (child.stdout.take(), child.stderr.take()) else {
            return Err(self.source.refused(guard::BROKEN));
        };
        let child = Mutex::new(child);
        let before = self.allowance.taken();
        let (copied, heard) = thread::scope(|scope| {
            let listener = scope.spawn(|| self.listen(BufReader::new(news), before, &|| stop(&child)));
            let copied = self.copy(text, spool);
            if copied.is_err() {
                stop(&child);
            }
            (copied, listener.join().unwrap_or_default())
        });
        let mut child = child.into_inner().unwrap_or_else(PoisonError::into_inner);
        let ended = child.wait().map_err(|error| self.failed(&error))?;
        self.outcome(heard, copied, ended)
    }

    /// The file that the process reads; what is in no file is put into one.
    fn file(&self) -> Result<File, FrameError> {
        if let Some(file) = self.source.file()? {
            return Ok(file);
        }
        let mut spool = Spool::create(self.allowance.folder(), self.source.size())?;
        let unseen = Progress::default();
        self.copy(self.source.reader(&unseen), &mut spool)?;
        match spool.finish()? {
            Finished::File(file, _) => Ok(file),
            Finished::Head(_) | Finished::Output => Err(self.source.refused(guard::BROKEN)),
        }
    }

    fn failed(&self, error: &io::Error) -> FrameError {
        self.source
            .refused(format!("it cannot be converted ({error}); open it again"))
    }

    fn copy(&self, mut text: impl Read, spool: &mut Spool) -> Result<(), FrameError> {
        let mut block = vec![0; BLOCK];
        loop {
            match text.read(&mut block) {
                Ok(0) => return Ok(()),
                Ok(len) => spool.write(block.get(..len).unwrap_or_default())?,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.failed(&error)),
            }
        }
    }

    /// Listens until it ends; counts its progress, and stops it when it is cancelled, expects too much beside what was
    /// taken `before`, or is stuck.
    fn listen(&self, news: impl BufRead, before: u64, stop: &dyn Fn()) -> Heard {
        let mut heard = Heard::default();
        let (mut counted, mut last, mut since) = (0, (0, 0), 0);
        for line in news.split(b'\n').map_while(Result::ok) {
            if self.progress.is_cancelled() {
                stop();
            }
            match serde_json::from_slice(&line) {
                Ok(News::At { done, written }) => {
                    self.progress.add(done.saturating_sub(counted));
                    counted = counted.max(done);
                    since = if (done, written) == last { since + 1 } else { 0 };
                    last = (done, written);
                    if since == PATIENCE {
                        heard.is_stuck = true;
                        stop();
                    }
                }
                Ok(News::Expects(bytes)) => {
                    if let Err(error) = self.allowance.ensure(before.saturating_add(bytes)) {
                        heard.excess = Some(error);
                        stop();
                    }
                }
                Ok(News::Ended(product)) => heard.product = Some(product),
                Ok(News::Refused(reason)) => heard.refusal = Some(reason),
                Err(_) => heard.lacks_memory |= line.starts_with(NO_MEMORY.as_bytes()),
            }
        }
        heard
    }

    fn outcome(
        &self,
        heard: Heard,
        copied: Result<(), FrameError>,
        ended: ExitStatus,
    ) -> Result<ConversionOutcome, FrameError> {
        if self.progress.is_cancelled() {
            return Err(FrameError::Cancelled);
        }
        if let Some(excess) = heard.excess {
            return Err(excess);
        }
        copied?;
        if let Some(product) = heard.product.filter(|_| ended.success()) {
            return Ok(product);
        }
        self.source.check()?;
        if heard.is_stuck {
            return Err(self
                .source
                .refused("its conversion made no progress for five minutes, and was stopped; export it as CSV"));
        }
        if heard.lacks_memory || was_killed(ended) {
            return Err(self.allowance.out_of_memory());
        }
        Err(self
            .source
            .refused(heard.refusal.unwrap_or_else(|| guard::BROKEN.to_owned())))
    }
}

/// Whether the system ended a process, as it does when memory runs out.
#[cfg(unix)]
fn was_killed(ended: ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt as _;

    ended.signal() == Some(rustix::process::Signal::KILL.as_raw())
}

#[cfg(not(unix))]
fn was_killed(_: ExitStatus) -> bool {
    false
}

fn stop(child: &Mutex<Child>) {
    let mut child: MutexGuard<'_, Child> = child.lock().unwrap_or_else(PoisonError::into_inner);
    // It may have ended already.
    child.kill().ok();
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, io::Cursor};

    use super::*;

    /// What is heard of a process that tells `news`, and how often it was stopped.
    fn heard(news: &str, allowed: u64) -> (Heard, u32) {
        let source = Source::bytes("table.parquet", vec![0; 8]);
        let options = OpenOptions {
            allow_unpacked: Some(allowed),
            ..OpenOptions::default()
        };
        let conversion = Converting {
            source: &source,
            allowance: &Allowance::of(&source, &options),
            progress: &Progress::default(),
        };
        let stopped = Cell::new(0);
        let heard = conversion.listen(Cursor::new(news), 0, &|| stopped.set(stopped.get() + 1));
        (heard, stopped.get())
    }

    fn at(done: u64, written: u64) -> String {
        serde_json::to_string(&News::At { done, written }).unwrap() + "\n"
    }

    #[test]
    fn a_process_that_makes_no_progress_any_more_is_stopped() {
        let patience = PATIENCE as usize;
        let waits = at(5, 9).repeat(patience);
        let (stuck, stopped) = heard(&(waits.clone() + &at(5, 9)), 1);
        assert!(stuck.is_stuck && stopped == 1);
        // Reading and writing are both progress.
        for going_on in [at(6, 9), at(5, 10)] {
            let (heard, stopped) = heard(&(waits.clone() + &going_on + &waits), 1);
            assert!(!heard.is_stuck && stopped == 0);
        }
    }

    #[test]
    fn a_process_is_stopped_before_it_unpacks_more_than_is_allowed() {
        let expects = serde_json::to_string(&News::Expects(100)).unwrap();
        let (within, stopped) = heard(&expects, 100);
        assert!(within.excess.is_none() && stopped == 0);
        let (beyond, stopped) = heard(&expects, 99);
        insta::assert_snapshot!(beyond.excess.unwrap(), @"table.parquet is opened only if that is meant: it unpacks to 100 bytes, and no more is allowed");
        assert_eq!(stopped, 1);
    }

    #[test]
    fn last_words_for_want_of_memory_are_understood() {
        let (heard, _) = heard("memory allocation of 123 bytes failed\nor anything else\n", 1);
        assert!(heard.lacks_memory && heard.product.is_none() && heard.refusal.is_none());
    }
}
