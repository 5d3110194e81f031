//! `tatami demo`: the whole journey in the terminal, with the sample files and a server of its own. Nothing is kept.

use std::{
    fs::File,
    io::{BufWriter, Write},
    process::ExitCode,
};

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{
    Ended,
    failure::Failure,
    input::{Input, InputArgs},
    report::{self, Group},
    sending, target,
    text::{self, BOLD, CYAN, DIM, GREEN, RED, counted, grouped, safe, severity_style, shorten},
    upload::words::sum,
};
use crate::{
    api::{ApiError, ApiKey, Client, ClientOptions, Endpoint},
    domain::{dataset::Dataset, issue::Severity, progress::Progress, rules::Rule},
    sample::SHIPPED,
    server::{self, Config, Keys},
    upload::{Account, Record, body},
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
pub(super) fn run(_: &DemoArgs) -> Ended {
    let folder =
        tempfile::tempdir().map_err(|error| Failure::said(format!("there is no place for the samples: {error}")))?;
    let mut files = Vec::new();
    for shipped in SHIPPED {
        let path = folder.path().join(shipped.name);
        let written = File::create(&path).and_then(|file| shipped.write(&mut BufWriter::new(file)));
        written.map_err(|error| Failure::said(format!("{} cannot be written: {error}", path.display())))?;
        files.push(path);
    }
    let args = InputArgs::plain(files);
    target::block_on(async {
        let (client, stop) = start().await?;
        let mut out = text::stdout();
        heading("1  Check three files of a shop", &mut out)?;
        let mut inputs = Vec::new();
        for frame in args.open()?.frames {
            let input = args.check(frame)?;
            checked(&input, &mut out)?;
            inputs.push(input);
        }
        out.flush()?;
        heading(
            &format!("2  Upload the good rows to {}", client.endpoint().base_url()),
            &mut out,
        )?;
        for input in &inputs {
            upload(&client, input, &mut out).await?;
        }
        heading("3  What the server says to a row that was left out", &mut out)?;
        for input in &inputs {
            refused(&client, input, &mut out).await?;
        }
        heading("4  Look at what is stored", &mut out)?;
        stored(&client, &mut out).await?;
        writeln!(
            out,
            "\nNext: {CYAN}tatami{CYAN:#} opens the window, {CYAN}tatami check FILE{CYAN:#} looks at a file of yours"
        )?;
        out.flush()?;
        stop.cancel();
        Ok(ExitCode::SUCCESS)
    })
}

/// A server that forgets, and a client for it.
async fn start() -> Result<(Client, CancellationToken), Failure> {
    let failed = |error| Failure::said(format!("the local server cannot start: {error}"));
    let keys = Keys::generate()?;
    let listener = TcpListener::bind("127.0.0.1:0").await.map_err(failed)?;
    let url = format!("http://{}", listener.local_addr().map_err(failed)?);
    let client = Client::new(
        Endpoint::new(&url, ApiKey::new(keys.secret.clone()))?,
        ClientOptions::default(),
    )?;
    let stop = CancellationToken::new();
    let stopped = stop.clone().cancelled_owned();
    tokio::spawn(async move {
        if let Err(error) = server::serve(listener, Config::temporary(keys), stopped).await {
            text::complain(&format!("the local server stopped: {error}"));
        }
    });
    Ok((client, stop))
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
        let place = match (group.cause.rule, group.places(1)?.into_iter().next()) {
            (Rule::Unreadable, Some((row, _))) => input.frame.location(row, None).to_string(),
            (_, Some((row, problem))) if problem.value.is_empty() => input.frame.location(row, None).to_string(),
            (_, Some((row, problem))) => {
                let place = input.frame.location(row, problem.cause.column);
                format!("{place}: {}", problem.value)
            }
            (_, None) => String::new(),
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

async fn upload(client: &Client, input: &Input, out: &mut dyn Write) -> Result<(), Failure> {
    let progress = Progress::default();
    // Nothing is kept of the journey, the account of the upload neither.
    let account = Account::unwritten(u64::from(input.frame.len()));
    let setup = sending::setup(input, false, account);
    let report = sending::send(client, setup, sending::records(input), &progress, &mut |_| {}).await;
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
async fn refused(client: &Client, input: &Input, out: &mut dyn Write) -> Result<(), Failure> {
    let is_error = |group: &Group<'_>| {
        group.severity() == Severity::Error && !matches!(group.cause.rule, Rule::Unreadable | Rule::Inconsistent)
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
    let record = Record {
        row,
        json,
        ..Record::default()
    };
    let answer = client.upload(input.dataset(), body(&[record]), true).await;
    let said = match answer {
        Ok(_) => "took it".to_owned(),
        Err(ApiError::Rejected { lines, message }) => lines.into_iter().next().unwrap_or(message),
        Err(error) => return Err(error.into()),
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

async fn stored(client: &Client, out: &mut dyn Write) -> Result<(), Failure> {
    let counts = client.counts().await?.unwrap_or_default();
    let counts =
        Dataset::ALL.map(|dataset| format!("{} {}", grouped(counts.of(dataset)), dataset.noun(counts.of(dataset))));
    writeln!(out, "  {}", counts.join(", "))?;
    let ids = client.ids(Dataset::Products, None).await?;
    let Some(id) = ids.first() else { return Ok(()) };
    let record = client.get(Dataset::Products, id).await?.unwrap_or_default();
    writeln!(out, "  the product {id}:")?;
    for line in text::pretty_json(&record).lines() {
        writeln!(out, "    {DIM}{}{DIM:#}", shorten(&safe(line), 96))?;
    }
    Ok(())
}
