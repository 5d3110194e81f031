//! How a column's values are rewritten: the button that says it, and the popup in which it is chosen, every way with
//! what it does to the column's own values.

use eframe::egui::{
    Align, Button, Layout, Popup, PopupCloseBehavior, RichText, Role, ScrollArea, TextEdit, Ui, WidgetInfo, vec2,
};

use super::{choice_button, item::item, line::ColumnLine, return_focus, values};
use crate::{
    domain::{format::StringFormat, proposal::Proof, record::Part, transform::Transform, value::Form},
    ui::{
        fonts, parts,
        theme::{Tokens, size, space},
        widgets::{self, grouped},
    },
};

const WIDTH: f32 = 460.0;

/// What was chosen for a column's values.
pub(super) enum TransformChoice {
    /// They stay as they are.
    AsTheyAre,
    /// They are rewritten.
    Rewritten(Transform),
}

/// Every way to rewrite a column's values, tried on its sample.
#[derive(Debug)]
struct Tried {
    /// The column, and the document's revision.
    of: (usize, u64),
    ways: Vec<(Transform, Proof)>,
}

/// The popup's own state.
#[derive(Debug, Default)]
pub(super) struct Chooser {
    tried: Option<Tried>,
    /// The text typed to be put before values.
    prefix: String,
    /// The text typed as the value of every record.
    constant: String,
    /// The table being edited.
    pub(super) table: Option<values::Draft>,
}

/// The button that shows how a column is rewritten, and the popup behind it. Answers a choice.
pub(super) fn show(ui: &mut Ui, line: &ColumnLine<'_>, state: &mut Chooser) -> Option<TransformChoice> {
    let tokens = Tokens::current(ui);
    let transform = line.target.transform.as_ref();
    let title = transform.map_or_else(|| "As they are".to_owned(), Transform::title);
    let colour = if transform.is_some() { tokens.text } else { tokens.muted };
    let button = choice_button(ui, RichText::new(title.as_str()).color(colour));
    button.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Values of {}: {title}", line.name)));
    let was_open = Popup::is_id_open(ui.ctx(), Popup::default_response_id(&button));
    if button.clicked() {
        state.table = None;
        state.prefix.clear();
        state.constant.clear();
    }
    let popup = Popup::from_toggle_button_response(&button)
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .width(WIDTH);
    let id = popup.get_id();
    let choice = popup
        .show(|ui| {
            ui.set_width(WIDTH);
            if state.table.is_some() {
                values::show(ui, line, &mut state.table)
            } else {
                list(ui, line, state)
            }
        })
        .and_then(|shown| shown.inner);
    if choice.is_some() {
        Popup::close_id(ui.ctx(), id);
    }
    return_focus(ui, &button, was_open);
    choice
}

fn list(ui: &mut Ui, line: &ColumnLine<'_>, state: &mut Chooser) -> Option<TransformChoice> {
    let part = line.mapping.part_with(line.at, None)?;
    let of = (line.at, line.view.revision);
    if state.tried.as_ref().is_none_or(|tried| tried.of != of) {
        let ways = tried(line, &part);
        state.tried = Some(Tried { of, ways });
    }
    let tried = state
        .tried
        .as_ref()
        .map(|tried| tried.ways.as_slice())
        .unwrap_or_default();
    let mut choice = None;
    let now = line.target.transform.as_ref();
    ScrollArea::vertical()
        .id_salt("transforms")
        .max_height(360.0)
        .auto_shrink([false, true])
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            if item(
                ui,
                now.is_none(),
                "As they are",
                "Values are sent as they stand in the file",
                None,
            )
            .clicked()
            {
                choice = Some(TransformChoice::AsTheyAre);
            }
            for (heading, helps) in [("For these values", true), ("Others", false)] {
                let such = tried.iter().filter(|(_, proof)| does_something(proof) == helps);
                for (nth, (transform, proof)) in such.enumerate() {
                    if nth == 0 {
                        ui.add_space(space::S);
                        ui.horizontal(|ui| {
                            ui.add_space(space::S);
                            parts::caption(ui, heading);
                        });
                    }
                    let exact = line.view.proof(line.at, transform).unwrap_or(proof);
                    let example = proof.examples.first();
                    let beneath = example.map_or_else(
                        || "Changes none of these values".to_owned(),
                        |(before, after)| format!("{before} → {after}"),
                    );
                    let fit = helps.then(|| fit(exact));
                    if item(ui, now == Some(transform), &transform.title(), &beneath, fit.as_deref()).clicked() {
                        choice = Some(TransformChoice::Rewritten(transform.clone()));
                    }
                }
            }
        });
    ui.separator();
    if let Some(text) = typed(ui, "Put in front of values", "https://example.com/", &mut state.prefix) {
        choice = Some(TransformChoice::Rewritten(Transform::Prefix(text)));
    }
    // Every record needs an id of its own.
    let is_id = line.target.path.as_deref() == line.mapping.dataset.id_field();
    if !is_id && let Some(text) = typed(ui, "Always the same value", "", &mut state.constant) {
        choice = Some(TransformChoice::Rewritten(Transform::Constant(text)));
    }
    ui.add_space(space::XS);
    if ui.add(widgets::secondary("Replace certain values…")).clicked() {
        state.table = Some(values::Draft::new(line));
    }
    choice
}

