//! The field in which a cell is typed over.

use eframe::egui::{
    EventFilter, Frame, Key, Margin, Modifiers, Rect, Response, StrokeKind, TextEdit, UiBuilder, Vec2,
    text::{CCursor, CCursorRange},
    text_edit::TextEditState,
    vec2,
};

use super::{CellAt, Pass, Selection, body::PADDING};
use crate::ui::{
    fonts,
    theme::{radius, size},
};

/// Widest the field gets to show a long text, in points.
const WIDEST: f32 = 460.0;

/// How an edit ended.
enum End {
    Cancelled,
    /// Committed; the selection moves by this many rows and columns.
    Committed(i64, isize),
}

impl Pass<'_> {
    pub(super) fn edit(&mut self, body: &Response) {
        let Some(at) = self.state.editing.as_ref().map(|editing| editing.at) else {
            return;
        };
        let end = self.ending_key();
        if let Some(end) = end {
            match end {
                End::Cancelled => self.state.editing = None,
                End::Committed(down, right) => {
                    self.commit();
                    self.move_on(at, down, right);
                }
            }
            body.request_focus();
            self.ui.ctx().request_repaint();
            return;
        }
        if self.field(at) {
            self.commit();
        }
    }

    /// Takes the key that ends an edit out of the input.
    fn ending_key(&self) -> Option<End> {
        const KEYS: [(Modifiers, Key, End); 5] = [
            (Modifiers::NONE, Key::Escape, End::Cancelled),
            (Modifiers::SHIFT, Key::Enter, End::Committed(-1, 0)),
            (Modifiers::SHIFT, Key::Tab, End::Committed(0, -1)),
            (Modifiers::NONE, Key::Enter, End::Committed(1, 0)),
            (Modifiers::NONE, Key::Tab, End::Committed(0, 1)),
        ];
        self.ui.input_mut(|input| {
            KEYS.into_iter()
                .find_map(|(held, key, end)| input.consume_key(held, key).then_some(end))
        })
    }

    fn move_on(&mut self, from: CellAt, down: i64, right: isize) {
        let next = CellAt {
            row: from.row.saturating_add_signed(down),
            column: from.column.saturating_add_signed(right),
        };
        let next = Selection::cell(next).within(self.source.row_count(), self.layout.edges.count());
        self.state.selection = next;
        self.state.reveal = next.map(|all| all.cursor);
    }

    /// Shows the field; answers whether it has lost the keyboard.
    fn field(&mut self, at: CellAt) -> bool {
        let id = self.id.with("field");
        let (body, cell) = (self.layout.body, self.layout.cell(at));
        let label = self.cell_place(at);
        let Some(editing) = &mut self.state.editing else {
            return false;
        };
        let font = fonts::regular(size::BODY);
        let text_width = self
            .ui
            .painter()
            .layout_no_wrap(editing.text.clone(), font.clone(), self.tokens.text)
            .size()
            .x;
        let wanted = (text_width + 2.0 * PADDING + 8.0).clamp(cell.width(), WIDEST.max(cell.width()));
        let mut place = Rect::from_min_size(cell.min, vec2(wanted, cell.height()));
        if place.right() > body.right() {
            place = place.translate(vec2(
                (body.right() - place.right()).max(body.left() - place.left()),
                0.0,
            ));
        }
        let mut ui = self.ui.new_child(UiBuilder::new().id_salt("field").max_rect(place));
        ui.shrink_clip_rect(body.expand(2.0));
        ui.painter().rect_filled(place, radius::SMALL, self.tokens.surface);
        let field = TextEdit::singleline(&mut editing.text)
            .id(id)
            .font(font)
            .text_color(self.tokens.text)
            .frame(Frame::new().inner_margin(Margin::symmetric(PADDING as i8, 0)))
            .min_size(Vec2::new(0.0, place.height()))
            .align(eframe::egui::Align2::LEFT_CENTER)
            .desired_width(place.width())
            .event_filter(EventFilter {
                tab: true,
                horizontal_arrows: true,
                vertical_arrows: true,
                escape: true,
            });
        let response = ui.put(place, field).accessible_name(format!("Edit {label}"));
        ui.painter()
            .rect_stroke(place, radius::SMALL, (2.0, self.tokens.accent), StrokeKind::Inside);
        if std::mem::take(&mut editing.fresh) {
            response.request_focus();
            let end = CCursor::new(editing.text.chars().count());
            let mut state = TextEditState::load(ui.ctx(), id).unwrap_or_default();
            state.clear_undoer();
            state.cursor.set_char_range(Some(CCursorRange::one(end)));
            state.store(ui.ctx(), id);
            return false;
        }
        !response.has_focus()
    }
}
