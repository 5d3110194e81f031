//! What an upload would do, before it does it.

use eframe::egui::{Context, RichText, Ui};

use super::{Life, Look, at_right, cancel, fact, modal};
use crate::{
    domain::{dataset::Dataset, issue::Severity, rules::Rule},
    session::{Action, Document, Session},
    settings::EnvironmentKind,
    ui::{
        fonts, parts,
        theme::{Tokens, size, space},
        widgets,
    },
    upload::Limits,
    work::DocId,
};

/// Numbers that walk over the problems: taken once, when the dialog opens.
#[derive(Debug, Default)]
pub(super) struct Summary {
    warned: u64,
    repeated: u64,
    unreadable: u64,
}

impl Summary {
    fn of(document: &Document) -> Self {
        let Some(checked) = &document.checked else {
            return Self::default();
        };
        let refused = checked.rows_with_errors();
        let warned = checked.issues.rows_with(Severity::Warning);
        let repeated = checked
            .issues
            .causes()
            .filter(|(cause, _)| cause.rule == Rule::RepeatedId);
        Self {
            warned: warned.iter().filter(|row| !refused.contains(*row)).count() as u64,
            repeated: repeated.map(|(_, rows)| rows.len()).sum(),
            unreadable: document.frame.as_ref().map_or(0, |frame| frame.defects().len() as u64),
        }
    }
}

pub(super) fn show(
    ctx: &Context,
    session: &Session,
    doc: DocId,
    summary: &mut Summary,
    life: Life,
    actions: &mut Vec<Action>,
) {
    let Some(document) = session.find(doc) else {
        actions.push(Action::CloseDialog);
        return;
    };
    if life.is_new {
        *summary = Summary::of(document);
    }
    let environment = session.chosen();
    let dataset = document.dataset;
    let sent = document.sendable_rows();
    let title = format!("Upload {} to {}?", document.name(), environment.name);
    let hindrance = hindrance(document, environment.kind);
    modal(
        ctx,
        &Look {
            name: "upload",
            title: &title,
            width: 500.0,
            is_form: false,
        },
        summary,
        |ui, summary| {
            ui.horizontal(|ui| {
                parts::environment_pill(ui, &environment);
                parts::caption(ui, &parts::address(session, &environment));
            });
            ui.add_space(space::XS);
            facts(ui, document, summary);
            ui.add_space(space::XS);
            match &hindrance {
                Some(reason) => parts::complaint(ui, reason),
                None => {
                    parts::note(ui, consequence(dataset));
                }
            }
        },
        |ui, _, actions| {
            at_right(ui, |ui| {
                let verb = format!(
                    "Upload {} {} to {}",
                    widgets::grouped(sent),
                    dataset.noun(sent),
                    environment.name
                );
                let button = ui.add_enabled(hindrance.is_none(), widgets::primary(&verb));
                if life.is_new && hindrance.is_none() {
                    button.request_focus();
                }
                if button.clicked() {
                    actions.push(Action::Upload(doc));
                }
                if let Some(reason) = &hindrance {
                    button.on_disabled_hover_text(reason);
                }
                cancel(ui, "Cancel", life.is_new && hindrance.is_some(), actions);
            });
        },
        actions,
    );
}

fn hindrance(document: &Document, kind: EnvironmentKind) -> Option<String> {
    if kind == EnvironmentKind::Playground {
        return Some("A playground takes no uploads; choose another environment".to_owned());
    }
    if document.checked.is_none() {
        return Some("The file is still being checked".to_owned());
    }
    (document.sendable_rows() == 0)
        .then(|| "There is nothing to send: no row is free of errors. Repair some rows first".to_owned())
}

const fn consequence(dataset: Dataset) -> &'static str {
    match dataset {
        Dataset::Interactions => {
            "Interactions are added to those already stored: uploading the same file twice stores them twice."
        }
        Dataset::Products | Dataset::Users => {
            "A stored record with the same id is replaced whole: fields that this file does not have are then gone."
        }
    }
}

fn facts(ui: &mut Ui, document: &Document, summary: &Summary) {
    let tokens = Tokens::current(ui);
    let (sent, dataset) = (document.sendable_rows(), document.dataset);
    let rows = document.frame.as_ref().map_or(0, |frame| u64::from(frame.len()));
    let left_out = document.rows_with_errors().min(rows);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::XL;
        let mut figure = |number: u64, name: &str, colour| {
            ui.vertical(|ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                let text = RichText::new(widgets::grouped(number)).font(fonts::strong(size::DISPLAY));
                ui.label(text.color(colour));
                parts::caption(ui, name);
            });
        };
        figure(rows, "rows in the file", tokens.text);
        figure(sent, "will be sent", tokens.text);
        let colour = if left_out > 0 { tokens.error.text } else { tokens.muted };
        figure(left_out, "left out, with errors", colour);
    });
    ui.add_space(space::XS);
    fact(ui, "Data set", dataset.title());
    if summary.unreadable > 0 {
        let text = format!("{} of the rows left out", widgets::grouped(summary.unreadable));
        fact(ui, "Unreadable", &text);
    }
    if summary.warned > 0 {
        fact(
            ui,
            "With warnings",
            &format!("{}, sent all the same", widgets::grouped(summary.warned)),
        );
    }
    if summary.repeated > 0 {
        let text = format!("{}, the last one of each stays", widgets::grouped(summary.repeated));
        fact(ui, "Rows with repeated ids", &text);
    }
    let at_most = Limits::recommended(dataset).records as u64;
    let requests = sent.div_ceil(at_most);
    let text = match requests {
        0 => "none".to_owned(),
        1 => "1, or more when records are large".to_owned(),
        _ => format!(
            "{} or more, of up to {} {} each",
            widgets::grouped(requests),
            widgets::grouped(at_most),
            dataset.noun(at_most)
        ),
    };
    fact(ui, "Requests", &text);
}
