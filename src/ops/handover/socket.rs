//! The socket: whoever holds the lock beside it listens, everybody else writes.

use std::{
    ffi::OsStr,
    fs,
    io::{self, Read as _, Write as _},
    net::Shutdown,
    os::unix::{
        ffi::OsStrExt as _,
        fs::{MetadataExt as _, PermissionsExt as _},
        net::{UnixListener, UnixStream},
    },
    path::{Path, PathBuf},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use rustix::process::getuid;
use xxhash_rust::xxh3::xxh3_64;

use crate::settings::{FileLock, Paths, create_private_folder, try_lock};

/// What a message begins with; a later form has another number.
const MAGIC: &[u8] = b"tatami files 1\n";
/// What is answered once the files are taken.
const TAKEN: &[u8] = b"taken\n";
/// No list of files is longer.
const MOST_BYTES: u64 = 1 << 20;
/// The address of a socket is no longer, on any system.
const LONGEST_ADDRESS: usize = 100;
/// How long the other side may take, all in all: somebody waits for a window.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often, and after what pause, it is tried to reach a start that has just taken the lock.
const TRIES: (u32, Duration) = (10, Duration::from_millis(50));

/// Takes the files of later starts, as long as it lives.
#[derive(Debug)]
pub struct Reception {
    listener: UnixListener,
    socket: PathBuf,
    _lock: FileLock,
}

impl Drop for Reception {
    fn drop(&mut self) {
        fs::remove_file(&self.socket).ok();
    }
}

impl Reception {
    /// Takes the place of the first window, unless another one has it.
    pub fn take(paths: &Paths) -> Option<Self> {
        let (socket, lock) = places(paths)?;
        let lock = try_lock(&lock).ok()??;
        // Whoever has left it there is gone.
        fs::remove_file(&socket).ok();
        let listener = UnixListener::bind(&socket).ok()?;
        fs::set_permissions(&socket, fs::Permissions::from_mode(0o600)).ok()?;
        listener.set_nonblocking(true).ok()?;
        Some(Self {
            listener,
            socket,
            _lock: lock,
        })
    }

    /// Leaves files to the first window; says whether it has taken them.
    pub(super) fn offer(paths: &Paths, files: &[PathBuf]) -> bool {
        let Some((socket, _)) = places(paths) else {
            return false;
        };
        let files = files.to_vec();
        let until = Instant::now() + PATIENCE;
        // Connecting has no time limit of its own.
        let (answer, taken) = mpsc::sync_channel(1);
        let offered = thread::Builder::new()
            .name("tatami-offer".to_owned())
            .spawn(move || answer.send(offer_until(&socket, &files, until)).ok());
        offered.is_ok() && taken.recv_timeout(PATIENCE).unwrap_or(false)
    }

    /// The files of the next start; `None`: there will be no more.
    pub async fn next(&self) -> Option<Vec<PathBuf>> {
        let listener = self
            .listener
            .try_clone()
            .and_then(tokio::net::UnixListener::from_std)
            .ok()?;
        loop {
            let (stream, _) = listener.accept().await.ok()?;
            let is_own = stream.peer_cred().is_ok_and(|peer| peer.uid() == getuid().as_raw());
            let Some(stream) = stream.into_std().ok().filter(|_| is_own) else {
                continue;
            };
            let received = tokio::task::spawn_blocking(move || receive(stream)).await;
            if let Ok(Ok(files)) = received {
                return Some(files);
            }
        }
    }
}

/// Where the socket and the lock of these folders are; `None`: no socket can be there, or others could reach it.
fn places(paths: &Paths) -> Option<(PathBuf, PathBuf)> {
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let runtime = runtime.filter(|runtime| runtime.is_absolute() && !paths.isolated);
    let folder = match runtime {
        Some(runtime) => runtime.join("tatami"),
        None => paths.data.join("window"),
    };
    create_private_folder(&folder).ok()?;
    let there = fs::symlink_metadata(&folder).ok()?;
    let is_open = there.mode() & 0o077 != 0;
    let is_private = there.is_dir() && there.uid() == getuid().as_raw() && !is_open;
    let name = format!("{:016x}", xxh3_64(paths.data.as_os_str().as_bytes()));
    let socket = folder.join(&name).with_extension("socket");
    let fits = socket.as_os_str().len() <= LONGEST_ADDRESS;
    (is_private && fits).then(|| (socket, folder.join(&name).with_extension("lock")))
}

fn offer_until(socket: &Path, files: &[PathBuf], until: Instant) -> bool {
    let (tries, pause) = TRIES;
    for _ in 0..tries {
        match UnixStream::connect(socket) {
            Ok(stream) => return send(stream, files, until).is_ok(),
            Err(_) => thread::sleep(pause),
        }
    }
    false
}

/// Closed at its end, so that a window that answers too late does not take the files as well.
fn send(mut stream: UnixStream, files: &[PathBuf], until: Instant) -> io::Result<()> {
    let left = || {
        until
            .checked_duration_since(Instant::now())
            .filter(|left| !left.is_zero())
    };
    let left = || left().ok_or(io::ErrorKind::TimedOut);
    stream.set_write_timeout(Some(left()?))?;
    let mut message = MAGIC.to_vec();
    for path in files {
        message.extend(path.as_os_str().as_bytes());
        message.push(0);
    }
    stream.write_all(&message)?;
    stream.shutdown(Shutdown::Write)?;
    stream.set_read_timeout(Some(left()?))?;
    let mut answer = Vec::new();
    stream.take(TAKEN.len() as u64).read_to_end(&mut answer)?;
    if answer == TAKEN {
        Ok(())
    } else {
        Err(io::ErrorKind::InvalidData.into())
    }
}

fn receive(mut stream: UnixStream) -> io::Result<Vec<PathBuf>> {
    stream.set_nonblocking(false)?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut message = Vec::new();
    (&stream).take(MOST_BYTES + 1).read_to_end(&mut message)?;
    let files = read(&message).filter(|_| message.len() as u64 <= MOST_BYTES);
    let files = files.ok_or(io::ErrorKind::InvalidData)?;
    stream.write_all(TAKEN)?;
    Ok(files)
}

/// The paths of a message, all absolute; `None`: it is another one.
fn read(message: &[u8]) -> Option<Vec<PathBuf>> {
    let body = message.strip_prefix(MAGIC)?;
    if body.is_empty() {
        return Some(Vec::new());
    }
    let paths = body.strip_suffix(b"\0")?.split(|byte| *byte == 0);
    let paths: Vec<PathBuf> = paths
        .map(|path| Path::new(OsStr::from_bytes(path)).to_owned())
        .collect();
    paths.iter().all(|path| path.is_absolute()).then_some(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    type Tested = Result<(), Box<dyn std::error::Error>>;

    #[tokio::test]
    async fn a_second_start_hands_its_files_over_and_a_killed_first_one_is_replaced() -> Tested {
        let home = tempfile::tempdir()?;
        let paths = Paths::under(home.path());
        assert!(!Reception::offer(&paths, &[]), "nobody is there");
        let first = Reception::take(&paths).ok_or("the first one is none")?;
        assert!(Reception::take(&paths).is_none());
        let mode = |path: &Path| Ok::<_, io::Error>(fs::metadata(path)?.permissions().mode() & 0o777);
        assert_eq!(
            (mode(&first.socket)?, mode(&paths.data.join("window"))?),
            (0o600, 0o700)
        );
        let odd = PathBuf::from(OsStr::from_bytes(b"/a \xff/b\n.csv"));
        for files in [vec![PathBuf::from("/one.csv"), odd], Vec::new()] {
            let (other, sent) = (paths.clone(), files.clone());
            let second = tokio::task::spawn_blocking(move || Reception::offer(&other, &sent));
            assert_eq!(first.next().await, Some(files));
            assert!(second.await?);
        }
        // As a kill leaves it: the socket is there, and nobody listens.
        let socket = first.socket.clone();
        drop(first);
        drop(UnixListener::bind(&socket)?);
        assert!(socket.exists() && !Reception::offer(&paths, &[]));
        assert!(Reception::take(&paths).is_some());
        Ok(())
    }

    #[tokio::test]
    async fn only_short_lists_of_whole_paths_are_taken() -> Tested {
        let home = tempfile::tempdir()?;
        let paths = Paths::under(home.path());
        let first = Reception::take(&paths).ok_or("the first one is none")?;
        let wrong: [&[u8]; 4] = [
            b"GET / HTTP/1.1\r\n\r\n",
            b"tatami files 1\na.csv\0",
            b"tatami files 1\n/a",
            b"",
        ];
        let long = [MAGIC, "/a\0".repeat(400_000).as_bytes()].concat();
        let socket = first.socket.clone();
        let wrong: Vec<Vec<u8>> = wrong.iter().map(|text| text.to_vec()).chain([long]).collect();
        let sent = tokio::task::spawn_blocking(move || -> io::Result<Vec<Vec<u8>>> {
            let mut answers = Vec::new();
            for message in wrong {
                let mut stream = UnixStream::connect(&socket)?;
                // Of what is too long the rest is not read.
                stream.write_all(&message).ok();
                stream.shutdown(Shutdown::Write).ok();
                let mut answer = Vec::new();
                stream.read_to_end(&mut answer).ok();
                answers.push(answer);
            }
            send(UnixStream::connect(&socket)?, &["/a".into()], Instant::now() + PATIENCE)?;
            Ok(answers)
        });
        assert_eq!(first.next().await, Some(vec![PathBuf::from("/a")]));
        assert_eq!(sent.await??, vec![Vec::<u8>::new(); 5]);
        Ok(())
    }
}
