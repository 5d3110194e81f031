//! The bar above the table that finds a text, or goes to a line or an id.

use eframe::egui::{
    Align, Frame, Id, Key, Label, Layout, Margin, Modifiers, Panel, Popup, RichText, TextEdit, Ui,
    text::{CCursor, CCursorRange},
    text_edit::TextEditState,
    vec2,
};

use super::View;
use crate::{
    domain::ids::DocumentId,
    session::{Action, Document, Find, FindState, GoTo, OpenDocument, TableAction, Wrapped},
    ui::{
        UiRequests, fonts,
        keys::MenuCommand,
        parts,
        theme::{Tokens, size, space},
        widgets,
    },
};

/// So few rows are searched before anybody could read that they are being.
const AT_ONCE: u64 = 100_000;
/// How often a search is repainted, in seconds.
const PACE: f32 = 0.1;
/// The field's width, and what the rest of the bar takes of a narrow one, in points.
const FIELD: f32 = 260.0;
const REST: f32 = 330.0;

/// What the bar is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Cells that have a text.
    Text,
    /// The row on a line, or with an id.
    Row,
}

/// The bar while it is shown.
#[derive(Debug)]
pub(super) struct FindBar {
    wanted: Wanted,
    text: String,
    /// Whether the field still has to take the keyboard.
    takes_focus: bool,
    has_focus: bool,
    /// Whether a row is being looked for: when it is there, the bar has done its part.
    has_asked: bool,
}

impl FindBar {
    /// A bar over an open file, with what was looked for before.
    pub(super) fn new(wanted: Wanted, open: &OpenDocument, takes_focus: bool) -> Self {
        let text = match wanted {
            Wanted::Text => open.find.as_ref().map(|find| find.query.text().to_owned()),
            Wanted::Row => None,
        };
        Self {
            wanted,
            text: text.unwrap_or_default(),
            takes_focus,
            has_focus: false,
            has_asked: false,
        }
    }

    /// Whether the keyboard stays in the bar while the table goes to what is found.
    pub(super) fn keeps_focus(&self) -> bool {
        self.wanted == Wanted::Text && (self.has_focus || self.takes_focus)
    }
}

/// What the bar finds, for the marks in the table.
pub(super) fn marked<'a>(document: &'a Document, view: &View) -> Option<&'a Find> {
    let bar = view.bar.as_ref()?;
    document
        .open()
        .ok()?
        .find
        .as_ref()
        .filter(|_| bar.wanted == Wanted::Text)
}

/// Shows the bar, if it is open.
pub(super) fn show(ui: &mut Ui, document: &Document, view: &mut View, is_alone: bool, requests: &mut UiRequests) {
    let (Some(bar), Ok(open)) = (&mut view.bar, document.open()) else {
        return;
    };
    let is_of_table = view.grid.selection().is_none_or(|all| all.is_cell()) && !view.grid.is_editing();
    let is_free = is_alone && !Popup::is_any_open(ui.ctx()) && (is_of_table || bar.has_focus);
    let mut closes = is_free && ui.input(|input| input.key_pressed(Key::Escape));
    // The row that was asked for is there.
    closes |= bar.has_asked && open.go_to.is_none();
    let frame = Frame::new()
        .fill(Tokens::current(ui).background)
        .inner_margin(Margin::symmetric(space::S as i8, 3));
    Panel::top("find").frame(frame).show(ui, |ui| {
        ui.spacing_mut().interact_size.y = 24.0;
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let name = match bar.wanted {
                Wanted::Text => "Close the search",
                Wanted::Row => "Stay here",
            };
            closes |= widgets::close_button(ui, name)
                .on_hover_text(format!("{name} (Esc)"))
                .clicked();
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| match bar.wanted {
                Wanted::Text => find(ui, document.id, open, bar, requests),
                Wanted::Row => go_to(ui, document.id, open, bar, requests),
            });
        });
    });
    if closes {
        let stop = match bar.wanted {
            Wanted::Text => TableAction::StopFind,
            Wanted::Row => TableAction::StopGoTo,
        };
        requests.actions.push(Action::Table(document.id, stop));
        view.bar = None;
        view.grid.take_focus();
    }
}

/// With less room, in points, the bar has its field alone.
const NARROW: f32 = 280.0;

/// The field of the bar: whether its text has changed, and whether Enter was pressed, forward or back.
fn field(ui: &mut Ui, bar: &mut FindBar, name: &str, hint: &str) -> (bool, Option<bool>) {
    let id = ui.make_persistent_id(name);
    let mut entered = None;
    if ui.memory(|memory| memory.has_focus(id)) {
        // The field itself would give the keyboard away.
        entered = ui.input_mut(|input| {
            let back = input.consume_key(Modifiers::SHIFT, Key::Enter);
            (back || input.consume_key(Modifiers::NONE, Key::Enter)).then_some(!back)
        });
    }
    let width = (ui.available_width() - REST).clamp(110.0, FIELD);
    let field = TextEdit::singleline(&mut bar.text)
        .id(id)
        .hint_text(hint)
        .margin(vec2(space::S, 3.0))
        .desired_width(width);
    let response = parts::named_field(ui, name, field);
    if std::mem::take(&mut bar.takes_focus) {
        response.request_focus();
        select_all(ui, id, &bar.text);
    }
    bar.has_focus = response.has_focus();
    (response.changed(), entered)
}

