//! Where a table of any length stands, as pure maths. The position is a row, counted in `f64`, which is exact far
//! past any file; points only ever appear as small distances from the first visible row.

use std::ops::Range;

/// A table's rows seen through a window of a certain height.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct RowView {
    /// How many rows there are.
    pub rows: u64,
    /// How high a row is, in points.
    pub(crate) row_height: f32,
    /// How high the window is, in points.
    pub height: f32,
}

impl RowView {
    /// How many rows fit into the window, fractions included.
    pub(crate) fn fitting(&self) -> f64 {
        f64::from(self.height.max(0.0)) / f64::from(self.row_height.max(1.0))
    }

    /// The furthest position: the last row stands at the window's lower edge.
    pub(crate) fn max_top(&self) -> f64 {
        (self.rows as f64 - self.fitting()).max(0.0)
    }

    /// The position, clamped to the table.
    pub(crate) fn clamp(&self, top: f64) -> f64 {
        if top.is_finite() {
            top.clamp(0.0, self.max_top())
        } else {
            0.0
        }
    }

    /// The position after scrolling by points (positive: towards the end).
    pub(crate) fn scrolled(&self, top: f64, points: f32) -> f64 {
        self.clamp(top + f64::from(points) / f64::from(self.row_height.max(1.0)))
    }

    /// The rows of which anything can be seen.
    pub(crate) fn visible(&self, top: f64) -> Range<u64> {
        let first = (top.floor() as u64).min(self.rows);
        let end = (top + self.fitting()).ceil() as u64;
        first..end.clamp(first, self.rows)
    }

    /// Distance in points from the window's upper edge to a row's upper edge; kept within ±100,000.
    pub(crate) fn y_of(&self, top: f64, row: u64) -> f32 {
        let rows = (row as f64 - top).clamp(-1e5, 1e5);
        (rows * f64::from(self.row_height)).clamp(-1e5, 1e5) as f32
    }

    /// The row at a distance in points from the window's upper edge, if there is one.
    pub(crate) fn row_at(&self, top: f64, y: f32) -> Option<u64> {
        let row = (top + f64::from(y) / f64::from(self.row_height.max(1.0))).floor();
        (row >= 0.0 && row < self.rows as f64).then_some(row as u64)
    }

    /// The row at a distance, or the nearest one when the distance is outside; `None` when there are no rows.
    pub(crate) fn nearest_row(&self, top: f64, y: f32) -> Option<u64> {
        let last = self.rows.checked_sub(1)?;
        let row = (top + f64::from(y) / f64::from(self.row_height.max(1.0))).floor();
        Some((row.max(0.0) as u64).min(last))
    }

    /// The position nearest to `top` at which a row is seen whole. A row more than a window away comes to stand
    /// a third down, so that one sees what surrounds it.
    pub(crate) fn reveal(&self, top: f64, row: u64) -> f64 {
        let row = row.min(self.rows.saturating_sub(1)) as f64;
        let fitting = self.fitting();
        if row < top - fitting || row > top + 2.0 * fitting {
            return self.clamp((row - fitting / 3.0).floor());
        }
        let lowest = row + 1.0 - fitting;
        // A window lower than one row shows its upper edge.
        self.clamp(if lowest > row { row } else { top.clamp(lowest, row) })
    }

    /// The scroll bar's handle: distance from the track's start, and length, both in points.
    /// `None` when everything fits.
    pub(crate) fn handle(&self, top: f64, track: f32, shortest: f32) -> Option<(f32, f32)> {
        let max_top = self.max_top();
        if max_top <= 0.0 || track <= 0.0 {
            return None;
        }
        let share = (self.fitting() / self.rows as f64) as f32;
        let length = (track * share).max(shortest).min(track);
        let start = (self.clamp(top) / max_top) as f32 * (track - length);
        Some((start, length))
    }

    /// The position at which the handle starts at `start` on the track; the inverse of [`RowView::handle`].
    pub(crate) fn top_of_handle(&self, start: f32, track: f32, length: f32) -> f64 {
        let room = f64::from(track - length);
        if room <= 0.0 {
            return 0.0;
        }
        self.clamp(f64::from(start) / room * self.max_top())
    }
}

/// Where the columns stand: the edges of every column, in points from the first one's left edge.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ColumnEdges(Vec<f32>);

impl ColumnEdges {
    pub(crate) fn new(widths: impl Iterator<Item = f32>) -> Self {
        let mut edges = vec![0.0];
        let mut end = 0.0;
        for width in widths {
            end += width;
            edges.push(end);
        }
        Self(edges)
    }

    pub(crate) fn count(&self) -> usize {
        self.0.len() - 1
    }

    /// The width of all columns.
    pub(crate) fn total(&self) -> f32 {
        self.left(self.count())
    }

    /// A column's left edge; for columns past the last the end of the last.
    pub(crate) fn left(&self, column: usize) -> f32 {
        let last = self.0.last().copied().unwrap_or(0.0);
        self.0.get(column).copied().unwrap_or(last)
    }

    pub(crate) fn width(&self, column: usize) -> f32 {
        self.left(column + 1) - self.left(column)
    }

    /// The columns that reach into the stretch, which is given in points.
    pub(crate) fn within(&self, from: f32, to: f32) -> Range<usize> {
        let first = self.0.partition_point(|&edge| edge <= from).saturating_sub(1);
        let end = self.0.partition_point(|&edge| edge < to).min(self.count());
        first.min(end)..end
    }

    /// The column at a distance from the first one's left edge.
    pub(crate) fn at(&self, x: f32) -> Option<usize> {
        let column = self.0.partition_point(|&edge| edge <= x).checked_sub(1)?;
        (column < self.count()).then_some(column)
    }

