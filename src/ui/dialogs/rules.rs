//! How much the rules weigh that the API does not enforce.

use eframe::egui::{Align, Context, Label, Layout, RichText, Ui, vec2};

use super::{Life, Look, modal, tell};
use crate::{
    domain::rules::{Family, Level, Rule},
    session::{Action, Document, Session, SettingsAction},
    ui::{
        fonts, parts,
        theme::{size, space},
        widgets,
    },
};

/// The levels as they are named on the switch, from the right, where it stands.
const LEVELS: [Level; 3] = [Level::Error, Level::Warning, Level::Off];
const NAMES: [(&str, Option<u64>); 3] = [("Error", None), ("Warning", None), ("Off", None)];

pub(super) fn show(ctx: &Context, session: &Session, life: Life, actions: &mut Vec<Action>) {
    let is_uploading = session.documents.iter().any(Document::is_uploading);
    let look = Look {
        name: "rules",
        title: "Rules",
        width: 640.0,
        is_form: false,
    };
    let mut chosen = Vec::new();
    modal(
        ctx,
        &look,
        &mut chosen,
        |ui, chosen| {
            parts::note(
                ui,
                "The API takes what breaks these rules, so it is for you to decide. A warning is shown and sent, an \
                 error is shown and not sent. The choice holds for all files.",
            );
            if is_uploading {
                parts::note(ui, "It can be changed once no upload runs.");
            }
            ui.spacing_mut().item_spacing.y = space::XS;
            ui.add_enabled_ui(!is_uploading, |ui| {
                for family in Family::ALL {
                    group(ui, session, family, chosen);
                }
            });
        },
        |ui, chosen, actions| {
            let is_usual = session.levels.changed().next().is_none();
            let reset = ui.add_enabled(!is_usual && !is_uploading, widgets::quiet("As usual"));
            if reset.on_hover_text("All rules as they come with Tatami").clicked() {
                chosen.push(Action::Settings(SettingsAction::ResetLevels));
            }
            tell(ui, life, actions);
        },
        actions,
    );
    actions.extend(chosen);
}

fn group(ui: &mut Ui, session: &Session, family: Family, actions: &mut Vec<Action>) {
    let rules = Rule::ALL
        .into_iter()
        .filter(|rule| rule.has_switch() && rule.about().family == family);
    for (nth, rule) in rules.enumerate() {
        if nth == 0 {
            ui.add_space(space::S);
            ui.label(RichText::new(family.title()).font(fonts::strong(size::BODY)));
        }
        ui.push_id(rule.name(), |ui| line(ui, session.levels.level(rule), rule, actions));
    }
}

fn line(ui: &mut Ui, level: Level, rule: Rule, actions: &mut Vec<Action>) {
    let about = rule.about();
    let size = vec2(ui.available_width(), 32.0);
    ui.allocate_ui_with_layout(size, Layout::right_to_left(Align::Center), |ui| {
        let at = LEVELS.iter().position(|known| *known == level).unwrap_or_default();
        if let Some(chosen) = widgets::tabs(ui, at, &NAMES) {
            actions.extend(
                LEVELS
                    .get(chosen)
                    .map(|level| Action::Settings(SettingsAction::SetLevel(rule, *level))),
            );
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            ui.add(Label::new(about.title).truncate())
                .on_hover_text(format!("{}\n\nWhat to do: {}", about.text, about.advice));
        });
    });
}
