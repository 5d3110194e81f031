//! The causes as a list that does not move under the pointer: what has been mended stays in its place for a while, with the
//! way back, and only then the others close up.

use super::facts::CauseGroup;

/// Seconds for which a mended cause stays in its place.
const STAYS: f64 = 4.0;
/// Seconds for which the list stays as it is after the pointer has left it.
const SETTLES: f64 = 1.0;

/// A line of the list.
#[derive(Clone, Debug)]
pub(super) struct Listed {
    pub(super) group: CauseGroup,
    /// How many changes could be taken back when it was mended; `None`: it is not.
    pub(super) mended: Option<usize>,
}

/// The lines, in their order.
#[derive(Debug, Default)]
pub(super) struct ProblemList {
    lines: Vec<Listed>,
    /// Until when the order stays, in seconds of the window's clock.
    held_until: f64,
    /// Which part of the list is in sight.
    pub(super) scroll: ListScroll,
}

/// Which part of a list of lines is in sight, and which line was last brought there.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ListScroll {
    /// Where the upper edge is, in points from the first line.
    pub(super) top: f32,
    /// How high the room is, in points.
    pub(super) room: f32,
    brought: Option<usize>,
}

impl ListScroll {
    /// Where the upper edge is to be so that a line, so high, is in sight, when it is another one than the last time and
    /// is not.
    pub(super) fn bring(&mut self, line: Option<usize>, height: f32) -> Option<f32> {
        if line == self.brought || self.room <= 0.0 {
            return None;
        }
        self.brought = line;
        let above = line? as f32 * height;
        let below = above + height - self.room;
        if above < self.top {
            Some(above)
        } else {
            (below > self.top).then_some(below)
        }
    }
}

impl ProblemList {
    /// The lines.
    pub(super) fn lines(&self) -> &[Listed] {
        &self.lines
    }

    /// The pointer is over the list.
    pub(super) fn hold(&mut self, now: f64) {
        self.held_until = self.held_until.max(now + SETTLES);
    }

    /// Seconds until the lines close up, when some wait for that.
    pub(super) fn settles_in(&self, now: f64) -> Option<f64> {
        let waits = self.lines.iter().any(|line| line.mended.is_some());
        waits.then_some((self.held_until - now).max(0.0))
    }

    /// Takes in the causes that there are now, as many changes can be taken back.
    pub(super) fn follow(&mut self, groups: &[CauseGroup], depth: usize, now: f64) {
        let vanish = |line: &Listed| !groups.iter().any(|group| group.cause == line.group.cause);
        if self.lines.iter().any(|line| line.mended.is_none() && vanish(line)) {
            self.held_until = self.held_until.max(now + STAYS);
        }
        if now >= self.held_until {
            let listed = |group: &CauseGroup| Listed {
                group: group.clone(),
                mended: None,
            };
            self.lines = groups.iter().map(listed).collect();
            return;
        }
        for line in &mut self.lines {
            match groups.iter().find(|group| group.cause == line.group.cause) {
                Some(group) => {
                    line.group = group.clone();
                    line.mended = None;
                }
                None => {
                    line.mended.get_or_insert(depth);
                }
            }
        }
        for group in groups {
            if !self.lines.iter().any(|line| line.group.cause == group.cause) {
                self.lines.push(Listed {
                    group: group.clone(),
                    mended: None,
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        issue::{Cause, Severity},
        rules::Rule,
    };

    #[test]
    fn a_line_is_brought_into_sight_once_and_no_further_than_needed() {
        let mut scroll = ListScroll {
            top: 26.0,
            room: 60.0,
            brought: None,
        };
        assert_eq!(scroll.bring(Some(2), 26.0), None, "it is in sight");
        assert_eq!(scroll.bring(Some(0), 26.0), Some(0.0));
        assert_eq!(scroll.bring(Some(0), 26.0), None, "somebody may scroll away from it");
        assert_eq!(scroll.bring(Some(5), 26.0), Some(96.0));
        assert_eq!(scroll.bring(None, 26.0), None);
        assert_eq!(scroll.bring(Some(5), 26.0), Some(96.0), "gone to once more");
    }

    fn groups(of: &[(u32, u64)]) -> Vec<CauseGroup> {
        let group = |(column, rows): &(u32, u64)| CauseGroup {
            cause: Cause {
                rule: Rule::ALL[0],
                column: Some(*column),
                hint: None,
            },
            severity: Severity::Error,
            rows: *rows,
            first: 0,
            field: String::new(),
            what: String::new(),
        };
        of.iter().map(group).collect()
    }

    fn shown(list: &ProblemList) -> Vec<(u32, u64, bool)> {
        let line = |line: &Listed| {
            let column = line.group.cause.column.unwrap();
            (column, line.group.rows, line.mended.is_some())
        };
        list.lines().iter().map(line).collect()
    }

    #[test]
    fn nothing_moves_under_the_pointer() {
        let mut list = ProblemList::default();
        list.follow(&groups(&[(1, 9), (2, 8), (3, 7)]), 0, 0.0);
        list.hold(0.0);
        list.follow(&groups(&[(3, 10), (1, 5), (4, 2)]), 1, 0.5);
        assert_eq!(
            shown(&list),
            [(1, 5, false), (2, 8, true), (3, 10, false), (4, 2, false)]
        );
        // It was taken back meanwhile.
        list.follow(&groups(&[(3, 10), (2, 8), (1, 5)]), 0, 0.6);
        assert_eq!(shown(&list)[1], (2, 8, false));
    }

    #[test]
    fn what_is_mended_leaves_later() {
        let mut list = ProblemList::default();
        list.follow(&groups(&[(1, 9), (2, 8)]), 0, 0.0);
        list.follow(&groups(&[(2, 8)]), 3, 100.0);
        assert_eq!(shown(&list), [(1, 9, true), (2, 8, false)]);
        assert_eq!(list.lines()[0].mended, Some(3));
        assert_eq!(list.settles_in(101.0), Some(3.0));
        list.hold(103.5);
        list.follow(&groups(&[(2, 8)]), 3, 104.2);
        assert_eq!(shown(&list).len(), 2, "the pointer is there");
        list.follow(&groups(&[(2, 8)]), 3, 104.6);
        assert_eq!(shown(&list), [(2, 8, false)]);
        assert_eq!(list.settles_in(104.6), None);
    }
}
