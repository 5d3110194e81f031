//! The menu bar by the keyboard: Alt and a letter open a menu, Alt alone or F10 goes to the bar, arrows go from menu to
//! menu, and whatever had the keyboard before has it again afterwards.

use eframe::egui::{
    Color32, Context, Event, FocusDirection, Id, Key, Memory, Modifiers, Popup, Stroke, TextFormat, TextStyle, Ui,
    WidgetText, menu::MenuState, text::LayoutJob,
};

use super::keys::MenuName;

/// What is remembered of the bar between frames.
#[derive(Clone, Debug, Default)]
struct BarKeys {
    /// The menus' buttons.
    buttons: Vec<(MenuName, Id)>,
    /// The button of a menu within a menu.
    inner: Option<Id>,
    /// What had the keyboard before the bar.
    before: Option<Id>,
    /// Whether Alt is held, and whether nothing else was pressed since.
    is_held: bool,
    is_alone: bool,
}

impl MenuName {
    /// The key that opens it with Alt: a letter of its text.
    pub(super) const fn key(self) -> Key {
        match self {
            Self::File => Key::F,
            Self::Edit => Key::E,
            Self::View => Key::V,
            Self::Problems => Key::P,
            Self::Upload => Key::U,
            Self::Environment => Key::N,
            Self::Help => Key::H,
        }
    }
}

fn load(ctx: &Context) -> BarKeys {
    ctx.data(|data| data.get_temp(bar_id())).unwrap_or_default()
}

fn change<R>(ctx: &Context, change: impl FnOnce(&mut BarKeys) -> R) -> R {
    ctx.data_mut(|data| change(data.get_temp_mut_or_default(bar_id())))
}

fn bar_id() -> Id {
    Id::unique("bar_keys")
}

fn popup(button: Id) -> Id {
    button.with("popup")
}

/// Does what the keyboard wants of the menus; to be called before they are drawn.
pub(super) fn take_keys(ctx: &Context) {
    let bar = load(ctx);
    let is_covered = ctx.memory(|memory| memory.top_modal_layer().is_some());
    let is_tapped = tapped(ctx);
    if is_covered {
        return;
    }
    if let Some((_, button)) = bar.buttons.iter().find(|(name, _)| is_called(ctx, *name)) {
        open(ctx, *button);
        return;
    }
    let opened = bar
        .buttons
        .iter()
        .position(|(_, button)| Popup::is_id_open(ctx, popup(*button)));
    let focused = ctx.memory(Memory::focused);
    let at = bar.buttons.iter().position(|(_, button)| Some(*button) == focused);
    if is_tapped {
        if opened.is_some() || at.is_some() {
            Popup::close_all(ctx);
            ctx.memory_mut(|memory| focused.into_iter().for_each(|id| memory.surrender_focus(id)));
        } else {
            focus(ctx);
        }
        return;
    }
    match opened {
        Some(opened) => step(ctx, &bar, opened, focused),
        None if at.is_some() && took(ctx, Key::ArrowDown) => {
            if let Some(button) = at.and_then(|at| bar.buttons.get(at)) {
                Popup::open_id(ctx, popup(button.1));
            }
        }
        None => give_back(ctx, &bar, focused),
    }
}

/// Goes from an open menu to the one beside it.
fn step(ctx: &Context, bar: &BarKeys, opened: usize, focused: Option<Id>) {
    let count = bar.buttons.len();
    let has_inner = MenuState::from_id(ctx, popup(bar.buttons[opened].1), |state| state.open_item.is_some());
    if has_inner {
        return;
    }
    let is_at_inner = bar.inner.is_some() && bar.inner == focused;
    let beside = if !is_at_inner && took(ctx, Key::ArrowRight) {
        opened + 1
    } else if took(ctx, Key::ArrowLeft) {
        opened + count - 1
    } else {
        return;
    };
    open(ctx, bar.buttons[beside % count].1);
}

/// Gives the keyboard back to what had it before the bar, once nothing has it.
fn give_back(ctx: &Context, bar: &BarKeys, focused: Option<Id>) {
    let Some(before) = bar.before else { return };
    if focused.is_none() {
        ctx.memory_mut(|memory| memory.request_focus(before));
    }
    if focused.is_none_or(|id| bar.buttons.iter().all(|(_, button)| *button != id)) {
        change(ctx, |bar| bar.before = None);
    }
}

