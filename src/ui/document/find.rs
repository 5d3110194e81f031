//! The bar above the table that finds a text, to go there or to replace it, or goes to a line or an id.

use eframe::egui::{
    Align, Button, Frame, Id, Key, Label, Layout, Margin, Modifiers, Panel, Popup, RichText, TextEdit, Ui,
    text::{CCursor, CCursorRange},
    text_edit::TextEditState,
    vec2,
};

use super::{
    View, filters,
    replace::{self, ReplaceLine},
};
use crate::{
    domain::{
        cell_query::{CellQuery, CellText},
        ids::DocumentId,
        text_query::{MatchOptions, TextQuery},
    },
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
pub(super) const AT_ONCE: u64 = 100_000;
/// How often a search is repainted, in seconds.
pub(super) const PACE: f32 = 0.1;
/// The widest and the narrowest field, and what the rest of the bar takes of a narrow one, in points.
const FIELD: f32 = 260.0;
const NARROW_FIELD: f32 = 110.0;
const REST: f32 = 354.0;
/// What the choices take, and how wide the bar is when they stand beside the field, in points.
const CHOICES: f32 = 280.0;
const WIDE: f32 = 740.0;
/// With less room, in points, the first line of the bar has its field alone.
const NARROW: f32 = 280.0;

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
    options: MatchOptions,
    /// The only column that is searched.
    column: Option<u32>,
    /// What takes the text's place, while that is wanted.
    replace: Option<ReplaceLine>,
    /// Whether the field still has to take the keyboard.
    takes_focus: bool,
    has_focus: bool,
    /// Whether a row is being looked for: when it is there, the bar has done its part.
    has_asked: bool,
}

impl FindBar {
    /// A bar over an open file, with what was looked for before.
    pub(super) fn new(wanted: Wanted, open: &OpenDocument, takes_focus: bool) -> Self {
        let query = open.find.as_ref().map(|find| &find.query);
        let query = query.filter(|_| wanted == Wanted::Text);
        Self {
            wanted,
            text: query.map_or_else(String::new, |query| query.text.text().to_owned()),
            options: query.map_or_else(MatchOptions::default, |query| query.text.options()),
            column: query.and_then(|query| query.column),
            replace: None,
            takes_focus,
            has_focus: false,
            has_asked: false,
        }
    }

    /// The same with what takes the text's place; what was typed there stays. The keyboard goes to the first field that
    /// has nothing in it.
    pub(super) fn to_replace(open: &OpenDocument, before: Option<Self>) -> Self {
        let before = before.filter(|bar| bar.wanted == Wanted::Text);
        let bar = before.unwrap_or_else(|| Self::new(Wanted::Text, open, true));
        let is_first = bar.text.is_empty() || bar.replace.is_some() && !bar.takes_focus;
        let mut line = bar.replace.unwrap_or_default();
        line.takes_focus = !is_first;
        Self {
            takes_focus: is_first,
            replace: Some(line),
            ..bar
        }
    }

    /// Whether the keyboard stays in the bar while the table goes to what is found.
    pub(super) fn keeps_focus(&self) -> bool {
        self.wanted == Wanted::Text && (self.has_focus || self.takes_focus)
    }