/// What was looked for before is typed over.
fn select_all(ui: &Ui, id: Id, text: &str) {
    let mut state = TextEditState::load(ui.ctx(), id).unwrap_or_default();
    let all = CCursorRange::two(CCursor::new(0), CCursor::new(text.chars().count()));
    state.cursor.set_char_range(Some(all));
    state.store(ui.ctx(), id);
}

fn find(ui: &mut Ui, doc: DocumentId, open: &OpenDocument, bar: &mut FindBar, requests: &mut UiRequests) {
    // Enter does the same.
    let is_narrow = ui.available_width() < NARROW;
    let (changed, mut entered) = field(ui, bar, "Find a text", "Find in the rows shown");
    let steps = [
        (MenuCommand::FindPrevious, "Previous", false),
        (MenuCommand::FindNext, "Next", true),
    ];
    for (command, text, forward) in steps.into_iter().filter(|_| !is_narrow) {
        let shortcut = command.shortcut_text(ui.ctx()).unwrap_or_default();
        let button = ui.add_enabled_ui(!bar.text.is_empty(), |ui| ui.add(widgets::quiet(text)));
        if button
            .inner
            .on_hover_text(format!("{} ({shortcut})", command.text()))
            .clicked()
        {
            entered = Some(forward);
        }
    }
    let mut act = |action| requests.actions.push(Action::Table(doc, action));
    let asked = open.find.as_ref().map_or("", |find| find.query.text());
    if changed || (entered.is_some() && asked != bar.text) {
        act(TableAction::Find(bar.text.clone()));
    }
    if let Some(forward) = entered.filter(|_| !bar.text.is_empty()) {
        act(if forward {
            TableAction::FindNext
        } else {
            TableAction::FindPrevious
        });
    }
    let Some(find) = &open.find else { return };
    match &find.state {
        FindState::Running { search, .. } => {
            ui.ctx().request_repaint_after_secs(PACE);
            if open.view.rows() > AT_ONCE {
                let share = search.progress.fraction().unwrap_or_default();
                if ui.add(widgets::quiet("Stop")).clicked() {
                    act(TableAction::StopFind);
                }
                said(ui, &format!("Searching… {:.0} %", share * 100.0), false);
            }
        }
        FindState::Stale => said(ui, "The table has changed; Enter searches again", false),
        FindState::Failed(reason) => said(ui, reason, true),
        FindState::Found(places) if places.is_empty() => said(ui, "Nothing found", true),
        FindState::Found(places) => {
            let mut text = format!("{} rows", widgets::grouped(places.len()));
            if places.len() == 1 {
                text.truncate("1 row".len());
            }
            if let Some(number) = open.found_number() {
                text = format!("{} of {text}", widgets::grouped(number));
            }
            match find.wrapped {
                Some(Wrapped::ToTop) => text.push_str(", from the top again"),
                Some(Wrapped::ToEnd) => text.push_str(", from the end again"),
                None => {}
            }
            said(ui, &text, false);
        }
    }
}

fn go_to(ui: &mut Ui, doc: DocumentId, open: &OpenDocument, bar: &mut FindBar, requests: &mut UiRequests) {
    let unit = open.view.frame.unit().0;
    let name = format!("Go to a {unit} or an id");
    let (changed, entered) = field(ui, bar, &name, &format!("Number of a {unit}, or an id"));
    let mut act = |action| requests.actions.push(Action::Table(doc, action));
    let is_asking = ui.add(widgets::quiet("Go")).clicked() || entered.is_some();
    if changed {
        // What was said of another text.
        bar.has_asked = false;
        act(TableAction::StopGoTo);
    }
    if is_asking && !bar.text.trim().is_empty() {
        bar.has_asked = true;
        act(TableAction::GoTo(bar.text.clone()));
    }
    match &open.go_to {
        Some(GoTo::Searching(..)) => {
            ui.ctx().request_repaint_after_secs(PACE);
            if open.view.rows() > AT_ONCE {
                said(ui, "Searching…", false);
            }
        }
        Some(GoTo::Missing(missing)) => said(ui, &missing.to_string(), true),
        Some(GoTo::Failed(reason)) => said(ui, reason, true),
        None => {}
    }
}

/// What became of it, on the line.
fn said(ui: &mut Ui, text: &str, is_in_vain: bool) {
    let tokens = Tokens::current(ui);
    let colour = if is_in_vain { tokens.warning.text } else { tokens.muted };
    let text = RichText::new(text).font(fonts::regular(size::SMALL)).color(colour);
    ui.add(Label::new(text).truncate());
}
