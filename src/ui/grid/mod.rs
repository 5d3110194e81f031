//! The table of records, in row space: the position is a row counted in `f64`, and only rows and columns in sight are
//! ever looked at, so ten million rows scroll as twenty do, exactly to the last one. Cells are painted, not widgets;
//! for assistive technology (and tests) each cell in sight has a node that says where it stands, what it holds and
//! what is wrong with it.
//!
//! The grid changes no data. It shows a [`GridSource`], keeps a [`GridState`] and answers with [`GridEvent`]s.

mod bars;
mod body;
mod copy;
mod edit;
mod fit;
mod header;
mod keys;
mod layout;
pub(crate) mod scroll;
mod source;
mod state;
mod strip;

pub(crate) use copy::parse_tsv;
pub use copy::tsv;
pub use source::{CellAt, CellKind, GridCell, GridColumn, GridEvent, GridSource, Sorted, Strip, StripShape};
pub use state::{GridState, Selection};
pub(crate) use strip::percent;

use eframe::egui::{Event, EventFilter, FocusDirection, Id, Popup, Rect, Response, Role, Sense, Ui, Vec2, WidgetInfo};

use self::{keys::Wish, layout::Layout, state::Editing};
use super::theme::Tokens;

/// Height of a row as usual, in points.
const ROW_HEIGHT: f32 = 24.0;

/// Shows the grid in all the room there is.
pub fn show(ui: &mut Ui, state: &mut GridState, source: &mut dyn GridSource) -> Vec<GridEvent> {
    let outer = ui.available_rect_before_wrap();
    let id = ui.make_persistent_id("grid");
    ui.allocate_rect(outer, Sense::hover());
    if outer.width() < 40.0 || outer.height() < 40.0 {
        return Vec::new();
    }
    let selected = state.selection;
    state.selection = selected.and_then(|all| all.within(source.row_count(), source.columns().len()));
    let layout = Layout::new(ui, outer, state, source);
    (state.top, state.x) = (layout.top, layout.x);
    let mut pass = Pass {
        tokens: Tokens::current(ui),
        ui,
        state,
        source,
        layout,
        id,
        events: Vec::new(),
    };
    pass.run(outer);
    let mut events = pass.events;
    if state.selection != selected {
        events.push(GridEvent::SelectionChanged);
    }
    events
}

/// The grid during one frame.
struct Pass<'a> {
    ui: &'a mut Ui,
    state: &'a mut GridState,
    source: &'a mut dyn GridSource,
    tokens: &'static Tokens,
    layout: Layout,
    id: Id,
    events: Vec<GridEvent>,
}

