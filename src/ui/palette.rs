//! All commands and open files, found by their words: Enter runs what is marked, Esc leaves everything as it was.

use eframe::egui::{
    Align2, Color32, Context, CornerRadius, Frame, Id, Key, Margin, Memory, Modal, Modifiers, Rect, Role, ScrollArea,
    Sense, TextEdit, Ui, WidgetInfo, pos2, text::LayoutJob, text::TextWrapping, vec2,
};

use super::{
    fonts,
    hindrance::why_not,
    keys::MenuCommand,
    menu::MenuView,
    parts,
    theme::{Tokens, radius, size, space},
};
use crate::{
    domain::{escapes::safe, ids::DocumentId},
    session::Session,
};

const WIDTH: f32 = 600.0;
/// Height of an entry, and how many are in sight.
const HEIGHT: f32 = 30.0;
const IN_SIGHT: f32 = 12.0;
/// How many a page key moves by.
const PAGE: isize = 11;

/// What the palette lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Listing {
    /// Commands and files.
    All,
    /// Files alone.
    Files,
}

/// What was picked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pick {
    Command(MenuCommand),
    File(DocumentId),
}

/// What becomes of the palette in a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PaletteAnswer {
    Stays,
    Leaves,
    Picked(Pick),
}

/// The palette while it is shown.
#[derive(Debug)]
pub(super) struct Palette {
    listing: Listing,
    text: String,
    /// Which of the entries that match is marked.
    at: usize,
    /// What had the keyboard before, and has it again afterwards.
    before: Option<Id>,
    /// Where the marked entry still has to be brought into sight.
    scrolls: bool,
    keys: PaletteKeys,
}

/// The keys that were pressed for it in this frame.
#[derive(Clone, Copy, Debug, Default)]
struct PaletteKeys {
    step: isize,
    enter: bool,
    leave: bool,
}

/// A command or a file.
#[derive(Debug)]
struct Entry {
    pick: Pick,
    text: String,
    /// The menu of a command, the folder of a file.
    place: String,
    shortcut: String,
    /// Why it cannot be picked now.
    reason: Option<String>,
}

impl Palette {
    /// Opens it; the keyboard is its own from now on.
    pub(super) fn new(ctx: &Context, listing: Listing) -> Self {
        let before = ctx.memory(Memory::focused);
        ctx.memory_mut(|memory| memory.request_focus(field_id()));
        Self {
            listing,
            text: String::new(),
            at: 0,
            before,
            scrolls: true,
            keys: PaletteKeys::default(),
        }
    }

    /// What had the keyboard before it was opened.
    pub(super) const fn before(&self) -> Option<Id> {
        self.before
    }

    /// Takes its keys out of this frame's input, before anything below it sees them.
    pub(super) fn take_keys(&mut self, ctx: &Context) {
        let toggles = [MenuCommand::Palette, MenuCommand::GoToFile];
        self.keys = ctx.input_mut(|input| {
            let mut pressed = |key| {
                let count = input.count_and_consume_key(Modifiers::NONE, key);
                isize::try_from(count).unwrap_or_default()
            };
            let step = pressed(Key::ArrowDown) - pressed(Key::ArrowUp) + PAGE * pressed(Key::PageDown)
                - PAGE * pressed(Key::PageUp);
            let (enter, leave) = (pressed(Key::Enter) > 0, pressed(Key::Escape) > 0);
            let again = toggles
                .iter()
                .flat_map(|command| command.shortcuts())
                .any(|shortcut| input.consume_shortcut(shortcut));
            PaletteKeys {
                step,
                enter,
                leave: leave || again,
            }
        });
    }