    /// What it looks for: what people see or, where that is to be replaced, what stands in the file.
    fn query(&self) -> Option<CellQuery> {
        Some(CellQuery {
            text: TextQuery::with(&self.text, self.options)?,
            column: self.column,
            within: if self.replace.is_some() {
                CellText::Written
            } else {
                CellText::Sent
            },
        })
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
    let height = ui.available_height();
    let frame = Frame::new()
        .fill(Tokens::current(ui).background)
        .inner_margin(Margin::symmetric(space::S as i8, 3));
    Panel::top("find").frame(frame).show(ui, |ui| {
        ui.spacing_mut().interact_size.y = 24.0;
        bar.has_focus = false;
        let is_wide = ui.available_width() >= WIDE;
        let rest = if is_wide { REST + CHOICES } else { REST };
        let width = (ui.available_width() - rest).clamp(NARROW_FIELD, FIELD);
        ui.allocate_ui_with_layout(
            vec2(ui.available_width(), 26.0),
            Layout::right_to_left(Align::Center),
            |ui| {
                let name = match bar.wanted {
                    Wanted::Text => "Close the search",
                    Wanted::Row => "Stay here",
                };
                closes |= widgets::close_button(ui, name)
                    .on_hover_text(format!("{name} (Esc)"))
                    .clicked();
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| match bar.wanted {
                    Wanted::Text => find(ui, (document, open), bar, (width, is_wide), requests),
                    Wanted::Row => go_to(ui, document.id, open, bar, width, requests),
                });
            },
        );
        if bar.wanted == Wanted::Text && !is_wide {
            ui.horizontal_wrapped(|ui| choices(ui, (document, open), bar));
        }
        if let Some(line) = &mut bar.replace {
            bar.has_focus |= replace::show(ui, (document, open), line, (width, height), requests);
        }
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

/// The field of the bar: whether its text has changed, and whether Enter was pressed, forward or back.
fn field(ui: &mut Ui, bar: &mut FindBar, name: &str, hint: &str, width: f32) -> (bool, Option<bool>) {
    let id = ui.make_persistent_id(name);
    let mut entered = None;
    if ui.memory(|memory| memory.has_focus(id)) {
        // The field itself would give the keyboard away.
        entered = ui.input_mut(|input| {
            // What takes its place is the next that a person types.
            let is_done = |_: &&mut ReplaceLine| input.consume_key(Modifiers::NONE, Key::Tab);
            if let Some(line) = bar.replace.as_mut().filter(is_done) {
                line.takes_focus = true;
            }
            let back = input.consume_key(Modifiers::SHIFT, Key::Enter);
            (back || input.consume_key(Modifiers::NONE, Key::Enter)).then_some(!back)
        });
    }
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
    bar.has_focus |= response.has_focus();
    (response.changed(), entered)
}

/// How exactly the text has to be there, and in which column.
fn choices(ui: &mut Ui, (document, open): (&Document, &OpenDocument), bar: &mut FindBar) {
    ui.spacing_mut().item_spacing.x = space::XS;
    ui.spacing_mut().button_padding = vec2(space::S, 3.0);
    let mut has_focus = false;
    let mut choice = |is_on: bool, text: &str, told: &str| {
        let button = ui.add(Button::selectable(is_on, text)).on_hover_text(told);
        has_focus |= button.has_focus();
        button.clicked()
    };
    if choice(bar.options.case, "Match case", "Tell upper and lower case apart") {
        bar.options.case = !bar.options.case;
    }
    if choice(
        bar.options.whole,
        "Whole cell",
        "Find it only where it is all that the cell has",
    ) {
        bar.options.whole = !bar.options.whole;
    }
    let column = bar.column.unwrap_or(open.view.cursor.1);
    let name = filters::name(document, column);
    let text = match bar.column {
        Some(_) => format!("Only in {}", parts::shorten(&name, 16)),
        None => "This column".to_owned(),
    };
    if choice(bar.column.is_some(), &text, &format!("Find it only in {name}")) {
        bar.column = bar.column.is_none().then_some(column);
    }
    bar.has_focus |= has_focus;
}

/// What was looked for before is typed over.
fn select_all(ui: &Ui, id: Id, text: &str) {
    let mut state = TextEditState::load(ui.ctx(), id).unwrap_or_default();
    let all = CCursorRange::two(CCursor::new(0), CCursor::new(text.chars().count()));
    state.cursor.set_char_range(Some(all));
    state.store(ui.ctx(), id);
}

fn find(
    ui: &mut Ui,
    (document, open): (&Document, &OpenDocument),
    bar: &mut FindBar,
    (width, is_wide): (f32, bool),
    requests: &mut UiRequests,
) {
    // Enter does the same.
    let is_narrow = ui.available_width() < NARROW;
    let (_, mut entered) = field(ui, bar, "Find a text", "Find in the rows shown", width);
    let steps = [
        (MenuCommand::FindPrevious, "Previous", false),
        (MenuCommand::FindNext, "Next", true),
    ];
    for (command, text, forward) in steps.into_iter().filter(|_| !is_narrow) {
        let shortcut = command.shortcut_text(ui.ctx()).unwrap_or_default();
        let button = ui.add_enabled_ui(!bar.text.is_empty(), |ui| ui.add(widgets::quiet(text)));
        let button = button.inner.on_hover_text(format!("{} ({shortcut})", command.text()));
        bar.has_focus |= button.has_focus();
        if button.clicked() {
            entered = Some(forward);
        }
    }
    if is_wide {
        choices(ui, (document, open), bar);
    }
    let mut act = |action| requests.actions.push(Action::Table(document.id, action));
    let query = bar.query();
    if open.find.as_ref().map(|find| &find.query) != query.as_ref() {
        act(TableAction::Find(query));
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
        FindState::Found(places) if places.is_empty() => {
            let text = format!("Nothing found{}", searched(open, find).replacen(" · ", " ", 1));
            said(ui, &text, true);
        }
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
                None => text.push_str(searched(open, find)),
            }
            said(ui, &text, false);
        }
    }
}

/// Which of the texts of a cell are searched, where some have two.
fn searched(open: &OpenDocument, find: &Find) -> &'static str {
    match find.query.within {
        _ if !open.rewrites() => "",
        CellText::Sent => " · as it will be sent",
        CellText::Written => " · as it is in the file",
    }
}

fn go_to(ui: &mut Ui, doc: DocumentId, open: &OpenDocument, bar: &mut FindBar, width: f32, requests: &mut UiRequests) {
    let unit = open.view.frame.unit().0;
    let name = format!("Go to a {unit} or an id");
    let (changed, entered) = field(ui, bar, &name, &format!("Number of a {unit}, or an id"), width);
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
pub(super) fn said(ui: &mut Ui, text: &str, is_in_vain: bool) {
    let tokens = Tokens::current(ui);
    let colour = if is_in_vain { tokens.warning.text } else { tokens.muted };
    let text = RichText::new(text).font(fonts::regular(size::SMALL)).color(colour);
    ui.add(Label::new(text).truncate());
}