impl Pass<'_> {
    fn run(&mut self, outer: Rect) {
        self.resume_keys();
        self.hold_focus();
        let body = self
            .ui
            .interact(self.layout.body, self.id.with("body"), Sense::click_and_drag());
        let gutter = self
            .ui
            .interact(self.layout.gutter, self.id.with("rows"), Sense::click_and_drag());
        self.scroll_by_wheel(outer);
        self.point(&body, &gutter);
        self.take_keys(&body);
        let revealed = self.reveal();
        self.prefetch();
        self.fit_columns(outer, revealed);
        self.describe(&body);
        self.paint_body(&body);
        self.paint_gutter(&gutter);
        self.header();
        self.bars();
        self.edit(&body);
        self.state.view = Some(self.layout.view);
        self.state.columns = self.layout.columns_in_sight();
    }

    /// Keeps the keyboard where text is followed by a Tab in one frame: that ends the edit which the text begins.
    fn hold_focus(&self) {
        let (ui, body) = (&self.ui, self.id.with("body"));
        let has_text = ui.input(|input| {
            let first = input.events.iter().find(|event| keys::changes_text(event));
            matches!(first, Some(Event::Text(_)))
        });
        if has_text && ui.memory(|memory| memory.has_focus(body)) {
            ui.memory_mut(|memory| memory.move_focus(FocusDirection::None));
        }
    }

    /// Has the source fetch everything in sight.
    fn prefetch(&mut self) {
        let columns = self.layout.columns_in_sight();
        self.source.prefetch(self.layout.rows_in_sight(), columns);
    }

    fn scroll_by_wheel(&mut self, outer: Rect) {
        if !self.ui.rect_contains_pointer(outer) {
            return;
        }
        let delta = self
            .ui
            .input_mut(|input| std::mem::replace(&mut input.smooth_scroll_delta, Vec2::ZERO));
        if delta != Vec2::ZERO {
            self.scroll_to(
                self.layout.view.scrolled(self.layout.top, -delta.y),
                self.layout.x - delta.x,
            );
        }
    }

    /// Goes to a position, clamped to the table.
    fn scroll_to(&mut self, top: f64, x: f32) {
        self.layout.place(top, x);
        self.state.top = self.layout.top;
        self.state.x = self.layout.x;
    }

    /// Scrolls to the cell that is to be revealed, and returns it.
    fn reveal(&mut self) -> Option<CellAt> {
        let wanted = self.state.reveal.take();
        if let Some(at) = wanted {
            self.state.quiet = self.ui.input(|input| input.pointer.latest_pos());
            let top = self.layout.view.reveal(self.layout.top, at.row);
            let layout = &self.layout;
            let x = layout
                .edges
                .reveal(layout.x, at.column, layout.frozen, layout.body.width());
            self.scroll_to(top, x);
        }
        wanted
    }

    fn select(&mut self, selection: Selection) {
        self.commit();
        self.state.selection = Some(selection);
    }

    /// Handles the pointer on cells and row numbers.
    fn point(&mut self, body: &Response, gutter: &Response) {
        let (pressed, shift) = self
            .ui
            .input(|input| (input.pointer.primary_pressed(), input.modifiers.shift));
        let pointed = body.interact_pointer_pos();
        if let Some(cell) = pointed.and_then(|pos| self.layout.nearest_cell(pos)) {
            let inside = pointed.is_some_and(|pos| self.layout.cell_at(pos).is_some());
            let starts = (pressed && body.is_pointer_button_down_on()) || body.clicked();
            if body.double_clicked() && inside {
                self.begin_edit(cell, None);
            } else if starts {
                if inside {
                    self.point_at(cell, shift);
                } else {
                    self.commit();
                }
                body.request_focus();
            } else if body.dragged() {
                self.drag_to(cell);
            }
            if body.secondary_clicked() && inside {
                let selected = self.state.selection.is_some_and(|all| all.contains(cell));
                if !selected {
                    self.select(Selection::cell(cell));
                }
                body.request_focus();
                let at = pointed.unwrap_or_default();
                self.events.push(GridEvent::MenuRequested { cell, at });
            }
        }
        let row = gutter.interact_pointer_pos().and_then(|pos| {
            self.layout
                .view
                .nearest_row(self.layout.top, pos.y - self.layout.body.top())
        });
        if let Some(row) = row {
            self.select_rows(row, shift || (gutter.dragged() && !pressed));
            body.request_focus();
        }
    }

    fn point_at(&mut self, cell: CellAt, extend: bool) {
        let anchor = self.state.selection.filter(|_| extend).map_or(cell, |all| all.anchor);
        self.select(Selection { anchor, cursor: cell });
    }

    fn drag_to(&mut self, cell: CellAt) {
        if self.state.editing.is_none() {
            self.point_at(cell, true);
            self.state.reveal = Some(cell);
            // Outside, rows go on scrolling while the pointer rests, so that no input asks for the next frame.
            self.ui.ctx().request_repaint();
        }
    }

    fn select_rows(&mut self, row: u64, extend: bool) {
        let Some(last) = self.layout.edges.count().checked_sub(1) else {
            return;
        };
        let anchor = self
            .state
            .selection
            .filter(|_| extend)
            .map_or(row, |all| all.anchor.row);
        self.select(Selection {
            anchor: CellAt {
                row: anchor,
                column: last,
            },
            cursor: CellAt { row, column: 0 },
        });
        self.state.reveal = None;
    }

    fn take_keys(&mut self, body: &Response) {
        if std::mem::take(&mut self.state.focus) && self.state.editing.is_none() {
            body.request_focus();
        }
        self.take_free_keys(body);
        if !body.has_focus() || self.state.editing.is_some() {
            return;
        }
        let filter = EventFilter {
            tab: false,
            horizontal_arrows: true,
            vertical_arrows: true,
            escape: self.state.selection.is_some_and(|all| !all.is_cell()),
        };
        self.ui
            .memory_mut(|memory| memory.set_focus_lock_filter(body.id, filter));
        let bounds = keys::Bounds {
            rows: self.source.row_count(),
            columns: self.layout.edges.count(),
            page: (self.layout.view.fitting() as u64).saturating_sub(1).max(1),
        };
        for wish in keys::take(self.ui, self.state.selection, bounds) {
            self.grant(wish);
        }
    }

    /// Takes the keyboard by a key that moves the cursor, where nothing else has it.
    fn take_free_keys(&self, body: &Response) {
        let is_free = self
            .ui
            .memory(|memory| memory.focused().is_none() && memory.allows_interaction(body.layer_id));
        if is_free && self.ui.input(keys::has_movement) && !Popup::is_any_open(self.ui.ctx()) {
            body.request_focus();
            // The key is the table's, and goes on to nothing beside it.
            self.ui.memory_mut(|memory| memory.move_focus(FocusDirection::None));
        }
    }

    fn grant(&mut self, wish: Wish) {
        if let Wish::Select(selection) = wish {
            self.state.selection = Some(selection);
            self.state.reveal = Some(selection.cursor);
            return;
        }
        let Some(selection) = self.state.selection else {
            return;
        };
        let (rows, columns) = (selection.rows(), selection.columns());
        match wish {
            Wish::Select(_) => {}
            Wish::Edit(typed) => self.begin_edit(selection.cursor, typed),
            Wish::Clear => self.events.push(GridEvent::Clear { rows, columns }),
            Wish::Copy { headers } => self.events.push(GridEvent::CopyRequested { rows, columns, headers }),
            Wish::Cut => {
                let (copied, cleared) = (rows.clone(), columns.clone());
                self.events.push(GridEvent::CopyRequested {
                    rows: copied,
                    columns: cleared,
                    headers: false,
                });
                self.events.push(GridEvent::Clear { rows, columns });
            }
            Wish::Paste(text) => self.events.push(GridEvent::PasteRequested { rows, columns, text }),
        }
    }

    /// Starts an edit, if the cell may be changed. A further character typed in the same frame is appended.
    fn begin_edit(&mut self, at: CellAt, typed: Option<String>) {
        if let Some(editing) = &mut self.state.editing {
            if editing.at == at {
                editing.text.extend(typed);
                return;
            }
            self.commit();
        }
        if !self.source.editable(at.row, at.column) {
            self.state.selection = Some(Selection::cell(at));
            return;
        }
        self.source.prefetch(at.row..at.row + 1, at.column..at.column + 1);
        let Some(original) = self.source.cell(at.row, at.column).written() else {
            return;
        };
        let original = original.into_owned();
        self.state.edit(at, original, typed);
    }

    /// Ends the current edit, and reports it when the text has changed.
    fn commit(&mut self) {
        if let Some(Editing { at, text, original, .. }) = self.state.editing.take()
            && text != original
        {
            self.events.push(GridEvent::Commit { at, text });
        }
    }

    /// Describes the grid and the rows in sight to assistive technology.
    fn describe(&self, body: &Response) {
        let (rows, columns) = (self.source.row_count(), self.layout.edges.count());
        body.widget_info(|| {
            WidgetInfo::labeled(Role::Grid, true, format!("Table of {rows} rows and {columns} columns"))
        });
    }
}
