//! The field in which a cell is typed over.

use eframe::egui::{
    Event, EventFilter, FocusDirection, Frame, Key, Margin, Modifiers, Rect, Response, StrokeKind, TextEdit, UiBuilder,
    Vec2,
    text::{CCursor, CCursorRange},
    text_edit::TextEditState,
    vec2,
};

use super::{CellAt, Pass, Selection, body::PADDING, keys};
use crate::ui::{
    fonts,
    theme::{radius, size},
};

/// Widest the field gets to show a long text, in points.
const WIDEST: f32 = 460.0;

/// How an edit ends.
#[derive(Clone, Copy)]
enum End {
    Cancelled,
    /// Committed; the selection moves by this many rows and columns.
    Committed(i64, isize),
}

const ENDS: [(Modifiers, Key, End); 5] = [
    (Modifiers::NONE, Key::Escape, End::Cancelled),
    (Modifiers::SHIFT, Key::Enter, End::Committed(-1, 0)),
    (Modifiers::SHIFT, Key::Tab, End::Committed(0, -1)),
    (Modifiers::NONE, Key::Enter, End::Committed(1, 0)),
    (Modifiers::NONE, Key::Tab, End::Committed(0, 1)),
];

impl Pass<'_> {
    /// Shows the field and ends the edit by its keys. Somebody who types fast, or meets a slow frame, sends text, the
    /// key that ends the edit and more text at once: what one frame cannot do in that order waits for the next.
    pub(super) fn edit(&mut self, body: &Response) {
        let Some((at, fresh)) = self.state.editing.as_ref().map(|editing| (editing.at, editing.fresh)) else {
            return;
        };
        // The field has the keyboard from the next frame on.
        let end = if fresh { None } else { self.ending_key() };
        match end {
            Some((place, end)) if !self.is_typed_before(place) => {
                self.ui.input_mut(|input| input.events.remove(place));
                self.defer_keys(place);
                match end {
                    End::Cancelled => self.state.editing = None,
                    End::Committed(down, right) => {
                        self.commit();
                        self.move_on(at, down, right);
                    }
                }
                body.request_focus();
                return;
            }
            Some((place, _)) => {
                self.defer_keys(place);
                // Esc would take the keyboard away before the text is there that it gives up.
                let field = self.id.with("field");
                self.ui.memory_mut(|memory| memory.request_focus(field));
            }
            None if fresh => self.defer_keys(0),
            None => {}
        }
        if self.field(at) {
            self.commit();
        }
    }

    /// The first key of the input that ends an edit: its place there, and how.
    fn ending_key(&self) -> Option<(usize, End)> {
        self.ui.input(|input| {
            let mut events = input.events.iter().enumerate();
            events.find_map(|(place, event)| match event {
                Event::Key {
                    key,
                    pressed: true,
                    modifiers,
                    ..
                } => {
                    let mut ends = ENDS.iter();
                    let end = ends.find(|(held, ending, _)| ending == key && modifiers.matches_logically(*held));
                    end.map(|(_, _, end)| (place, *end))
                }
                _ => None,
            })
        })
    }

    fn is_typed_before(&self, place: usize) -> bool {
        self.ui
            .input(|input| input.events.iter().take(place).any(keys::changes_text))
    }

    /// Leaves the keys from a place in the input on to the next frame.
    fn defer_keys(&mut self, place: usize) {
        let deferred = self.ui.input_mut(|input| {
            let tail = input.events.split_off(place);
            let (keys, others): (Vec<_>, Vec<_>) = tail.into_iter().partition(keys::is_of_keyboard);
            input.events.extend(others);
            keys
        });
        let frame = self.ui.ctx().cumulative_frame_nr();
        self.state.deferred = Some((frame, deferred));
        self.ui.ctx().request_repaint();
    }

    /// Puts the keys that the last frame has left to this one before those that came since.
    pub(super) fn resume_keys(&mut self) {
        let Some((frame, keys)) = self.state.deferred.take() else {
            return;
        };
        // Where the table was not shown meanwhile, they are nobody's any more.
        if self.ui.ctx().cumulative_frame_nr() <= frame + 1 {
            self.ui.input_mut(|input| {
                input.events.splice(0..0, keys);
            });
        }
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
        // In its first frame with the keyboard the field could not say yet which keys are its own.
        self.ui.memory_mut(|memory| memory.move_focus(FocusDirection::None));
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
