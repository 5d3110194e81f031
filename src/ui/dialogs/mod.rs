//! Questions and forms in front of everything else. Esc closes each of them, the verb stands on the button, and where
//! something would be lost, Cancel has the focus.

mod close;
mod delete;
mod discard;
mod environment;
mod rehearse;
mod rules;
mod shortcuts;
mod undo;
mod upload;
mod wipe;

use eframe::egui::{
    Align, Color32, Context, CornerRadius, Frame, Id, Key, Layout, Margin, Modal, Modifiers, Response, RichText,
    ScrollArea, Ui,
};

use super::{
    fonts,
    theme::{Tokens, radius, size, space},
    widgets,
};
use crate::session::{Action, Dialog, Session};

/// What the dialogs remember while they are open.
#[derive(Debug, Default)]
pub struct DialogsUi {
    shown: Option<Dialog>,
    environment: environment::EnvironmentForm,
    wipe: wipe::WipeForm,
    upload: upload::UploadForm,
    undo: undo::RevertForm,
    rehearse: rehearse::FaultsForm,
}

/// What a dialog sees of its own life.
#[derive(Clone, Copy)]
struct Life {
    /// It is drawn for the first time, and gives the focus to something.
    is_new: bool,
}

/// Shows the session's dialog, if there is one.
pub fn show(ctx: &Context, session: &Session, state: &mut DialogsUi, actions: &mut Vec<Action>) {
    let Some(dialog) = &session.dialog else {
        state.shown = None;
        return;
    };
    let is_new = state.shown.as_ref() != Some(dialog);
    if is_new {
        *state = DialogsUi {
            shown: Some(dialog.clone()),
            ..DialogsUi::default()
        };
    }
    let life = Life { is_new };
    match dialog {
        Dialog::Upload(doc) => upload::show(ctx, session, *doc, &mut state.upload, life, actions),
        Dialog::Delete(dataset) => delete::show(ctx, session, *dataset, life, actions),
        Dialog::Wipe => wipe::show(ctx, session, &mut state.wipe, life, actions),
        Dialog::Environment(name) => {
            environment::show(ctx, session, name.as_deref(), &mut state.environment, life, actions);
        }
        Dialog::Undo(id) => undo::show(ctx, session, *id, &mut state.undo, life, actions),
        Dialog::Discard(id) => discard::show(ctx, session, *id, life, actions),
        Dialog::Close(doc) => close::show(ctx, session, *doc, life, actions),
        Dialog::Rehearse => rehearse::show(ctx, session, &mut state.rehearse, life, actions),
        Dialog::Rules => rules::show(ctx, session, life, actions),
        Dialog::Shortcuts => shortcuts::show(ctx, life, actions),
    }
}

/// How a dialog looks.
struct Look<'a> {
    /// Tells it apart from others.
    name: &'a str,
    title: &'a str,
    width: f32,
    /// Something can be typed: then a click beside it does not close it.
    is_form: bool,
}

/// The frame of a dialog: title, content that scrolls when the window is low, and a footer of buttons.
/// Esc closes it, and so does a click beside it, unless it is a form: nothing typed is lost by a slip.
fn modal<S: ?Sized>(
    ctx: &Context,
    look: &Look<'_>,
    state: &mut S,
    content: impl FnOnce(&mut Ui, &mut S),
    footer: impl FnOnce(&mut Ui, &mut S, &mut Vec<Action>),
    actions: &mut Vec<Action>,
) {
    let tokens = if ctx.global_style().visuals.dark_mode {
        &Tokens::DARK
    } else {
        &Tokens::LIGHT
    };
    let frame = Frame::new()
        .fill(tokens.raised)
        .stroke((1.0, tokens.line))
        .shadow(ctx.global_style().visuals.window_shadow)
        .corner_radius(CornerRadius::same(radius::CARD))
        .inner_margin(Margin::same(space::XL as i8));
    let backdrop = Color32::from_black_alpha(if tokens.dark { 150 } else { 90 });
    let room = ctx.content_rect().height() - 220.0;
    let modal = Modal::new(Id::unique(("dialog", look.name)))
        .frame(frame)
        .backdrop_color(backdrop)
        .show(ctx, |ui| {
            ui.set_width(look.width.min(ctx.content_rect().width() - 2.0 * space::XL));
            ui.label(RichText::new(look.title).font(fonts::strong(size::TITLE)));
            ui.add_space(space::XS);
            ScrollArea::vertical()
                .id_salt("dialog_content")
                .max_height(room.max(120.0))
                .auto_shrink([false, true])
                .show(ui, |ui| content(ui, state));
            ui.add_space(space::M);
            ui.horizontal(|ui| footer(ui, state, actions));
        });
    let leaves = if look.is_form {
        modal.is_top_modal
            && !modal.any_popup_open
            && ctx.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape))
    } else {
        modal.should_close()
    };
    if leaves {
        actions.push(Action::CloseDialog);
    }
}

/// The button that only closes the dialog.
fn cancel(ui: &mut Ui, text: &str, focus: bool, actions: &mut Vec<Action>) -> Response {
    let response = ui.add(widgets::secondary(text));
    if focus {
        response.request_focus();
    }
    if response.clicked() {
        actions.push(Action::CloseDialog);
    }
    response
}

/// Whether Enter was pressed in a field, which gives up the keyboard by it; on a button it presses that button.
fn is_entered(ui: &Ui) -> bool {
    let is_free = ui.memory(|memory| memory.focused().is_none());
    is_free && ui.input(|input| input.key_pressed(Key::Enter))
}

/// Buttons at the right: the first one stands outermost.
fn at_right<R>(ui: &mut Ui, content: impl FnOnce(&mut Ui) -> R) -> R {
    ui.with_layout(Layout::right_to_left(Align::Center), content).inner
}

/// A name and a number under each other's like, the names in one column.
fn fact(ui: &mut Ui, name: &str, value: &str) {
    widgets::key_value(ui, 150.0, name, value);
}
