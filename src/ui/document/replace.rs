//! The line under the text to find with what takes its place: what that would change, and doing it.

use eframe::egui::{Align, Key, Label, Modifiers, RichText, TextEdit, Ui, text::LayoutJob, vec2};

use super::{
    events::rows,
    filters,
    find::{AT_ONCE, PACE, said},
};
use crate::{
    domain::escapes::safe,
    ops::replace::{ReplaceCount, ReplaceExample},
    session::{
        Action, Document, OpenDocument, Refusal, Replace, ReplaceAction, ReplaceState, TableAction, cells_and_rows,
    },
    ui::{
        UiRequests, fonts, parts,
        theme::{Tokens, size, space},
        widgets,
    },
};

/// Where the table has less room than this, one example stands for all, in points.
const LOW: f32 = 360.0;

/// What takes the place of the text that is looked for.
#[derive(Debug, Default)]
pub(super) struct ReplaceLine {
    with: String,
    /// Whether the field still has to take the keyboard.
    pub(super) takes_focus: bool,
    /// How high what was counted last stood: the table does not jump while it is counted anew, in points.
    height: f32,
}

/// Shows the line; whether something in it has the keyboard.
pub(super) fn show(
    ui: &mut Ui,
    (document, open): (&Document, &OpenDocument),
    line: &mut ReplaceLine,
    (width, height): (f32, f32),
    requests: &mut UiRequests,
) -> bool {
    let mut act = |action| {
        let action = TableAction::Replace(action);
        requests.actions.push(Action::Table(document.id, action));
    };
    let find = open.find.as_ref();
    // What was counted of another text is of no use.
    let replace = find
        .and_then(|find| find.replace.as_ref())
        .filter(|replace| replace.with == line.with);
    let is_known = replace.is_some_and(|replace| !matches!(replace.state, ReplaceState::Stale));
    let is_busy = is_replacing(open);
    if find.is_some() && !is_known && !is_busy {
        act(ReplaceAction::Count(line.with.clone()));
    }
    let of_one = hindrance(document, open, replace);
    let of_all = of_one.clone().or_else(|| hindrance_of_all(replace));
    let mut has_focus = false;
    ui.horizontal_wrapped(|ui| {
        let (is_entered, is_in_field) = field(ui, line, width);
        has_focus |= is_in_field;
        let mut button = |ui: &mut Ui, text: &str, hindrance: Option<&str>, told: &str| {
            let button = ui.add_enabled_ui(hindrance.is_none(), |ui| ui.add(widgets::secondary(text)));
            let button = button.inner.on_hover_text(told);
            let button = button.on_disabled_hover_text(hindrance.unwrap_or_default());
            has_focus |= button.has_focus();
            button.clicked()
        };
        let one = button(
            ui,
            "Replace",
            of_one.as_deref(),
            "In this cell, and go to the next one (Enter)",
        );
        let all = button(
            ui,
            "Replace all",
            of_all.as_deref(),
            "In all rows shown; Undo takes it back in one step",
        );
        if one || is_entered && of_one.is_none() {
            act(ReplaceAction::One(line.with.clone()));
        } else if all {
            act(ReplaceAction::All(line.with.clone()));
        }
    });
    if let Some(replace) = find.and_then(|find| find.replace.as_ref()) {
        let is_counted = matches!(replace.state, ReplaceState::Counted(_));
        let shown = ui.scope(|ui| {
            if !is_counted {
                ui.set_min_height(line.height);
            }
            state(ui, (document, open), replace, height < LOW, &mut act);
        });
        if is_counted {
            line.height = shown.response.rect.height();
        }
    }
    has_focus
}

fn is_replacing(open: &OpenDocument) -> bool {
    let replace = open.find.as_ref().and_then(|find| find.replace.as_ref());
    replace.is_some_and(|replace| matches!(replace.state, ReplaceState::Replacing { .. }))
}

/// Why nothing can be replaced now.
fn hindrance(document: &Document, open: &OpenDocument, replace: Option<&Replace>) -> Option<String> {
    if document.is_uploading() {
        return Some(Refusal::Fixed.to_string());
    }
    if open.find.is_none() {
        return Some("Type the text to find first".to_owned());
    }
    if is_replacing(open) {
        return Some("It is being replaced".to_owned());
    }
    match replace.map(|replace| &replace.state) {
        Some(ReplaceState::Counted(count)) if count.cells == 0 => Some("No cell would change".to_owned()),
        Some(
            ReplaceState::Counted(_)
            | ReplaceState::Counting(_)
            | ReplaceState::Replacing { .. }
            | ReplaceState::Stale
            | ReplaceState::Stopped
            | ReplaceState::Failed(_),
        )
        | None => None,
    }
}

