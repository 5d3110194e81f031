//! What an upload would do, before it does it.
//!
//! - [`facts`]: what of the file is sent
//! - [`effect`]: what that does to what is stored
//! - [`compare`]: one record as it is stored beside what would take its place

mod compare;
mod effect;
mod facts;

use eframe::egui::{Context, Ui};

use super::{Life, Look, Pressed, Verb, foot, modal, risk_in, width_in};
use crate::{
    domain::{dataset::Dataset, ids::DocumentId},
    session::{Action, Comparison, Document, Session, UploadAction},
    settings::EnvironmentKind,
    ui::{
        parts,
        theme::space,
        widgets::{self, Risk},
    },
    upload::WriteOptions,
};

/// What the dialog remembers while it is open.
#[derive(Debug, Default)]
pub(super) struct UploadForm {
    summary: facts::Summary,
    write_options: WriteOptions,
    compare: compare::Comparing,
}

pub(super) fn show(
    ctx: &Context,
    session: &Session,
    doc: DocumentId,
    form: &mut UploadForm,
    life: Life,
    actions: &mut Vec<Action>,
) {
    let Some(document) = session.find(doc) else {
        actions.push(Action::CloseDialog);
        return;
    };
    if life.is_new {
        *form = UploadForm {
            summary: facts::Summary::of(document),
            write_options: WriteOptions::recommended(document.dataset),
            ..UploadForm::default()
        };
    }
    let environment = session.chosen();
    let title = format!("Upload {} to {}?", document.name(), environment.name);
    let hindrance = session.key_refusal().or_else(|| hindrance(document, environment.kind));
    let mut wanted = Vec::new();
    modal(
        ctx,
        &Look {
            name: "upload",
            title: &title,
            width: width_in(&environment, 620.0, 690.0),
            is_form: false,
        },
        form,
        |ui, form| {
            let preview = document.comparison().and_then(Comparison::preview);
            if let Some(preview) = preview.filter(|_| form.compare.is_open()) {
                return compare::show(ui, document, preview, form, &mut wanted);
            }
            ui.horizontal(|ui| {
                parts::environment_pill(ui, &environment);
                parts::caption(ui, &parts::address(session, &environment));
            });
            parts::locked(ui, session, &environment, &mut wanted);
            ui.add_space(space::XS);
            facts::show(ui, document, &form.summary, form.write_options.merge);
            ui.add_space(space::XS);
            match &hindrance {
                Some(reason) => parts::complaint(ui, reason),
                None if document.dataset == Dataset::Interactions => {
                    parts::note(
                        ui,
                        "Interactions are added to those already stored, and cannot be taken back one by one. Equal \
                         ones are kept once when they have a timestamp.",
                    );
                }
                None => effect::show(ui, document, form, &mut wanted),
            }
        },
        |ui, form, actions| buttons(ui, session, document, form, (life, hindrance.as_deref()), actions),
        actions,
    );
    actions.append(&mut wanted);
}

fn buttons(
    ui: &mut Ui,
    session: &Session,
    document: &Document,
    form: &UploadForm,
    (life, hindrance): (Life, Option<&str>),
    actions: &mut Vec<Action>,
) {
    let (dataset, environment) = (document.dataset, session.chosen());
    let sent = effect::sent(document, form.write_options);
    let upload = |dry_run: bool| {
        Action::Upload(UploadAction::Start {
            doc: document.id,
            write_options: WriteOptions {
                keep_replaced: form.write_options.keep_replaced && !dry_run,
                ..form.write_options
            },
            dry_run,
        })
    };
    let locked = session
        .is_locked()
        .then_some("The environment is locked; unlock it above");
    let verb = Verb {
        text: &format!(
            "Upload {} {} to {}",
            widgets::grouped(sent),
            dataset.noun(sent),
            parts::careful_in_dialog(&environment)
        ),
        risk: risk_in(&environment, Risk::None),
        hindrance: hindrance.or(locked),
    };
    let mut checks = false;
    let pressed = foot(ui, life, Some(verb), "Cancel", |ui| {
        let check = ui.add_enabled(hindrance.is_none(), widgets::secondary("Only check"));
        let check = check.on_hover_text("The server checks the rows, and stores nothing");
        checks = check.on_disabled_hover_text(hindrance.unwrap_or_default()).clicked();
    });
    match pressed {
        Some(Pressed::Verb) => actions.push(upload(false)),
        Some(Pressed::Cancel) => actions.push(Action::CloseDialog),
        None if checks => actions.push(upload(true)),
        None => {}
    }
}

fn hindrance(document: &Document, kind: EnvironmentKind) -> Option<String> {
    if kind == EnvironmentKind::Playground {
        return Some("A playground takes no uploads; choose another environment".to_owned());
    }
    let open = document.open().ok().filter(|open| open.checked().is_ok());
    let Some(open) = open else {
        return Some("The file is still being checked".to_owned());
    };
    (open.sendable_rows() == 0)
        .then(|| "There is nothing to send: no row is free of errors. Repair some rows first".to_owned())
}
