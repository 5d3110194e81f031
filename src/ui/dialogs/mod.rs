//! Questions and forms in front of everything else. Esc closes each of them. The buttons stand in one row and one order:
//! from the right the verb, other ways to go on, and Cancel; at the left what is beside the question. Enter presses the
//! verb, unless something would be lost or customers would see it: then Cancel has the focus, and the verb takes a click.

mod close;
mod delete;
mod discard;
mod environment;
mod import;
mod rehearse;
mod rules;
mod shortcuts;
mod switch;
mod undo;
mod upload;
mod wipe;

use eframe::egui::{
    Align, Color32, Context, CornerRadius, Event, Frame, Id, Key, Layout, Margin, Modal, Modifiers, Response, RichText,
    ScrollArea, Ui,
};

use super::{
    UiRequests, fonts,
    theme::{Tokens, radius, size, space},
    widgets::{self, Risk},
};
use crate::{
    session::{Action, Dialog, Session},
    settings::Environment,
};

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
pub(super) struct Life {
    /// It is drawn for the first time, and gives the focus to something.
    is_new: bool,
    /// What gets the focus is a field, not a button.
    has_field: bool,
}

impl Life {
    pub(super) const fn new(is_new: bool) -> Self {
        Self {
            is_new,
            has_field: false,
        }
    }

    /// Whether it is drawn for the first time.
    pub(super) const fn is_new(self) -> bool {
        self.is_new
    }

    /// The same, where a field gets the focus.
    pub(super) const fn over_a_field(self) -> Self {
        Self {
            has_field: true,
            ..self
        }
    }
}

/// Shows the session's dialog, if there is one.
pub fn show(ctx: &Context, session: &Session, state: &mut DialogsUi, requests: &mut UiRequests) {
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
    let life = Life::new(is_new);
    let actions = &mut requests.actions;
    match dialog {
        Dialog::Upload(doc) => upload::show(ctx, session, *doc, &mut state.upload, life, actions),
        Dialog::Delete(dataset) => delete::show(ctx, session, *dataset, life, actions),
        Dialog::Wipe => wipe::show(ctx, session, &mut state.wipe, life, actions),
        Dialog::Switch(name) => switch::show(ctx, session, name, life, actions),
        Dialog::Environment(name) => {
            environment::show(ctx, session, name.as_deref(), &mut state.environment, life, actions);
        }
        Dialog::Undo(id) => undo::show(ctx, session, *id, &mut state.undo, life, actions),
        Dialog::Discard(id) => discard::show(ctx, session, *id, life, actions),
        Dialog::Close(doc) => close::show(ctx, session, *doc, life, requests),
        Dialog::Rehearse => rehearse::show(ctx, session, &mut state.rehearse, life, actions),
        Dialog::Rules => rules::show(ctx, session, life, actions),
        Dialog::Import(_) => import::show(ctx, session, life, actions),
        Dialog::Shortcuts => shortcuts::show(ctx, life, actions),
    }
}

/// How a dialog looks.
pub(super) struct Look<'a> {
    /// Tells it apart from others.
    pub(super) name: &'a str,
    pub(super) title: &'a str,
    pub(super) width: f32,
    /// Something can be typed: then a click beside it does not close it.
    pub(super) is_form: bool,
}

/// A dialog of the session: see [`frame`].
fn modal<S: ?Sized>(
    ctx: &Context,
    look: &Look<'_>,
    state: &mut S,
    content: impl FnOnce(&mut Ui, &mut S),
    footer: impl FnOnce(&mut Ui, &mut S, &mut Vec<Action>),
    actions: &mut Vec<Action>,
) {
    if frame(ctx, look, state, content, |ui, state| footer(ui, state, actions)) {
        actions.push(Action::CloseDialog);
    }
}

/// The frame of a dialog: title, content that scrolls when the window is low, and a footer of buttons. Answers whether it
/// is left: by Esc, or a click beside it, unless it is a form: nothing typed is lost by a slip.
pub(super) fn frame<S: ?Sized>(
    ctx: &Context,
    look: &Look<'_>,
    state: &mut S,
    content: impl FnOnce(&mut Ui, &mut S),
    footer: impl FnOnce(&mut Ui, &mut S),
) -> bool {
    let tokens = Tokens::shown(ctx);
    let frame = Frame::new()
        .fill(tokens.raised)
        .stroke((1.0, tokens.line))
        .shadow(ctx.global_style().visuals.window_shadow)
        .corner_radius(CornerRadius::same(radius::CARD))
        .inner_margin(Margin::same(space::XL as i8));
    let backdrop = Color32::from_black_alpha(if tokens.scheme.is_dark() { 150 } else { 90 });
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
            ui.horizontal(|ui| footer(ui, state));
        });
    if look.is_form {
        modal.is_top_modal
            && !modal.any_popup_open
            && ctx.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape))
    } else {
        modal.should_close()
    }
}

