//! The description at the end of a Parquet file, where an old writer has put something of its own into it.
//!
//! Programs before 2019 (Dremio's among them) gave a column's description a field of their own, whose number the format
//! has since given to a length. The library takes the field for that length, whatever its type. Thrift's compact
//! protocol names the type of each field, so that a field of another type can be told from a length, and renumbered to
//! one that no reader knows.

/// The number and the type of the length: an integer of 32 bits.
const LENGTH: (i16, u8) = (15, 5);

const LIST: u8 = 9;
const STRUCT: u8 = 12;

/// The deepest nesting that is followed.
const DEPTH: usize = 32;

/// Renumbers fields in the place of a length that are none; `false` when there are none.
pub(super) fn mend(footer: &mut [u8]) -> bool {
    let mut found = Vec::new();
    let mut walk = FooterWalk { bytes: footer, at: 0 };
    let walked = walk.members(4, LIST, &mut |groups| {
        groups.each(&mut |group| {
            group.members(1, LIST, &mut |columns| {
                columns.each(&mut |column| {
                    column.members(3, STRUCT, &mut |description| {
                        description.fields(&mut |walk, id, kind, header| {
                            walk.skip(kind, 0)?;
                            if id == LENGTH.0 && kind != LENGTH.1 && walk.bytes.get(walk.at) == Some(&0) {
                                found.push(header);
                            }
                            Some(())
                        })
                    })
                })
            })
        })
    });
    if walked.is_none() {
        return false;
    }
    for header in &found {
        // The upper half is the distance from the field before; its largest value leads beyond all numbers of the
        // format.
        if let Some(byte) = footer.get_mut(*header) {
            *byte |= 0xf0;
        }
    }
    !found.is_empty()
}

/// Reads Thrift's compact protocol byte by byte; `None` where the bytes are something else.
struct FooterWalk<'a> {
    bytes: &'a [u8],
    at: usize,
}

type FooterVisit<'v, 'a> = &'v mut dyn FnMut(&mut FooterWalk<'a>) -> Option<()>;

impl<'a> FooterWalk<'a> {
    fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    /// Hands every field of a struct to `tell`, with its number, its type and where its header stands; `tell` must read
    /// past it.
    fn fields(&mut self, tell: &mut dyn FnMut(&mut Self, i16, u8, usize) -> Option<()>) -> Option<()> {
        let mut id = 0_i16;
        loop {
            let header = self.at;
            let byte = self.byte()?;
            if byte == 0 {
                return Some(());
            }
            id = match byte >> 4 {
                0 => i16::try_from(self.number()? / 2).ok()?,
                distance => id.checked_add(i16::from(distance))?,
            };
            tell(self, id, byte & 0x0f, header)?;
        }
    }

    /// Visits the fields of that number and type, and skips all others.
    fn members(&mut self, wanted: i16, of: u8, visit: FooterVisit<'_, 'a>) -> Option<()> {
        self.fields(&mut |walk, id, kind, _| {
            if (id, kind) == (wanted, of) {
                visit(walk)
            } else {
                walk.skip(kind, 0)
            }
        })
    }

    /// Reads the head of a list: how many items it has, and their type.
    fn list(&mut self) -> Option<(u64, u8)> {
        let byte = self.byte()?;
        let count = match byte >> 4 {
            15 => self.number()?,
            count => u64::from(count),
        };
        Some((count, byte & 0x0f))
    }

    /// Visits every item of a list of structs.
    fn each(&mut self, visit: FooterVisit<'_, 'a>) -> Option<()> {
        let (count, kind) = self.list()?;
        if kind != STRUCT {
            return None;
        }
        (0..count).try_for_each(|_| visit(self))
    }

    fn skip(&mut self, kind: u8, depth: usize) -> Option<()> {
        if depth > DEPTH {
            return None;
        }
        match kind {
            // The type of a boolean field is its value.
            1 | 2 => Some(()),
            3 => self.byte().map(|_| ()),
            4..=6 => self.number().map(|_| ()),
            7 => self.pass(8),
            8 => {
                let length = self.number()?;
                self.pass(usize::try_from(length).ok()?)
            }
            LIST | 10 => {
                let (count, kind) = self.list()?;
                (0..count).try_for_each(|_| self.skip_item(kind, depth + 1))
            }
            11 => {
                let count = self.number()?;
                if count == 0 {
                    return Some(());
                }
                let kinds = self.byte()?;
                (0..count).try_for_each(|_| {
                    self.skip_item(kinds >> 4, depth + 1)?;
                    self.skip_item(kinds & 0x0f, depth + 1)
                })
            }
            STRUCT => self.fields(&mut |walk, _, kind, _| walk.skip(kind, depth + 1)),
            _ => None,
        }
    }

    /// A boolean in a list is a byte.
    fn skip_item(&mut self, kind: u8, depth: usize) -> Option<()> {
        match kind {
            1 | 2 => self.pass(1),
            kind => self.skip(kind, depth),
        }
    }

    fn pass(&mut self, length: usize) -> Option<()> {
        self.at = self.at.checked_add(length).filter(|at| *at <= self.bytes.len())?;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A footer of one column, whose description has these bytes behind its type.
    fn footer(description: &[u8]) -> Vec<u8> {
        let before = [0x49, 0x1c, 0x19, 0x1c, 0x3c, 0x15, 0x02];
        [&before, description, &[0, 0, 0, 0]].concat()
    }

    #[track_caller]
    fn check(description: &[u8], expect: Option<&[u8]>) {
        let mut bytes = footer(description);
        let is_mended = mend(&mut bytes);
        assert_eq!(is_mended, expect.is_some());
        assert_eq!(bytes, footer(expect.unwrap_or(description)));
    }

    #[test]
    fn what_is_no_length_gets_another_number() {
        // A list of one struct, as the last field.
        check(&[0xe9, 0x1c, 0x15, 0x00, 0x00], Some(&[0xf9, 0x1c, 0x15, 0x00, 0x00]));
        check(&[0xc6, 0x02, 0x28, 0x01, b'a'], Some(&[0xc6, 0x02, 0xf8, 0x01, b'a']));
    }

    #[test]
    fn everything_else_stays() {
        // A length.
        check(&[0xe5, 0x02], None);
        // Another number.
        check(&[0xd9, 0x1c, 0x15, 0x00, 0x00], None);
        // Fields behind it are counted from it.
        check(&[0xe9, 0x1c, 0x15, 0x00, 0x00, 0x15, 0x02], None);
    }

    #[test]
    fn cut_or_foreign_bytes_are_left_alone() {
        let whole = footer(&[0xe9, 0x1c, 0x15, 0x00, 0x00]);
        for end in 0..whole.len() {
            let mut cut = whole[..end].to_vec();
            assert!(!mend(&mut cut), "{end}");
            assert_eq!(cut, whole[..end]);
        }
        assert!(!mend(&mut [0x1c; 4096]));
        assert!(!mend(&mut [0xff; 64]));
    }
}
