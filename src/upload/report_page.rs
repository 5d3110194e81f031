//! The report of an upload as a page that needs nothing else: no script, no font, no picture from elsewhere.

use std::io::{self, Write};

use super::{report_writer::ReportWriter, unchecked_rules};
use crate::domain::number::grouped;

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;margin:2.5rem auto;max-width:60rem;padding:0 1rem;\
color:#1d1d1f;background:#fff}h1{font-size:1.5rem}h2{font-size:1.1rem;margin-top:2rem}table{border-collapse:collapse;\
width:100%}td,th{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #e3e1dc;vertical-align:top}\
th{font-weight:600}td.n{text-align:right;font-variant-numeric:tabular-nums}.dot{display:inline-block;width:.7rem;\
height:.7rem;border-radius:2px;margin-right:.5rem}.muted{color:#6b6a66}\
@media(prefers-color-scheme:dark){body{color:#ececea;background:#1c1c1e}td,th{border-color:#3a3a3c}}";

/// Writes the page.
pub(super) fn write(after: &ReportWriter<'_>, out: &mut dyn Write) -> io::Result<()> {
    let report = after.report;
    let tally = &report.tally;
    let file = after
        .frame
        .path()
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let dataset = after.checked.plan().dataset;
    let number = report.id.map_or_else(String::new, |id| format!(" {id}"));
    writeln!(
        out,
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Upload{number} of {0}</title>\
         <style>{STYLE}</style><h1>Upload{number} of {0}</h1>",
        escaped(&file)
    )?;
    let place = escaped(after.environment);
    write!(out, "<p>{} to {place}", dataset.title())?;
    if report.requests > 0 {
        #[expect(clippy::cast_precision_loss, reason = "a size for people needs no more digits")]
        let (size, seconds) = (report.bytes as f64 / 1e6, report.duration.as_secs_f64());
        write!(
            out,
            ": {} {}, {size:.1} MB, {seconds:.1} s",
            grouped(report.requests),
            if report.requests == 1 { "request" } else { "requests" }
        )?;
    }
    writeln!(out, "</p>")?;
    if let Some(stopped) = &report.stopped {
        writeln!(out, "<p><b>It ended early:</b> {}</p>", escaped(&stopped.to_string()))?;
    }
    if let Some(fewer) = report.fewer_records(after.checked.plan().dataset) {
        writeln!(out, "<p>{fewer}</p>")?;
    }
    if let Some(read) = &report.read_back {
        writeln!(out, "<p>{}</p>", escaped(&read.to_string()))?;
    }
    let parts = [
        (tally.stored, "stored", "#2e9e66"),
        (tally.unchanged, "stored before", "#8cc7a7"),
        (tally.rejected, "rejected by the server", "#d64541"),
        (tally.with_errors + tally.unreadable, "left out, with errors", "#9a978f"),
        (
            tally.unaddressable,
            "left out, with ids that cannot be asked for",
            "#b9b6ae",
        ),
        (tally.unknown, "sent, but not confirmed", "#d98f1f"),
        (tally.waiting + tally.sent, "not sent", "#d9d6ce"),
    ];
    picture(&parts, tally.all, out)?;
    writeln!(out, "<table>")?;
    for (rows, name, colour) in parts.iter().filter(|(rows, ..)| *rows > 0) {
        writeln!(
            out,
            "<tr><td><span class=\"dot\" style=\"background:{colour}\"></span>{name}<td class=\"n\">{}",
            grouped(*rows)
        )?;
    }
    writeln!(
        out,
        "<tr><th>all rows<td class=\"n\"><b>{}</b></table>",
        grouped(tally.all)
    )?;
    rules(after, out)?;
    rows(after, out)
}

/// A bar that shows the parts.
#[expect(clippy::cast_precision_loss, reason = "a picture needs no more digits")]
fn picture(parts: &[(u64, &str, &str)], all: u64, out: &mut dyn Write) -> io::Result<()> {
    write!(
        out,
        "<svg viewBox=\"0 0 1000 40\" width=\"100%\" height=\"40\" preserveAspectRatio=\"none\" role=\"img\" \
         aria-label=\"The rows by what became of them\">"
    )?;
    let mut x = 0.0;
    for (rows, name, colour) in parts.iter().filter(|(rows, ..)| *rows > 0) {
        let width = *rows as f64 / all.max(1) as f64 * 1000.0;
        write!(
            out,
            "<rect x=\"{x:.2}\" y=\"0\" width=\"{width:.2}\" height=\"40\" fill=\"{colour}\"><title>{} {name}</title></rect>",
            grouped(*rows)
        )?;
        x += width;
    }
    writeln!(out, "</svg>")
}

/// Where the server is stricter than the check.
fn rules(after: &ReportWriter<'_>, out: &mut dyn Write) -> io::Result<()> {
    let rules = unchecked_rules(&after.report.rejected);
    if rules.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "<h2>The server is stricter than we are here</h2><table><tr><th>Field<th>What it says<th>Rows<th>First line"
    )?;
    for rule in rules {
        let field = if rule.path.is_empty() { "the record" } else { &rule.path };
        writeln!(
            out,
            "<tr><td>{}<td>{}<td class=\"n\">{}<td class=\"n\">{}",
            escaped(field),
            escaped(&rule.message),
            grouped(rule.rows),
            after.frame.line(rule.first)
        )?;
    }
    writeln!(out, "</table>")
}

/// Every row that is not stored.
fn rows(after: &ReportWriter<'_>, out: &mut dyn Write) -> io::Result<()> {
    let rows = after.rows();
    if rows.is_empty() {
        return writeln!(out, "<p>Every row is stored.</p>");
    }
    writeln!(
        out,
        "<h2>Rows that are not stored</h2><table><tr><th>Line<th>What became of it<th>Why"
    )?;
    for row in rows.iter() {
        writeln!(
            out,
            "<tr><td class=\"n\">{}<td>{}<td>{}",
            escaped(&after.frame.location(row, None).brief()),
            after.status(row),
            escaped(&after.reasons(row).join("; "))
        )?;
    }
    writeln!(out, "</table>")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
