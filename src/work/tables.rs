//! Work on files: open, check, repair, sort, export. Runs on threads that may block.

use std::{ops::ControlFlow, path::Path, sync::Arc, time::Duration};

use super::{Reporter, environments::Connections, task::Outcome};
use crate::{
    check::{self, Checked},
    domain::{
        cell::{Cell, OwnedCell},
        dataset::Dataset,
        issue::Cause,
        number::grouped,
        progress::Progress,
        rows::RowSet,
        rules::Levels,
    },
    frame::{self, DataSource, Edits, Frame, FrameError, OpenOptions},
    message::{Event, Request, Table, TableCommand, TableEvent},
    ops::open::{self, OpenError, OpenRequest, OpenStep, RecipeSource},
    settings::AtomicFile,
};

/// How often it is looked whether an opened file has changed.
const LOOK_EVERY: Duration = Duration::from_secs(1);

pub(super) fn perform(
    request: Request,
    command: TableCommand,
    connections: &Connections,
    reporter: &Reporter,
) -> Outcome {
    match run(request, command, connections, reporter) {
        Err(OpenError::Frame(FrameError::Cancelled)) => Ok(()),
        outcome => Ok(outcome?),
    }
}

fn run(
    request: Request,
    command: TableCommand,
    connections: &Connections,
    reporter: &Reporter,
) -> Result<(), OpenError> {
    let event = match command {
        TableCommand::Open {
            path,
            options,
            dataset,
            levels,
            progress,
        } => {
            let options = OpenOptions {
                spool: Some(connections.paths().spool()),
                ..options
            };
            let opening = Opening {
                request,
                path: &path,
                dataset,
                levels,
            };
            open(&opening, options, &progress, connections, reporter)?;
            connections.remember_file(&path);
            return Ok(());
        }
        TableCommand::Check {
            table,
            mapping,
            levels,
            progress,
        } => {
            let checked = check::check_by(&levels, &table.frame, &table.edits, &mapping, &progress)?;
            TableEvent::Checked(Arc::new(checked))
        }
        TableCommand::Prove {
            table,
            mapping,
            wanted,
            progress,
        } => TableEvent::Proven(check::prove(&table.frame, &table.edits, &mapping, &wanted, &progress)?),
        TableCommand::Recheck { table, checked, rows } => {
            let mut checked = Arc::unwrap_or_clone(checked);
            checked.recheck(&table.frame, &table.edits, &rows)?;
            TableEvent::Rechecked(Arc::new(checked))
        }
        TableCommand::Repair { table, checked, cause } => repair(table, &checked, cause)?,
        TableCommand::Sort {
            table,
            column,
            descending,
        } => TableEvent::Sorted {
            column,
            descending,
            order: frame::sort(&table.frame, &table.edits, column, descending, &Progress::default())?,
        },
        TableCommand::SaveCopy { table, path } => {
            save_copy(&table, &path)?;
            TableEvent::Copied(path)
        }
        TableCommand::Export { table, checked, path } => {
            let rows = export(&table, &checked, &path)?;
            TableEvent::Exported { path, rows }
        }
    };
    reporter.report_blocking(Event::Table(request, event));
    Ok(())
}

/// What is to be opened.
struct Opening<'a> {
    request: Request,
    path: &'a Path,
    dataset: Option<Dataset>,
    levels: Levels,
}

fn open(
    opening: &Opening<'_>,
    options: OpenOptions,
    progress: &Progress,
    connections: &Connections,
    reporter: &Reporter,
) -> Result<(), OpenError> {
    let &Opening {
        request,
        path,
        dataset,
        levels,
    } = opening;
    let wanted = OpenRequest {
        options,
        dataset,
        recipe: RecipeSource::Kept(connections.paths().clone()),
        levels,
        ..OpenRequest::default()
    };
    let report = |event| reporter.report_blocking(Event::Table(request, event));
    let opened = open::open(&DataSource::path(path), &wanted, progress, &|step| match step {
        OpenStep::RecipeFailed(error) => reporter.report_blocking(Event::Problem(error.to_string())),
        OpenStep::Head(frame, suggested) => report(TableEvent::Head {
            frame: Arc::clone(frame),
            suggested: suggested.clone(),
        }),
        OpenStep::Grown(frame) => report(TableEvent::Grown(frame)),
        OpenStep::Read(frame, suggested) => {
            report(TableEvent::Opened {
                frame: Arc::clone(frame),
                suggested: suggested.clone(),
            });
            look_after(request, frame, reporter);
        }
    })?;
    if let Some((of, fixed)) = opened.repaired {
        let [of, fixed] = [of, fixed].map(grouped);
        reporter.report_blocking(Event::Told(format!(
            "{} holds rows that were not stored before: {fixed} of {of} have no errors any more",
            path.file_name().unwrap_or(path.as_os_str()).to_string_lossy()
        )));
    }
    if !opened.edits.is_empty() {
        report(TableEvent::Restored {
            edits: Arc::new(opened.edits),
            refused: Vec::new(),
        });
    }
    report(TableEvent::Checked(Arc::new(opened.checked)));
    Ok(())
}

