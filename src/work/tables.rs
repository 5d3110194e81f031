//! Work on files: open, check, repair, sort, search, export. Runs on threads that may block.

use std::{io, path::Path, sync::Arc, time::Duration};

use super::{
    Reporter,
    environments::Connections,
    settings,
    task::{WorkResult, said},
};
use crate::{
    check,
    domain::{number::grouped, progress::Progress, record::Plan},
    frame::{self, DataSource, Frame, FrameError, OpenOptions, Shown},
    message::{Event, Request, Table, TableCommand, TableEvent},
    ops::{
        export, filter, find, import,
        open::{self, OpenError, OpenRequest, OpenStep, RecipeSource},
        repair::{self, Repaired},
        replace::{self, ReplaceIn},
        summary,
    },
    settings::Existing,
};

/// How often opened files are checked for changes.
const LOOK_EVERY: Duration = Duration::from_secs(1);

pub(super) fn perform(
    request: Request,
    command: TableCommand,
    environments: &Connections,
    reporter: &Reporter,
) -> WorkResult {
    let opened = match &command {
        TableCommand::Open { path, .. } => Some(path.clone()),
        TableCommand::Check { .. }
        | TableCommand::Recheck { .. }
        | TableCommand::Prove { .. }
        | TableCommand::Repair { .. }
        | TableCommand::Sort { .. }
        | TableCommand::Filter { .. }
        | TableCommand::CountValues { .. }
        | TableCommand::Find { .. }
        | TableCommand::CountReplace { .. }
        | TableCommand::Replace { .. }
        | TableCommand::FindRow { .. }
        | TableCommand::PreviewImport { .. }
        | TableCommand::Statistics { .. }
        | TableCommand::SaveCopy { .. }
        | TableCommand::Export { .. } => None,
    };
    match run(request, command, environments, reporter) {
        Err(OpenError::Frame(FrameError::Io { path, source }))
            if source.kind() == io::ErrorKind::NotFound && opened.as_ref() == Some(&path) =>
        {
            reporter.report_blocking(Event::Table(request, TableEvent::Missing));
            Ok(())
        }
        Err(OpenError::Frame(FrameError::Cancelled)) => Ok(()),
        Err(OpenError::Frame(FrameError::TooLarge { excess, .. })) => {
            reporter.report_blocking(Event::Table(request, TableEvent::TooLarge(excess.to_string())));
            Ok(())
        }
        outcome => Ok(outcome?),
    }
}

fn run(
    request: Request,
    command: TableCommand,
    environments: &Connections,
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
            let wanted = OpenRequest {
                options: OpenOptions {
                    spool: Some(environments.paths().spool()),
                    ..options
                },
                dataset,
                recipe: RecipeSource::Kept(environments.paths().clone()),
                levels,
                ..OpenRequest::default()
            };
            open(request, &path, &wanted, &progress, reporter)?;
            settings::remember_file(environments.paths(), &path);
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
        TableCommand::Repair {
            table,
            checked,
            causes,
            offers,
        } => {
            let Repaired { edits, rows } = repair::repair(table.as_ref(&checked), &causes)?;
            TableEvent::Repaired {
                causes,
                offers,
                before: table.edits,
                edits: Arc::new(edits),
                rows,
            }
        }
        TableCommand::Sort {
            table,
            plan,
            by,
            search,
            progress,
        } => TableEvent::Sorted {
            search,
            order: Ok(frame::sort(&table.frame, &table.edits, &plan, &by, &progress)?),
        },
        TableCommand::Filter {
            table,
            plan,
            wanted,
            search,
            progress,
        } => TableEvent::Filtered {
            search,
            rows: Ok(filter::rows(&table.frame, &table.edits, &plan, &wanted, &progress)?),
        },
        TableCommand::CountValues {
            table,
            plan,
            column,
            search,
            progress,
        } => TableEvent::CountedValues {
            search,
            values: Ok(filter::values(&table.frame, &table.edits, &plan, column, &progress)?),
        },
        TableCommand::Find {
            table,
            plan,
            shown,
            query,
            search,
            progress,
        } => TableEvent::Found {
            search,
            places: Ok(find::places(
                &table.frame,
                &table.edits,
                &plan,
                &shown,
                &query,
                &progress,
            )?),
        },
        TableCommand::CountReplace {
            table,
            plan,
            shown,
            replacement,
            search,
            progress,
        } => TableEvent::CountedReplace {
            search,
            count: Ok(replace::count(
                replaced_in(&table, &plan, &shown),
                &replacement,
                &progress,
            )?),
        },
        TableCommand::Replace {
            table,
            plan,
            checked,
            shown,
            replacement,
            search,
            progress,
        } => {
            let place = replaced_in(&table, &plan, &shown);
            let replaced = replace::replace(place, checked.as_deref(), &replacement, &progress)?;
            TableEvent::Replaced {
                search,
                replaced: Ok(replaced),
            }
        }
        TableCommand::FindRow {
            table,
            text,
            id_column,
            search,
            progress,
        } => TableEvent::FoundRow {
            search,
            row: Ok(find::row(&table.frame, &table.edits, &text, id_column, &progress)?),
        },
        TableCommand::PreviewImport {
            path,
            options,
            search,
            progress,
        } => {
            let options = OpenOptions {
                spool: Some(environments.paths().spool()),
                ..options
            };
            let preview = match import::preview(&path, &options, &progress) {
                Err(FrameError::Cancelled) => return Err(FrameError::Cancelled.into()),
                preview => preview.map_err(|error| said(&error.into())),
            };
            TableEvent::ImportPreviewed { search, preview }
        }
        TableCommand::Statistics {
            table: Table { frame, edits },
            columns,
            parts,
            is_whole,
            search,
            progress,
        } => {
            let found = if is_whole {
                let part = parts.first().and_then(Option::as_ref);
                let column = columns.first().copied().unwrap_or_default();
                vec![summary::column(&frame, &edits, column, part, &progress)?]
            } else {
                summary::sample(&frame, &edits, &columns, &parts, &progress)?
            };
            TableEvent::Statistics {
                search,
                found: Ok(found),
            }
        }
        TableCommand::SaveCopy { table, path } => {
            export::copy(
                &table.frame,
                &table.edits,
                (&path, Existing::Replace),
                &Progress::default(),
            )?;
            TableEvent::Copied(path)
        }
        TableCommand::Export { table, checked, path } => {
            let rows = export::problems(table.as_ref(&checked), &path)?;
            TableEvent::Exported { path, rows }
        }
    };
    reporter.report_blocking(Event::Table(request, event));
    Ok(())
}

fn replaced_in<'a>(table: &'a Table, plan: &'a Plan, shown: &'a Shown) -> ReplaceIn<'a> {
    ReplaceIn {
        frame: &table.frame,
        edits: &table.edits,
        plan,
        shown,
    }
}

fn open(
    request: Request,
    path: &Path,
    wanted: &OpenRequest,
    progress: &Progress,
    reporter: &Reporter,
) -> Result<(), OpenError> {
    let report = |event| reporter.report_blocking(Event::Table(request, event));
    let source = DataSource::at(path, &wanted.options, progress)?;
    let opened = open::open(&source, wanted, progress, &|step| match step {
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

/// Checks every second whether the file has changed, as long as the table is in use.
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