/// Why not all can be replaced: nobody replaces what they have not seen counted.
fn hindrance_of_all(replace: Option<&Replace>) -> Option<String> {
    match replace.map(|replace| &replace.state) {
        // Who stopped the count does without.
        Some(ReplaceState::Counted(_) | ReplaceState::Stopped) => None,
        Some(ReplaceState::Counting(_)) => Some("It is being counted what would change".to_owned()),
        Some(ReplaceState::Replacing { .. } | ReplaceState::Stale | ReplaceState::Failed(_)) | None => {
            Some("It is not counted what would change".to_owned())
        }
    }
}

/// The field: whether Enter was pressed in it, and whether it has the keyboard.
fn field(ui: &mut Ui, line: &mut ReplaceLine, width: f32) -> (bool, bool) {
    let name = "Replace with";
    let id = ui.make_persistent_id(name);
    let mut is_entered = false;
    if ui.memory(|memory| memory.has_focus(id)) {
        // The field itself would give the keyboard away.
        ui.input_mut(|input| {
            is_entered = input.consume_key(Modifiers::NONE, Key::Enter);
        });
    }
    let field = TextEdit::singleline(&mut line.with)
        .id(id)
        .hint_text(name)
        .margin(vec2(space::S, 3.0))
        .desired_width(width);
    let response = parts::named_field(ui, name, field);
    if std::mem::take(&mut line.takes_focus) {
        response.request_focus();
    }
    (is_entered, response.has_focus())
}

/// What replacing would change, or how far it is.
fn state(
    ui: &mut Ui,
    (document, open): (&Document, &OpenDocument),
    replace: &Replace,
    is_low: bool,
    act: &mut dyn FnMut(ReplaceAction),
) {
    let (search, doing) = match &replace.state {
        ReplaceState::Counted(count) => return counted(ui, (document, open), count, is_low),
        ReplaceState::Failed(reason) => return said(ui, reason, true),
        ReplaceState::Stopped => return said(ui, "What would change is not counted", false),
        ReplaceState::Stale => return said(ui, "", false),
        ReplaceState::Counting(search) => (search, "Counting what would change…"),
        ReplaceState::Replacing { search, .. } => (search, "Replacing…"),
    };
    ui.ctx().request_repaint_after_secs(PACE);
    if open.view.rows() <= AT_ONCE {
        return said(ui, "", false);
    }
    let share = search.progress.fraction().unwrap_or_default();
    ui.horizontal(|ui| {
        if ui.add(widgets::quiet("Stop")).clicked() {
            act(ReplaceAction::Stop);
        }
        said(ui, &format!("{doing} {:.0} %", share * 100.0), false);
    });
}

fn counted(ui: &mut Ui, (document, open): (&Document, &OpenDocument), count: &ReplaceCount, is_low: bool) {
    ui.spacing_mut().item_spacing.y = 2.0;
    said(ui, &sentence(open, count), count.cells == 0);
    if count.seen_otherwise > 0 {
        let text = match count.seen_otherwise {
            1 => "1 of them is sent as another text than the file's: the file's text changes".to_owned(),
            many => format!(
                "{} of them are sent as another text than the file's: the file's text changes",
                widgets::grouped(many)
            ),
        };
        said(ui, &text, false);
    }
    if count.only_as_sent > 0 {
        let text = match count.only_as_sent {
            1 => "1 cell has it only in what will be sent, and stays".to_owned(),
            many => format!(
                "{} cells have it only in what will be sent, and stay",
                widgets::grouped(many)
            ),
        };
        said(ui, &text, false);
    }
    let most = if is_low { 1 } else { count.examples.len() };
    for shown in count.examples.iter().take(most) {
        example(ui, document, open, shown);
    }
}

fn sentence(open: &OpenDocument, count: &ReplaceCount) -> String {
    let shown = open.view.shown_rows();
    let within = if shown < open.view.rows() {
        format!(", of the {} shown", rows(shown))
    } else {
        String::new()
    };
    if count.cells == 0 {
        return format!("No cell would change{within}");
    }
    format!("{} would change{within}", cells_and_rows(count.cells, count.rows))
}

/// A cell as it is and as it would become, and where it is.
fn example(ui: &mut Ui, document: &Document, open: &OpenDocument, example: &ReplaceExample) {
    let tokens = Tokens::current(ui);
    let place = format!(
        "{}, {} {}:  ",
        filters::name(document, example.column),
        open.view.frame.unit().0,
        widgets::grouped(open.view.frame.line(example.row))
    );
    let after = if example.after.is_empty() {
        "no value".to_owned()
    } else {
        safe(&example.after).into_owned()
    };
    let mut job = LayoutJob::default();
    let parts = [
        (place, tokens.muted),
        (safe(&example.before).into_owned(), tokens.text),
        ("  →  ".to_owned(), tokens.muted),
        (after, tokens.accent_text),
    ];
    for (text, colour) in parts {
        RichText::new(text)
            .font(fonts::regular(size::SMALL))
            .color(colour)
            .append_to(
                &mut job,
                ui.style(),
                eframe::egui::FontSelection::Default,
                Align::Center,
            );
    }
    ui.add(Label::new(job).truncate());
}
