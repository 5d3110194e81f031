//! Work on files: open, check, repair, sort, export. Runs on threads that may block.

use std::{
    ops::ControlFlow,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use super::{CellChange, Command, DocId, Event, Generation, Reporter, Table, environments::Connections};
use crate::{
    check::{self, Checked},
    domain::{
        cell::{Cell, OwnedCell},
        dataset::Dataset,
        issue::Cause,
        number::grouped,
        progress::Progress,
        rules::Levels,
    },
    frame::{self, DataSource, Frame, FrameError, OpenOptions},
    ops::open::{self, OpenError, OpenRequest, OpenStep, RecipeSource},
    sample,
    settings::{AtomicFile, SettingsError, recipes},
};

/// How often it is looked whether an opened file has changed.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Performs one command. A panic of a library on a hostile file ends the work, not the app.
pub(super) fn perform(command: Command, connections: &Connections, reporter: &Reporter) {
    let place = match &command {
        Command::Open { doc, generation, .. }
        | Command::Check { doc, generation, .. }
        | Command::Recheck { doc, generation, .. }
        | Command::Prove { doc, generation, .. }
        | Command::Repair { doc, generation, .. }
        | Command::Sort { doc, generation, .. } => Some((*doc, *generation)),
        _ => None,
    };
    let outcome = catch_unwind(AssertUnwindSafe(|| run(command, connections, reporter)));
    let reason = match outcome {
        Ok(Ok(()) | Err(OpenError::Frame(FrameError::Cancelled))) => return,
        Ok(Err(error)) => error.to_string(),
        Err(_) => "Something in this file could not be handled; please report it with the file".to_owned(),
    };
    reporter.report_blocking(match place {
        Some((doc, generation)) => Event::Failed {
            doc,
            generation,
            reason,
        },
        None => Event::Problem(reason),
    });
}

fn run(command: Command, connections: &Connections, reporter: &Reporter) -> Result<(), OpenError> {
    match command {
        Command::Open {
            doc,
            generation,
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
                doc,
                generation,
                path: &path,
                dataset,
                levels,
            };
            open(&opening, options, &progress, connections, reporter)?;
            connections.remember_file(&path);
        }
        Command::UnpackSamples => {
            let paths = unpack_samples(&connections.paths().cache.join("samples"))?;
            reporter.report_blocking(Event::SamplesReady(paths));
        }
        Command::Check {
            doc,
            generation,
            table,
            mapping,
            levels,
            progress,
        } => {
            let checked = Arc::new(check::check_by(
                &levels,
                &table.frame,
                &table.edits,
                &mapping,
                &progress,
            )?);
            reporter.report_blocking(Event::Checked {
                doc,
                generation,
                checked,
            });
        }
        Command::Prove {
            doc,
            generation,
            table,
            mapping,
            wanted,
            progress,
        } => {
            let proofs = check::prove(&table.frame, &table.edits, &mapping, &wanted, &progress)?;
            reporter.report_blocking(Event::Proven {
                doc,
                generation,
                proofs,
            });
        }
        command @ (Command::SaveRecipe(_)
        | Command::ForgetRecipe(_)
        | Command::ExportRecipe(..)
        | Command::ReadRecipe(..)) => {
            if let Err(error) = recipe(command, connections, reporter) {
                reporter.report_blocking(Event::Problem(error.to_string()));
            }
        }
        Command::Recheck {
            doc,
            generation,
            table,
            checked,
            rows,
        } => {
            let mut checked = Arc::unwrap_or_clone(checked);
            checked.recheck(&table.frame, &table.edits, &rows)?;
            reporter.report_blocking(Event::Rechecked {
                doc,
                generation,
                checked: Arc::new(checked),
                rows,
            });
        }
        Command::Repair {
            doc,
            generation,
            table,
            checked,
            cause,
        } => {
            let changes = repairs(&table, &checked, cause)?;
            reporter.report_blocking(Event::Repaired {
                doc,
                generation,
                cause,
                changes,
            });
        }
        Command::Sort {
            doc,
            generation,
            table,
            column,
            descending,
        } => {
            let order = frame::sort(&table.frame, &table.edits, column, descending, &Progress::default())?;
            reporter.report_blocking(Event::Sorted {
                doc,
                generation,
                column,
                descending,
                order,
            });
        }
        Command::SaveCopy { table, path } => {
            save_copy(&table, &path)?;
            reporter.report_blocking(Event::Copied(path));
        }
        Command::Export {
            table, checked, path, ..
        } => {
            let rows = export(&table, &checked, &path)?;
            reporter.report_blocking(Event::Exported { path, rows });
        }
        _ => {}
    }
    Ok(())
}

