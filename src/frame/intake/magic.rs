//! The format of a file, by its first bytes.

use super::{Conversion, apart, archive, compressed, workbook};

/// How many bytes are looked at.
pub(super) const HEAD: usize = 64;

/// The conversion for a file with this beginning; `None` when it may be text already, or is of no known format.
pub(super) fn conversion(head: &[u8]) -> Option<Conversion> {
    match head {
        [0x1f, 0x8b, 8, ..] => Some(compressed::gzip),
        // A frame, or a skippable frame, which may come first.
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(compressed::zstd),
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Some(archive::unpack),
        [0xd0, 0xcf, 0x11, 0xe0, ..] => Some(workbook::old_excel),
        [b'P', b'A', b'R', b'1', ..] => Some(apart::parquet),
        [b'A', b'R', b'R', b'O', b'W', b'1', ..] => Some(apart::arrow),
        // The continuation marker of a message, and its length, which is below 16 MiB.
        [0xff, 0xff, 0xff, 0xff, _, _, _, 0, ..] => Some(apart::arrow_stream),
        _ => None,
    }
}
