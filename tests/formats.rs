//! Files of every format, written small, read through the same door, and broken in every place.

#![expect(clippy::unwrap_used, reason = "what cannot be written fails the test")]

use std::{
    io::Write as _,
    path::{Path, PathBuf},
};

use tatami::{
    domain::progress::Progress,
    frame::{Edits, Frame, FrameError, OpenOptions},
};

const CSV: &str = "product_id,title\nA1,Lamp\nA2,\"Rug, red\"\n";

/// A folder that goes with the test.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn options(&self) -> OpenOptions {
        OpenOptions {
            spool: Some(self.0.path().join("spool")),
            ..OpenOptions::default()
        }
    }

    fn open(&self, path: &Path) -> Result<Frame, FrameError> {
        Frame::open(path, &self.options(), &Progress::default())
    }

    /// The refusal of a file of these bytes, without its folder.
    fn refusal(&self, name: &str, bytes: &[u8]) -> String {
        let error = self.open(&self.write(name, bytes)).unwrap_err();
        error
            .to_string()
            .replace(&self.0.path().display().to_string(), "")
            .replace('/', "")
    }
}

/// The header, then every row, cells between bars.
fn table(frame: &Frame) -> String {
    let mut lines = vec![frame.columns().join(" | ")];
    for row in frame.read(0..frame.len(), &Edits::default()).unwrap() {
        let cells: Vec<_> = row.iter().map(|cell| cell.as_cell().shown().into_owned()).collect();
        lines.push(cells.join(" | "));
    }
    lines.join("\n")
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 0).unwrap()
}

/// Opening a file cut off anywhere is refused; nothing of it is shown as if it were whole.
fn refused_when_cut(folder: &Folder, whole: &[u8]) {
    let step = (whole.len() / 60).max(1);
    // Of fewer bytes nobody can say what they were.
    for end in (4..whole.len()).step_by(step) {
        let path = folder.write("cut", &whole[..end]);
        let opened = folder.open(&path);
        assert!(opened.is_err(), "cut off after {end} of {} bytes it opens", whole.len());
    }
}

#[test]
fn compressed_text_is_read_as_if_it_were_not() {
    let folder = Folder::new();
    let plain = table(&folder.open(&folder.write("plain.csv", CSV.as_bytes())).unwrap());
    let halves = CSV.split_at(20);
    let mut padded = gzip(CSV.as_bytes());
    padded.extend([0; 1000]);
    let packed = [
        gzip(CSV.as_bytes()),
        padded,
        [gzip(halves.0.as_bytes()), gzip(halves.1.as_bytes())].concat(),
        zstd(CSV.as_bytes()),
        [zstd(halves.0.as_bytes()), zstd(halves.1.as_bytes())].concat(),
        zstd(&gzip(CSV.as_bytes())),
    ];
    for bytes in packed {
        let path = folder.write("packed", &bytes);
        assert_eq!(table(&folder.open(&path).unwrap()), plain);
        assert_eq!(folder.open(&path).unwrap().size(), bytes.len() as u64);
        let head = Frame::open_head(&path, &folder.options()).unwrap();
        assert_eq!(table(&head), plain);
    }
    // What is spooled has no name, and so leaves nothing behind.
    assert_eq!(std::fs::read_dir(folder.0.path().join("spool")).unwrap().count(), 0);
}

#[test]
fn the_head_of_a_large_compressed_file_is_not_its_end() {
    let folder = Folder::new();
    let rows = (0..100_000).map(|row| format!("P{row},\"A title of row {row}\"\n"));
    let text = format!("product_id,title\n{}", rows.collect::<String>());
    let path = folder.write("large.csv.gz", &gzip(text.as_bytes()));
    let head = Frame::open_head(&path, &folder.options()).unwrap();
    assert_eq!((head.len(), head.defects()), (1000, &[][..]));
    let whole = folder.open(&path).unwrap();
    assert_eq!((whole.len(), whole.defects()), (100_000, &[][..]));
}

#[test]
fn compressed_files_that_are_broken_are_refused() {
    let folder = Folder::new();
    let text = CSV.repeat(50);
    let (gz, zst) = (gzip(text.as_bytes()), zstd(text.as_bytes()));
    refused_when_cut(&folder, &gz);
    refused_when_cut(&folder, &zst);
    let mut wrong_sum = gz.clone();
    let at = wrong_sum.len() - 6;
    wrong_sum[at] ^= 1;
    let followed = [gz.as_slice(), b"and then"].concat();
    let often = gzip(&gzip(&gzip(&gzip(&gzip(CSV.as_bytes())))));
    insta::assert_snapshot!(
        [
            folder.refusal("cut.gz", &gz[..gz.len() - 9]),
            folder.refusal("cut.zst", &zst[..zst.len() - 9]),
            folder.refusal("sum.gz", &wrong_sum),
            folder.refusal("followed.gz", &followed),
            folder.refusal("often.gz", &often),
            folder.refusal("nothing.gz", &gzip(b"")),
        ]
        .join("\n"),
        @r"
    cut.gz cannot be opened: it is compressed with gzip, but ends in the middle of the compressed data; get the whole file
    cut.zst cannot be opened: it is compressed with zstd, but ends in the middle of the compressed data; get the whole file
    sum.gz cannot be opened: it is compressed with gzip, but damaged (corrupt gzip stream does not have a matching checksum) after 1,950 bytes of text; get the file again
    followed.gz cannot be opened: it is compressed with gzip, but something else follows the compressed data; get the file again
    often.gz cannot be opened: it is packed more than 4 times over; unpack it first
    nothing.gz cannot be opened: it is empty; choose a file with records
    "
    );
}

#[test]
fn a_compressed_file_that_changes_is_noticed() {
    let folder = Folder::new();
    let path = folder.write("table.csv.gz", &gzip(CSV.as_bytes()));
    let frame = folder.open(&path).unwrap();
    folder.write("table.csv.gz", &gzip(b"product_id\nB1\n"));
    let read = frame.read(0..1, &Edits::default());
    assert!(matches!(read, Err(FrameError::Changed { .. })), "{read:?}");
}