/// A way to go on from a dialog.
#[derive(Clone, Copy)]
pub(super) struct Verb<'a> {
    /// What it does, in the button's words.
    pub(super) text: &'a str,
    pub(super) risk: Risk,
    /// Why it cannot be done now, if it cannot.
    pub(super) hindrance: Option<&'a str>,
}

impl Verb<'_> {
    /// Shows its button. Enter does not press what risks something, even where the button has the focus; Space does.
    pub(super) fn show(self, ui: &mut Ui) -> (Response, bool) {
        let button = ui.add_enabled(self.hindrance.is_none(), widgets::verb(self.text, self.risk));
        let is_by_enter = ui.input(|input| input.key_pressed(Key::Enter));
        let is_pressed = button.clicked() && !(self.risk != Risk::None && is_by_enter) && !is_held(ui);
        let button = match self.hindrance {
            Some(reason) => button.on_disabled_hover_text(reason),
            None => button,
        };
        (button, is_pressed)
    }
}

/// Which button was pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pressed {
    Verb,
    Cancel,
}

/// The buttons of a dialog: from the right the verb, other ways to go on, and the one that only leaves.
pub(super) fn foot(
    ui: &mut Ui,
    life: Life,
    verb: Option<Verb<'_>>,
    cancel: &str,
    others: impl FnOnce(&mut Ui),
) -> Option<Pressed> {
    at_right(ui, |ui| {
        let (mut pressed, mut focused) = (None, false);
        let takes_focus = life.is_new && !life.has_field;
        if let Some(verb) = verb {
            let can_enter = verb.hindrance.is_none() && verb.risk == Risk::None;
            let (button, is_pressed) = verb.show(ui);
            if is_pressed || (can_enter && !life.is_new && is_entered(ui)) {
                pressed = Some(Pressed::Verb);
            }
            if takes_focus && can_enter {
                button.request_focus();
                focused = true;
            }
        }
        others(ui);
        let button = ui.add(widgets::secondary(cancel));
        if takes_focus && !focused {
            button.request_focus();
        }
        if button.clicked() && !is_held(ui) {
            pressed = Some(Pressed::Cancel);
        }
        pressed
    })
}

/// The buttons of a dialog that asks: see [`foot`].
fn ask(ui: &mut Ui, life: Life, verb: Verb<'_>, actions: &mut Vec<Action>, does: impl FnOnce() -> Action) {
    match foot(ui, life, Some(verb), "Cancel", |_| ()) {
        Some(Pressed::Verb) => actions.push(does()),
        Some(Pressed::Cancel) => actions.push(Action::CloseDialog),
        None => {}
    }
}

/// The button of a dialog that only tells something.
fn tell(ui: &mut Ui, life: Life, actions: &mut Vec<Action>) {
    if foot(ui, life, None, "Close", |_| ()).is_some() {
        actions.push(Action::CloseDialog);
    }
}

/// What a change of an environment risks; `otherwise` where customers do not see it.
fn risk_in(environment: &Environment, otherwise: Risk) -> Risk {
    if environment.is_guarded() {
        Risk::Production
    } else {
        otherwise
    }
}

/// Whether Enter was pressed in a field, which gives up the keyboard by it; on a button it presses that button.
fn is_entered(ui: &Ui) -> bool {
    let is_free = ui.memory(|memory| memory.focused().is_none());
    is_free && ui.input(|input| input.key_pressed(Key::Enter)) && !is_held(ui)
}

/// Whether Enter or Space only repeats because it is held: it was pressed before this was shown, or for the last time long
/// ago, and is meant for nothing here.
fn is_held(ui: &Ui) -> bool {
    let is_press = |event: &Event, repeats: bool| matches!(event, Event::Key { key: Key::Enter | Key::Space, pressed: true, repeat, .. } if *repeat == repeats);
    ui.input(|input| {
        let has = |repeats: bool| input.events.iter().any(|event| is_press(event, repeats));
        has(true) && !has(false)
    })
}

/// How wide a dialog about an environment is, where the button says that customers see it, and elsewhere.
fn width_in(environment: &Environment, usual: f32, guarded: f32) -> f32 {
    if environment.is_guarded() { guarded } else { usual }
}

/// Buttons at the right: the first one stands outermost.
fn at_right<R>(ui: &mut Ui, content: impl FnOnce(&mut Ui) -> R) -> R {
    ui.with_layout(Layout::right_to_left(Align::Center), content).inner
}

/// A name and a number under each other's like, the names in one column.
fn fact(ui: &mut Ui, name: &str, value: &str) {
    widgets::key_value(ui, 150.0, name, value);
}
