//! `tatami demo`: the whole journey in the terminal, with the sample files and a server of its own. Nothing is kept.

use std::{io::Write, process::ExitCode};

use super::{
    CommandResult,
    failure::Failure,
    input::{Input, InputArgs},
    report::{self, Group},
    target,
    text::{self, BOLD, CYAN, DIM, GREEN, RED, counted, grouped, safe, severity_style, shorten},
    upload::words::sum,
};
use crate::{
    domain::{dataset::Dataset, issue::Severity, progress::Progress, rules::Evidence},
    ops::{
        self, Connection,
        guard::{ChangeKind, Consent},
        serve,
        upload::Verdict,
    },
    settings::Paths,
    upload::Control,
};

const ABOUT: &str = "\
It starts the local server on a free port with temporary data, checks the sample files, uploads what is good, shows \
what is left out and why, and looks at what is stored. Nothing stays behind.";

/// The arguments of `tatami demo`: none.
#[derive(Debug, clap::Args)]
#[command(after_help = ABOUT)]
pub(super) struct DemoArgs {}

/// Causes that are shown of a file.
const CAUSES: usize = 5;

/// Makes the journey.
pub(super) fn run(_: &DemoArgs) -> CommandResult {
    let folder =
        tempfile::tempdir().map_err(|error| Failure::said(format!("there is no place for the samples: {error}")))?;
    let files = ops::sample::unpack(folder.path())
        .map_err(|error| Failure::said(format!("the samples cannot be written: {error}")))?;
    let args = InputArgs::plain(files);
    target::block_on(async {
        let running = serve::start_temporary().await;
        let running = running.map_err(|error| Failure::said(format!("the local server cannot start: {error}")))?;
        let connection = &running.connection;
        let mut out = text::stdout();
        heading("1  Check three files of a shop", &mut out)?;
        let mut inputs = Vec::new();
        for input in args.open()? {
            let input = input?;
            checked(&input, &mut out)?;
            inputs.push(input);
        }
        out.flush()?;
        heading(
            &format!("2  Upload the good rows to {}", connection.address()),
            &mut out,
        )?;
        for input in &inputs {
            upload(connection, input, &mut out).await?;
        }
        heading("3  What the server says to a row that was left out", &mut out)?;
        for input in &inputs {
            refused(connection, input, &mut out).await?;
        }
        heading("4  Look at what is stored", &mut out)?;
        stored(connection, &mut out).await?;
        writeln!(
            out,
            "\nNext: {CYAN}tatami{CYAN:#} opens the window, {CYAN}tatami check FILE{CYAN:#} looks at a file of yours"
        )?;
        out.flush()?;
        running.stop.cancel();
        Ok(ExitCode::SUCCESS)
    })
}

fn heading(text: &str, out: &mut dyn Write) -> Result<(), Failure> {
    writeln!(out, "\n{BOLD}{text}{BOLD:#}")?;
    Ok(())
}

/// The file's name without the folder, which is gone soon.
fn short_name(input: &Input) -> String {
    input
        .path()
        .file_name()
        .map_or_else(|| input.name(), |name| name.to_string_lossy().into_owned())
}

fn checked(input: &Input, out: &mut dyn Write) -> Result<(), Failure> {
    let all = u64::from(input.frame.len());
    let bad = input.checked.rows_with_errors().len();
    writeln!(
        out,
        "  {BOLD}{}{BOLD:#}: {} {}, {GREEN}{} good{GREEN:#}, {RED}{} with errors{RED:#}",
        short_name(input),
        grouped(all),
        input.dataset().noun(all),
        grouped(all - bad),
        grouped(bad)
    )?;
    let mut groups: Vec<Group<'_>> = report::groups(input).collect();
    let causes = groups.len();
    groups.sort_by_key(|group| (group.severity(), std::cmp::Reverse(group.rows.len())));
    for group in groups.iter().take(CAUSES) {
        let style = severity_style(group.severity());
        let column = group.column().unwrap_or_default();
        let place = match group.places(1)?.into_iter().next() {
            Some((row, problem)) if problem.value.is_empty() => input.frame.location(row, None).to_string(),
            Some((row, problem)) => {
                let place = input.frame.location(row, problem.cause.column);
                format!("{place}: {}", problem.value)
            }
            None => String::new(),
        };
        writeln!(
            out,
            "    {style}{:>3}{style:#} {:<36} {column:<15} {DIM}{}{DIM:#}",
            group.rows.len(),
            group.title(),
            shorten(&safe(&place), 40)
        )?;
    }
    if causes > CAUSES {
        writeln!(
            out,
            "    {DIM}and {} more{DIM:#}",
            counted((causes - CAUSES) as u64, "kind", "kinds")
        )?;
    }
    Ok(())
}

