//! Recognises the uploaded file, so that another one in its place is noticed.

use std::{
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom},
    path::Path,
};

use xxhash_rust::xxh3::Xxh3;

use crate::{domain::progress::Progress, frame::nanoseconds, settings::NamedFile};

/// Bytes at the start and the end that are part of the sample.
const ENDS: u64 = 64 << 10;
/// Stretches between them.
const STRETCHES: u64 = 16;
/// Bytes of a stretch.
const STRETCH: u64 = 4 << 10;

/// The size of a file, the time it was changed, a hash of samples and, once there was time, a hash of all of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fingerprint {
    /// The size in bytes.
    pub size: u64,
    /// When it was changed, in nanoseconds since 1970; `None` where the system does not tell.
    pub modified: Option<i64>,
    /// XXH3 of the start, the end, and stretches between them.
    pub sample: u64,
    /// XXH3 of all bytes.
    pub content: Option<u64>,
}

impl Fingerprint {
    /// Takes a file's fingerprint, without the hash of all of it.
    pub fn of(path: &Path) -> io::Result<Self> {
        let mut file = NamedFile::regular(path)?;
        let (size, modified) = stamp(&file)?;
        let mut hash = Xxh3::new();
        let mut buffer = Vec::new();
        let mut take = |from: u64, len: u64| -> io::Result<()> {
            buffer.clear();
            file.seek(SeekFrom::Start(from))?;
            io::Read::by_ref(&mut file).take(len).read_to_end(&mut buffer)?;
            hash.update(&buffer);
            Ok(())
        };
        take(0, ENDS)?;
        for stretch in 1..=STRETCHES {
            take(size / (STRETCHES + 1) * stretch, STRETCH)?;
        }
        take(size.saturating_sub(ENDS), ENDS)?;
        Ok(Self {
            size,
            modified,
            sample: hash.digest(),
            content: None,
        })
    }

    /// Hashes all of a file; `None` when it changed meanwhile, or `patience` was cancelled.
    pub fn content(path: &Path, patience: &Progress) -> io::Result<Option<u64>> {
        let mut file = NamedFile::regular(path)?;
        let before = stamp(&file)?;
        let mut hash = Xxh3::new();
        let mut buffer = vec![0; 1 << 20];
        loop {
            let read = file.read(&mut buffer)?;
            if read == 0 {
                break;
            }
            if patience.is_cancelled() {
                return Ok(None);
            }
            hash.update(buffer.get(..read).unwrap_or_default());
        }
        Ok((stamp(&file)? == before).then(|| hash.digest()))
    }

    /// Whether the file at a path is the one of this fingerprint. A file that was copied or touched is looked at as a
    /// whole, when its hash is known.
    pub(crate) fn is_of(&self, path: &Path) -> io::Result<bool> {
        let there = Self::of(path)?;
        if (there.size, there.sample) != (self.size, self.sample) {
            return Ok(false);
        }
        if there.modified == self.modified {
            return Ok(true);
        }
        match self.content {
            Some(content) => Ok(Self::content(path, &Progress::default())? == Some(content)),
            None => Ok(false),
        }
    }
}

fn stamp(file: &File) -> io::Result<(u64, Option<i64>)> {
    let metadata = file.metadata()?;
    let modified = metadata.modified().ok().and_then(nanoseconds);
    Ok((metadata.len(), modified))
}

#[cfg(test)]
mod tests {
    use std::{fs, time::Duration};

    use super::*;

    #[test]
    fn another_file_is_noticed_and_a_copy_is_not_another() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        let bytes = vec![b'x'; 300_000];
        fs::write(&path, &bytes).unwrap();
        let mut print = Fingerprint::of(&path).unwrap();
        assert!(print.is_of(&path).unwrap());
        // The same bytes at another time.
        let later = fs::metadata(&path).unwrap().modified().unwrap() + Duration::from_secs(5);
        File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_modified(later)
            .unwrap();
        assert!(!print.is_of(&path).unwrap());
        print.content = Fingerprint::content(&path, &Progress::default()).unwrap();
        assert!(print.is_of(&path).unwrap());
        // One byte more, or another one where nobody samples.
        for change in [300_000, 70_000] {
            let mut other = bytes.clone();
            other.resize(other.len().max(change + 1), b'x');
            other[change] = b'y';
            fs::write(&path, &other).unwrap();
            assert!(!print.is_of(&path).unwrap(), "{change}");
        }
        assert!(print.is_of(&folder.path().join("gone.csv")).is_err());
    }
}