/// Opens a menu and gives its button the keyboard: arrows go on from there.
fn open(ctx: &Context, button: Id) {
    enter(ctx);
    Popup::open_id(ctx, popup(button));
    ctx.memory_mut(|memory| memory.request_focus(button));
    ctx.request_repaint();
}

/// Gives the bar the keyboard.
pub(super) fn focus(ctx: &Context) {
    enter(ctx);
    if let Some((_, first)) = load(ctx).buttons.first() {
        ctx.memory_mut(|memory| memory.request_focus(*first));
    }
}

/// Remembers what has the keyboard, unless that is the bar's already.
fn enter(ctx: &Context) {
    let focused = ctx.memory(Memory::focused);
    let is_free = !Popup::is_any_open(ctx);
    change(ctx, |bar| {
        let is_other = |id: &Id| bar.buttons.iter().all(|(_, button)| button != id);
        if let Some(focused) = focused.filter(|id| is_free && is_other(id)) {
            bar.before = Some(focused);
        }
    });
}

/// Takes note of a menu's button.
pub(super) fn note(ctx: &Context, name: MenuName, button: Id) {
    change(ctx, |bar| {
        match bar.buttons.iter_mut().find(|(other, _)| *other == name) {
            Some(known) => known.1 = button,
            None => bar.buttons.push((name, button)),
        }
    });
}

/// Takes note of the button of a menu within a menu, which arrows open.
pub(super) fn note_inner(ctx: &Context, button: Id) {
    change(ctx, |bar| bar.inner = Some(button));
}

/// The words of a menu; while Alt is held, with its letter underlined.
pub(super) fn text(ui: &Ui, name: MenuName) -> WidgetText {
    let text = name.text();
    let letter = name.key().name().to_lowercase();
    let at = text.to_lowercase().find(&letter);
    let Some(at) = at.filter(|_| is_held(ui.ctx())) else {
        return text.into();
    };
    let format = TextFormat {
        font_id: TextStyle::Button.resolve(ui.style()),
        color: Color32::PLACEHOLDER,
        ..TextFormat::default()
    };
    let underlined = TextFormat {
        underline: Stroke::new(1.0, ui.visuals().text_color()),
        ..format.clone()
    };
    let mut job = LayoutJob::default();
    job.append(&text[..at], 0.0, format.clone());
    job.append(&text[at..=at], 0.0, underlined);
    job.append(&text[at + 1..], 0.0, format);
    job.into()
}

/// Alt is no other key's companion here: with Ctrl it is `AltGr` on some systems, and on a Mac it types.
fn is_held(ctx: &Context) -> bool {
    let held = ctx.input(|input| input.modifiers);
    held.alt && !held.ctrl && !held.command && !ctx.os().is_mac()
}

/// Whether a menu's letter was pressed with Alt; then it types nothing.
fn is_called(ctx: &Context, name: MenuName) -> bool {
    if ctx.os().is_mac() {
        return false;
    }
    ctx.input_mut(|input| {
        let is_called = input.consume_key(Modifiers::ALT, name.key());
        if is_called {
            input.events.retain(|event| !matches!(event, Event::Text(_)));
        }
        is_called
    })
}

/// Takes a key, so that it moves the keyboard nowhere else.
fn took(ctx: &Context, key: Key) -> bool {
    let took = ctx.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    if took {
        ctx.memory_mut(|memory| memory.move_focus(FocusDirection::None));
    }
    took
}

/// Whether Alt was pressed and let go with nothing between.
fn tapped(ctx: &Context) -> bool {
    let is_held = is_held(ctx);
    let is_disturbed = ctx.input(|input| {
        let disturbs = |event: &Event| match event {
            Event::Key { pressed, .. } | Event::PointerButton { pressed, .. } => *pressed,
            Event::WindowFocused(_) | Event::Text(_) | Event::MouseWheel { .. } => true,
            _ => false,
        };
        input.events.iter().any(disturbs)
    });
    change(ctx, |bar| {
        let (was_held, was_alone) = (bar.is_held, bar.is_alone);
        bar.is_held = is_held;
        bar.is_alone = is_held && !is_disturbed && (was_alone || !was_held);
        was_alone && !is_held && !is_disturbed
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_menu_has_a_letter_of_its_own_in_its_name() {
        for (at, name) in MenuName::ALL.iter().enumerate() {
            let key = name.key();
            assert!(name.text().to_lowercase().contains(&key.name().to_lowercase()));
            assert!(MenuName::ALL[at + 1..].iter().all(|other| other.key() != key));
        }
    }
}
