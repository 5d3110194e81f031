//! Whether the log is whole, as far as that can be known here.

use std::fmt;

use super::{
    AuditError,
    entry::{AuditEntry, LogHead, LogStart, head_of},
    log,
};
use crate::{domain::number::grouped, settings::Paths};

/// Where the log is not whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogBreak {
    /// The first line is not that of a log.
    Start,
    /// A line is no entry.
    Unreadable {
        /// The line, from 1.
        line: u64,
    },
    /// An entry does not follow from the one before: that was changed, or what stood between is gone.
    Chain {
        /// The entry.
        number: u64,
    },
    /// Entries are missing, twice there or in another order.
    Order {
        /// The entry's number.
        number: u64,
        /// The one it should have.
        expected: u64,
    },
    /// When an entry was added, the log did not have what it had had before.
    Missing {
        /// The entry.
        number: u64,
        /// How far the log had been.
        head: LogHead,
    },
    /// When an entry was added, it was not known how far the log had been.
    WithoutHead {
        /// The entry.
        number: u64,
    },
    /// The head is of an entry that is not there: entries were cut off, or the last was changed.
    Cut {
        /// How far the log is said to be.
        head: LogHead,
    },
    /// When an entry was added, the head was further back than a crash leaves it.
    WasBehind {
        /// The entry.
        number: u64,
        /// That head.
        head: LogHead,
    },
    /// The head is further back than a crash leaves it: it was changed, or entries were added by something else.
    Behind {
        /// That head.
        head: LogHead,
        /// How many lines stand behind its entry.
        lines: u64,
    },
    /// There is no head, so that nobody can know whether entries were cut off.
    NoHead,
    /// The head that was kept elsewhere is of an entry that is not there.
    Elsewhere {
        /// That head.
        head: LogHead,
    },
}

impl fmt::Display for LogBreak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start => f.write_str("the first line is not that of an audit log: it was changed, or cut off"),
            Self::Unreadable { line } => write!(f, "line {} is no entry: it was changed", grouped(*line)),
            Self::Chain { number } => write!(
                f,
                "entry {number} does not follow from the line before: that was changed, or what stood between is gone"
            ),
            Self::Order { number, expected } => write!(
                f,
                "entry {number} stands where entry {expected} should: entries are missing, or in another order"
            ),
            Self::Missing { number, head } => write!(
                f,
                "before entry {number} was added, entry {} was not there any more, or changed",
                head.number
            ),
            Self::WithoutHead { number } => write!(
                f,
                "before entry {number} was added, the head was gone: whether entries were cut off cannot be known"
            ),
            Self::Cut { head } => write!(
                f,
                "entry {}, the last one, is not there or was changed: entries were cut off at the end",
                head.number
            ),
            Self::WasBehind { number, head } => write!(
                f,
                "before entry {number} was added, the head was that of entry {}, further back than a crash leaves it: \
                 entries were added by something else, or the head was changed",
                head.number
            ),
            Self::Behind { head, lines } => write!(
                f,
                "{} lines stand behind entry {}, of which the head is; a crash leaves one there: they were added by \
                 something else, or the head was changed",
                grouped(*lines),
                head.number
            ),
            Self::NoHead => f.write_str("the head is gone: whether entries were cut off at the end cannot be known"),
            Self::Elsewhere { head } => write!(
                f,
                "entry {} is not the one of the head that was kept: it is not there, or all was written anew",
                head.number
            ),
        }
    }
}

/// What is known of the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogVerdict {
    /// Whether there is a log.
    pub is_there: bool,
    /// How many entries it has.
    pub entries: u64,
    /// When the first and the last were written.
    pub span: Option<(String, String)>,
    /// Its last entry: kept elsewhere, this shows later whether the log was cut or written anew.
    pub head: Option<LogHead>,
    /// So many bytes stand behind the last entry, as a crash leaves them: no change was made with them.
    pub unfinished: u64,
    /// The head is of the entry before the last, as a crash between both leaves it.
    pub is_ahead: bool,
    /// Where it is not whole.
    pub breaks: Vec<LogBreak>,
}

