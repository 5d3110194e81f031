//! What a table was made from, and where its records stand in that.

use serde::{Deserialize, Serialize};

use crate::frame::decode::Decoded;

/// The conversions that made a file text, in their order.
#[derive(Debug, Default)]
pub struct Origin {
    pub(super) steps: Vec<OriginStep>,
    /// The files of the table, when it has several.
    parts: Vec<FilePart>,
}

/// A file among several that make one table.
#[derive(Debug)]
pub(in crate::frame) struct FilePart {
    /// Its name in the folder.
    pub(super) name: String,
    /// Where its text begins among all.
    pub(super) start: u64,
    /// How many bytes at the beginning of its text were left out.
    pub(super) skip: u64,
    /// How many lines these are.
    pub(super) lines_before: u64,
    pub(super) origin: Origin,
    /// What its text was decoded from.
    pub(super) decoded: Option<Decoded>,
}

impl FilePart {
    /// Where all files' text at `offset` stands in its own.
    pub(in crate::frame) fn own_offset(&self, offset: u64) -> u64 {
        let text = offset.saturating_sub(self.start) + self.skip;
        self.decoded.as_ref().map_or(text, |decoded| decoded.place(text))
    }

    /// Where its text begins among all, and the line of its own that the first record there stands on.
    pub(in crate::frame) const fn beginning(&self) -> (u64, u64) {
        (self.start, self.lines_before + 1)
    }

    pub(in crate::frame) const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Its name, and that of the file in it when it is an archive.
    pub(in crate::frame) fn name(&self) -> String {
        match self.origin.member() {
            Some(member) => format!("{}/{member}", self.name),
            None => self.name.clone(),
        }
    }
}

/// One conversion that was made.
#[derive(Debug)]
pub(in crate::frame) enum OriginStep {
    /// A compressed file was unpacked; the compression's name.
    Unpacked(&'static str),
    /// A file was taken out of an archive.
    Member {
        /// Its name in the archive.
        name: String,
        /// All files that could be taken.
        members: Vec<String>,
    },
    /// Several files of an archive make one table; they are [`Origin::parts`].
    Members(ArchiveMembers),
    /// A sheet was written as comma-separated text.
    Sheet(Sheet),
    /// Records were written as JSON lines; the name of what they were stored in.
    Records(&'static str),
}

/// Files of an archive that make one table.
#[derive(Debug)]
pub(in crate::frame) struct ArchiveMembers {
    /// Their number for people: `2 files`.
    pub(super) label: String,
    /// All files of the archive.
    pub(super) all: Vec<String>,
    /// Those that seemed to belong to them and could not be read with them.
    pub(super) unlike: Vec<Unlike>,
}

/// A file of an archive that is not part of the table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unlike {
    /// Its name in the archive.
    pub file: String,
    /// Why it is not; empty when nothing suggests that it belongs to the table.
    pub reason: String,
}

/// What a workbook was made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::frame) enum SheetKind {
    Excel,
    OpenDocument,
}

impl SheetKind {
    const fn name(self) -> &'static str {
        match self {
            Self::Excel => "Excel",
            Self::OpenDocument => "OpenDocument",
        }
    }
}

/// A sheet that was written as comma-separated text.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::frame) struct Sheet {
    pub(super) kind: SheetKind,
    /// The sheet's name.
    pub(super) name: String,
    /// All sheets of the workbook.
    pub(super) sheets: Vec<String>,
    /// The sheet's first column that is in the text, from 0.
    pub(super) first_column: u32,
    /// Where each row of the sheet begins in the text, from the first.
    pub(super) rows: Vec<u64>,
    /// Notes for people, in sentences: what is hidden, merged, or was not calculated.
    pub(super) notes: Vec<String>,
}

/// One of several tables in a file, and the names of all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourceChoice<'a> {
    /// The one that was opened.
    pub chosen: &'a str,
    /// The names that could be opened.
    pub all: &'a [String],
}

impl Origin {
    /// The origin of a table of several files, which may lie in an archive.
    pub(super) fn of(parts: Vec<FilePart>, archive: Option<ArchiveMembers>) -> Self {
        Self {
            steps: archive.map(OriginStep::Members).into_iter().collect(),
            parts,
        }
    }

    /// The files that make the table, where they are several.
    pub fn files(&self) -> Vec<String> {
        self.parts.iter().map(FilePart::name).collect()
    }

    /// The files of an archive that are not read with those that are.
    pub fn not_read(&self) -> Vec<Unlike> {
        let unlike = |members: &ArchiveMembers| -> Vec<Unlike> {
            let read = |name: &String| self.parts.iter().any(|part| part.name == *name);
            let others = members.all.iter().filter(|name| !read(name));
            let known = |name: &String| members.unlike.iter().find(|unlike| unlike.file == *name).cloned();
            let plain = |name: &String| Unlike {
                file: name.clone(),
                reason: String::new(),
            };
            others.map(|name| known(name).unwrap_or_else(|| plain(name))).collect()
        };
        let steps = self.steps.iter();
        let mut there = steps.filter_map(|step| match step {
            OriginStep::Members(members) => Some(unlike(members)),
            OriginStep::Member { name, members } => Some(
                members
                    .iter()
                    .filter(|other| *other != name)
                    .map(|other| Unlike {
                        file: other.clone(),
                        reason: String::new(),
                    })
                    .collect(),
            ),
            OriginStep::Unpacked(_) | OriginStep::Sheet(_) | OriginStep::Records(_) => None,
        });
        there.next().unwrap_or_default()
    }

