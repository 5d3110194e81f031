//! A workbook whose sheet declares its size in a form that the reader refuses: the declaration is taken out, as nothing
//! needs it.

use std::io::{self, Cursor, Read as _, Write as _};

use memchr::memmem;
use zip::{ZipWriter, write::SimpleFileOptions};

use super::Stop;
use crate::frame::intake::archive::Archive;

/// The size is declared within this many bytes from the sheet's beginning.
const HEAD: u64 = 64 << 10;

/// The workbook's bytes, with a sheet that does not declare its size.
pub(super) fn without_dimension(archive: &mut Archive<'_>, sheet: &str) -> Result<Vec<u8>, Stop> {
    let mut copy = ZipWriter::new(Cursor::new(Vec::new()));
    for at in 0..archive.len() {
        let part = archive.by_index_raw(at)?;
        if part.name()? != sheet {
            copy.raw_copy_file(part)?;
        }
    }
    let mut part = archive.by_name(sheet)?;
    let mut head = Vec::new();
    (&mut part).take(HEAD).read_to_end(&mut head)?;
    copy.start_file(sheet, SimpleFileOptions::default())?;
    let start = memmem::find(&head, b"dimension").and_then(|at| head.get(..at)?.iter().rposition(|byte| *byte == b'<'));
    let end = start.and_then(|start| Some(start + memchr::memchr(b'>', head.get(start..)?)? + 1));
    if let (Some(start), Some(end)) = (start, end) {
        head.drain(start..end);
    }
    copy.write_all(&head)?;
    io::copy(&mut part, &mut copy)?;
    drop(part);
    Ok(copy.finish()?.into_inner())
}