/// Goes through the whole log; `kept` is a head that was kept elsewhere.
///
/// # Errors
/// When it cannot be read.
pub fn verify(paths: &Paths, kept: Option<&LogHead>) -> Result<LogVerdict, AuditError> {
    let (log, head) = {
        let _lock = log::lock(paths).map_err(AuditError::Read)?;
        let log = log::read(paths).map_err(AuditError::Read)?;
        (log, log::read_head(paths).map_err(AuditError::Read)?)
    };
    let whole = log.iter().rposition(|byte| *byte == b'\n');
    let lines = whole.and_then(|end| log.get(..end));
    let mut walk = Walk {
        head: head.clone(),
        kept: kept.cloned(),
        ..Walk::default()
    };
    for (line, number) in lines
        .into_iter()
        .flat_map(|lines| lines.split(|byte| *byte == b'\n'))
        .zip(1..)
    {
        walk.take(line, number);
    }
    let Walk {
        mut verdict,
        behind,
        kept,
        ..
    } = walk;
    verdict.is_there = !log.is_empty();
    verdict.unfinished = (log.len() - whole.map_or(0, |end| end + 1)) as u64;
    match (head, behind) {
        (Some(head), None) => verdict.breaks.push(LogBreak::Cut { head }),
        (Some(_), Some(lines @ (0 | 1))) => verdict.is_ahead = lines == 1,
        (Some(head), Some(lines)) => verdict.breaks.push(LogBreak::Behind { head, lines }),
        // A crash before the first entry leaves a log without a head.
        (None, _) if verdict.entries > 0 => verdict.breaks.push(LogBreak::NoHead),
        (None, _) => {}
    }
    verdict.breaks.extend(kept.map(|head| LogBreak::Elsewhere { head }));
    Ok(verdict)
}

/// The way through the lines.
#[derive(Default)]
struct Walk {
    verdict: LogVerdict,
    /// The hash of the line before.
    previous: String,
    /// The number of the next entry; none behind what could not be read.
    next: Option<u64>,
    /// How far the log is said to be.
    head: Option<LogHead>,
    /// How many lines stand behind the one that the head is of; none until that is met.
    behind: Option<u64>,
    /// A head that was kept elsewhere, until its line is met.
    kept: Option<LogHead>,
}

impl Walk {
    fn take(&mut self, line: &[u8], line_number: u64) {
        let before = std::mem::replace(&mut self.previous, super::digest(line));
        if line_number == 1 {
            if serde_json::from_slice::<LogStart>(line).is_err() {
                self.verdict.breaks.push(LogBreak::Start);
            }
            self.next = Some(1);
            self.meet(&head_of(0, line));
            return;
        }
        let Ok(entry) = serde_json::from_slice::<AuditEntry>(line) else {
            self.verdict.breaks.push(LogBreak::Unreadable { line: line_number });
            self.next = None;
            self.behind = self.behind.map(|lines| lines + 1);
            return;
        };
        let head = head_of(entry.number, line);
        self.meet(&head);
        self.verdict.entries += 1;
        let first = self
            .verdict
            .span
            .take()
            .map_or_else(|| entry.at.clone(), |(first, _)| first);
        self.verdict.span = Some((first, entry.at.clone()));
        self.verdict.head = Some(head);
        self.verdict.breaks.extend(self.break_before(&entry, &before));
        // A number that none can follow is no number that this log comes to.
        self.next = entry.number.checked_add(1);
    }

    /// Takes in what the head after a line is.
    fn meet(&mut self, head: &LogHead) {
        self.behind = if self.head.as_ref() == Some(head) {
            Some(0)
        } else {
            self.behind.map(|lines| lines + 1)
        };
        self.kept.take_if(|kept| kept == head);
    }

    /// What is wrong between an entry and the line before it.
    fn break_before(&self, entry: &AuditEntry, before: &str) -> Option<LogBreak> {
        let number = entry.number;
        let defect = entry.defect.as_ref();
        if let Some(head) = defect.and_then(|defect| defect.missing.clone()) {
            return Some(LogBreak::Missing { number, head });
        }
        if let Some(head) = defect.and_then(|defect| defect.left_behind.clone()) {
            return Some(LogBreak::WasBehind { number, head });
        }
        if defect.is_some_and(|defect| defect.without_head) {
            return Some(LogBreak::WithoutHead { number });
        }
        if entry.previous != before {
            return Some(match self.next {
                Some(expected) if expected != number => LogBreak::Order { number, expected },
                Some(_) | None => LogBreak::Chain { number },
            });
        }
        let expected = self.next.filter(|next| *next != number)?;
        Some(LogBreak::Order { number, expected })
    }
}
