//! What is said of how a file was read, before anything is said of its rows: by `check` and `upload` alike.

use std::io::{self, Write};

use super::text::{BOLD, DIM, safe};
use crate::frame::Frame;

/// Says it, a line each.
pub(super) fn write(frame: &Frame, out: &mut dyn Write) -> io::Result<()> {
    if let Some(converted) = frame.converted() {
        writeln!(out, "  {}", safe(&converted.summary()))?;
        for note in &converted.notes {
            writeln!(out, "  {DIM}{}{DIM:#}", safe(note))?;
        }
        if converted.is_optional() {
            writeln!(out, "  {DIM}--preset none reads the file as it stands{DIM:#}")?;
        }
    }
    let reading = frame.reading();
    if let Some(written) = reading.written() {
        writeln!(out, "  {DIM}written with {written}{DIM:#}")?;
    }
    if let Some(sum) = frame.sum_of_lines() {
        writeln!(out, "  {BOLD}{sum}{BOLD:#}")?;
    }
    if let Some(apart) = frame.left_out_words() {
        writeln!(
            out,
            "  left out: {} {DIM}(--every-line takes all for rows){DIM:#}",
            safe(&apart)
        )?;
    }
    files(frame, out)?;
    for note in frame.notes() {
        writeln!(out, "  {}", safe(note))?;
    }
    Ok(())
}

/// Which file and sheet is read, and which are not: nothing is passed over in silence.
fn files(frame: &Frame, out: &mut dyn Write) -> io::Result<()> {
    let (origin, reading) = (frame.origin(), frame.reading());
    if let Some(joined) = reading.joined() {
        writeln!(out, "  {}", safe(&joined))?;
        for unlike in &reading.not_read {
            let reason = match unlike.reason.as_str() {
                "" => String::new(),
                reason => format!(": {}", safe(reason)),
            };
            writeln!(
                out,
                "  {} is not read{reason} {DIM}(--member takes it alone){DIM:#}",
                safe(&unlike.file)
            )?;
        }
    }
    let member = origin.members().filter(|_| reading.files.len() < 2);
    for (what, flag, choice) in [("file", "--member", member), ("sheet", "--sheet", origin.sheets())] {
        if let Some(choice) = choice.filter(|choice| choice.all.len() > 1) {
            let others = choice.all.iter().filter(|name| *name != choice.chosen);
            let others: Vec<_> = others.map(|name| safe(name)).collect();
            let chosen = safe(choice.chosen);
            writeln!(
                out,
                "  the {what} {chosen} is read; {flag} takes another: {}",
                others.join(", ")
            )?;
        }
    }
    Ok(())
}