/// What is to be opened.
struct Opening<'a> {
    doc: DocId,
    generation: Generation,
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
        doc,
        generation,
        path,
        dataset,
        levels,
    } = opening;
    let request = OpenRequest {
        options,
        dataset,
        recipe: RecipeSource::Kept(connections.paths().clone()),
        levels,
        ..OpenRequest::default()
    };
    let opened = open::open(&DataSource::path(path), &request, progress, &|step| match step {
        OpenStep::RecipeFailed(error) => reporter.report_blocking(Event::Problem(error.to_string())),
        OpenStep::Head(frame, suggested) => reporter.report_blocking(Event::Head {
            doc,
            generation,
            frame: Arc::clone(frame),
            suggested: suggested.clone(),
        }),
        OpenStep::Grown(frame) => reporter.report_blocking(Event::Grown { doc, generation, frame }),
        OpenStep::Read(frame, suggested) => {
            reporter.report_blocking(Event::Opened {
                doc,
                generation,
                frame: Arc::clone(frame),
                suggested: suggested.clone(),
            });
            look_after(doc, frame, reporter);
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
        reporter.report_blocking(Event::Restored {
            doc,
            generation,
            edits: Arc::new(opened.edits),
            refused: Vec::new(),
        });
    }
    reporter.report_blocking(Event::Checked {
        doc,
        generation,
        checked: Arc::new(opened.checked),
    });
    Ok(())
}

/// Keeps, forgets, writes and reads recipes.
fn recipe(command: Command, connections: &Connections, reporter: &Reporter) -> Result<(), SettingsError> {
    match command {
        Command::SaveRecipe(recipe) => {
            recipes::save(connections.paths(), &recipe)?;
        }
        Command::ForgetRecipe(columns) => {
            recipes::forget(connections.paths(), &columns)?;
        }
        Command::ExportRecipe(recipe, frame, path) => {
            recipes::write(&path, &recipe, |path| frame.comes_from(path))?;
            reporter.report_blocking(Event::RecipeWritten(path));
        }
        Command::ReadRecipe(doc, path) => {
            let recipe = Box::new(recipes::read(&path)?);
            reporter.report_blocking(Event::RecipeRead { doc, recipe });
        }
        _ => {}
    }
    Ok(())
}

/// Looks every second whether the file is still the one that was opened, as long as somebody has the table.
fn look_after(doc: DocId, frame: &Arc<Frame>, reporter: &Reporter) {
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
                return reporter.report(Event::FileChanged { doc, frame }).await;
            }
        }
    });
}

/// Writes the samples that come with the app where they can be opened; unchanged ones are left alone.
fn unpack_samples(folder: &Path) -> Result<Vec<PathBuf>, FrameError> {
    let failed = |source| FrameError::Io {
        path: folder.to_owned(),
        source,
    };
    std::fs::create_dir_all(folder).map_err(failed)?;
    let mut paths = Vec::new();
    for shipped in sample::SHIPPED {
        let path = folder.join(shipped.name);
        let mut bytes = Vec::new();
        shipped.write(&mut bytes).map_err(failed)?;
        if std::fs::read(&path).ok().as_ref() != Some(&bytes) {
            std::fs::write(&path, bytes).map_err(failed)?;
        }
        paths.push(path);
    }
    Ok(paths)
}

/// The repaired cells of all rows with a cause; rows whose repair would not fit are left out.
fn repairs(table: &Table, checked: &Checked, cause: Cause) -> Result<Vec<CellChange>, FrameError> {
    let (Some(rows), Some(hint), Some(column)) = (checked.issues.rows(&cause), cause.hint, cause.column) else {
        return Ok(Vec::new());
    };
    let Some(part) = checked.plan().part(column as usize) else {
        return Ok(Vec::new());
    };
    let mut changes = Vec::new();
    for row in rows.iter() {
        table.frame.scan(row..row + 1, &table.edits, &mut |row, cells| {
            let cell = cells.get(column as usize).copied().unwrap_or_default();
            if let Some(repaired) = hint.repair(part, cell) {
                changes.push(CellChange {
                    row,
                    column,
                    cell: Some(repaired),
                });
            }
            ControlFlow::Continue(())
        })?;
    }
    Ok(changes)
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