    /// Shows it, and answers what became of it.
    pub(super) fn show(&mut self, ctx: &Context, session: &Session, view: MenuView) -> PaletteAnswer {
        let tokens = Tokens::shown(ctx);
        let frame = Frame::new()
            .fill(tokens.raised)
            .stroke((1.0, tokens.line))
            .shadow(ctx.global_style().visuals.window_shadow)
            .corner_radius(CornerRadius::same(radius::CARD))
            .inner_margin(Margin::same(space::S as i8));
        let id = Id::unique("palette");
        let area = Modal::default_area(id).anchor(Align2::CENTER_TOP, vec2(0.0, 64.0));
        let modal = Modal::new(id)
            .area(area)
            .frame(frame)
            .backdrop_color(Color32::from_black_alpha(if tokens.scheme.is_dark() { 90 } else { 40 }))
            .show(ctx, |ui| {
                ui.set_width(WIDTH.min(ctx.content_rect().width() - 2.0 * space::XL));
                self.content(ui, session, view)
            });
        if self.keys.leave || modal.backdrop_response.clicked() {
            PaletteAnswer::Leaves
        } else {
            modal.inner.map_or(PaletteAnswer::Stays, PaletteAnswer::Picked)
        }
    }

    fn content(&mut self, ui: &mut Ui, session: &Session, view: MenuView) -> Option<Pick> {
        let (name, hint) = match self.listing {
            Listing::All => ("Find a command", "Type what you want to do"),
            Listing::Files => ("Find an open file", "Type a part of the file's name"),
        };
        let field = TextEdit::singleline(&mut self.text)
            .id(field_id())
            .hint_text(hint)
            .margin(vec2(space::S, 6.0))
            .desired_width(f32::INFINITY);
        let field = parts::named_field(ui, name, field);
        field.request_focus();
        if field.changed() {
            self.at = 0;
            self.scrolls = true;
        }
        ui.add_space(space::XS);
        let entries = found(entries(ui.ctx(), session, view, self.listing), &self.text);
        if self.keys.step != 0 {
            self.scrolls = true;
        }
        let last = entries.len().saturating_sub(1);
        self.at = self.at.saturating_add_signed(self.keys.step).min(last);
        let mut picked = None;
        if entries.is_empty() {
            ui.allocate_ui(vec2(ui.available_width(), HEIGHT), |ui| {
                parts::note(ui, "Nothing is called that");
            });
        }
        ScrollArea::vertical()
            .id_salt("palette_entries")
            .max_height((HEIGHT * IN_SIGHT).min(ui.ctx().content_rect().height() - 180.0))
            .auto_shrink([false, true])
            .show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                for (place, entry) in entries.iter().enumerate() {
                    let is_marked = place == self.at;
                    let (rect, is_clicked) = line(ui, entry, is_marked);
                    if is_marked && std::mem::take(&mut self.scrolls) {
                        ui.scroll_to_rect(rect, None);
                    }
                    if (is_clicked || (is_marked && self.keys.enter)) && entry.reason.is_none() {
                        picked = Some(entry.pick);
                    }
                }
            });
        picked
    }
}

fn field_id() -> Id {
    Id::unique("palette_field")
}

fn entries(ctx: &Context, session: &Session, view: MenuView, listing: Listing) -> Vec<Entry> {
    let file = |document: &crate::session::Document| Entry {
        pick: Pick::File(document.id),
        text: document.name(),
        place: document
            .path
            .parent()
            .map(|folder| folder.display().to_string())
            .unwrap_or_default(),
        shortcut: String::new(),
        reason: None,
    };
    let files = session.documents.iter().map(file);
    let command = |command: MenuCommand| Entry {
        pick: Pick::Command(command),
        text: command.text().to_owned(),
        place: command.menu().text().to_owned(),
        shortcut: command.shortcut_text(ctx).unwrap_or_default(),
        reason: why_not(command, session, view).map(|hindrance| hindrance.to_string()),
    };
    match listing {
        Listing::Files => files.collect(),
        Listing::All => {
            let others = MenuCommand::ALL
                .into_iter()
                .filter(|command| *command != MenuCommand::Palette);
            others.map(command).chain(files).collect()
        }
    }
}