    /// The nearest offset at which a column is seen whole in a window of this width, which starts with `frozen`
    /// columns that do not move.
    pub(crate) fn reveal(&self, offset: f32, column: usize, frozen: usize, window: f32) -> f32 {
        if column < frozen {
            return offset;
        }
        let start = self.left(frozen);
        let (left, right) = (self.left(column) - start, self.left(column + 1) - start);
        let room = (window - start).max(1.0);
        if right - left >= room {
            left
        } else {
            offset.clamp(right - room, left)
        }
    }
}

#[cfg(test)]
#[expect(
    clippy::float_cmp,
    reason = "the grid is exact to the last row; that is what is tested"
)]
mod tests {
    use super::*;

    const TEN_MILLION: RowView = RowView {
        rows: 10_000_000,
        row_height: 28.0,
        height: 700.0,
    };

    #[test]
    fn last_row_of_ten_million_is_exact() {
        let top = TEN_MILLION.clamp(f64::INFINITY.min(1e18));
        assert_eq!(top, 9_999_975.0);
        assert_eq!(TEN_MILLION.visible(top), 9_999_975..10_000_000);
        assert_eq!(TEN_MILLION.y_of(top, 9_999_999), 24.0 * 28.0);
    }

    #[test]
    fn rows_are_evenly_spaced_everywhere() {
        for top in [0.0, 0.25, 3_500_000.5, 5_000_000.25, 9_999_974.75] {
            for row in TEN_MILLION.visible(top) {
                let gap = TEN_MILLION.y_of(top, row + 1) - TEN_MILLION.y_of(top, row);
                assert_eq!(gap, 28.0, "row {row} at {top}");
            }
        }
    }

    #[test]
    fn handle_reaches_both_ends_and_inverts() {
        let (track, shortest) = (640.0, 28.0);
        let (start, length) = TEN_MILLION.handle(0.0, track, shortest).unwrap();
        assert_eq!((start, length), (0.0, 28.0));
        let (end, _) = TEN_MILLION.handle(TEN_MILLION.max_top(), track, shortest).unwrap();
        assert_eq!(end + length, track);
        assert_eq!(TEN_MILLION.top_of_handle(end, track, length), TEN_MILLION.max_top());
        assert_eq!(TEN_MILLION.top_of_handle(0.0, track, length), 0.0);
        for top in [1.0, 1234.0, 7_654_321.0] {
            let (start, length) = TEN_MILLION.handle(top, track, shortest).unwrap();
            let back = TEN_MILLION.top_of_handle(start, track, length);
            assert!((back - top).abs() < 2.0, "{top} came back as {back}");
        }
    }

    #[test]
    fn reveal_moves_as_little_as_possible() {
        assert_eq!(TEN_MILLION.reveal(100.0, 110), 100.0);
        assert_eq!(TEN_MILLION.reveal(100.0, 99), 99.0);
        assert_eq!(TEN_MILLION.reveal(100.0, 125), 101.0);
        assert_eq!(TEN_MILLION.reveal(0.0, 9_999_999), TEN_MILLION.max_top());
        let far = TEN_MILLION.reveal(0.0, 5_000_000);
        assert!(TEN_MILLION.visible(far).contains(&5_000_000));
        assert_eq!(far, 4_999_991.0);
    }

    #[test]
    fn few_rows_need_no_bar() {
        let view = RowView {
            rows: 3,
            row_height: 28.0,
            height: 700.0,
        };
        assert_eq!(view.max_top(), 0.0);
        assert_eq!(view.handle(0.0, 640.0, 28.0), None);
        assert_eq!(view.visible(0.0), 0..3);
        assert_eq!(view.row_at(0.0, 84.5), None);
        assert_eq!(view.nearest_row(0.0, 9999.0), Some(2));
    }

    #[test]
    fn no_rows_at_all() {
        let view = RowView {
            rows: 0,
            row_height: 28.0,
            height: 700.0,
        };
        assert_eq!(view.visible(view.clamp(f64::NAN)), 0..0);
        assert_eq!(view.nearest_row(0.0, 10.0), None);
        assert_eq!(view.reveal(0.0, 5), 0.0);
    }

    #[test]
    fn only_columns_in_sight() {
        let edges = ColumnEdges::new(std::iter::repeat_n(100.0, 100));
        assert_eq!(edges.total(), 10_000.0);
        assert_eq!(edges.within(0.0, 450.0), 0..5);
        assert_eq!(edges.within(100.0, 500.0), 1..5);
        assert_eq!(edges.within(9_950.0, 20_000.0), 99..100);
        assert_eq!(edges.at(9_999.9), Some(99));
        assert_eq!(edges.at(10_000.0), None);
        assert_eq!(edges.at(-1.0), None);
    }

    #[test]
    fn reveals_columns_beside_frozen_ones() {
        let edges = ColumnEdges::new(std::iter::repeat_n(100.0, 100));
        assert_eq!(edges.reveal(0.0, 99, 0, 500.0), 9_500.0);
        assert_eq!(edges.reveal(0.0, 99, 1, 500.0), 9_500.0);
        assert_eq!(edges.reveal(900.0, 0, 1, 500.0), 900.0);
        assert_eq!(edges.reveal(900.0, 5, 1, 500.0), 400.0);
    }

    #[test]
    fn no_columns_at_all() {
        let edges = ColumnEdges::new(std::iter::empty());
        assert_eq!((edges.count(), edges.total(), edges.at(0.0)), (0, 0.0, None));
        assert_eq!(edges.within(0.0, 100.0), 0..0);
    }
}
