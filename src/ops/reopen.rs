//! Reopen: reads the table of an upload again, to go on with it or to report it: read, mapped, changed and weighed as
//! when the upload began.

use std::{io, path::PathBuf, sync::Arc};

use super::open::Opened;
use crate::{
    check::{self, Suggested},
    domain::progress::Progress,
    frame::{DataSource, FrameError, OpenOptions},
    upload::Upload,
};

/// Why the table of an upload is not to be had as it was.
#[derive(Debug, thiserror::Error)]
pub enum ReopenError {
    /// Its rows came through a pipe or from several files, of which nobody can say whether they are still the same.
    #[error("the rows came through a pipe or from several files, and cannot be had again as they were")]
    Gone,
    /// There is no such file any more, or it must not be read.
    #[error("{path} cannot be read: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is another by now.
    #[error("{path} has changed since the upload began")]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// It cannot be opened for another reason, or somebody asked to stop.
    #[error(transparent)]
    Frame(#[from] FrameError),
}

/// Reads and checks the table of an upload again. `spool` is where converted text is kept meanwhile. Progress counts
/// bytes, and then rows where cells were changed.
pub fn reopen(upload: &Upload, spool: Option<PathBuf>, progress: &Progress) -> Result<Opened, ReopenError> {
    let plan = &upload.plan;
    if !upload.can_be_read_again() {
        return Err(ReopenError::Gone);
    }
    let path = || plan.path.clone();
    let is_same = plan.fingerprint.is_of(&plan.path);
    if !is_same.map_err(|source| ReopenError::Unreadable { path: path(), source })? {
        return Err(ReopenError::Changed { path: path() });
    }
    let recipe = &plan.recipe;
    let options = OpenOptions {
        // It was opened before, as large as it is.
        allow_unpacked: Some(u64::MAX),
        spool,
        ..recipe.options()
    };
    let source = DataSource::at(&plan.path, &options, progress)?;
    let (mapping, edits, levels) = (recipe.mapping(), recipe.edits(), recipe.levels());
    // Recipes of earlier versions do not name the columns, which the first rows do.
    let head = source.open_head(&options).ok();
    let head = head.filter(|head| head.columns().len() == mapping.targets.len());
    let (frame, checked) = match head.filter(|_| edits.is_empty()) {
        Some(head) => check::read(&source, &options, head.columns(), &mapping, &levels, progress, &|_| {})?,
        None => (source.open(&options, &(), progress)?.0, None),
    };
    if mapping.targets.len() != frame.columns().len() || u64::from(frame.len()) != plan.rows {
        return Err(ReopenError::Changed { path: path() });
    }
    let checked = match checked {
        Some(checked) => checked,
        None => check::check_by(&levels, &frame, &edits, &mapping, progress)?,
    };
    let suggested = check::suggest(&frame, &edits, Some(plan.dataset))?;
    Ok(Opened {
        suggested: Suggested { mapping, ..suggested },
        frame: Arc::new(frame),
        edits,
        checked,
        repaired: None,
    })
}
