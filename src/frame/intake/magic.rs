//! What a file is, by its first bytes.

use super::{Conversion, apart, archive, compressed, workbook};

/// How many bytes are looked at.
pub(super) const HEAD: usize = 64;

/// How a file that begins so is made text; `None` when it may be text already, or is nothing we know.
pub(super) fn conversion(head: &[u8]) -> Option<Conversion> {
    match head {
        [0x1f, 0x8b, 8, ..] => Some(compressed::gzip),
        // A frame, or one of the kinds that are skipped, which may come first.
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(compressed::zstd),
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Some(archive::unpack),
        [0xd0, 0xcf, 0x11, 0xe0, ..] => Some(workbook::old_excel),
        [b'P', b'A', b'R', b'1', ..] => Some(apart::parquet),
        [b'A', b'R', b'R', b'O', b'W', b'1', ..] => Some(apart::arrow),
        // The mark of a message, and its length, which is no large one.
        [0xff, 0xff, 0xff, 0xff, _, _, _, 0, ..] => Some(apart::arrow_stream),
        _ => None,
    }
}