async fn upload(connection: &Connection, input: &Input, out: &mut dyn Write) -> Result<(), Failure> {
    let progress = Progress::default();
    let allowed = connection.allow(ChangeKind::Store, &Consent::default());
    let permit = allowed.map_err(|error| target::refused(&error))?;
    // Nothing is kept of the journey.
    let prepared = ops::upload::unrecorded(&permit, input.table());
    let report = prepared.send(&progress, &Control::default(), &mut |_| {}).await;
    if let Some(stopped) = report.stopped {
        return Err(Failure::said(stopped.to_string()));
    }
    let requests = counted(report.requests, "request", "requests");
    writeln!(
        out,
        "  {:<19} {GREEN}{}{GREEN:#} {DIM}in {requests}{DIM:#}",
        short_name(input),
        sum(&report.tally, false)
    )?;
    Ok(())
}

/// Sends one of the rows that were left out, to hear it from the server.
async fn refused(connection: &Connection, input: &Input, out: &mut dyn Write) -> Result<(), Failure> {
    let is_error = |group: &Group<'_>| {
        group.severity() == Severity::Error
            && match group.cause.rule.about().evidence {
                // The server reads no file, and one record agrees with itself.
                Evidence::Reason | Evidence::Sentence => false,
                Evidence::Value | Evidence::Rows | Evidence::MissingField => true,
            }
    };
    let Some(row) = report::groups(input)
        .find(is_error)
        .and_then(|group| group.rows.at_or_after(0))
    else {
        return Ok(());
    };
    let mut json = Vec::new();
    let mut sentence = String::new();
    input.visit(std::iter::once(row), &mut |row, cells| {
        input.checked.plan().write(cells, &mut json);
        let problems = input
            .checked
            .explain(row, cells, None, &|row| input.frame.location(row, None).to_string(), 0);
        sentence = problems
            .into_iter()
            .next()
            .map(|problem| problem.sentence)
            .unwrap_or_default();
        std::ops::ControlFlow::Continue(())
    })?;
    let said = match ops::upload::verdict(connection, input.dataset(), json).await? {
        Verdict::Accepted => "took it".to_owned(),
        Verdict::Rejected { lines, message } => lines.into_iter().next().unwrap_or(message),
    };
    writeln!(
        out,
        "  {} {}: {}",
        short_name(input),
        input.frame.location(row, None),
        safe(&sentence)
    )?;
    writeln!(out, "    {DIM}{}{DIM:#}", shorten(&safe(&said), 140))?;
    Ok(())
}

async fn stored(connection: &Connection, out: &mut dyn Write) -> Result<(), Failure> {
    let mut counts = Vec::new();
    for (dataset, count) in ops::count::count_all(connection).await {
        let count = count?.unwrap_or_default();
        counts.push(format!("{} {}", grouped(count), dataset.noun(count)));
    }
    writeln!(out, "  {}", counts.join(", "))?;
    let known = ops::list::ids(connection, &Paths::find()?, Dataset::Products, None).await?;
    let Some(id) = known.ids().first() else { return Ok(()) };
    let record = ops::get::get(connection, Dataset::Products, id)
        .await?
        .unwrap_or_default();
    writeln!(out, "  the product {id}:")?;
    for line in text::pretty_json(&record).lines() {
        writeln!(out, "    {DIM}{}{DIM:#}", shorten(&safe(line), 96))?;
    }
    Ok(())
}