    /// How many header lines of the files after the first are left out.
    pub(in crate::frame) fn lines_before_parts(&self) -> u64 {
        let later = self.parts.iter().skip(1);
        later.map(|part| part.lines_before).sum()
    }

    /// The file among several whose text stands at an offset among all.
    pub(in crate::frame) fn part_at(&self, offset: u64) -> Option<&FilePart> {
        let after = self.parts.partition_point(|part| part.start <= offset);
        self.parts.get(after.checked_sub(1)?)
    }

    /// How many files make the table; 0 for one.
    pub fn parts(&self) -> usize {
        self.parts.len()
    }

    /// The last conversion; for several files, that of the first.
    fn last(&self) -> Option<&OriginStep> {
        match self.parts.first() {
            Some(part) => part.origin.steps.last(),
            None => self.steps.last(),
        }
    }

    /// Whether the text stands in one file as it is.
    pub(in crate::frame) const fn is_plain(&self) -> bool {
        self.steps.is_empty() && self.parts.is_empty()
    }

    /// Whether a conversion made a table, so that its text is not examined any further.
    pub(crate) fn is_table(&self) -> bool {
        matches!(self.last(), Some(OriginStep::Sheet(_) | OriginStep::Records(_)))
    }

    /// Whether the text is known to be JSON lines.
    pub(in crate::frame) fn is_json_lines(&self) -> bool {
        matches!(self.last(), Some(OriginStep::Records(_)))
    }

    pub(in crate::frame) fn sheet(&self) -> Option<&Sheet> {
        self.steps.iter().find_map(|step| match step {
            OriginStep::Sheet(sheet) => Some(sheet),
            _ => None,
        })
    }

    /// Notes for people on the sheet that was read, in sentences; for several files, on each sheet.
    pub(in crate::frame) fn notes(&self) -> Vec<String> {
        match self.parts.as_slice() {
            [] => self.sheet().map(|sheet| sheet.notes.clone()).unwrap_or_default(),
            parts => {
                let of = |part: &FilePart| {
                    let notes = part.origin.notes().into_iter();
                    notes.map(|note| format!("{}: {note}", part.name())).collect::<Vec<_>>()
                };
                parts.iter().flat_map(of).collect()
            }
        }
    }

    /// The name of the file in an archive; of one in an archive within it.
    pub(in crate::frame) fn member(&self) -> Option<&str> {
        self.steps.iter().rev().find_map(|step| match step {
            OriginStep::Member { name, .. } => Some(name.as_str()),
            _ => None,
        })
    }

    /// What was opened up on the way to the table, outermost first, without the table's own format when that is text:
    /// `ZIP`, `gzip`, `Excel`.
    pub fn layers(&self) -> impl Iterator<Item = &'static str> {
        self.steps.iter().map(|step| match step {
            OriginStep::Unpacked(name) | OriginStep::Records(name) => *name,
            OriginStep::Member { .. } | OriginStep::Members(_) => "ZIP",
            OriginStep::Sheet(sheet) => sheet.kind.name(),
        })
    }

    /// The sheet of a workbook, and the others.
    pub fn sheets(&self) -> Option<SourceChoice<'_>> {
        self.sheet().map(|sheet| SourceChoice {
            chosen: &sheet.name,
            all: &sheet.sheets,
        })
    }

    /// The file of an archive, and the others; of the outermost archive.
    pub fn members(&self) -> Option<SourceChoice<'_>> {
        self.steps.iter().find_map(|step| match step {
            OriginStep::Member { name, members } => Some(SourceChoice {
                chosen: name,
                all: members,
            }),
            OriginStep::Members(members) => Some(SourceChoice {
                chosen: &members.label,
                all: &members.all,
            }),
            OriginStep::Unpacked(_) | OriginStep::Sheet(_) | OriginStep::Records(_) => None,
        })
    }
}

impl Sheet {
    /// How many rows the sheet has.
    pub(in crate::frame) const fn rows(&self) -> u64 {
        self.rows.len() as u64
    }

    /// The sheet's row, from 1, whose text stands at an offset.
    pub(in crate::frame) fn row_at(&self, offset: u64) -> u64 {
        self.rows.partition_point(|&start| start <= offset) as u64
    }

    /// The cell as a formula names it: `Sheet1!F4812`; without a column, the row: `Sheet1 row 4812`.
    pub(in crate::frame) fn reference(&self, row: u64, column: Option<u32>) -> String {
        let Some(column) = column else {
            return format!("{} row {row}", self.name);
        };
        let is_plain = self
            .name
            .chars()
            .all(|letter| letter.is_alphanumeric() || letter == '_');
        let name = if is_plain && !self.name.starts_with(|first: char| first.is_ascii_digit()) {
            self.name.clone()
        } else {
            format!("'{}'", self.name.replace('\'', "''"))
        };
        format!("{name}!{}{row}", letters(self.first_column.saturating_add(column)))
    }
}

/// The name of a sheet's column, from 0: `A`, `Z`, `AA`.
pub(super) fn letters(column: u32) -> String {
    let mut name = Vec::new();
    let mut rest = u64::from(column) + 1;
    while rest > 0 {
        rest -= 1;
        let letter = u8::try_from(rest % 26).unwrap_or_default();
        name.push(char::from(b'A' + letter));
        rest /= 26;
    }
    name.iter().rev().collect()
}
