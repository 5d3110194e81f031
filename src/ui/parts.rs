//! Pieces of the panels and dialogs that speak of environments and of waiting.

use std::ops::Range;

use eframe::egui::{
    Align, Button, Frame, Label, Layout, Margin, Panel, Pos2, Rangef, Response, RichText, Shape, Stroke, TextEdit, Ui,
    UiBuilder, Vec2, vec2,
};

use super::{
    fonts,
    theme::{Tokens, Tone, radius, size, space},
    widgets,
};
use crate::{
    domain::escapes::safe_lines,
    session::{Action, Session, StoredAction},
    settings::{Environment, EnvironmentKind},
};

/// The colours of a kind of environment.
pub(crate) const fn tone(tokens: &Tokens, kind: EnvironmentKind) -> Tone {
    match kind {
        EnvironmentKind::Local => tokens.local,
        EnvironmentKind::Playground => tokens.playground,
        EnvironmentKind::Development => tokens.development,
        EnvironmentKind::Production => tokens.production,
    }
}

/// Shows a panel at an edge. Its other edge is dragged; the panel is as large as that leaves it, whatever stands in
/// it. What it may take is bounded by what is left to others, in points.
pub(crate) fn resizable(
    panel: Panel,
    ui: &mut Ui,
    (size, range, along): (&mut u16, Range<f32>, Vec2),
    left_to_others: f32,
    add: impl FnOnce(&mut Ui),
) {
    let room = ((ui.available_size() * along).max_elem() - left_to_others).max(range.start);
    let range = Rangef::new(range.start, range.end.min(room));
    let panel = panel.resizable(true).default_size(f32::from(*size)).size_range(range);
    let shown = panel.show(ui, |ui| {
        let place = ui.available_rect_before_wrap();
        add(&mut ui.new_child(UiBuilder::new().max_rect(place)));
        // What is wider than the panel is cut off, and does not push its edge.
        ui.expand_to_include_rect(place);
    });
    let now = (shown.response.rect.size() * along).max_elem();
    // Where there is too little room just now, nobody has drawn it smaller.
    if now + 1.0 < room {
        *size = now.round() as u16;
    }
}

/// The environment's name on the colour of its kind; with the kind where the name does not say it.
pub(crate) fn environment_pill(ui: &mut Ui, environment: &Environment) -> Response {
    let tokens = Tokens::current(ui);
    let kind = environment.kind.title();
    let text = if environment.name.eq_ignore_ascii_case(kind) {
        environment.name.clone()
    } else {
        format!("{} · {kind}", environment.name)
    };
    widgets::pill(ui, &text, tone(tokens, environment.kind))
}

/// What is shown of an environment's name on a button, in characters.
pub(crate) const SHORT_NAME: usize = 20;

/// The same in a row of buttons.
pub(crate) const SHORT_IN_DIALOG: usize = 14;

/// The start of a name that would take too much room.
pub(crate) fn shorten(name: &str, most: usize) -> String {
    if name.chars().count() <= most {
        return name.to_owned();
    }
    let start: String = name.chars().take(most - 1).collect();
    format!("{}…", start.trim_end())
}

/// The environment's name on a button, with a warning where customers see what it stores.
pub(crate) fn careful_name(environment: &Environment) -> String {
    careful(environment, SHORT_NAME)
}

/// The same where other buttons stand beside it, and the whole name stands above.
pub(crate) fn careful_in_dialog(environment: &Environment) -> String {
    careful(environment, SHORT_IN_DIALOG)
}

fn careful(environment: &Environment, most: usize) -> String {
    let name = shorten(&environment.name, most);
    match environment.kind {
        EnvironmentKind::Production => format!("{name} (production)"),
        EnvironmentKind::Development if environment.is_guarded() => {
            format!("{name} (counts as production)")
        }
        EnvironmentKind::Local | EnvironmentKind::Playground | EnvironmentKind::Development => name,
    }
}

/// Where the environment's server is, as people know it.
pub(crate) fn address(session: &Session, environment: &Environment) -> String {
    if environment.kind == EnvironmentKind::Local {
        session
            .local_address
            .clone()
            .unwrap_or_else(|| "on this machine".to_owned())
    } else {
        environment.base_url.clone()
    }
}

