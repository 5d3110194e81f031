//! Opening the file of an upload again.

use std::path::Path;

use crate::{
    cli::{
        failure::Failure,
        input::Input,
        text::{self, grouped},
    },
    ops::reopen::ReopenError,
    upload::Upload,
};

/// The file of an upload, read as then. Refuses another file in its place.
pub(in crate::cli) fn open(upload: &Upload) -> Result<Input, Failure> {
    Input::again(upload).map_err(|error| match error {
        ReopenError::Gone => Failure::said(format!(
            "the rows of upload {0} came through a pipe or from several files, and cannot be had again as they were; \
             upload them anew, with --rest-of {0}. tatami uploads {0} --set-aside has nobody asked for it any more",
            upload.id
        )),
        ReopenError::Unreadable { path, source } => Failure::said(format!(
            "{} cannot be read ({source}); put the file back, then try again",
            path.display()
        )),
        ReopenError::Changed { path } => changed(upload, &path),
        ReopenError::Frame(error) => error.into(),
    })
}

fn changed(upload: &Upload, path: &Path) -> Failure {
    let (path, id) = (text::quoted(&path.display().to_string()), upload.id);
    let merge = if upload.plan.write_options.merge {
        " --merge"
    } else {
        ""
    };
    Failure::said(format!(
        "{path} has changed since upload {id} began, so its rows are not the ones that are still open ({} of {}). \
         Choose: put the old file back and resume; or tatami upload {path}{merge} --rest-of {id}, which sends what upload {id} \
         did not store; or tatami upload {path}{merge}, which sends all; both with the options that upload {id} was given. \
         tatami uploads {id} --set-aside has nobody asked for it any more",
        grouped(upload.tally.open()),
        grouped(upload.tally.all)
    ))
}
