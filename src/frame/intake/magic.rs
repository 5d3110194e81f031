//! The format of a file, by its first bytes.

use super::apart::Foreign;

/// How many bytes are looked at.
pub(super) const HEAD: usize = 64;

/// What text is packed or stored in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packing {
    Gzip,
    Zstd,
    /// What is converted in a process of its own.
    Apart(Foreign),
}

/// The packing of a file with this beginning; `None` when it may be text already, or is of no known format.
pub(super) fn packing(head: &[u8]) -> Option<Packing> {
    match head {
        [0x1f, 0x8b, 8, ..] => Some(Packing::Gzip),
        // A frame, or a skippable frame, which may come first.
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Packing::Zstd),
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Some(Packing::Apart(Foreign::Zip)),
        [0xd0, 0xcf, 0x11, 0xe0, ..] => Some(Packing::Apart(Foreign::OldExcel)),
        [b'P', b'A', b'R', b'1', ..] => Some(Packing::Apart(Foreign::Parquet)),
        [b'A', b'R', b'R', b'O', b'W', b'1', ..] => Some(Packing::Apart(Foreign::Arrow)),
        // The continuation marker of a message, and its length, which is below 16 MiB.
        [0xff, 0xff, 0xff, 0xff, _, _, _, 0, ..] => Some(Packing::Apart(Foreign::ArrowStream)),
        _ => None,
    }
}
