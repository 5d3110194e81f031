//! The columns as they are shown: some hidden, some put elsewhere. Everything else counts columns as the file does.

use std::ops::Range;

use super::facts::Facts;
use crate::{session::Document, settings::ColumnLayout, ui::grid::GridColumn};

/// Which columns are shown, in order.
#[derive(Default)]
pub(super) struct ShownColumns {
    /// How they are laid out.
    pub(crate) layout: ColumnLayout,
    /// The same as it is remembered.
    kept: ColumnLayout,
    /// What the rest was made from.
    of: Option<(u64, ColumnLayout)>,
    /// The file's columns, by place in the table.
    order: Vec<u32>,
    /// Their headers.
    pub(crate) headers: Vec<GridColumn>,
    count: usize,
    /// How many are hidden.
    hidden: usize,
}

impl ShownColumns {
    /// Laid out as before.
    pub(super) fn new(layout: ColumnLayout) -> Self {
        Self {
            kept: layout.clone(),
            layout,
            ..Self::default()
        }
    }

    /// Brings all up to date with the table.
    pub(super) fn refresh(&mut self, facts: &Facts) {
        let is_fresh = |(version, layout): &(u64, ColumnLayout)| *version == facts.version && *layout == self.layout;
        if self.of.as_ref().is_some_and(is_fresh) {
            return;
        }
        self.of = Some((facts.version, self.layout.clone()));
        self.count = facts.columns.len();
        self.arrange();
        let header = |column: &u32| facts.columns.get(*column as usize).cloned().unwrap_or_default();
        self.headers = self.order.iter().map(header).collect();
    }

    /// The layout, when it is another one than is remembered; from now on it is.
    pub(super) fn take_change(&mut self) -> Option<&ColumnLayout> {
        if self.layout == self.kept {
            return None;
        }
        self.kept = self.layout.clone();
        Some(&self.kept)
    }

    fn arrange(&mut self) {
        self.order = self.layout.shown(self.count());
        self.hidden = self.count - self.order.len();
    }

    /// The file's column at a place.
    pub(super) fn file(&self, place: usize) -> Option<u32> {
        self.order.get(place).copied()
    }

    /// The file's columns at some places.
    pub(super) fn files(&self, places: Range<usize>) -> impl Iterator<Item = u32> + '_ {
        let end = places.end.min(self.order.len());
        let shown = self.order.get(places.start.min(end)..end);
        shown.unwrap_or_default().iter().copied()
    }

    /// Where a column of the file is, unless it is hidden.
    pub(super) fn place(&self, column: u32) -> Option<usize> {
        self.order.iter().position(|other| *other == column)
    }

    /// Where a column of the file is; one that is hidden is shown again, as somebody goes there.
    pub(super) fn place_or_show(&mut self, column: u32) -> usize {
        if self.place(column).is_none() && (column as usize) < self.count {
            self.layout.show(column);
            self.arrange();
        }
        self.place(column).unwrap_or(0)
    }

    /// How many of the first columns stay in sight: as many as somebody has said, else the ids where they come first.
    pub(super) fn pinned(&self, document: &Document) -> usize {
        let is_id_first = || {
            let mapping = &document.view()?.mapping;
            let id = mapping.column_of(mapping.dataset.id_field()?)?;
            Some(self.order.first().is_some_and(|first| *first as usize == id))
        };
        let usual = || usize::from(is_id_first().unwrap_or(false));
        self.layout.pinned().unwrap_or_else(usual)
    }

    /// How many columns there are.
    pub(super) fn count(&self) -> u32 {
        u32::try_from(self.count).unwrap_or(u32::MAX)
    }

    /// How many are hidden.
    pub(super) const fn hidden(&self) -> usize {
        self.hidden
    }
}
