//! Suggestions for a column, as chips to press.

use eframe::egui::{
    CornerRadius, Response, RichText, Role, Sense, StrokeKind, TextStyle, TextWrapMode, Ui, WidgetInfo, WidgetText,
    pos2, vec2,
};

use super::{line::ColumnLine, transforms};
use crate::{
    domain::{mapping::OfferKind, transform::Transform},
    session::{Action, MappingAction, fix::ColumnReading},
    ui::{
        fonts, parts,
        theme::{Tokens, radius, size, space},
    },
};

/// Shows the field that is offered for a column, if there is one.
pub(super) fn field(ui: &mut Ui, line: &ColumnLine<'_>, actions: &mut Vec<Action>) {
    let Some(offer) = line.field_offer() else { return };
    let OfferKind::Field {
        path,
        confidence,
        reason,
    } = &offer.kind
    else {
        return;
    };
    let words = reason.words();
    let chip = chip(
        ui,
        &format!("{path}?"),
        &words,
        &format!("Accept: send {} to {path}", line.name),
    );
    let chip = chip.on_hover_text(format!("Send {} to {path}: {words}; {confidence} % sure", line.name));
    if chip.clicked() {
        actions.push(Action::Mapping(line.document.id, MappingAction::Accept(offer.clone())));
    }
}

/// Shows the transforms that are offered for a column, if there are any; where there is room, with the question that they
/// answer.
pub(super) fn transform(ui: &mut Ui, line: &ColumnLine<'_>, has_room: bool, actions: &mut Vec<Action>) {
    let Some(proposal) = line.transform_offers().next() else {
        return;
    };
    let reading = line.view.reading(line.at, proposal);
    if let ColumnReading::Two([(one, _), (other, _)]) = &reading
        && let Some((question, readings)) = told_apart(line, [one, other])
    {
        if has_room {
            parts::caption(ui, &question);
        }
        let room = (ui.available_width() - ui.spacing().item_spacing.x) / 2.0;
        for (transform, reading) in readings {
            let spoken = format!("Accept: {} is {reading}", line.name);
            let chip = ui.scope(|ui| {
                ui.set_max_width(room);
                chip(ui, &reading, "", &spoken)
            });
            let told = format!("{question} {reading}: {}", transform.title());
            if chip.inner.on_hover_text(told).clicked() {
                actions.push(Action::Mapping(
                    line.document.id,
                    MappingAction::Transform {
                        column: line.at,
                        transform: Some(transform),
                    },
                ));
            }
        }
        return;
    }
    let (ColumnReading::One(transform, proof) | ColumnReading::Two([(transform, proof), _])) = reading;
    let title = if transform == proposal.transform {
        proposal.title()
    } else {
        transform.title()
    };
    let spoken = format!("Accept: {title} for {}", line.name);
    let chip = chip(ui, &format!("{title}?"), &transforms::fit(&proof), &spoken);
    let mut examples: Vec<String> = proof
        .examples
        .iter()
        .map(|(before, after)| format!("{before} → {after}"))
        .collect();
    if !proof.odd.is_empty() {
        examples.push(format!("Not so: {}", proof.odd.join(", ")));
    }
    if chip.on_hover_text(examples.join("\n")).clicked() {
        actions.push(Action::Mapping(
            line.document.id,
            MappingAction::Transform {
                column: line.at,
                transform: Some(transform),
            },
        ));
    }
}

/// A value that two transforms read differently, with both readings: the question to ask.
fn told_apart(line: &ColumnLine<'_>, transforms: [&Transform; 2]) -> Option<(String, [(Transform, String); 2])> {
    let sample = line.view.samples.get(line.at)?;
    let part = line.mapping.part_with(line.at, None)?;
    let mut readings = sample.values().filter_map(|(cell, _)| {
        let text = cell.shown();
        let [one, two] = transforms.map(|transform| Some(transform.apply(&text, part.form).ok()?.into_owned()));
        let (one, two) = (one?, two?);
        (one != two).then(|| (text.into_owned(), one, two))
    });
    let (text, one, two) = readings.next()?;
    let [first, second] = transforms.map(Transform::clone);
    Some((format!("{text} is"), [(first, said(&one)), (second, said(&two))]))
}

/// A date as people say it, or any other value as it is.
fn said(value: &str) -> String {
    let date: Option<jiff::civil::Date> = value
        .get(..10)
        .filter(|_| value.contains('T'))
        .and_then(|day| day.parse().ok());
    date.map_or_else(|| value.to_owned(), |date| date.strftime("%-d %b %Y").to_string())
}

/// A suggestion that is taken by pressing it: what, and quietly why.
fn chip(ui: &mut Ui, text: &str, why: &str, spoken: &str) -> Response {
    let tokens = Tokens::current(ui);
    let room = ui.available_width();
    let galley = |ui: &Ui, text: &str, font, width: f32| {
        let text = RichText::new(text.replace(['\n', '\r'], " ")).font(font);
        WidgetText::from(text).into_galley(ui, Some(TextWrapMode::Truncate), width, TextStyle::Body)
    };
    let title = galley(ui, text, fonts::strong(size::SMALL), room - 2.0 * space::S);
    let left = room - 3.0 * space::S - title.size().x;
    let why = (!why.is_empty() && left > 24.0).then(|| galley(ui, why, fonts::regular(size::SMALL), left));
    let width = why.as_ref().map_or(0.0, |why| why.size().x + space::S) + title.size().x + 2.0 * space::S;
    let (rect, response) = ui.allocate_exact_size(vec2(width, 22.0), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, spoken));
    let rounding = CornerRadius::same(radius::CARD);
    ui.painter().rect_filled(rect, rounding, tokens.selection);
    if response.hovered() || response.has_focus() {
        ui.painter()
            .rect_stroke(rect, rounding, (1.0, tokens.accent), StrokeKind::Inside);
    }
    let middle = rect.center().y;
    let place = pos2(rect.left() + space::S, middle - title.size().y / 2.0);
    let after = place.x + title.size().x + space::S;
    ui.painter().galley(place, title, tokens.accent_text);
    if let Some(why) = why {
        ui.painter()
            .galley(pos2(after, middle - why.size().y / 2.0), why, tokens.muted);
    }
    response
}