/// Looks every second whether the file is still the one that was opened, as long as somebody has the table.
fn look_after(request: Request, frame: &Arc<Frame>, reporter: &Reporter) {
    let (frame, reporter) = (Arc::downgrade(frame), reporter.clone());
    let Ok(runtime) = tokio::runtime::Handle::try_current() else {
        return;
    };
    runtime.spawn(async move {
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            let Some(frame) = frame.upgrade() else { return };
            let look = tokio::task::spawn_blocking(move || frame.ensure_unchanged().is_err().then_some(frame));
            if let Ok(Some(frame)) = look.await {
                let changed = Event::Table(request, TableEvent::FileChanged(frame));
                return reporter.report(changed).await;
            }
        }
    });
}

/// Repairs all rows with a cause; rows whose repair would not fit are left out.
fn repair(table: Table, checked: &Checked, cause: Cause) -> Result<TableEvent, FrameError> {
    let mut edits = Edits::clone(&table.edits);
    let mut rows = RowSet::default();
    if let (Some(wrong), Some(hint), Some(column)) = (checked.issues.rows(&cause), cause.hint, cause.column)
        && let Some(part) = checked.plan().part(column as usize)
    {
        for range in wrong.ranges() {
            table.frame.scan(range, &table.edits, &mut |row, cells| {
                let cell = cells.get(column as usize).copied().unwrap_or_default();
                if let Some(repaired) = hint.repair(part, cell) {
                    edits.set(row, column, Some(repaired));
                    rows.insert(row);
                }
                ControlFlow::Continue(())
            })?;
        }
    }
    Ok(TableEvent::Repaired {
        cause,
        before: table.edits,
        edits: Arc::new(edits),
        rows,
    })
}

/// Writes the table as the file is, with the changes.
fn save_copy(table: &Table, path: &Path) -> Result<(), FrameError> {
    AtomicFile::write(
        path,
        |path| table.frame.comes_from(path),
        |out| frame::export_same(&table.frame, &table.edits, &Progress::default(), out),
    )
}

/// Writes every row that has a problem, with its file line and what is wrong with it.
fn export(table: &Table, checked: &Checked, path: &Path) -> Result<u64, FrameError> {
    let frame = &table.frame;
    let rows = checked.issues.all_rows();
    let extra = |row: u32| {
        let sentences = sentences(table, checked, row);
        vec![frame.location(row, None).brief(), sentences]
    };
    let extra = frame::ExtraColumns {
        names: &["_line", "_errors"],
        cells: &extra,
    };
    AtomicFile::write(
        path,
        |path| frame.comes_from(path),
        |out| frame::export_csv(frame, &table.edits, rows.iter(), Some(extra), out),
    )?;
    Ok(rows.len())
}

fn sentences(table: &Table, checked: &Checked, row: u32) -> String {
    let frame = &table.frame;
    let Ok(read) = frame.read(row..row + 1, &table.edits) else {
        return String::new();
    };
    let cells: Vec<Cell<'_>> = read.iter().flatten().map(OwnedCell::as_cell).collect();
    let defects = frame.defects();
    let at = defects.binary_search_by_key(&row, |defect| defect.row).ok();
    let reason = at.and_then(|at| defects.get(at)).map(|defect| defect.reason.as_str());
    let problems = checked.explain(row, &cells, reason, &|row| frame.location(row, None).to_string(), 0);
    problems
        .into_iter()
        .map(|problem| problem.sentence)
        .collect::<Vec<_>>()
        .join(" | ")
}
