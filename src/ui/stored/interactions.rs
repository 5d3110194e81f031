//! Interactions: the record of every one where the server can list them, and deleting by user.

use std::borrow::Cow;

use eframe::egui::{Align, CentralPanel, Label, Layout, RichText, Role, Sense, TextEdit, Ui, WidgetInfo, vec2};
use egui_extras::{Column, TableBuilder};
use serde::Deserialize;

use super::{StoredUi, beside, failed, foot, hindrance, loading, nothing, record};
use crate::{
    domain::dataset::Dataset,
    session::{Action, Remote, Session, StoredAction, StoredSet},
    ui::{
        fonts, parts,
        theme::{Tokens, size, space},
        widgets,
    },
};

const SET: Dataset = Dataset::Interactions;

pub(super) fn show(ui: &mut Ui, session: &Session, state: &mut StoredUi, actions: &mut Vec<Action>) {
    let set = session.stored.set(SET);
    if let Remote::Failed(error) = &set.interactions {
        if set.cannot_be_listed() {
            return unlisted(ui, session);
        }
        let title = format!("The interactions in {} cannot be listed", session.environment);
        return failed(ui, session, &title, &error.reason, actions);
    }
    let Some(records) = set.interactions.value() else {
        return loading(ui, session, SET);
    };
    if records.is_empty() {
        return nothing(ui, session, SET, actions);
    }
    let shown = state.line.and_then(|line| Some((line, records.get(line)?)));
    beside(
        ui,
        |ui| match shown {
            Some((line, text)) => {
                record::whole(ui, &format!("Interaction {}", widgets::grouped(line as u64 + 1)), text);
            }
            None => record::none(ui, "Choose an interaction to see its record"),
        },
        |ui| {
            foot(ui, "stored_more", |ui| more(ui, set, records.len(), actions));
            // A panel of its own, so that the lines between columns end with the table.
            CentralPanel::no_frame().show(ui, |ui| table(ui, records, &mut state.line));
        },
    );
}

/// What the API can and cannot do with interactions, said plainly.
fn unlisted(ui: &mut Ui, session: &Session) {
    let text = format!(
        "The API takes interactions, but has no way to list or count them. In {} they can be deleted by the ids of \
         their users, below.",
        session.environment
    );
    widgets::empty_state(ui, "Stored interactions cannot be shown", &text, |_| ());
}

/// The part of an interaction that fits on a line.
#[derive(Default, Deserialize)]
#[serde(default)]
struct InteractionLine<'a> {
    #[serde(borrow, rename = "type")]
    kind: Option<Cow<'a, str>>,
    #[serde(borrow)]
    user_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    anonymous_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    timestamp: Option<Cow<'a, str>>,
}

fn table(ui: &mut Ui, records: &[String], shown: &mut Option<usize>) {
    let tokens = Tokens::current(ui);
    ui.spacing_mut().item_spacing.y = 0.0;
    TableBuilder::new(ui)
        .id_salt("stored_interactions")
        .sense(Sense::click())
        .cell_layout(Layout::left_to_right(Align::Center))
        .auto_shrink([false, false])
        .column(Column::initial(48.0).at_least(36.0).clip(true).resizable(true))
        .column(Column::initial(170.0).at_least(60.0).clip(true).resizable(true))
        .column(Column::initial(110.0).at_least(60.0).clip(true).resizable(true))
        .column(Column::remainder().at_least(80.0).clip(true))
        .header(30.0, |mut header| {
            for name in ["", "Type", "User", "Time"] {
                header.col(|ui| {
                    ui.label(RichText::new(name).font(fonts::strong(size::SMALL)).color(tokens.muted));
                });
            }
        })
        .body(|body| {
            body.rows(30.0, records.len(), |mut row| {
                let at = row.index();
                let line: InteractionLine<'_> = records
                    .get(at)
                    .and_then(|text| serde_json::from_str(text).ok())
                    .unwrap_or_default();
                row.set_selected(*shown == Some(at));
                let kind = line.kind.as_deref().unwrap_or("—");
                let user = line.user_id.as_deref().or(line.anonymous_id.as_deref()).unwrap_or("—");
                let time = line.timestamp.as_deref().unwrap_or("—");
                row.col(|ui| {
                    ui.add_space(space::S);
                    parts::caption(ui, &widgets::grouped(at as u64 + 1));
                });
                for (text, font) in [
                    (kind, fonts::regular(size::BODY)),
                    (user, fonts::mono(size::BODY - 0.5)),
                    (time, fonts::regular(size::BODY)),
                ] {
                    row.col(|ui| {
                        ui.add(Label::new(RichText::new(text).font(font)).truncate());
                    });
                }
                let response = row.response();
                response.widget_info(|| {
                    let said = format!("Interaction {}, {kind}, {user}, {time}", at + 1);
                    WidgetInfo::selected(Role::Button, true, *shown == Some(at), said)
                });
                if response.clicked() {
                    *shown = Some(at);
                }
            });
        });
}