/// A field with a button that takes what was typed.
fn typed(ui: &mut Ui, name: &str, hint: &str, text: &mut String) -> Option<String> {
    ui.horizontal(|ui| {
        ui.allocate_ui_with_layout(vec2(150.0, 28.0), Layout::left_to_right(Align::Center), |ui| {
            ui.set_min_width(150.0);
            ui.label(name);
        });
        let field = TextEdit::singleline(text)
            .hint_text(hint)
            .margin(vec2(space::S, 6.0))
            .desired_width(210.0);
        parts::named_field(ui, name, field);
        let use_it = ui.add_enabled(!text.is_empty(), Button::new("Use"));
        use_it.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Use: {name}")));
        use_it.clicked().then(|| text.clone())
    })
    .inner
}

const fn does_something(proof: &Proof) -> bool {
    proof.changes > 0 && proof.fits > 0
}

/// Every way to rewrite values of such a field, with what it does to the sample.
fn tried(line: &ColumnLine<'_>, part: &Part) -> Vec<(Transform, Proof)> {
    let Some(sample) = line.view.samples.get(line.at) else {
        return Vec::new();
    };
    let mut ways: Vec<Transform> = Vec::new();
    for offer in line.transform_offers() {
        ways.push(offer.transform.clone());
        ways.extend(offer.alternative.iter().map(|(transform, _)| transform.clone()));
    }
    ways.extend(line.target.transform.clone());
    let written: &[&str] = match (part.form, part.node) {
        (Form::Number, _) => &[
            "decimal-point",
            "decimal-comma",
            "percent",
            "percent:comma",
            "fraction",
            "fraction:comma",
            "duration",
        ],
        (Form::Boolean, _) => &["boolean"],
        (Form::TextList | Form::NumberList, _) => &["list:,", "list:;", "list:|", "list:newline", "paths:>", "trim"],
        (Form::PathList, _) => &["paths:>", "paths:/", "paths:::", "paths:>:,", "list:,", "list:|"],
        (Form::Text, Some(node)) if node.has_format(StringFormat::DateTime) => &[
            "date:day-first",
            "date:month-first",
            "date:year-first",
            "epoch:seconds",
            "epoch:milliseconds",
            "epoch:microseconds",
        ],
        (Form::Text, Some(node)) if node.allowed.iter().any(|name| name == "IN_STOCK") => &["in-stock", "trim"],
        (Form::Text, Some(_)) => &["trim"],
        _ => &[
            "trim",
            "decimal-point",
            "decimal-comma",
            "percent",
            "fraction",
            "boolean",
            "list:,",
            "list:;",
            "list:|",
            "date:day-first",
            "date:month-first",
            "date:year-first",
            "epoch:seconds",
            "epoch:milliseconds",
        ],
    };
    ways.extend(written.iter().filter_map(|written| written.parse().ok()));
    let mut tried: Vec<(Transform, Proof)> = Vec::new();
    for way in ways {
        if tried.iter().any(|(known, _)| *known == way) {
            continue;
        }
        if let Some(part) = line.mapping.part_with(line.at, Some(way.clone())) {
            tried.push((way, Proof::of(&part, sample)));
        }
    }
    // The stable sort keeps what is suggested in front of its equals.
    tried.sort_by_key(|(_, proof)| std::cmp::Reverse(if does_something(proof) { proof.fits } else { 0 }));
    tried
}

/// How many values fit: `1,198 of 1,204 fit`.
pub(super) fn fit(proof: &Proof) -> String {
    let rows = if proof.is_exact { "" } else { " of the first" };
    match (proof.misfits, proof.all()) {
        (_, 0) => "no values".to_owned(),
        (0, 1) => "the one value fits".to_owned(),
        (0, all) => format!("all {}{rows} fit", grouped(all)),
        (_, all) => format!("{} of {}{rows} fit", grouped(proof.fits), grouped(all)),
    }
}

/// The line beneath the button: what becomes of a value, how many fit, and the way to those that do not. Answers
/// whether these are to be shown.
pub(super) fn proof_line(ui: &mut Ui, line: &ColumnLine<'_>, transform: &Transform) -> bool {
    let Some(sample) = line.view.samples.get(line.at) else {
        return false;
    };
    let Some(part) = line.mapping.part_with(line.at, Some(transform.clone())) else {
        return false;
    };
    let tokens = Tokens::current(ui);
    let proof = line.view.proof(line.at, transform).cloned();
    let proof = proof.unwrap_or_else(|| Proof::of(&part, sample));
    let small = |text: String| RichText::new(text).font(fonts::regular(size::SMALL));
    let room = vec2(ui.available_width(), 18.0);
    ui.allocate_ui_with_layout(room, Layout::right_to_left(Align::Center), |ui| {
        ui.spacing_mut().interact_size.y = 18.0;
        ui.add_space(space::S);
        let mut asked = false;
        if proof.misfits > 0 && line.has_problems() {
            let count = grouped(proof.misfits);
            let shown = ui.link(small(format!("show {count}")));
            shown.widget_info(|| {
                WidgetInfo::labeled(Role::Link, true, format!("Show what does not fit in {}", line.name))
            });
            asked = shown.clicked();
        }
        let colour = if proof.misfits == 0 {
            tokens.success.text
        } else {
            tokens.warning.text
        };
        let told = ui.label(small(fit(&proof)).color(colour));
        if !proof.odd.is_empty() {
            told.on_hover_text(format!("Not so: {}", proof.odd.join(", ")));
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            if let Some((before, after)) = proof.examples.first() {
                let text = format!("{before} → {after}").replace(['\n', '\r'], " ");
                let all: Vec<String> = proof
                    .examples
                    .iter()
                    .map(|(before, after)| format!("{before} → {after}"))
                    .collect();
                ui.add(eframe::egui::Label::new(small(text).color(tokens.muted)).truncate())
                    .on_hover_text(all.join("\n"));
            }
        });
        asked
    })
    .inner
}
