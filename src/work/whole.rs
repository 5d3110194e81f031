//! Files that appear whole or not at all, and never over the file that is open.

use std::{
    io::{BufWriter, Write},
    path::Path,
};

use crate::frame::{Frame, FrameError};

/// Has a file written beside its place, and puts it there once it is whole. `frame` is what it is about.
pub(super) fn write<T>(
    frame: &Frame,
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> Result<T, FrameError>,
) -> Result<T, FrameError> {
    let failed = |source| FrameError::Io {
        path: path.to_owned(),
        source,
    };
    if frame.comes_from(path) {
        return Err(FrameError::Unwritable {
            what: path.display().to_string(),
            reason: "an opened file is never changed itself; choose another name".to_owned(),
        });
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut file = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new("."))).map_err(failed)?;
    let mut out = BufWriter::new(&mut file);
    let done = write(&mut out)?;
    out.flush().map_err(failed)?;
    drop(out);
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(done)
}