fn more(ui: &mut Ui, set: &StoredSet, loaded: usize, actions: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        let loaded = widgets::grouped(loaded as u64);
        if matches!(set.interactions, Remote::Pending(_)) {
            return parts::waiting(ui, "Reading more…");
        }
        if set.next.is_some() && ui.add(widgets::secondary("Load more")).clicked() {
            actions.push(Action::Stored(StoredAction::ShowPage(SET, 0)));
        }
        let text = match set.count.value() {
            Some(Some(count)) => format!("{loaded} of {} shown", widgets::grouped(*count)),
            _ if set.next.is_none() => format!("All {loaded} shown"),
            _ => format!("{loaded} shown, there are more"),
        };
        parts::caption(ui, &text);
    });
}

/// What the button beside the field takes, with the field's own margin, in points.
const BY_USER: f32 = 175.0;

/// Deleting the interactions of users named by their ids, which every server can do; in so much room, in points.
pub(super) fn by_user(ui: &mut Ui, session: &Session, state: &mut StoredUi, room: f32, actions: &mut Vec<Action>) {
    let users = user_ids(&state.users);
    ui.horizontal(|ui| {
        let field = TextEdit::singleline(&mut state.users)
            .hint_text("User ids, separated by commas")
            .margin(vec2(space::S, 6.0))
            .desired_width((room - BY_USER).clamp(60.0, 220.0));
        parts::named_field(ui, "Ids of users whose interactions to delete", field);
        let nothing = users
            .is_empty()
            .then(|| "Write the ids of the users whose interactions to delete".to_owned());
        let (text, nothing) = if session.stored.set(SET).deleting {
            ("Deleting…", Some("Interactions are being deleted".to_owned()))
        } else {
            ("Delete by user id…", nothing)
        };
        let hindrance = hindrance(session).or(nothing);
        if parts::danger_quiet(ui, text, hindrance.as_deref()).clicked() {
            let before = session.stored.set(SET).selected.iter().cloned().collect();
            actions.push(Action::Stored(StoredAction::Select(SET, before, false)));
            actions.push(Action::Stored(StoredAction::Select(SET, users, true)));
            actions.push(Action::Stored(StoredAction::AskDelete(SET)));
        }
    });
}

fn user_ids(typed: &str) -> Vec<String> {
    let ids = typed.split([',', '\n']).map(str::trim).filter(|id| !id.is_empty());
    ids.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_ids_are_read_as_people_write_them() {
        assert_eq!(user_ids(" u-1, u 2,,\nu-3 "), ["u-1", "u 2", "u-3"]);
        assert!(user_ids(" , ").is_empty());
    }

    #[test]
    fn a_line_is_read_from_any_record() {
        let line = |json| serde_json::from_str::<InteractionLine<'_>>(json).unwrap_or_default();
        let full = line(r#"{"type":"click","user_id":"ü\n","timestamp":null,"product_ids":["a"]}"#);
        assert_eq!(full.kind.as_deref(), Some("click"));
        assert_eq!(full.user_id.as_deref(), Some("ü\n"));
        assert!(full.timestamp.is_none() && line("{}").kind.is_none());
    }
}