/// The entries that have all words that were typed, the best match first; of those as good, what can be picked now.
fn found(entries: Vec<Entry>, typed: &str) -> Vec<Entry> {
    let typed = typed.to_lowercase();
    let words: Vec<&str> = typed.split_whitespace().collect();
    let ranked = entries
        .into_iter()
        .filter_map(|entry| Some((rank(&words, &entry.text, &entry.place)?, entry)));
    let mut ranked: Vec<(usize, Entry)> = ranked.collect();
    ranked.sort_by_key(|(rank, entry)| (*rank, entry.reason.is_some() && !words.is_empty()));
    ranked.into_iter().map(|(_, entry)| entry).collect()
}

/// How well an entry matches, the less the better; `None`: a word is not there at all. A word may begin the text, begin a
/// word of it, stand inside, or begin the name of its menu.
fn rank(words: &[&str], text: &str, place: &str) -> Option<usize> {
    let (text, place) = (text.to_lowercase(), place.to_lowercase());
    let one = |word: &&str| {
        let starts = |part: &str| part.starts_with(*word);
        if starts(&text) {
            Some(0)
        } else if text.split(|letter: char| !letter.is_alphanumeric()).any(starts) {
            Some(1)
        } else if text.contains(*word) {
            Some(2)
        } else {
            starts(&place).then_some(3)
        }
    };
    words.iter().map(one).sum()
}

/// An entry on a line: where it is, and whether it was clicked.
fn line(ui: &mut Ui, entry: &Entry, is_marked: bool) -> (Rect, bool) {
    let tokens = Tokens::current(ui);
    // The keyboard stays in the field.
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), HEIGHT), Sense::CLICK);
    let ground = match (is_marked, response.hovered()) {
        (true, _) => tokens.selection,
        (false, true) => tokens.hover,
        (false, false) => Color32::TRANSPARENT,
    };
    let rounding = CornerRadius::same(radius::CONTROL);
    ui.painter().rect_filled(rect, rounding, ground);
    let is_enabled = entry.reason.is_none();
    let colour = match (is_enabled, is_marked) {
        (false, _) => tokens.muted,
        (true, true) => tokens.accent_text,
        (true, false) => tokens.text,
    };
    let middle = rect.center().y;
    let mut right = rect.right() - space::S;
    let shortcut = ui.painter().text(
        pos2(right, middle),
        Align2::RIGHT_CENTER,
        &entry.shortcut,
        fonts::strong(size::SMALL),
        tokens.muted,
    );
    if !entry.shortcut.is_empty() {
        right = shortcut.left() - space::M;
    }
    // Puts a text at a place, and answers where it ends.
    let put = |left: f32, text: &str, font, colour| {
        let mut job = LayoutJob::simple_singleline(safe(text).into_owned(), font, colour);
        job.wrap = TextWrapping::truncate_at_width((right - left).max(10.0));
        let galley = ui.painter().layout_job(job);
        let size = galley.size();
        ui.painter().galley(pos2(left, middle - size.y / 2.0), galley, colour);
        left + size.x
    };
    let left = put(rect.left() + space::S, &entry.text, fonts::regular(size::BODY), colour) + space::M;
    let detail = entry.reason.as_deref().unwrap_or(&entry.place);
    if right - left > 60.0 {
        put(left, detail, fonts::regular(size::SMALL), tokens.muted);
    }
    let spoken = match &entry.reason {
        Some(reason) => format!("{}: {reason}", entry.text),
        None => entry.text.clone(),
    };
    response.widget_info(|| WidgetInfo::labeled(Role::ListBoxOption, is_enabled, &spoken));
    ui.ctx()
        .accesskit_node_builder(response.id, |node| node.set_selected(is_marked));
    (rect, response.clicked())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_match_in_any_order_and_their_beginnings_first() {
        let rank = |typed: &str, text: &str| {
            let words: Vec<&str> = typed.split_whitespace().collect();
            rank(&words, text, "Edit")
        };
        assert_eq!(rank("", "Undo"), Some(0));
        assert_eq!(rank("cell rep", "Repair this cell"), Some(1));
        assert_eq!(rank("epai", "Repair this cell"), Some(2));
        assert_eq!(rank("edit", "Undo"), Some(3));
        assert_eq!(rank("cell rows", "Repair this cell"), None);
    }
}