/// A turning wheel and what is being waited for.
pub(crate) fn waiting(ui: &mut Ui, text: &str) {
    let colour = Tokens::current(ui).muted;
    ui.horizontal(|ui| {
        ui.add(eframe::egui::Spinner::new().size(16.0).color(colour));
        ui.label(RichText::new(text).color(colour));
    });
}

/// Text of second rank, wrapped.
pub(crate) fn note(ui: &mut Ui, text: &str) -> Response {
    let colour = Tokens::current(ui).muted;
    ui.add(Label::new(RichText::new(safe_lines(text)).color(colour)).wrap())
}

/// A small caption above something.
pub(crate) fn caption(ui: &mut Ui, text: &str) -> Response {
    let colour = Tokens::current(ui).muted;
    ui.label(RichText::new(text).font(fonts::regular(size::SMALL)).color(colour))
}

/// A button that leads to something destructive, without doing it. When `hindrance` says why not, it is disabled,
/// and the reason stands in its tooltip.
pub(crate) fn danger_quiet(ui: &mut Ui, text: &str, hindrance: Option<&str>) -> Response {
    let colour = Tokens::current(ui).error.text;
    let button = Button::new(RichText::new(text).color(colour));
    let response = ui.add_enabled(hindrance.is_none(), button);
    match hindrance {
        Some(reason) => response.on_disabled_hover_text(reason),
        None => response,
    }
}

/// An angle that points down: there is more behind this.
pub(crate) fn chevron(ui: &Ui, centre: Pos2) {
    let points = [vec2(-4.0, -2.0), vec2(0.0, 2.0), vec2(4.0, -2.0)].map(|by| centre + by);
    let stroke = Stroke::new(1.5, Tokens::current(ui).muted);
    ui.painter().add(Shape::line(points.to_vec(), stroke));
}

/// A field with its name above; the name is the field's accessible name too.
pub(crate) fn labelled_field(ui: &mut Ui, name: &str, field: TextEdit<'_>) -> Response {
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = space::XS;
        let label = ui.label(RichText::new(name).font(fonts::strong(size::BODY)));
        ui.add(field).labelled_by(label.id)
    })
    .inner
}

/// A field without a visible name; `name` is its accessible one.
pub(crate) fn named_field(ui: &mut Ui, name: &str, field: TextEdit<'_>) -> Response {
    let response = ui.add(field);
    ui.ctx()
        .accesskit_node_builder(response.id, |node| node.set_label(name));
    response
}

/// A sentence about what is wrong with a field.
pub(crate) fn complaint(ui: &mut Ui, text: &str) {
    let tokens = Tokens::current(ui);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::XS;
        let (_, place) = ui.allocate_space(vec2(14.0, 16.0));
        let severity = crate::domain::issue::Severity::Error;
        widgets::paint_severity(ui.painter(), place.center(), 5.5, severity, tokens);
        ui.add(Label::new(RichText::new(safe_lines(text)).color(tokens.error.text)).wrap());
    });
}

/// Why nothing of what an environment stores can be changed, with the way out; nothing where it can.
pub(super) fn locked(ui: &mut Ui, session: &Session, environment: &Environment, actions: &mut Vec<Action>) {
    if !session.is_locked() {
        return;
    }
    let why = match environment.kind {
        EnvironmentKind::Production => "is Production, and",
        EnvironmentKind::Local | EnvironmentKind::Playground | EnvironmentKind::Development => {
            "counts as Production until its key is entered under Environment, and"
        }
    };
    let tone = tone(Tokens::current(ui), environment.kind);
    ui.add_space(space::XS);
    Frame::new()
        .fill(tone.tint)
        .corner_radius(radius::CONTROL)
        .inner_margin(Margin::symmetric(space::M as i8, space::S as i8))
        .show(ui, |ui| {
            ui.horizontal(|ui| {
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    if ui.add(widgets::secondary("Unlock changes")).clicked() {
                        actions.push(Action::Stored(StoredAction::Unlock));
                    }
                    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                        let text = format!(
                            "{} {why} is locked: nothing is stored or deleted in it until you unlock it, for 15 minutes. \
                             Only check still sends rows to be checked.",
                            environment.name
                        );
                        ui.add(Label::new(text).wrap());
                    });
                });
            });
        });
}
